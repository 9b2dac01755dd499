"""What AWS could have said in a security profile: the types and limits in botocore 1.43.11.

Botocore itself checks neither lengths, patterns nor maxima.
"""

from __future__ import annotations

import re
from typing import Annotated, Any

from pydantic import AfterValidator, Field

from shared.translation.aws_parse import path_of
from shared.translation.shape_fields import NAME, Member, Name, Number, between, length, misfit

MAX_BEHAVIORS = 100
MAX_DESCRIPTION = 1000
_UNPRINTABLE = re.compile(r"[^\x20-\x7e]")

Datapoints = Annotated[int, between(1, 10)]
RoleArn = Annotated[str, length(20, 2048)]


def _description(value: str) -> str:
    if len(value) > MAX_DESCRIPTION:
        raise misfit(f"at most {MAX_DESCRIPTION} characters", value)
    found = _UNPRINTABLE.search(value)
    if found:
        raise misfit(f"printable ASCII (U+{ord(found.group()):04X} stands at {found.start() + 1})", value)
    return value


class Dimension(Member):
    dimension_name: Name
    operator: str | None = None


class Value(Member):
    count: Number | None = None
    cidrs: list[str] | None = None
    ports: list[int] | None = None
    number: Number | None = None
    numbers: list[Number] | None = None
    strings: list[str] | None = None


class Statistic(Member):
    statistic: str | None = None


class Model(Member):
    confidence_level: str


class Criteria(Member):
    comparison_operator: str | None = None
    value: Value | None = None
    duration_seconds: int | None = None
    consecutive_datapoints_to_alarm: Datapoints | None = None
    consecutive_datapoints_to_clear: Datapoints | None = None
    statistical_threshold: Statistic | None = None
    ml_detection_config: Model | None = None


class Behavior(Member):
    name: Name
    metric: str | None = None
    metric_dimension: Dimension | None = None
    criteria: Criteria | None = None
    suppress_alerts: bool | None = None
    export_metric: bool | None = None


class AlertTarget(Member):
    alert_target_arn: str
    role_arn: RoleArn


class Retained(Member):
    metric: str
    metric_dimension: Dimension | None = None
    export_metric: bool | None = None


class Export(Member):
    mqtt_topic: Annotated[str, length(1, 512)]
    role_arn: RoleArn


class Tag(Member):
    key: Annotated[str, length(1, 128)] = Field(alias="Key")
    value: Annotated[str, length(0, 256)] | None = Field(default=None, alias="Value")


class SecurityProfile(Member):
    """Members that only AWS fills in (version, dates, ARN) are not looked at."""

    security_profile_name: Name
    security_profile_description: Annotated[str, AfterValidator(_description)] | None = None
    behaviors: Annotated[list[Behavior], Field(max_length=MAX_BEHAVIORS)] | None = None
    alert_targets: dict[str, AlertTarget] | None = None
    additional_metrics_to_retain: list[str] | None = None
    additional_metrics_to_retain_v2: list[Retained] | None = None
    metrics_export_config: Export | None = None
    tags: list[Tag] | None = None


def element(document: dict[str, Any], loc: tuple[str | int, ...]) -> tuple[str, int]:
    """How the document's paths name the element that ``loc`` leads into, and how many steps that takes."""
    match loc:
        case ("behaviors", int(position), *_):
            behavior = document["behaviors"][position]
            name = behavior.get("name") if isinstance(behavior, dict) else None
            spelt = isinstance(name, str) and NAME.fullmatch(name) is not None
            return path_of(position, behavior if spelt else None), 2
    return "", 0
