"""What differs between a document and what came back of it, member by member, by native path.

Members that only the cloud itself writes are left out, and so is the order of behaviors and of rules, which
has no meaning in either cloud.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from shared.translation.values import seconds

Document = dict[str, Any]

AWS_OWN = {"securityProfileArn", "version", "creationDate", "lastModifiedDate"}
AZURE_OWN = {"id", "name", "type"}
TEXTS = {"displayName", "description", "valueType"}
PARTS = {"less-than": "max", "less-than-equals": "max", "greater-than": "min", "greater-than-equals": "min"}
UNSET: dict[str, Any] = {
    "timeWindowRules": {"isEnabled": False, "minThreshold": 0, "maxThreshold": 0, "timeWindowSize": "PT15M"},
    "allowlistRules": {"isEnabled": False, "allowlistValues": []},
}
"""What a rule says that a PUT leaves out."""


def of_profiles(before: Document, after: Document) -> Iterator[str]:
    for key in before.keys() - AWS_OWN - {"behaviors"}:
        if before[key] != after.get(key) and (before[key] or after.get(key)):
            yield key
    behaviors = before.get("behaviors") or []
    if not isinstance(behaviors, list):
        yield "behaviors"
        return
    for position, behavior in enumerate(behaviors):
        name = behavior.get("name") if isinstance(behavior, dict) else None
        path = f"behaviors[{name}]" if name and isinstance(name, str) else f"behaviors[#{position}]"
        twin = next((b for b in after.get("behaviors", []) if _rule_of(b) == _rule_of(behavior)), None)
        yield from _members(behavior, twin, path)


def _rule_of(behavior: Any) -> tuple[Any, Any]:
    """A behavior comes back under another name: it is known by its metric and the side that it bounds."""
    metric = behavior.get("metric") if isinstance(behavior, dict) else behavior
    criteria = behavior.get("criteria") if isinstance(behavior, dict) else None
    operator = criteria.get("comparisonOperator") if isinstance(criteria, dict) else None
    return metric, PARTS.get(operator, operator) if isinstance(operator, str) else operator


def of_groups(before: Document, after: Document) -> Iterator[str]:
    yield from (key for key in before.keys() - AZURE_OWN - {"properties"} if before[key] != after.get(key))
    properties = before.get("properties") or {}
    if not isinstance(properties, dict):
        yield "properties"
        return
    for kind, rules in properties.items():
        if isinstance(rules, list) and kind != "newRules":
            others = {rule["ruleType"]: rule for rule in after["properties"].get(kind, [])}
            for position, rule in enumerate(rules):
                yield from _of_rules(kind, position, rule, others)
        elif rules is not None:
            yield f"properties.{kind}"


def _of_rules(kind: str, position: int, rule: Any, others: Document) -> Iterator[str]:
    if not isinstance(rule, dict):
        yield f"{kind}[#{position}]"
        return
    given = rule.get("ruleType")
    rule_type = given if isinstance(given, str) else ""
    told = {key: value for key, value in rule.items() if key not in TEXTS}
    unset = {"ruleType": given, **UNSET.get(kind, {})}
    if told.get("isEnabled") is False and seconds(str(told.get("timeWindowSize"))) == 900:
        told["timeWindowSize"] = "PT15M"  # it is not in force: a mere spelling is worth no word
    yield from _members(told, others.get(rule_type, unset), f"{kind}[{rule_type or f'#{position}'}]")


def _members(before: Any, after: Any, path: str) -> Iterator[str]:
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        for key in before.keys() | after.keys():
            yield from _members(before.get(key), after.get(key), f"{path}.{key}")
    elif before != after:
        yield path


def unnamed(paths: Iterator[str], named: set[str]) -> list[str]:
    """The paths that no report names, by themselves or by what contains them."""
    return [path for path in paths if not any(_contains(name, path) for name in named)]


def _contains(name: str, path: str) -> bool:
    return path == name or path.startswith((f"{name}.", f"{name}["))
