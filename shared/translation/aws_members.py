"""The members of an AWS behavior."""

from __future__ import annotations

from typing import Any, Literal

from msgspec import Struct

from shared.translation.members import Text, Unknown, apart, understood


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
    name: Text
    metric: str | None = None
    criteria: Criteria = Criteria()
    metric_dimension: Dimension | None = None
    suppress_alerts: bool | None = None
    export_metric: bool | None = None


def all_members_of(behaviors: list[Any]) -> list[Behavior] | None:
    """None where anything in any of them is not understood. Never raises."""
    known: list[Behavior] | None = understood(behaviors, list[Behavior])
    return known


def members_of(behavior: dict[str, Any]) -> tuple[Behavior, Unknown]:
    """Of one behavior, which has a name. Criteria that are no object state nothing. Never raises."""
    criteria = behavior.get("criteria")
    known, unknown = apart({key: behavior[key] for key in behavior if key != "criteria"}, Behavior)
    if isinstance(criteria, dict):
        stated, more = apart(criteria, Criteria, "criteria.")
        known["criteria"] = Criteria(**stated)
        unknown.update(more)
    return Behavior(**known), unknown
