"""An Azure device security group (PUT body or GET response) read as a policy.

Every rule states what is allowed and alarms outside it (Azure REST API specs, Microsoft.Security 2019-08-01).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import count, repeat
from typing import Any

from shared.policy.rule import Allow, Bound, Condition, Deny, Policy, Range, Rule, Unread, ValueKind
from shared.translation.azure_members import KINDS, Denylist, Member, Threshold, TimeWindow, members_of
from shared.translation.catalog import by_rule_type
from shared.translation.members import Unknown
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


def _rules(properties: Mapping[str, Any]) -> Iterator[Rule]:
    for kind in LISTS:
        rules = properties.get(kind)
        if rules and isinstance(rules, list):
            yield from map(_rule, repeat(kind), count(), rules, members_of(kind, rules))


def _rule(kind: str, position: int, raw: Any, members: tuple[Member | None, Unknown]) -> Rule:
    known, unknown = members
    if known is None:
        problem = Unread(problem="it is no object", raw=raw)
        return Rule(path=path_of(kind, position, raw), native="", signal=None, condition=problem)
    native = known.rule_type
    row = by_rule_type().get(native) if native is not None and kind in _SHARED else None
    window = known.time_window_size if isinstance(known, TimeWindow) else None
    return Rule(
        path=f"{kind}[#{position}]" if native is None else f"{kind}[{native}]",
        native=native or "",
        signal=None if row is None else row.signal,
        condition=_condition(known, raw),
        window=None if window is None else seconds(window),
        spelling=window,
        enabled=known.is_enabled is not False,
        unknown=unknown,
    )


_SHARED = frozenset({"timeWindowRules", "allowlistRules"})


def _condition(known: Member, raw: Mapping[str, Any]) -> Condition:
    if not isinstance(known.is_enabled, bool):
        return Unread(problem="isEnabled is neither true nor false", raw=dict(raw))
    if isinstance(known, Threshold):
        low, high = known.min_threshold, known.max_threshold
        if type(low) in _NUMBERS and type(high) in _NUMBERS:
            return Range(low=Bound(value=low), high=Bound(value=high))
        return Unread(problem="minThreshold and maxThreshold are not both numbers", raw=dict(raw))
    return _listed(known, raw)


_NUMBERS = frozenset({int, float})


def _listed(known: Member, raw: Mapping[str, Any]) -> Condition:
    values = known.denylist_values if isinstance(known, Denylist) else raw.get("allowlistValues")
    if values is not None and not isinstance(values, list):
        return Unread(problem="its values are no list", raw=dict(raw))
    of: ValueKind = "cidr" if "Ip" in (known.rule_type or "") else "string"
    if isinstance(known, Denylist):
        return Deny(of=of, values=tuple(values or ()))
    return Allow(of=of, values=None if values is None else tuple(values))
