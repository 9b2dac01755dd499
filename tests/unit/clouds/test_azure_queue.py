"""What has to wait goes to the storage queue by a request of our own, and is seen later."""

from __future__ import annotations

import base64
import json
import re

import pytest

from shared.clouds.azure_queue import LONGEST, Send, sender
from shared.errors import BadInput, Denied, ScopeMissing, Throttled, Unreachable
from tests.unit.clouds.conftest import Answer, Credential, Wire, WireTransport

URL = "https://mirror.queue.core.windows.net/policy-mirror-keys"


@pytest.fixture
def send(transport: WireTransport) -> Send:
    return sender(URL, Credential, transport=transport, clock=lambda: 1_800_000_000.0)


def test_a_message_is_put_in_words_that_the_host_reads_and_is_seen_later(send: Send, wire: Wire) -> None:
    told = json.dumps({"route": "fleet", "name": "<&>\u00fc"})
    wire.will(Answer(201))
    send([told], 6.2)
    (request,) = wire.requests
    assert (request.method, request.url) == ("POST", f"{URL}/messages?visibilitytimeout=7")
    match = re.fullmatch(
        b"<QueueMessage><MessageText>([A-Za-z0-9+/=]+)</MessageText></QueueMessage>", request.content
    )
    assert match is not None
    assert base64.b64decode(match[1]).decode() == told


def test_it_is_signed_in_for_storage_and_tells_the_time(send: Send, wire: Wire) -> None:
    wire.will(Answer(201))
    send(["m"], 1.0)
    headers = wire.requests[0].headers
    assert headers["Authorization"] == "Bearer token for https://storage.azure.com/.default"
    assert headers["x-ms-date"] == "Fri, 15 Jan 2027 08:00:00 GMT"
    assert headers["x-ms-version"] >= "2017-11-09"  # the first that takes tokens of Entra


def test_each_message_has_a_request_of_its_own(send: Send, wire: Wire) -> None:
    wire.will(Answer(201), Answer(201))
    send(["a", "b"], 1e9)
    assert [request.url for request in wire.requests] == [f"{URL}/messages?visibilitytimeout={LONGEST}"] * 2


@pytest.mark.parametrize(
    ("status", "error"), [(403, Denied), (404, ScopeMissing), (429, Throttled), (503, Unreachable)]
)
def test_what_is_not_taken_is_told(send: Send, wire: Wire, status: int, error: type[Exception]) -> None:
    wire.will(Answer(status, b"<Error/>"))
    with pytest.raises(error, match="policy-mirror-keys"):
        send(["secret"], 1.0)


@pytest.mark.parametrize(
    "url", ["", "http://a.queue.core.windows.net/q", "https://host", "https://host/q?sig=x"]
)
def test_what_is_no_queue_is_refused_at_once(url: str) -> None:
    with pytest.raises(BadInput, match="POLICY_MIRROR_STORAGE_QUEUE"):
        sender(url, Credential)
