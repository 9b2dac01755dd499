"""Wires that answer what a test wrote down, one answer a request, in place of both clouds."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, cast
from urllib.parse import urlencode

import boto3
import pytest
from azure.core.credentials import AccessToken
from azure.core.pipeline.transport import HttpTransport
from botocore.awsrequest import AWSResponse

from shared.clouds.aws_iot import AwsIot, iot_client
from shared.clouds.aws_raw import prepare
from shared.clouds.azure_arm import arm_client
from shared.clouds.azure_groups import AzureGroups
from tests.unit.sync.world import Inline

if TYPE_CHECKING:
    from mypy_boto3_iot.client import IoTClient

HUB = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Devices/IotHubs/h"


@dataclass(frozen=True)
class Answer:
    status: int = 200
    body: Any = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def content(self) -> bytes:
        return self.body if isinstance(self.body, bytes) else json.dumps(self.body).encode()


@dataclass(frozen=True)
class Request:
    method: str
    url: str
    headers: dict[str, str]
    content: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.content)


@dataclass
class Wire:
    """``answers`` are given in turn; an exception among them is raised instead. Each ``takes`` so many
    seconds, by a clock that nothing else moves but the pauses between attempts."""

    answers: list[Answer | Exception] = field(default_factory=list)
    requests: list[Request] = field(default_factory=list)
    takes: float = 0.0
    now: float = 1000.0

    def will(self, *answers: Answer | Exception) -> Self:
        self.answers += answers
        return self

    def exchange(self, request: Request) -> Answer:
        self.requests.append(request)
        self.now += self.takes
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


@pytest.fixture
def wire() -> Wire:
    return Wire()


class _Raw:
    def __init__(self, content: bytes) -> None:
        self._content = content

    def stream(self, *_: Any, **__: Any) -> Any:
        yield self._content


@cache
def _session() -> boto3.Session:
    return boto3.Session(aws_access_key_id="testing", aws_secret_access_key="testing")


@pytest.fixture
def client(wire: Wire, monkeypatch: pytest.MonkeyPatch) -> IoTClient:
    """The product's own boto3 client, whose requests end at the wire."""

    def send(request: Any, **_: Any) -> AWSResponse:
        headers = {name: _text(value) for name, value in request.headers.items()}
        answer = wire.exchange(Request(request.method, request.url, headers, request.body or b""))
        return AWSResponse(request.url, answer.status, cast("Any", answer.headers), _Raw(answer.content))

    made = iot_client("eu-central-1", role_session=_session(), user_agent="policy-mirror/9")
    prepare(made, clock=lambda: wire.now)
    events: Any = made.meta.events
    events.register("before-send.iot", send)
    monkeypatch.setattr("botocore.endpoint.time.sleep", lambda _: None)
    return made


def _text(value: Any) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)


@pytest.fixture
def iot(client: IoTClient) -> AwsIot:
    return AwsIot(client, "123456789012", "eu-central-1", beside=Inline())


class Credential:
    def get_token(self, *scopes: str, **_: Any) -> AccessToken:
        return AccessToken(f"token for {' '.join(scopes)}", 4_102_444_800)


class WireTransport(HttpTransport[Any, Any]):
    """azure-core's last step, ending at the wire. ``waits``: the pauses between attempts; ``limits``: the
    seconds that each attempt had to connect and to be answered, where they were less than usual."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self.waits: list[float] = []
        self.limits: list[tuple[float, float]] = []

    def send(self, request: Any, *, connection_timeout: float = 3, read_timeout: float = 5, **_: Any) -> Any:
        self.limits.append((connection_timeout, read_timeout))
        from azure.core.rest._requests_basic import RestRequestsTransportResponse
        from requests import Response
        from requests.structures import CaseInsensitiveDict
        from urllib3 import HTTPResponse

        make: Any = RestRequestsTransportResponse
        content = request.content or b""
        if isinstance(content, dict):  # a form, as azure-identity hands it on
            content = urlencode(content)
        sent = content.encode() if isinstance(content, str) else content
        answer = self._wire.exchange(Request(request.method, request.url, dict(request.headers), sent))
        response = Response()
        response.status_code = answer.status
        response.headers = CaseInsensitiveDict(answer.headers)
        response.raw = HTTPResponse(
            io.BytesIO(answer.content), answer.headers, answer.status, preload_content=False
        )
        told = make(request=request, internal_response=response, block_size=4096)
        told.read()
        return told

    def sleep(self, duration: float) -> None:
        self.waits.append(duration)
        self._wire.now += duration

    def open(self) -> None: ...

    def close(self) -> None: ...

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None = None,
        exc_value: BaseException | None = None,
        traceback: TracebackType | None = None,
    ) -> None: ...


@pytest.fixture
def transport(wire: Wire) -> WireTransport:
    return WireTransport(wire)


@pytest.fixture
def groups_at(wire: Wire, transport: WireTransport) -> Callable[..., AzureGroups]:
    """The product's own ARM client, whose requests end at the wire."""

    def made(base_url: str | None = None, credential: Any = None) -> AzureGroups:
        client = arm_client(
            credential or Credential(),
            base_url=base_url,
            user_agent="policy-mirror/9",
            transport=transport,
            clock=lambda: wire.now,
        )
        return AzureGroups(client, HUB, lambda: wire.now)

    return made


@pytest.fixture
def groups(groups_at: Callable[..., AzureGroups]) -> AzureGroups:
    return groups_at()
