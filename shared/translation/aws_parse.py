"""An AWS security profile (create request or describe response) read as a policy.

A behavior states what is *normal*; a datapoint that does not satisfy it raises a violation (AWS IoT API
reference, BehaviorCriteria). It is copied literally, also where it looks inverted.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from shared.policy.rule import (
    Allow,
    Bound,
    Condition,
    Deny,
    Learned,
    Percentile,
    Policy,
    Range,
    Rule,
    TopicScope,
    Unread,
    ValueKind,
)
from shared.translation.catalog import by_metric
from shared.translation.pairing import Pairing
from shared.translation.values import whole

Reader = Callable[[Any], Any]
"""What a member says, or None where nobody here understands it."""

READ_ONLY = frozenset(
    {"securityProfileArn", "version", "creationDate", "lastModifiedDate", "ResponseMetadata"}
)
ABOUT = (
    "securityProfileDescription",
    "alertTargets",
    "additionalMetricsToRetain",
    "additionalMetricsToRetainV2",
    "metricsExportConfig",
    "tags",
)
APART = frozenset({"tags"})
"""Members of a create request that AWS keeps apart: describing a profile does not tell them."""
_KNOWN = {"securityProfileName", "behaviors", *ABOUT, *READ_ONLY}
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
_CUSTOM = {
    "count": "custom-number",
    "number": "custom-number",
    "numbers": "custom-number-list",
    "strings": "custom-string-list",
    "cidrs": "custom-ip-address-list",
}


def parse(document: Mapping[str, Any], pairing: Pairing) -> Policy:
    """Never raises: what cannot be understood becomes an Unread rule or an unknown member."""
    behaviors = document.get("behaviors")
    rules = behaviors if isinstance(behaviors, list) else []
    name = document.get("securityProfileName")
    unknown = {key: value for key, value in document.items() if key not in _KNOWN}
    if behaviors is not None and not isinstance(behaviors, list):
        unknown["behaviors"] = behaviors
    return Policy(
        name=name if isinstance(name, str) else None,
        rules=tuple(_rule(position, behavior, pairing) for position, behavior in enumerate(rules)),
        about={key: document[key] for key in ABOUT if document.get(key)},
        unknown=unknown,
    )


def name_of(behavior: Any) -> str | None:
    name = behavior.get("name") if isinstance(behavior, dict) else None
    return _text(name) or None


def path_of(position: int, behavior: Any) -> str:
    """``behaviors[NAME]``, or by position where it has no name."""
    return f"behaviors[{name_of(behavior) or f'#{position}'}]"


def _rule(position: int, behavior: Any, pairing: Pairing) -> Rule:
    path = path_of(position, behavior)
    if name_of(behavior) is None:
        problem = Unread(problem="it has no name", raw=behavior)
        return Rule(path=path, native="", signal=None, condition=problem)
    criteria = behavior.get("criteria")
    known = criteria if isinstance(criteria, dict) else {}
    metric = behavior.get("metric")
    condition = _condition(criteria, known)
    unknown = _unknown(behavior, _BEHAVIOR) | _unknown(known, _CRITERIA, "criteria.")
    if known.get("comparisonOperator") is not None and not _compares(condition):
        unknown["criteria.comparisonOperator"] = known["comparisonOperator"]
    return Rule(
        path=path,
        native=_text(metric) or "",
        signal=_signal(metric, known.get("value"), pairing),
        condition=condition,
        window=whole(known.get("durationSeconds")),
        scope=_scope(behavior.get("metricDimension")),
        muted=_flag(behavior.get("suppressAlerts")),
        exported=_flag(behavior.get("exportMetric")),
        to_alarm=whole(known.get("consecutiveDatapointsToAlarm")),
        to_clear=whole(known.get("consecutiveDatapointsToClear")),
        unknown=unknown,
    )


def _unknown(members: Mapping[str, Any], readers: Mapping[str, Reader], prefix: str = "") -> dict[str, Any]:
    """Members of an unknown name, or of a known one with a value that its reader does not understand."""
    return {
        prefix + key: value
        for key, value in members.items()
        if key not in readers or (value is not None and readers[key](value) is None)
    }


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None


def _flag(value: Any) -> bool | None:
    return value if isinstance(value, bool) else None


def _as_it_is(value: Any) -> Any:
    return value


def _dimension(value: Any) -> Any:
    read = _only("dimensionName", "operator")(value)
    known = read is not None and read.get("operator") in (None, "IN", "NOT_IN")
    return read if known and isinstance(read.get("dimensionName"), str) else None


def _only(*keys: str) -> Reader:
    return lambda value: value if isinstance(value, dict) and value.keys() <= set(keys) else None


_BEHAVIOR: dict[str, Reader] = {
    "name": _text,
    "metric": _text,
    "metricDimension": _dimension,
    "criteria": _as_it_is,  # an Unread condition keeps what it does not understand
    "suppressAlerts": _flag,
    "exportMetric": _flag,
}
_CRITERIA: dict[str, Reader] = {
    "comparisonOperator": _text,
    "value": _as_it_is,
    "durationSeconds": whole,
    "consecutiveDatapointsToAlarm": whole,
    "consecutiveDatapointsToClear": whole,
    "statisticalThreshold": _only("statistic"),
    "mlDetectionConfig": _only("confidenceLevel"),
}


def _signal(metric: Any, value: Any, pairing: Pairing) -> str | None:
    if not isinstance(metric, str):
        return None
    if metric in pairing.by_metric:
        return pairing.by_metric[metric].signal
    row = by_metric().get(metric)
    if row is not None or metric.startswith("aws:"):
        return row.signal if row is not None else None
    members = [member for member in _CUSTOM if isinstance(value, dict) and member in value]
    return _CUSTOM[members[0]] if members else "custom-number"


def _scope(dimension: Any) -> TopicScope | None:
    if dimension is None:
        return None
    given = dimension if isinstance(dimension, dict) else {}
    return TopicScope(dimension=str(given.get("dimensionName")), excluded=given.get("operator") == "NOT_IN")


def _condition(criteria: Any, known: Mapping[str, Any]) -> Condition:
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


def _compares(condition: Condition) -> bool:
    """Whether it tells the operator that it was made of. (An Unread one has that in its raw value.)"""
    if isinstance(condition, Percentile):
        return condition.side is not None
    return not isinstance(condition, Learned)


def _percentile(given: Mapping[str, Any], operator: Any) -> Percentile:
    inclusive = isinstance(operator, str) and operator.endswith("equals")
    statistic = str(given.get("statistic"))
    if operator in UPPER:
        return Percentile(statistic=statistic, side="below", inclusive=inclusive)
    return Percentile(statistic=statistic, side="above" if operator in LOWER else None, inclusive=inclusive)


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
    exact = given if number is None else number
    if operator in UPPER:
        return Range(high=Bound(value=exact, inclusive=UPPER[operator]))
    return Range(low=Bound(value=exact, inclusive=LOWER[operator]))
