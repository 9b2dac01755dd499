"""Both clouds on loopback, ordinary clients of them, and everything their buses delivered."""

from __future__ import annotations

import http.client
import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any

import pytest
from azure.core.exceptions import HttpResponseError
from botocore.config import Config
from botocore.exceptions import ClientError

from functions.local.sandbox import TwoClouds, arm_client, iot_client
from functions.local.sandbox.bus import Event


@dataclass
class Delivered:
    aws: list[Event] = field(default_factory=list)
    azure: list[Event] = field(default_factory=list)


@dataclass(frozen=True)
class Answer:
    """`headers` by their lower-case names."""

    status: int
    headers: dict[str, str]
    text: str

    @property
    def json(self) -> Any:
        return json.loads(self.text)


@pytest.fixture
def delivered() -> Delivered:
    return Delivered()


@pytest.fixture
def start(delivered: Delivered) -> Iterator[Callable[..., TwoClouds]]:
    """Starts two clouds with options; they stop when the test ends."""
    with ExitStack() as stack:

        def started(**options: Any) -> TwoClouds:
            listeners = {"on_aws_event": delivered.aws.append, "on_azure_event": delivered.azure.append}
            return stack.enter_context(TwoClouds(**(listeners | options)))

        yield started


@pytest.fixture
def clouds(start: Callable[..., TwoClouds]) -> TwoClouds:
    return start()


@pytest.fixture
def connect() -> Iterator[Callable[..., Any]]:
    """A boto3 client that tries once, closed when the test ends."""
    with ExitStack() as stack:

        def connected(clouds: TwoClouds, **kwargs: Any) -> Any:
            client = iot_client(clouds, **({"config": Config(retries={"total_max_attempts": 1})} | kwargs))
            stack.callback(client.close)
            return client

        yield connected


@pytest.fixture
def iot(clouds: TwoClouds, connect: Callable[..., Any]) -> Any:
    return connect(clouds)


@pytest.fixture
def arm() -> Iterator[Callable[..., Any]]:
    """The operations of azure-mgmt-security on groups, tried once, for a user or a token."""
    with ExitStack() as stack:

        def connected(clouds: TwoClouds, **kwargs: Any) -> Any:
            return stack.enter_context(
                arm_client(clouds, **({"retry_total": 0} | kwargs))
            ).device_security_groups

        yield connected


@pytest.fixture
def groups(clouds: TwoClouds, arm: Callable[..., Any]) -> Any:
    return arm(clouds)


@pytest.fixture
def put(clouds: TwoClouds, groups: Any) -> Callable[..., Any]:
    """Puts `properties` as raw bytes and gives the raw answer."""

    def put(name: str, properties: Any, hub: str | None = None) -> Any:
        body = json.dumps({"properties": properties}).encode()
        return groups.create_or_update(hub or clouds.azure.hub, name, body, cls=raw)

    return put


def raw(pipeline_response: Any, *_: Any) -> Any:
    return json.loads(pipeline_response.http_response.text())


@pytest.fixture
def get(clouds: TwoClouds, groups: Any) -> Callable[[str], Any]:
    def get(name: str) -> Any:
        return groups.get(clouds.azure.hub, name, cls=raw)

    return get


@pytest.fixture
def refused() -> Callable[..., tuple[int, str, str]]:
    """Status, code and message of the error a call ends with."""

    def refused(call: Callable[..., Any], *args: Any, **kwargs: Any) -> tuple[int, str, str]:
        with pytest.raises((ClientError, HttpResponseError)) as caught:
            call(*args, **kwargs)
        error = caught.value
        if isinstance(error, ClientError):
            shown = error.response
            return (
                shown["ResponseMetadata"]["HTTPStatusCode"],
                shown["Error"]["Code"],
                shown["Error"]["Message"],
            )
        assert isinstance(error, HttpResponseError)
        assert error.error is not None
        return error.status_code or 0, error.error.code or "", error.error.message or ""

    return refused


@pytest.fixture
def ask() -> Callable[..., Answer]:
    """One plain HTTP request on a connection of its own; the path goes out exactly as given."""

    def ask(endpoint: str, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        connection = http.client.HTTPConnection(endpoint.removeprefix("http://"), timeout=10)
        content = body if isinstance(body, bytes | None) else json.dumps(body).encode()
        try:
            connection.request(method, path, content, headers)
            response = connection.getresponse()
            answered = {name.casefold(): value for name, value in response.getheaders()}
            return Answer(response.status, answered, response.read().decode())
        finally:
            connection.close()

    return ask


@pytest.fixture
def group_path(clouds: TwoClouds) -> Callable[[str], str]:
    def group_path(name: str) -> str:
        collection = f"{clouds.azure.hub}/providers/Microsoft.Security/deviceSecurityGroups"
        return f"{collection}/{name}?api-version=2019-08-01"

    return group_path
