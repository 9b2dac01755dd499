"""The proxy does what it says: each trouble is the one that it is named after, and meets whom it should."""

from __future__ import annotations

import http.client
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest
from werkzeug.wrappers import Request, Response

from functions.local.sandbox.serving import LoopbackServer
from tests.wire.proxy import HOST, Answer, Fault, Proxy, Sent, Trouble


class Cloud:
    """Remembers what was applied."""

    def __init__(self) -> None:
        self.applied: list[bytes] = []

    def __call__(self, environ: Any, start_response: Any) -> Any:
        request = Request(environ)
        self.applied.append(request.get_data())
        answer = Response(b"said: " + request.get_data(), 201, {"X-Count": str(len(self.applied))})
        return answer(environ, start_response)


@pytest.fixture
def cloud() -> Cloud:
    return Cloud()


@pytest.fixture
def proxy(cloud: Cloud) -> Iterator[Proxy]:
    with LoopbackServer(cloud) as server, Proxy(server.url) as proxy:
        yield proxy


def put(proxy: Proxy, body: bytes, timeout: float = 5.0) -> tuple[int, bytes, str | None]:
    port = int(proxy.url.rpartition(":")[2])
    with closing(http.client.HTTPConnection(HOST, port, timeout=timeout)) as client:
        client.request("PUT", "/a/b?c=d", body)
        answer = client.getresponse()
        return answer.status, answer.read(), answer.getheader("X-Count")


def test_without_a_fault_requests_and_answers_pass_as_they_are(proxy: Proxy) -> None:
    assert put(proxy, b"one") == (201, b"said: one", "1")
    assert proxy.sent == [Sent("PUT", "/a/b")]


def test_a_fault_meets_the_next_request_that_fits_and_no_other(proxy: Proxy) -> None:
    proxy.next("PUT", Answer(429, b"wait"), part="/elsewhere")
    proxy.next("GET", Answer(429, b"wait"))
    proxy.next("PUT", Answer(429, b"wait", (("X-Count", "none"),)), part="/a", times=2)
    assert put(proxy, b"one") == put(proxy, b"two") == (429, b"wait", "none")
    assert put(proxy, b"three")[0] == 201
    assert proxy.count("PUT", part="/a") == 3


@pytest.mark.parametrize(
    ("trouble", "error", "applied"),
    [
        (Trouble.RESET_BEFORE, ConnectionResetError, 0),
        (Trouble.RESET_AFTER, ConnectionResetError, 1),
        (Trouble.HALF, (ConnectionResetError, http.client.IncompleteRead, http.client.BadStatusLine), 1),
        (Trouble.SLOW, TimeoutError, 1),
        (Trouble.STUCK, TimeoutError, 0),
        (Trouble.LATE, TimeoutError, 0),
    ],
)
def test_a_trouble_is_what_its_name_says(
    proxy: Proxy, cloud: Cloud, trouble: Fault, error: Any, applied: int
) -> None:
    proxy.next("PUT", trouble)
    with pytest.raises(error):
        put(proxy, b"one", timeout=1.0)
    assert cloud.applied == [b"one"] * applied
    assert put(proxy, b"two")[0] == 201


def test_what_is_late_arrives_when_it_is_released(proxy: Proxy, cloud: Cloud) -> None:
    proxy.next("PUT", Trouble.LATE)
    with pytest.raises(TimeoutError):
        put(proxy, b"one", timeout=1.0)
    put(proxy, b"two")
    proxy.release()
    assert cloud.applied == [b"two", b"one"]


def test_what_is_sent_twice_is_answered_for_the_second_time(proxy: Proxy, cloud: Cloud) -> None:
    proxy.next("PUT", Trouble.TWICE)
    assert put(proxy, b"one") == (201, b"said: one", "2")
    assert cloud.applied == [b"one", b"one"]


def test_something_may_happen_just_before_a_request_is_passed_on(proxy: Proxy, cloud: Cloud) -> None:
    proxy.next("PUT", lambda: cloud.applied.append(b"somebody else"))
    put(proxy, b"one")
    assert cloud.applied == [b"somebody else", b"one"]
