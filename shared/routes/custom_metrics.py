"""Which AWS custom metrics stand in for Azure rule types that AWS does not measure itself."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import field

from shared.routes.reading import Part, meta
from shared.routes.wording import KEY, Misfit, Misfits, did_you_mean
from shared.translation.catalog import Binding, by_rule_type, stem


def _metrics_of_aws() -> dict[str, str | None]:
    """Rule type stem -> the metric that AWS itself has for it, or None where a custom one may stand in."""
    return {
        stem(native): row.aws.native if isinstance(row.aws, Binding) and row.aws.custom is None else None
        for native, row in by_rule_type().items()
    }


def _rule_type(value: str) -> str:
    metrics = _metrics_of_aws()
    bindable = sorted(name for name, metric in metrics.items() if metric is None)
    if value not in metrics and value not in by_rule_type():
        near = did_you_mean(value, (*metrics, *by_rule_type()))
        raise ValueError(f"is no Azure rule type{near or '; allowed: ' + ', '.join(bindable)}")
    if metrics[stem(value)] is not None:
        raise ValueError(
            f"AWS measures this itself, as {metrics[stem(value)]}; allowed: {', '.join(bindable)}"
        )
    return value


def _custom(value: str) -> str:
    if value.lower().startswith("aws:"):
        raise ValueError(f"{value!r} names a metric of AWS itself; a custom one does not begin with aws:")
    return value


RuleType = Annotated[str, meta(check=_rule_type)]
MetricName = Annotated[
    str,
    # botocore 1.43, MetricName; the reserved prefix: API reference of CreateCustomMetric
    meta("a metric name of 1-128 of a-z A-Z 0-9 : _ -", pattern=r"^[a-zA-Z0-9:_-]{1,128}\Z", check=_custom),
]


def _one_to_one(metrics: dict[str, str]) -> dict[str, str]:
    bound: dict[str, str] = {}
    problems: list[Misfit] = []
    for rule_type, metric in metrics.items():
        if stem(rule_type) in bound:
            problems.append(Misfit((rule_type, KEY), "is bound a second time, under its other spelling"))
        elif metric in bound.values():
            problems.append(Misfit((rule_type,), f"{metric!r} is bound to another rule type already"))
        bound.setdefault(stem(rule_type), metric)
    if problems:
        raise Misfits(problems)
    return bound


class CustomMetrics(Part, frozen=True):
    """``metrics`` maps rule types to names of AWS custom metrics. A document may write the types with or
    without their suffix; once read they stand without (``FailedLocalLogins``).

    ``use`` expects the metrics to be there, ``provision`` also creates them.
    """

    mode: Literal["off", "use", "provision"] = "off"
    metrics: Annotated[
        dict[RuleType, MetricName],
        meta("a mapping of Azure rule types to AWS custom metrics", check=_one_to_one),
    ] = field(default_factory=dict)
