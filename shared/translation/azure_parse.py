"""An Azure device security group (PUT body or GET response) read as a policy.

Every rule states what is allowed and alarms outside it (Azure REST API specs, Microsoft.Security 2019-08-01).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any

from msgspec import Meta, Struct, ValidationError, convert

from shared.policy.rule import Allow, Bound, Condition, Deny, Policy, Range, Rule, Unread, ValueKind
from shared.translation.catalog import by_rule_type
from shared.translation.pairing import Pairing
from shared.translation.values import seconds

READ_ONLY = frozenset({"displayName", "description", "valueType"})
"""Members that the server fills in; their texts change over time and are never compared or sent."""

LISTS = ("timeWindowRules", "allowlistRules", "thresholdRules", "denylistRules")


class _Known(Struct, rename="camel", forbid_unknown_fields=True):
    """The members of a rule that are understood. Limits, values and isEnabled of a wrong type are too: they
    make an Unread condition, which keeps the whole rule. A type that is empty is kept apart from none."""

    rule_type: Annotated[str, Meta(min_length=1)] | None = None
    is_enabled: Any = None
    display_name: Any = None
    description: Any = None
    value_type: Any = None


class _Threshold(_Known):
    min_threshold: Any = None
    max_threshold: Any = None


class _TimeWindow(_Threshold):
    time_window_size: str | None = None


class _Allowlist(_Known):
    allowlist_values: Any = None


class _Denylist(_Known):
    denylist_values: Any = None


_KNOWN: dict[str, type[_Known]] = {
    "timeWindowRules": _TimeWindow,
    "allowlistRules": _Allowlist,
    "thresholdRules": _Threshold,
    "denylistRules": _Denylist,
}
_KNOWN_LISTS: dict[str, Any] = {kind: list[known] | None for kind, known in _KNOWN.items()}  # type: ignore[valid-type]
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
    """As a rule all members are understood, and one call that is written in C says so for a whole list."""
    understood = {kind: _understood(properties.get(kind), known) for kind, known in _KNOWN_LISTS.items()}
    for kind, position, rule in rules_of(properties):
        yield _rule(kind, position, rule, {} if understood[kind] else _unknown(kind, rule))


def _understood(value: Any, kind: Any) -> bool:
    try:
        convert(value, kind)
    except (ValidationError, UnicodeEncodeError):
        return False
    return True


def _unknown(kind: str, rule: Any) -> dict[str, Any]:
    """Each member is asked alone."""
    members = rule if isinstance(rule, dict) else {}
    return {key: value for key, value in members.items() if not _understood({key: value}, _KNOWN[kind])}


def _rule(kind: str, position: int, rule: Any, unknown: dict[str, Any]) -> Rule:
    path = path_of(kind, position, rule)
    if not isinstance(rule, dict):
        return Rule(path=path, native="", signal=None, condition=Unread(problem="it is no object", raw=rule))
    native, window = rule.get("ruleType"), rule.get("timeWindowSize")
    row = by_rule_type().get(native) if isinstance(native, str) else None
    ours = kind in ("timeWindowRules", "allowlistRules")
    return Rule(
        path=path,
        native=native if isinstance(native, str) else "",
        signal=row.signal if row is not None and ours else None,
        condition=_condition(kind, rule),
        window=seconds(window) if isinstance(window, str) else None,
        spelling=window if isinstance(window, str) else None,
        enabled=rule.get("isEnabled") is not False,
        unknown=unknown,
    )


def _condition(kind: str, rule: Mapping[str, Any]) -> Condition:
    if not isinstance(rule.get("isEnabled"), bool):
        return Unread(problem="isEnabled is neither true nor false", raw=dict(rule))
    if kind in ("timeWindowRules", "thresholdRules"):
        return _range(rule)
    values = rule.get("allowlistValues" if kind == "allowlistRules" else "denylistValues")
    if values is not None and not isinstance(values, list):
        return Unread(problem="its values are no list", raw=dict(rule))
    of: ValueKind = "cidr" if "Ip" in str(rule.get("ruleType")) else "string"
    if kind == "denylistRules":
        return Deny(of=of, values=tuple(values or ()))
    return Allow(of=of, values=None if values is None else tuple(values))


def _range(rule: Mapping[str, Any]) -> Condition:
    low: Any = rule.get("minThreshold")
    high: Any = rule.get("maxThreshold")
    if type(low) in _NUMBERS and type(high) in _NUMBERS:
        return Range(low=Bound(value=low), high=Bound(value=high))
    return Unread(problem="minThreshold and maxThreshold are not both numbers", raw=dict(rule))


_NUMBERS = frozenset({int, float})
