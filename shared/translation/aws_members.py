"""The members of an AWS behavior."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from msgspec import Meta, Struct, ValidationError, convert

from shared.translation.members import Reader, Unknown, apart, as_it_is, text
from shared.translation.values import whole


class Dimension(Struct, frozen=True, gc=False, rename="camel", forbid_unknown_fields=True):
    dimension_name: str
    operator: Literal["IN", "NOT_IN"] | None = None


class Statistic(Struct, frozen=True, gc=False, forbid_unknown_fields=True):
    statistic: str


class Model(Struct, frozen=True, gc=False, rename="camel", forbid_unknown_fields=True):
    confidence_level: str


class Criteria(Struct, frozen=True, gc=False, rename="camel", forbid_unknown_fields=True):
    """Which of value, threshold and model states the behavior is read from the document itself."""

    value: Any = None
    comparison_operator: str | None = None
    duration_seconds: int | None = None
    consecutive_datapoints_to_alarm: int | None = None
    consecutive_datapoints_to_clear: int | None = None
    statistical_threshold: Statistic | None = None
    ml_detection_config: Model | None = None


class Behavior(Struct, frozen=True, gc=False, rename="camel", forbid_unknown_fields=True):
    name: Annotated[str, Meta(min_length=1)]
    metric: str | None = None
    criteria: Criteria = Criteria()
    metric_dimension: Dimension | None = None
    suppress_alerts: bool | None = None
    export_metric: bool | None = None


def understood(behaviors: list[Any]) -> list[Behavior] | None:
    """None where anything in any of them is not, or is null. Never raises."""
    try:
        return convert(behaviors, list[Behavior])
    except (ValidationError, UnicodeEncodeError):
        return None


def members_of(behavior: dict[str, Any]) -> tuple[Behavior, Unknown]:
    """Of one behavior, which has a name. Never raises."""
    known, unknown = apart(behavior, _BEHAVIOR)
    criteria = known.pop("criteria", None)
    if isinstance(criteria, dict):
        stated, more = apart(criteria, _CRITERIA, "criteria.")
        known["criteria"] = Criteria(**stated)
        unknown.update(more)
    return Behavior(**known), unknown


def _flag(value: Any) -> bool | None:
    return value if isinstance(value, bool) else None


def _fitting(kind: type[Struct]) -> Reader:
    def read(value: Any) -> Any:
        try:
            return convert(value, kind)
        except (ValidationError, UnicodeEncodeError):
            return None

    return read


_BEHAVIOR: dict[str, tuple[str, Reader]] = {
    "name": ("name", text),
    "metric": ("metric", text),
    "criteria": ("criteria", as_it_is),  # an Unread condition keeps what it does not understand
    "metricDimension": ("metric_dimension", _fitting(Dimension)),
    "suppressAlerts": ("suppress_alerts", _flag),
    "exportMetric": ("export_metric", _flag),
}
_CRITERIA: dict[str, tuple[str, Reader]] = {
    "value": ("value", as_it_is),
    "comparisonOperator": ("comparison_operator", text),
    "durationSeconds": ("duration_seconds", whole),
    "consecutiveDatapointsToAlarm": ("consecutive_datapoints_to_alarm", whole),
    "consecutiveDatapointsToClear": ("consecutive_datapoints_to_clear", whole),
    "statisticalThreshold": ("statistical_threshold", _fitting(Statistic)),
    "mlDetectionConfig": ("ml_detection_config", _fitting(Model)),
}
