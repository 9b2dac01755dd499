"""Documents as large as their clouds allow, or as people have them."""

from __future__ import annotations

from itertools import cycle, islice
from typing import Any

from shared.translation.catalog import CATALOG, Binding

Document = dict[str, Any]


def largest_profile() -> Document:
    """100 behaviors, the most of a security profile: both bounds of what pairs, then others."""
    pairs = [row for row in CATALOG if isinstance(row.aws, Binding) and row.aws.custom is None]
    counts = [row.aws for row in pairs if isinstance(row.aws, Binding) and row.aws.kind == "count"]
    behaviors = [
        _behavior(f"{operator}-{metric.native}", metric.native, operator, count, windowed=metric.windowed)
        for metric in counts
        for operator, count in (("greater-than", 3), ("less-than", 900))
    ]
    behaviors.append(
        {
            "name": "destinations",
            "metric": "aws:destination-ip-addresses",
            "criteria": {
                "comparisonOperator": "in-cidr-set",
                "value": {"cidrs": [f"10.0.{n}.0/24" for n in range(20)]},
            },
        }
    )
    others = ("aws:message-byte-size", "aws:all-bytes-in", "aws:all-packets-out", "pressure", "temperature")
    rest = [
        _behavior(f"other-{n}", metric, "less-than", n + 1, windowed=True)
        for n, metric in enumerate(islice(cycle(others), 100 - len(behaviors)))
    ]
    return {"securityProfileName": "largest", "behaviors": [*behaviors, *rest]}


def fullest_group() -> Document:
    """One rule of each of the 20 types that a device security group has."""
    windows, lists = [], []
    for row in CATALOG:
        if not isinstance(row.azure, Binding):
            continue
        rule: Document = {"ruleType": row.azure.native, "isEnabled": True}
        if row.azure.kind == "count":
            windows.append({**rule, "minThreshold": 1, "maxThreshold": 400, "timeWindowSize": "PT15M"})
        else:
            values = [f"10.1.{n}.0/24" for n in range(20)] if row.azure.kind == "cidrs" else list("abcdefgh")
            lists.append({**rule, "allowlistValues": values})
    return {"properties": {"timeWindowRules": windows, "allowlistRules": lists}}


def _behavior(name: str, metric: str, operator: str, count: int, *, windowed: bool) -> Document:
    criteria: Document = {"comparisonOperator": operator, "value": {"count": count}}
    if windowed:
        criteria["durationSeconds"] = 300
    spelt = name.replace(":", "-")
    return {"name": spelt, "metric": metric, "criteria": criteria}
