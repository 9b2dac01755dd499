"""JSON of any shape, events with one member replaced by it, and what a parser may make of them."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from typing import Any

from hypothesis import strategies as st

from shared.errors import BadEvent
from shared.operations.requests import Ignored, Request

SILENT = Ignored("a BadEvent that says nothing")
KEYS = (
    *("command", "sweep", "route", "name", "detail", "detail-type", "source", "eventSource", "eventName"),
    *("errorCode", "requestParameters", "securityProfileName", "resourceArn", "account", "region"),
    *("eventType", "type", "specversion", "data", "subject", "id", "eventTime", "operationName"),
    *("authorization", "action", "scope", "httpRequest", "url", "resourceUri", "claims"),
)
WORDS = [
    "AWS API Call via CloudTrail",
    "aws.scheduler",
    "iot.amazonaws.com",
    "UpdateSecurityProfile",
    "Microsoft.Resources.ResourceWriteSuccess",
    "Microsoft.Security/deviceSecurityGroups/write",
    "{}",
    "[]",
    '{"url": "https://[::1"}',
    "http://[",
    "/subscriptions/s/resourceGroups/g/providers/Microsoft.Devices/IotHubs/h",
    "%ff%zz",
    "\ud800",
]
leaves = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=300)
    | st.sampled_from(WORDS)
)
anything = st.recursive(
    leaves,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(KEYS) | st.text(max_size=5), inner, max_size=5)
    ),
    max_leaves=12,
)


def paths(value: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield (*at, key)
            yield from paths(inner, (*at, key))


@st.composite
def damaged(draw: st.DrawFn, event: dict[str, Any]) -> Any:
    """``event`` with one member taken away or replaced by anything."""
    *way, last = draw(st.sampled_from(list(paths(event))))
    whole = copy.deepcopy(event)
    inner = whole
    for key in way:
        inner = inner[key]
    if draw(st.booleans()):
        inner[last] = draw(anything)
    else:
        del inner[last]
    return whole


def told(reading: Callable[[Any], Any], payload: Any) -> list[Request] | None:
    """The requests that were read, or None for a BadEvent that says something; all else is a crash."""
    try:
        requests = reading(payload)
    except BadEvent as error:
        return None if str(error) else [SILENT]
    return requests if isinstance(requests, list) else [requests]
