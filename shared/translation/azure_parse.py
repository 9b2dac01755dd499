"""An Azure device security group (PUT body or GET response) read as a policy.

Every rule states what is allowed and alarms outside it (Azure REST API specs, Microsoft.Security 2019-08-01).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from shared.policy.rule import Allow, Bound, Condition, Deny, Policy, Range, Rule, Unread, ValueKind
from shared.translation.catalog import by_rule_type
from shared.translation.pairing import Pairing
from shared.translation.values import seconds

READ_ONLY = frozenset({"displayName", "description", "valueType"})
"""Members that the server fills in; their texts change over time and are never compared or sent."""

LISTS = ("timeWindowRules", "allowlistRules", "thresholdRules", "denylistRules")
_COMMON = READ_ONLY | {"ruleType", "isEnabled"}
_KNOWN = {
    "timeWindowRules": _COMMON | {"minThreshold", "maxThreshold", "timeWindowSize"},
    "thresholdRules": _COMMON | {"minThreshold", "maxThreshold"},
    "allowlistRules": _COMMON | {"allowlistValues"},
    "denylistRules": _COMMON | {"denylistValues"},
}
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
        rules=tuple(_rule(kind, position, rule) for kind, position, rule in rules_of(properties)),
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


def _rule(kind: str, position: int, rule: Any) -> Rule:
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
        unknown={key: value for key, value in rule.items() if not _is_known(kind, key, value)},
    )


def _is_known(kind: str, key: str, value: Any) -> bool:
    """Limits, values and isEnabled of a wrong type make an Unread condition, which keeps the whole rule. A
    type that is empty is kept apart from one that is not there."""
    text = key in ("ruleType", "timeWindowSize")
    if key == "ruleType" and value == "":
        return False
    return key in _KNOWN[kind] and (not text or value is None or isinstance(value, str))


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
    limits = [rule.get("minThreshold"), rule.get("maxThreshold")]
    numbers = [n for n in limits if isinstance(n, int | float) and not isinstance(n, bool)]
    if len(numbers) != len(limits):
        return Unread(problem="minThreshold and maxThreshold are not both numbers", raw=dict(rule))
    low, high = numbers
    return Range(low=Bound(value=low), high=Bound(value=high))
