"""The security profile that the tour creates: ranges, CIDRs, ports, a model, a percentile, a topic filter."""

from __future__ import annotations

from typing import Any

NAME = "pumps"


def _plain(
    name: str, metric: str, operator: str, value: dict[str, Any], seconds: int | None
) -> dict[str, Any]:
    criteria: dict[str, Any] = {"comparisonOperator": operator, "value": value}
    if seconds is not None:
        criteria["durationSeconds"] = seconds
    return {"name": name, "metric": metric, "criteria": criteria}


PROFILE: dict[str, Any] = {
    "securityProfileName": NAME,
    "behaviors": [
        _plain("chatty", "aws:num-messages-sent", "less-than", {"count": 100}, 300),
        _plain("alive", "aws:num-messages-sent", "greater-than", {"count": 4}, 300),
        _plain("denied", "aws:num-authorization-failures", "less-than-equals", {"count": 10}, 900),
        _plain(
            "peers",
            "aws:destination-ip-addresses",
            "in-cidr-set",
            {"cidrs": ["10.0.0.0/8", "192.168.7.0/24"]},
            None,
        ),
        _plain("open-ports", "aws:listening-tcp-ports", "in-port-set", {"ports": [443, 8883]}, None),
        {
            "name": "learned-disconnects",
            "metric": "aws:num-disconnects",
            "criteria": {"mlDetectionConfig": {"confidenceLevel": "HIGH"}},
            "suppressAlerts": True,
        },
        {
            "name": "fleet-p99",
            "metric": "aws:num-messages-received",
            "criteria": {
                "comparisonOperator": "less-than-equals",
                "durationSeconds": 300,
                "statisticalThreshold": {"statistic": "p99"},
            },
        },
        {
            "name": "telemetry-topics",
            "metric": "aws:num-messages-sent",
            "metricDimension": {"dimensionName": "telemetry"},
            "criteria": {"comparisonOperator": "less-than", "value": {"count": 50}, "durationSeconds": 300},
        },
    ],
    "alertTargets": {
        "SNS": {
            "alertTargetArn": "arn:aws:sns:eu-central-1:123456789012:alerts",
            "roleArn": "arn:aws:iam::123456789012:role/alerts",
        }
    },
    "tags": [{"Key": "team", "Value": "water"}],
}


def rule(group: dict[str, Any], rule_type: str) -> dict[str, Any]:
    """The native rule of that type; the group has each once."""
    rules = [*group["properties"]["timeWindowRules"], *group["properties"]["allowlistRules"]]
    (found,) = (each for each in rules if each["ruleType"] == rule_type)
    assert isinstance(found, dict)
    return found


def rules_in_force(group: dict[str, Any]) -> dict[str, Any]:
    """Rule type -> (min, max, window) or the allowed values, of the enabled rules."""
    shown: dict[str, Any] = {}
    for each in group["properties"]["timeWindowRules"]:
        if each["isEnabled"]:
            shown[each["ruleType"]] = (each["minThreshold"], each["maxThreshold"], each["timeWindowSize"])
    for each in group["properties"]["allowlistRules"]:
        if each["isEnabled"]:
            shown[each["ruleType"]] = tuple(each["allowlistValues"])
    return shown
