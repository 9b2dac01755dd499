"""Custom metrics and dimensions: the two things that a behavior can name."""

from __future__ import annotations

from typing import Any

from functions.local.sandbox.aws_errors import already_exists, invalid, limit_exceeded, not_found
from functions.local.sandbox.aws_profiles import metric_in_use
from functions.local.sandbox.aws_state import (
    DIMENSION,
    METRIC,
    CustomMetric,
    Dimension,
    IotState,
    Operation,
    Params,
)
from functions.local.sandbox.aws_tags import tags_of

MAX_METRICS = 100
MAX_DIMENSIONS = 10


def create_metric(state: IotState, params: Params) -> dict[str, Any]:
    """The same token with the same content is the same request sent twice."""
    name, kind, token = params["metricName"], params["metricType"], params["clientRequestToken"]
    arn, display = state.arn(METRIC, name), params.get("displayName")
    if name.startswith("aws:"):
        raise invalid(f"custom metric {name} begins with the reserved prefix aws:")
    known = state.metrics.get(name)
    if known is None:
        if len(state.metrics) >= MAX_METRICS:
            raise limit_exceeded(f"an account has at most {MAX_METRICS} custom metrics")
        now = state.now()
        state.tags[arn] = tags_of(params.get("tags", []))
        state.metrics[name] = CustomMetric(name, kind, token, now, now, display)
    elif (known.token, known.kind, known.display_name) != (token, kind, display):
        raise already_exists("custom metric", name, arn)
    return {"metricName": name, "metricArn": arn}


def describe_metric(state: IotState, params: Params) -> dict[str, Any]:
    metric = _metric(state, params)
    shown = {
        "metricName": metric.name,
        "metricArn": state.arn(METRIC, metric.name),
        "metricType": metric.kind,
        "displayName": metric.display_name,
        "creationDate": metric.created,
        "lastModifiedDate": metric.modified,
    }
    return {key: value for key, value in shown.items() if value is not None}


def update_metric(state: IotState, params: Params) -> dict[str, Any]:
    metric = _metric(state, params)
    metric.display_name = params["displayName"]
    metric.modified = state.now()
    return describe_metric(state, params)


def delete_metric(state: IotState, params: Params) -> dict[str, Any]:
    name = params["metricName"]
    if users := metric_in_use(state, name):
        raise invalid(f"custom metric {name} is used by {', '.join(users[:3])}; remove it there first")
    if state.metrics.pop(name, None):
        state.tags.pop(state.arn(METRIC, name), None)
    return {}


def list_metrics(state: IotState, params: Params) -> dict[str, Any]:
    return state.page("metricNames", sorted(state.metrics), params)


def create_dimension(state: IotState, params: Params) -> dict[str, Any]:
    name, kind, token = params["name"], params["type"], params["clientRequestToken"]
    arn, values = state.arn(DIMENSION, name), params["stringValues"]
    known = state.dimensions.get(name)
    if known is None:
        if len(state.dimensions) >= MAX_DIMENSIONS:
            raise limit_exceeded(f"an account has at most {MAX_DIMENSIONS} dimensions")
        now = state.now()
        state.tags[arn] = tags_of(params.get("tags", []))
        state.dimensions[name] = Dimension(name, kind, token, values, now, now)
    elif (known.token, known.kind, known.values) != (token, kind, values):
        raise already_exists("dimension", name, arn)
    return {"name": name, "arn": arn}


def describe_dimension(state: IotState, params: Params) -> dict[str, Any]:
    dimension = _dimension(state, params)
    return {
        "name": dimension.name,
        "arn": state.arn(DIMENSION, dimension.name),
        "type": dimension.kind,
        "stringValues": dimension.values,
        "creationDate": dimension.created,
        "lastModifiedDate": dimension.modified,
    }


def update_dimension(state: IotState, params: Params) -> dict[str, Any]:
    dimension = _dimension(state, params)
    dimension.values = params["stringValues"]
    dimension.modified = state.now()
    return describe_dimension(state, params)


def delete_dimension(state: IotState, params: Params) -> dict[str, Any]:
    """Also while a profile names it: nothing documents a refusal."""
    if state.dimensions.pop(params["name"], None):
        state.tags.pop(state.arn(DIMENSION, params["name"]), None)
    return {}


def list_dimensions(state: IotState, params: Params) -> dict[str, Any]:
    return state.page("dimensionNames", sorted(state.dimensions), params)


def _metric(state: IotState, params: Params) -> CustomMetric:
    if params["metricName"] not in state.metrics:
        raise not_found("custom metric", params["metricName"])
    return state.metrics[params["metricName"]]


def _dimension(state: IotState, params: Params) -> Dimension:
    if params["name"] not in state.dimensions:
        raise not_found("dimension", params["name"])
    return state.dimensions[params["name"]]


OPERATIONS: dict[str, Operation] = {
    "CreateCustomMetric": create_metric,
    "DescribeCustomMetric": describe_metric,
    "UpdateCustomMetric": update_metric,
    "DeleteCustomMetric": delete_metric,
    "ListCustomMetrics": list_metrics,
    "CreateDimension": create_dimension,
    "DescribeDimension": describe_dimension,
    "UpdateDimension": update_dimension,
    "DeleteDimension": delete_dimension,
    "ListDimensions": list_dimensions,
}
