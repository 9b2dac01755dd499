"""The criteria of an AWS behavior read as a condition: its value, a percentile of the fleet, or a model."""

from __future__ import annotations

from collections.abc import Mapping
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
_INCLUSIVE = UPPER | LOWER
_SETS: dict[str, tuple[bool, tuple[str, ...]]] = {  # operator -> (allows, value members)
    "in-cidr-set": (True, ("cidrs",)),
    "not-in-cidr-set": (False, ("cidrs",)),
    "in-port-set": (True, ("ports",)),
    "not-in-port-set": (False, ("ports",)),
    "in-set": (True, ("strings", "numbers")),
    "not-in-set": (False, ("strings", "numbers")),
}
_STATING = ("value", "statisticalThreshold", "mlDetectionConfig")
_KINDS: dict[str, ValueKind] = {"cidrs": "cidr", "ports": "port", "strings": "string", "numbers": "number"}


def condition_of(criteria: Any) -> Condition:
    """Exactly one of value, percentile and model states a behavior; anything else is kept unread."""
    known = criteria if isinstance(criteria, dict) else {}
    value, statistic, model = map(known.get, _STATING)
    operator = known.get("comparisonOperator")
    if statistic is None and model is None and isinstance(value, dict):
        return _valued(value, operator, criteria)
    stated = [key for key in _STATING if known.get(key) is not None]
    if len(stated) != 1:
        problem = f"it states {' and '.join(stated)} at once" if stated else "it states no criteria"
        return Unread(problem=problem, raw=criteria)
    if isinstance(model, dict):
        return Learned(confidence=str(model.get("confidenceLevel")))
    if isinstance(statistic, dict):
        return _percentile(statistic, operator)
    return Unread(problem=f"{stated[0]} is no object", raw=criteria)


def limit(value: Any, operator: str | None) -> Range | None:
    """What nearly every behavior states, without asking what else it could be; None where it is none."""
    if operator not in _INCLUSIVE or type(value) is not dict or len(value) != 1:
        return None
    ((member, given),) = value.items()
    of = _LIMITS.get(member)
    if of is None or type(given) not in _NUMBERS:
        return None
    number = given if type(given) is int else whole(given)
    bound = Bound(value=given if number is None else number, inclusive=_INCLUSIVE[operator])
    return Range(of=of, high=bound) if operator in UPPER else Range(of=of, low=bound)


_NUMBERS = frozenset({int, float})
_LIMITS: dict[str, Literal["count", "number"]] = {"count": "count", "number": "number"}


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


def _valued(value: dict[str, Any], operator: Any, criteria: Any) -> Condition:
    if not isinstance(operator, str) or len(value) != 1:
        problem = "it has no operator" if operator is None else f"it states {len(value)} values at once"
        return Unread(problem=problem, raw=criteria)
    (member, given), *_ = value.items()
    if operator in _INCLUSIVE:
        problem = f"{operator} needs a number, not {member[:40]!r}"
        return limit(value, operator) or Unread(problem=problem, raw=criteria)
    if operator in _SETS:
        allows, members = _SETS[operator]
        if member in members and isinstance(given, list):
            kind = _KINDS[member]
            return Allow(of=kind, values=tuple(given)) if allows else Deny(of=kind, values=tuple(given))
    return Unread(problem=f"the operator {operator[:40]!r} does not go with {member[:40]!r}", raw=criteria)
