"""A device security group as the service keeps and shows it: PUT replaces, defaults are filled in."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from functions.local.sandbox.azure_catalog import (
    ALLOWLIST,
    DEFAULT_WINDOW,
    HIDEABLE,
    TIME_WINDOW,
    VALUE_TYPES,
    RuleText,
)
from functions.local.sandbox.azure_errors import ArmError, bad_input

Rule = dict[str, Any]
RuleLists = dict[str, list[Rule]]

_KNOWN: dict[str, Mapping[str, RuleText]] = {
    "thresholdRules": {},
    "timeWindowRules": TIME_WINDOW,
    "allowlistRules": ALLOWLIST,
    "denylistRules": {},
}
_READ_ONLY = ("displayName", "description", "valueType")
_INT32 = range(-(2**31), 2**31)
_DURATION = re.compile(r"P(?=.)(\d+Y)?(\d+M)?(\d+W)?(\d+D)?(T(?=.)(\d+H)?(\d+M)?(\d+(\.\d+)?S)?)?", re.ASCII)


@dataclass(frozen=True)
class Group:
    """`name` as it was first spelt; `rules` has all four lists, the known types in the service's order."""

    name: str
    rules: RuleLists


def accept(properties: Any, *, refuse_unknown: bool = False, clamp_max: int | None = None) -> RuleLists:
    """The stored lists for the `properties` of a PUT; an `ArmError` 400 names the member that is wrong.

    Rule types that the service does not know are kept as they came unless `refuse_unknown`; whether the live
    service takes them is not known. Nothing checks that a minimum is below its maximum, or a type is unique.
    """
    if properties is None:
        properties = {}
    if not isinstance(properties, dict):
        raise bad_input("properties", "must be an object")
    return {
        key: _accept_list(key, properties.get(key), known, refuse_unknown, clamp_max)
        for key, known in _KNOWN.items()
    }


def show(group: Group, *, hide_values: bool = False) -> dict[str, Any]:
    """The `properties` of an answer, read-only members filled in."""
    return {
        key: [_show(rule, known, hide_values) for rule in group.rules[key]] for key, known in _KNOWN.items()
    }


def _accept_list(
    key: str, given: Any, known: Mapping[str, RuleText], refuse_unknown: bool, clamp_max: int | None
) -> list[Rule]:
    if given is None:
        given = []
    if not isinstance(given, list):
        raise bad_input(f"properties.{key}", "must be a list")
    sent = [
        _accept_rule(f"properties.{key}[{n}]", rule, known, refuse_unknown) for n, rule in enumerate(given)
    ]
    for rule in sent:
        if clamp_max is not None and isinstance(rule.get("maxThreshold"), int):
            rule["maxThreshold"] = min(rule["maxThreshold"], clamp_max)
    filled: list[Rule] = []
    for rule_type in known:
        filled += [rule for rule in sent if rule["ruleType"] == rule_type] or [_default(rule_type)]
    return filled + [rule for rule in sent if rule["ruleType"] not in known]


def _accept_rule(path: str, rule: Any, known: Mapping[str, RuleText], refuse_unknown: bool) -> Rule:
    if not isinstance(rule, dict):
        raise bad_input(path, "must be an object")
    rule_type = _member(path, rule, "ruleType", str, "a string")
    _member(path, rule, "isEnabled", bool, "true or false")
    if rule_type in TIME_WINDOW and known is TIME_WINDOW:
        return {"ruleType": rule_type, "isEnabled": rule["isEnabled"], **_time_window(path, rule)}
    if rule_type in ALLOWLIST and known is ALLOWLIST:
        return {"ruleType": rule_type, "isEnabled": rule["isEnabled"], **_allowlist(path, rule)}
    if refuse_unknown:
        raise bad_input(f"{path}.ruleType", f"{rule_type!r:.80} is not a rule type of this list")
    return dict(rule)


def _time_window(path: str, rule: Rule) -> Rule:
    """The duration is kept as it is spelt: `PT05M` stays `PT05M`."""
    for name in ("minThreshold", "maxThreshold"):
        if _member(path, rule, name, int, "a 32-bit integer") not in _INT32:
            raise bad_input(f"{path}.{name}", "must fit in a 32-bit integer")
    if not _DURATION.fullmatch(_member(path, rule, "timeWindowSize", str, "an ISO 8601 duration")):
        raise bad_input(f"{path}.timeWindowSize", "must be an ISO 8601 duration such as PT15M")
    return {name: rule[name] for name in ("minThreshold", "maxThreshold", "timeWindowSize")}


def _allowlist(path: str, rule: Rule) -> Rule:
    values = _member(path, rule, "allowlistValues", list, "a list of strings")
    for n, value in enumerate(values):
        if not isinstance(value, str):
            raise bad_input(f"{path}.allowlistValues[{n}]", "must be a string")
    return {"allowlistValues": values}


def _member(path: str, rule: Rule, name: str, kind: type, described: str) -> Any:
    value = rule.get(name)
    if value is None:
        raise bad_input(f"{path}.{name}", "is required")
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        raise bad_input(f"{path}.{name}", f"must be {described}")
    return value


def _default(rule_type: str) -> Rule:
    head = {"ruleType": rule_type, "isEnabled": False}
    if rule_type in TIME_WINDOW:
        return head | {"minThreshold": 0, "maxThreshold": 0, "timeWindowSize": DEFAULT_WINDOW}
    return head | {"allowlistValues": []}


def _show(rule: Rule, known: Mapping[str, RuleText], hide_values: bool) -> Rule:
    text = known.get(rule["ruleType"])
    if text is None:
        return dict(rule)
    written = {name: value for name, value in rule.items() if name not in {"ruleType", *_READ_ONLY}}
    shown = {
        "ruleType": rule["ruleType"],
        "displayName": text.display_name,
        "description": text.description,
        **written,
    }
    if rule["ruleType"] in VALUE_TYPES:
        shown["valueType"] = VALUE_TYPES[rule["ruleType"]]
        if hide_values and rule["ruleType"] in HIDEABLE:
            del shown["allowlistValues"]
    return shown


__all__ = ["ArmError", "Group", "RuleLists", "accept", "show"]
