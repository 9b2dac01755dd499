"""What the service checks about behaviors and botocore's model does not state.

Read from the Device Defender developer guide and the IoT API reference, 2026-09. What neither of them refuses
(a duration left out, rule and ML in one profile, a dimension that does not exist) is accepted.
"""

from __future__ import annotations

import ipaddress
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from functions.local.sandbox.aws_errors import AwsError, invalid

MAX_BEHAVIORS = 100
MAX_VALUES = 1000
DURATIONS = (300, 600, 900, 1800, 3600)

_NUMERIC = frozenset({"less-than", "less-than-equals", "greater-than", "greater-than-equals"})
_UPPER = frozenset({"less-than", "less-than-equals"})
_CIDR = frozenset({"in-cidr-set", "not-in-cidr-set"})
_PORT = frozenset({"in-port-set", "not-in-port-set"})
_SET = frozenset({"in-set", "not-in-set"})


@dataclass(frozen=True)
class Metric:
    """`member` is the member of MetricValue that carries the value; `learns` means ML and percentiles."""

    member: str
    operators: frozenset[str]
    learns: bool = False
    dimensions: bool = False

    @property
    def is_list(self) -> bool:
        return self.member not in {"count", "number"}


_COUNT = Metric("count", _NUMERIC, learns=True)
_TOPIC_COUNT = Metric("count", _NUMERIC, learns=True, dimensions=True)

METRICS: dict[str, Metric] = {
    "aws:message-byte-size": _TOPIC_COUNT,
    "aws:num-messages-sent": _TOPIC_COUNT,
    "aws:num-messages-received": _TOPIC_COUNT,
    "aws:num-authorization-failures": _TOPIC_COUNT,
    "aws:source-ip-address": Metric("cidrs", _CIDR, dimensions=True),
    "aws:num-connection-attempts": _COUNT,
    "aws:num-disconnects": _COUNT,
    "aws:disconnect-duration": Metric("count", _UPPER),
    "aws:all-bytes-out": _COUNT,
    "aws:all-bytes-in": _COUNT,
    "aws:all-packets-out": _COUNT,
    "aws:all-packets-in": _COUNT,
    "aws:num-listening-tcp-ports": _COUNT,
    "aws:num-listening-udp-ports": _COUNT,
    "aws:num-established-tcp-connections": _COUNT,
    "aws:destination-ip-addresses": Metric("cidrs", _CIDR),
    "aws:listening-tcp-ports": Metric("ports", _PORT),
    "aws:listening-udp-ports": Metric("ports", _PORT),
}
CUSTOM_TYPES: dict[str, Metric] = {
    "number": Metric("number", _NUMERIC, learns=True),
    "number-list": Metric("numbers", _SET),
    "string-list": Metric("strings", _SET),
    "ip-address-list": Metric("cidrs", _CIDR),
}


@dataclass(frozen=True)
class Surroundings:
    """What a profile may name: custom metrics with their types, and dimensions (None: any name will do)."""

    custom_metrics: Mapping[str, str]
    dimensions: Collection[str] | None = None
    strict_custom_metrics: bool = True

    def metric(self, name: str) -> Metric | None:
        """None for a custom metric that nobody created, where that is allowed."""
        if name in METRICS:
            return METRICS[name]
        if name in self.custom_metrics:
            return CUSTOM_TYPES[self.custom_metrics[name]]
        if name.startswith("aws:") or self.strict_custom_metrics:
            raise invalid(f"metric {name} is neither an AWS metric nor an existing custom metric")
        return None


def check_behaviors(behaviors: list[dict[str, Any]], around: Surroundings) -> None:
    """Raises InvalidRequestException with the first thing that is wrong."""
    for error in behavior_errors(behaviors, around):
        raise error


def behavior_errors(behaviors: list[dict[str, Any]], around: Surroundings) -> Iterator[AwsError]:
    """At most one error a behavior, then those of the list as a whole."""
    for behavior in behaviors:
        try:
            _check_behavior(behavior, around)
        except AwsError as error:
            yield invalid(f"behavior {behavior['name']}: {error.message}")
    if len(behaviors) > MAX_BEHAVIORS:
        yield invalid(f"a security profile has at most {MAX_BEHAVIORS} behaviors, not {len(behaviors)}")
    values = sum(map(_value_elements, behaviors))
    if values > MAX_VALUES:
        yield invalid(f"a security profile has at most {MAX_VALUES} value elements, not {values}")
    names = Counter(behavior["name"] for behavior in behaviors)
    for name, times in names.items():
        if times > 1:
            yield invalid(f"behavior names must be unique in a profile; {name} stands there {times} times")


def check_retained(metrics: list[dict[str, Any]], around: Surroundings) -> None:
    for entry in metrics:
        _check_dimension(entry, around.metric(entry["metric"]), around)


def _check_behavior(behavior: dict[str, Any], around: Surroundings) -> None:
    criteria = behavior.get("criteria")
    if "metric" not in behavior:
        if criteria is not None or "metricDimension" in behavior:
            raise invalid("criteria and metricDimension need a metric")
        return
    metric = around.metric(behavior["metric"])
    _check_dimension(behavior, metric, around)
    if criteria is not None:
        _check_criteria(criteria, behavior["metric"], metric)


def _check_dimension(entry: dict[str, Any], metric: Metric | None, around: Surroundings) -> None:
    dimension = entry.get("metricDimension")
    if dimension is None:
        return
    if metric is None or not metric.dimensions:
        raise invalid(f"metric {entry['metric']} cannot have a dimension")
    name = dimension["dimensionName"]
    if around.dimensions is not None and name not in around.dimensions:
        raise invalid(f"dimension {name} does not exist")


def _check_criteria(criteria: dict[str, Any], name: str, metric: Metric | None) -> None:
    ways = {"value", "statisticalThreshold", "mlDetectionConfig"} & criteria.keys()
    if not ways:
        raise invalid("criteria need a value, a statisticalThreshold or an mlDetectionConfig")
    if ways != {"mlDetectionConfig"} and "comparisonOperator" not in criteria:
        raise invalid("a value or a statisticalThreshold needs a comparisonOperator")
    _check_duration(criteria, name, metric)
    if metric is not None:
        _check_operator(criteria, name, metric)
        _check_learning(criteria, name, metric)
        if "value" in criteria:
            _check_value(criteria["value"], name, metric)


def _check_duration(criteria: dict[str, Any], name: str, metric: Metric | None) -> None:
    seconds = criteria.get("durationSeconds")
    if seconds is None:
        if "statisticalThreshold" in criteria:
            raise invalid("a statisticalThreshold needs durationSeconds")
        return
    if metric is not None and metric.is_list:
        raise invalid(f"durationSeconds cannot be used with the list metric {name}")
    if seconds not in DURATIONS:
        raise invalid(f"durationSeconds must be one of {', '.join(map(str, DURATIONS))}, not {seconds}")


def _check_operator(criteria: dict[str, Any], name: str, metric: Metric) -> None:
    operator = criteria.get("comparisonOperator")
    if operator is not None and operator not in metric.operators:
        allowed = ", ".join(sorted(metric.operators))
        raise invalid(f"metric {name} takes the operators {allowed}, not {operator}")


def _check_learning(criteria: dict[str, Any], name: str, metric: Metric) -> None:
    for way in ("statisticalThreshold", "mlDetectionConfig"):
        if way in criteria and not metric.learns:
            raise invalid(f"metric {name} cannot have {way}")


def _check_value(value: dict[str, Any], name: str, metric: Metric) -> None:
    if set(value) != {metric.member}:
        given = ", ".join(sorted(value)) or "nothing"
        raise invalid(f"the value of metric {name} is given as {metric.member} alone, not as {given}")
    if metric.is_list and not value[metric.member]:
        raise invalid(f"the value of metric {name} needs at least one of {metric.member}")
    for cidr in value.get("cidrs", ()):
        _check_cidr(cidr)


def _check_cidr(cidr: str) -> None:
    """Host bits are stored as given: an input of AWS's own contract tests has them."""
    try:
        ipaddress.ip_network(cidr, strict=False)
    except ValueError as error:
        raise invalid(f"{cidr} is not a CIDR block") from error


def _value_elements(behavior: dict[str, Any]) -> int:
    value = behavior.get("criteria", {}).get("value", {})
    return sum(len(part) if isinstance(part, list) else 1 for part in value.values())
