"""A native document made again of nothing but the policy that it was read as: nothing was dropped."""

from __future__ import annotations

from typing import Any

from shared.policy.rule import Allow, Deny, Learned, Percentile, Policy, Range, Rule, Unread

Document = dict[str, Any]

_SETS = {"cidr": "cidr-", "port": "port-", "string": "", "number": ""}


def profile(policy: Policy) -> Document:
    behaviors = [_behavior(rule) for rule in policy.rules]
    name = {"securityProfileName": policy.name} if policy.name is not None else {}
    return {**name, **({"behaviors": behaviors} if behaviors else {}), **policy.about, **policy.unknown}


def _behavior(rule: Rule) -> Any:
    condition = rule.condition
    if isinstance(condition, Unread) and condition.problem == "it has no name":
        return condition.raw
    criteria = _criteria(rule)
    if isinstance(criteria, dict):
        criteria |= {key[9:]: value for key, value in rule.unknown.items() if key.startswith("criteria.")}
    behavior = {
        "name": rule.path.removeprefix("behaviors[").removesuffix("]"),
        "metric": rule.native or None,
        "criteria": criteria,
        "suppressAlerts": rule.muted,
        "exportMetric": rule.exported,
    }
    if rule.scope is not None:
        behavior["metricDimension"] = {
            "dimensionName": rule.scope.dimension,
            "operator": "NOT_IN" if rule.scope.excluded else "IN",
        }
    return behavior | {key: value for key, value in rule.unknown.items() if not key.startswith("criteria.")}


def _criteria(rule: Rule) -> Any:
    condition = rule.condition
    common = {
        "durationSeconds": rule.window,
        "consecutiveDatapointsToAlarm": rule.to_alarm,
        "consecutiveDatapointsToClear": rule.to_clear,
    }
    if isinstance(condition, Unread):
        return condition.raw
    if isinstance(condition, Learned):
        return common | {"mlDetectionConfig": {"confidenceLevel": condition.confidence}}
    if isinstance(condition, Percentile):
        stem = {"below": "less-than", "above": "greater-than", None: None}[condition.side]
        operator = stem and stem + "-equals" * condition.inclusive
        threshold = {"statistic": condition.statistic}
        return common | {"comparisonOperator": operator, "statisticalThreshold": threshold}
    operator, member, value = _compared(condition)
    return common | {"comparisonOperator": operator, "value": {member: value}}


def _compared(condition: Range | Allow | Deny) -> tuple[str, str, Any]:
    if isinstance(condition, Range):
        bound, stem = (condition.low, "greater-than") if condition.low else (condition.high, "less-than")
        assert bound is not None
        return stem + "-equals" * bound.inclusive, condition.of, bound.value
    operator = f"in-{_SETS[condition.of]}set"
    assert condition.values is not None
    told = operator if isinstance(condition, Allow) else f"not-{operator}"
    return told, f"{condition.of}s", list(condition.values)


def group(policy: Policy) -> Document:
    """Its lists in the order in which they are read."""
    properties: Document = {}
    for rule in policy.rules:
        properties.setdefault(rule.path.partition("[")[0], []).append(_rule(rule))
    own = dict(policy.unknown)
    for key in [key for key in own if key.startswith("properties.")]:
        properties[key.removeprefix("properties.")] = own.pop(key)
    name = {"name": policy.name} if policy.name is not None else {}
    return {"properties": properties, **name, **own}


def _rule(rule: Rule) -> Any:
    condition = rule.condition
    if isinstance(condition, Unread):
        return condition.raw
    said: Document = {"ruleType": rule.native or None, "isEnabled": rule.enabled}
    said["timeWindowSize"] = rule.spelling
    if isinstance(condition, Range):
        assert condition.low is not None
        assert condition.high is not None
        said |= {"minThreshold": condition.low.value, "maxThreshold": condition.high.value}
    elif isinstance(condition, Allow | Deny):
        member = "allowlistValues" if isinstance(condition, Allow) else "denylistValues"
        said[member] = None if condition.values is None else list(condition.values)
    return {**said, **rule.unknown}


def without_empty(value: Any) -> Any:
    """Neither cloud tells a member that is null from one that is not there."""
    if isinstance(value, dict):
        return {key: without_empty(member) for key, member in value.items() if member is not None}
    return [without_empty(member) for member in value] if isinstance(value, list) else value
