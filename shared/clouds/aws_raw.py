"""Security profiles as the service tells them, past botocore's model, which drops what it does not know.

botocore checks and rewrites parameters by a model of the day it was built. A member that AWS adds later would
vanish from what we read, and then from what we write back: a list that is present in an update replaces the
whole list. So bodies pass unseen, both ways (events of botocore 1.44.5, client.py and endpoint.py).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mypy_boto3_iot.client import IoTClient

Document = dict[str, Any]

TELLING = ("DescribeSecurityProfile", "UpdateSecurityProfile")
TOLD = ("CreateSecurityProfile", "UpdateSecurityProfile")
WRITES = (*TOLD, "DeleteSecurityProfile", "CreateCustomMetric")

_RAW = "RawDocument"
_body: ContextVar[Document | None] = ContextVar("iot_body", default=None)


def prepare(client: IoTClient) -> None:
    """Let profiles pass through ``client`` as raw JSON, and let it never repeat a write by itself.

    A repeated update whose first answer was lost would be refused for its version: the SDK's retry would turn
    "applied" into "conflict".
    """
    events: Any = client.meta.events
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
