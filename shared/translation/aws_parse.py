"""An AWS security profile (create request or describe response) read as a policy.

A behavior states what is *normal*; a datapoint that does not satisfy it raises a violation (AWS IoT API
reference, BehaviorCriteria). It is copied literally, also where it looks inverted.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import repeat
from typing import Any

from shared.policy.rule import Condition, Policy, Rule, TopicScope, Unread
from shared.translation.aws_criteria import condition_of, limit, tells_operator
from shared.translation.aws_members import Behavior, all_members_of, members_of
from shared.translation.members import NOTHING_UNKNOWN, Unknown
from shared.translation.pairing import Pairing

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
    given = behaviors if isinstance(behaviors, list) else []
    name = document.get("securityProfileName")
    unknown = {key: value for key, value in document.items() if key not in _KNOWN}
    if behaviors is not None and not isinstance(behaviors, list):
        unknown["behaviors"] = behaviors
    return Policy(
        name=name if isinstance(name, str) else None,
        rules=tuple(_rules(given, pairing)),
        about={key: document[key] for key in ABOUT if document.get(key)},
        unknown=unknown,
    )


def name_of(behavior: Any) -> str | None:
    name = behavior.get("name") if isinstance(behavior, dict) else None
    return name if isinstance(name, str) and name else None


def path_of(position: int, behavior: Any) -> str:
    """``behaviors[NAME]``, or by position where it has no name."""
    return _path(position, name_of(behavior))


def _path(position: int, name: str | None) -> str:
    return f"behaviors[{name or f'#{position}'}]"


def _rules(behaviors: list[Any], pairing: Pairing) -> Iterator[Rule]:
    known = all_members_of(behaviors)
    if known is not None:
        return map(_rule, behaviors, known, repeat(NOTHING_UNKNOWN), repeat(pairing.signals))
    return (_rule_or_not(position, behavior, pairing.signals) for position, behavior in enumerate(behaviors))


def _rule_or_not(position: int, behavior: Any, signals: Mapping[str, str]) -> Rule:
    if name_of(behavior) is None:
        problem = Unread(problem="it has no name", raw=behavior)
        return Rule(path=_path(position, None), native="", signal=None, condition=problem)
    return _rule(behavior, *members_of(behavior), signals)


def _rule(behavior: dict[str, Any], known: Behavior, unknown: Unknown, signals: Mapping[str, str]) -> Rule:
    criteria, metric = known.criteria, known.metric
    condition: Condition | None = None
    if criteria.statistical_threshold is None and criteria.ml_detection_config is None and not unknown:
        condition = limit(criteria.value, criteria.comparison_operator)
    if condition is None:
        condition = condition_of(behavior.get("criteria"))
        if criteria.comparison_operator is not None and not tells_operator(condition):
            unknown = {**unknown, "criteria.comparisonOperator": criteria.comparison_operator}
    return Rule(
        path=f"behaviors[{known.name}]",
        native=metric or "",
        signal=None if metric is None else signals.get(metric) or _unpaired(metric, criteria.value),
        condition=condition,
        window=criteria.duration_seconds,
        scope=_scope(behavior) if unknown or known.metric_dimension is not None else None,
        muted=known.suppress_alerts,
        exported=known.export_metric,
        to_alarm=criteria.consecutive_datapoints_to_alarm,
        to_clear=criteria.consecutive_datapoints_to_clear,
        unknown=unknown,
    )


def _unpaired(metric: str, value: Any) -> str | None:
    """The signal of a metric that neither the catalogue nor the route names."""
    if metric.startswith("aws:"):
        return None
    if isinstance(value, dict):
        for member, signal in _CUSTOM.items():
            if member in value:
                return signal
    return "custom-number"


def _scope(behavior: Mapping[str, Any]) -> TopicScope | None:
    dimension = behavior.get("metricDimension")
    if dimension is None:
        return None
    given = dimension if isinstance(dimension, dict) else {}
    return TopicScope(dimension=str(given.get("dimensionName")), excluded=given.get("operator") == "NOT_IN")
