"""The criteria of an AWS behavior read as a condition: its value, a percentile of the fleet, or a model."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Literal

from shared.policy.rule import (
    Allow,
    Bound,
    Condition,
    Deny,
    Learned,
    Percentile,
    Range,
    Unread,
    ValueKind,
)
from shared.translation.values import whole

UPPER = {"less-than": False, "less-than-equals": True}
LOWER = {"greater-than": False, "greater-than-equals": True}
_SETS: dict[str, tuple[bool, tuple[str, ...]]] = {  # operator -> (allows, value members)
    "in-cidr-set": (True, ("cidrs",)),
    "not-in-cidr-set": (False, ("cidrs",)),
    "in-port-set": (True, ("ports",)),
    "not-in-port-set": (False, ("ports",)),
    "in-set": (True, ("strings", "numbers")),
    "not-in-set": (False, ("strings", "numbers")),
}
_KINDS: dict[str, ValueKind] = {"cidrs": "cidr", "ports": "port", "strings": "string", "numbers": "number"}


def condition_of(criteria: Any, known: Mapping[str, Any]) -> Condition:
    """Exactly one of value, percentile and model states a behavior; anything else is kept unread."""
    stated = [
        key for key in ("value", "statisticalThreshold", "mlDetectionConfig") if known.get(key) is not None
    ]
    if len(stated) != 1:
        problem = f"it states {' and '.join(stated)} at once" if stated else "it states no criteria"
        return Unread(problem=problem, raw=criteria)
    given, operator = known[stated[0]], known.get("comparisonOperator")
    if not isinstance(given, dict):
        return Unread(problem=f"{stated[0]} is no object", raw=criteria)
    if stated[0] == "mlDetectionConfig":
        return Learned(confidence=str(given.get("confidenceLevel")))
    if stated[0] == "statisticalThreshold":
        return _percentile(given, operator)
    return _valued(given, operator, criteria)


def tells_operator(condition: Condition) -> bool:
    """Whether it tells the operator that it was made of. (An Unread one has that in its raw value.)"""
    if isinstance(condition, Percentile):
        return condition.side is not None
    return not isinstance(condition, Learned)


def _percentile(given: Mapping[str, Any], operator: Any) -> Percentile:
    statistic, text = str(given.get("statistic")), operator if isinstance(operator, str) else ""
    if text in UPPER:
        return Percentile(statistic=statistic, side="below", inclusive=UPPER[text])
    if text in LOWER:
        return Percentile(statistic=statistic, side="above", inclusive=LOWER[text])
    return Percentile(statistic=statistic, side=None)


def _valued(value: Mapping[str, Any], operator: Any, criteria: Any) -> Condition:
    if not isinstance(operator, str) or len(value) != 1:
        problem = "it has no operator" if operator is None else f"it states {len(value)} values at once"
        return Unread(problem=problem, raw=criteria)
    (member, given), *_ = value.items()
    if operator in UPPER or operator in LOWER:
        return _range(member, given, operator, criteria)
    if operator in _SETS:
        allows, members = _SETS[operator]
        if member in members and isinstance(given, list):
            kind = _KINDS[member]
            return Allow(of=kind, values=tuple(given)) if allows else Deny(of=kind, values=tuple(given))
    return Unread(problem=f"the operator {operator[:40]!r} does not go with {member[:40]!r}", raw=criteria)


def _range(member: str, given: Any, operator: str, criteria: Any) -> Condition:
    if member not in ("count", "number") or isinstance(given, bool) or not isinstance(given, int | float):
        return Unread(problem=f"{operator} needs a number, not {member[:40]!r}", raw=criteria)
    number = whole(given)
    return _bounded(member == "number", operator, given if number is None else number)


@lru_cache(maxsize=1024)
def _bounded(custom: bool, operator: str, value: float) -> Range:
    """The same few limits are read in every sweep; a model takes longer to make than to find."""
    of: Literal["count", "number"] = "number" if custom else "count"
    if operator in UPPER:
        return Range(of=of, high=Bound(value=value, inclusive=UPPER[operator]))
    return Range(of=of, low=Bound(value=value, inclusive=LOWER[operator]))
