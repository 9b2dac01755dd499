"""An Azure device security group (PUT body or GET response) read as a policy.

Every rule states what is allowed and alarms outside it (Azure REST API specs, Microsoft.Security 2019-08-01).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cache, lru_cache
from itertools import count, repeat
from typing import Any

from msgspec import Struct

from shared.policy.rule import Allow, Bound, Condition, Deny, Policy, Range, Rule, Unread, ValueKind
from shared.translation.azure_members import (
    KINDS,
    Allowlist,
    Denylist,
    Member,
    Threshold,
    TimeWindow,
    all_members_of,
    members_of,
)
from shared.translation.catalog import by_rule_type
from shared.translation.members import NOTHING_UNKNOWN, Unknown
from shared.translation.pairing import Pairing
from shared.translation.values import seconds

LISTS = tuple(KINDS)
_DOCUMENT = {"id", "name", "type", "properties"}


def parse(document: Mapping[str, Any], pairing: Pairing) -> Policy:
    """Never raises: what cannot be understood becomes an Unread rule or an unknown member."""
    name, given = document.get("name"), document.get("properties")
    properties: Mapping[str, Any] = given if isinstance(given, dict) else {}
    unknown = {key: value for key, value in document.items() if key not in _DOCUMENT}
    unknown |= {f"properties.{key}": v for key, v in properties.items() if not _is_list(key, v)}
    if given is not None and not isinstance(given, dict):
        unknown["properties"] = given
    return Policy(
        name=name if isinstance(name, str) else None,
        rules=tuple(_rules(properties)),
        unknown=unknown,
    )


def _is_list(key: str, value: Any) -> bool:
    return key in LISTS and (value is None or isinstance(value, list))


def rules_of(properties: Mapping[str, Any]) -> Iterator[tuple[str, int, Any]]:
    """(list name, position, native rule) of every rule."""
    for kind in LISTS:
        rules = properties.get(kind)
        for position, rule in enumerate(rules if isinstance(rules, list) else []):
            yield kind, position, rule


def path_of(kind: str, position: int, rule: Any) -> str:
    """``timeWindowRules[RULETYPE]``, or by position where it has no type."""
    rule_type = rule.get("ruleType") if isinstance(rule, dict) else None
    return f"{kind}[{rule_type}]" if isinstance(rule_type, str) and rule_type else f"{kind}[#{position}]"


class _List(Struct, frozen=True):
    """How the rules of one list are read: what each type says, and what its condition is."""

    name: str
    signals: Mapping[str, str]
    condition: Callable[[Any, dict[str, Any]], Condition]


@cache
def _lists() -> tuple[_List, ...]:
    shared = {native: row.signal for native, row in by_rule_type().items()}
    return (
        _List("timeWindowRules", shared, _between),
        _List("allowlistRules", shared, _allowed),
        _List("thresholdRules", {}, _between),
        _List("denylistRules", {}, _denied),
    )


def _rules(properties: Mapping[str, Any]) -> list[Rule]:
    rules: list[Rule] = []
    for kind in _lists():
        given = properties.get(kind.name)
        if not given or not isinstance(given, list):
            continue
        known = all_members_of(kind.name, given)
        if known is None:
            rules += map(_rule_or_not, repeat(kind), count(), given)
        else:
            rules += map(_rule, repeat(kind), count(), given, known, repeat(NOTHING_UNKNOWN))
    return rules


def _rule_or_not(kind: _List, position: int, raw: Any) -> Rule:
    if not isinstance(raw, dict):
        problem = Unread(problem="it is no object", raw=raw)
        return Rule(path=path_of(kind.name, position, raw), native="", signal=None, condition=problem)
    return _rule(kind, position, raw, *members_of(kind.name, raw))


def _rule(kind: _List, position: int, raw: dict[str, Any], known: Member, unknown: Unknown) -> Rule:
    native, enabled = known.rule_type, known.is_enabled
    window = known.time_window_size if type(known) is TimeWindow else None
    return Rule(
        path=f"{kind.name}[{native}]" if native else path_of(kind.name, position, None),
        native=native,
        signal=kind.signals.get(native),
        condition=kind.condition(known, raw) if enabled is True or enabled is False else _neither(raw),
        window=None if window is None else seconds(window),
        spelling=window,
        enabled=enabled is not False,
        unknown=unknown,
    )


def _neither(raw: dict[str, Any]) -> Condition:
    return Unread(problem="isEnabled is neither true nor false", raw=dict(raw))


def _between(known: Threshold, raw: dict[str, Any]) -> Condition:
    low, high = known.min_threshold, known.max_threshold
    if type(low) is int and type(high) is int:
        return _range(low, high)
    if type(low) in _NUMBERS and type(high) in _NUMBERS:
        return Range(low=Bound(value=low), high=Bound(value=high))
    return Unread(problem="minThreshold and maxThreshold are not both numbers", raw=dict(raw))


_NUMBERS = frozenset({int, float})


@lru_cache(maxsize=1024)
def _range(low: int, high: int) -> Range:
    """Most are the same: Azure fills in 0 and 0 for every type that a group does not use."""
    return Range(low=Bound(value=low), high=Bound(value=high))


def _allowed(known: Allowlist, raw: dict[str, Any]) -> Condition:
    values = known.allowlist_values
    if values is None or isinstance(values, list):
        return Allow(of=_kind(known), values=None if values is None else tuple(values))
    return _no_list(raw)


def _denied(known: Denylist, raw: dict[str, Any]) -> Condition:
    values = known.denylist_values
    if values is None or isinstance(values, list):
        return Deny(of=_kind(known), values=tuple(values or ()))
    return _no_list(raw)


def _kind(known: Member) -> ValueKind:
    return "cidr" if "Ip" in known.rule_type else "string"


def _no_list(raw: dict[str, Any]) -> Condition:
    return Unread(problem="its values are no list", raw=dict(raw))
