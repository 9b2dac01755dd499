"""An AWS security profile (create request or describe response) read as a policy.

A behavior states what is *normal*; a datapoint that does not satisfy it raises a violation (AWS IoT API
reference, BehaviorCriteria). It is copied literally, also where it looks inverted.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from shared.policy.rule import Policy, Rule, TopicScope, Unread
from shared.translation.aws_criteria import condition_of, tells_operator
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
    return _path(position, name_of(behavior))


def _path(position: int, name: str | None) -> str:
    return f"behaviors[{name or f'#{position}'}]"


def _rule(position: int, behavior: Any, pairing: Pairing) -> Rule:
    name = name_of(behavior)
    path = _path(position, name)
    if name is None:
        problem = Unread(problem="it has no name", raw=behavior)
        return Rule(path=path, native="", signal=None, condition=problem)
    criteria = behavior.get("criteria")
    known = criteria if isinstance(criteria, dict) else {}
    metric = behavior.get("metric")
    condition = condition_of(criteria, known)
    unknown = _unknown(behavior, _BEHAVIOR, _BEHAVIOR_READERS)
    unknown.update(_unknown(known, _CRITERIA, _CRITERIA_READERS, "criteria."))
    if not tells_operator(condition) and known.get("comparisonOperator") is not None:
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


def _unknown(
    members: Mapping[str, Any], plain: Mapping[str, type], readers: Mapping[str, Reader], prefix: str = ""
) -> dict[str, Any]:
    """Members of an unknown name, or of a known one with a value that nobody here understands."""
    return {
        prefix + key: value
        for key, value in members.items()
        if type(value) is not plain.get(key)
        and value is not None
        and (key not in readers or readers[key](value) is None)
    }


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None


def _flag(value: Any) -> bool | None:
    return value if isinstance(value, bool) else None


def _as_it_is(value: Any) -> Any:
    return value


def _texts(first: str, *more: str) -> Reader:
    """An object of which nothing but ``first``, a text, and perhaps ``more`` are there."""
    members = {first, *more}

    def read(value: Any) -> Any:
        fits = isinstance(value, dict) and value.keys() <= members and isinstance(value.get(first), str)
        return value if fits else None

    return read


_named = _texts("dimensionName", "operator")


def _dimension(value: Any) -> Any:
    return value if _named(value) and value.get("operator") in (None, "IN", "NOT_IN") else None


_BEHAVIOR = {"name": str, "metric": str, "criteria": dict, "suppressAlerts": bool, "exportMetric": bool}
_BEHAVIOR_READERS: dict[str, Reader] = {
    "metricDimension": _dimension,
    "criteria": _as_it_is,  # an Unread condition keeps what it does not understand
}
_CRITERIA = {
    "comparisonOperator": str,
    "value": dict,
    "durationSeconds": int,
    "consecutiveDatapointsToAlarm": int,
    "consecutiveDatapointsToClear": int,
}
_CRITERIA_READERS: dict[str, Reader] = {
    "value": _as_it_is,
    "durationSeconds": whole,
    "consecutiveDatapointsToAlarm": whole,
    "consecutiveDatapointsToClear": whole,
    "statisticalThreshold": _texts("statistic"),
    "mlDetectionConfig": _texts("confidenceLevel"),
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
