"""Security profiles as the service tells them, past botocore's model, which drops what it does not know.

botocore checks and rewrites parameters by a model of the day it was built. A member that AWS adds later would
vanish from what we read, and then from what we write back: a list that is present in an update replaces the
whole list. So bodies pass unseen, both ways (events of botocore 1.44.5, client.py and endpoint.py).
"""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

from shared.clouds.aws_errors import is_throttled
from shared.clouds.replies import READ_SECONDS, http_date
from shared.telemetry import TRACE

if TYPE_CHECKING:
    from mypy_boto3_iot.client import IoTClient

Document = dict[str, Any]

TELLING = ("DescribeSecurityProfile", "UpdateSecurityProfile")
TOLD = ("CreateSecurityProfile", "UpdateSecurityProfile")
WRITES = (*TOLD, "DeleteSecurityProfile", "CreateCustomMetric")

CONNECT_SECONDS, ANSWER_SECONDS = 3.0, 4.0
"""Of one attempt."""

SOON = READ_SECONDS - CONNECT_SECONDS - ANSWER_SECONDS
"""Seconds after which a read is not begun again: a second attempt may take as long as the first one may."""

_RAW = "RawDocument"
_BEGAN = "mirror_began"
_body: ContextVar[Document | None] = ContextVar("iot_body", default=None)


def prepare(client: IoTClient, clock: Callable[[], float] = time.monotonic) -> None:
    """Let profiles pass through ``client`` as raw JSON, and let it never repeat a write by itself, nor a read
    that failed slowly or was one too many: whoever keeps the quota waits, for all who share it.

    A repeated update whose first answer was lost would be refused for its version: the SDK's retry would turn
    "applied" into "conflict".
    """
    events: Any = client.meta.events

    def begin(context: dict[str, Any], **_: Any) -> None:
        context[_BEGAN] = clock()

    def not_again(request_dict: Mapping[str, Any], response: Any = None, **_: Any) -> bool | None:
        began = request_dict["context"].get(_BEGAN, -math.inf)
        too_late = clock() - began + _asked_to_wait(response) > SOON
        return False if too_late or _one_too_many(response) else None

    events.register("before-call.iot", begin, unique_id="mirror-begin")
    events.register_last("request-created.iot", _follow, unique_id="mirror-follow")
    events.register_first("needs-retry.iot", not_again, unique_id="mirror-not-again")
    for operation in TELLING:
        events.register(f"before-parse.iot.{operation}", _keep, unique_id=f"mirror-keep-{operation}")
    for operation in TOLD:
        events.register(f"before-call.iot.{operation}", _replace, unique_id=f"mirror-replace-{operation}")
    for operation in WRITES:
        events.register_first(f"needs-retry.iot.{operation}", _never, unique_id=f"mirror-once-{operation}")


@contextmanager
def sending(body: Document) -> Iterator[None]:
    """Calls of ``TOLD`` operations inside send this JSON body, whatever their parameters say."""
    token = _body.set(body)
    try:
        yield
    finally:
        _body.reset(token)


def told(answer: Mapping[str, Any]) -> Any:
    """The JSON that a ``TELLING`` operation answered; ValueError or RecursionError when it was none."""
    return json.loads(answer[_RAW])


def told_at(answer: Mapping[str, Any]) -> float | None:
    """When AWS answered, by its own clock."""
    return http_date(answer.get("ResponseMetadata", {}).get("HTTPHeaders", {}).get("date"))


def _follow(request: Any, **_: Any) -> None:
    """Say in the user agent, which CloudTrail records, what a call follows from. botocore itself writes that
    header anew in this event, before us."""
    trace, agent = TRACE.get(), request.headers.get("User-Agent", b"")
    if trace and agent:
        plain = agent.decode() if isinstance(agent, bytes) else agent
        request.headers.replace_header("User-Agent", f"{plain} trace/{trace}")


def _keep(response_dict: dict[str, Any], customized_response_dict: dict[str, Any], **_: Any) -> None:
    if response_dict["status_code"] < 300:
        customized_response_dict[_RAW] = response_dict["body"]
        response_dict["body"] = b"{}"  # nothing left for the model to stumble over


def _replace(params: dict[str, Any], **_: Any) -> None:
    body = _body.get()
    if body is not None:
        params["body"] = json.dumps(body).encode()


def _never(**_: Any) -> bool:
    return False


def _one_too_many(response: tuple[Any, Mapping[str, Any]] | None) -> bool:
    """``response``: the HTTP response and what botocore read in it; none where no answer came."""
    return response is not None and is_throttled(response[0].status_code, response[1].get("Error", {}))


def _asked_to_wait(response: Any) -> float:
    """Seconds of the header that botocore honours (1.44.5, retries/standard.py), at most 5 of them."""
    if response is None:
        return 0.0
    try:
        return int(response[0].headers.get("x-amz-retry-after", 0)) / 1000
    except ValueError:
        return 0.0
