"""Notices on their way out: an SNS topic, an Event Grid topic, a chat's webhook."""

from __future__ import annotations

from typing import Any

import pytest
from azure.core.exceptions import ServiceRequestError
from botocore.exceptions import ClientError

from shared.clouds.aws_notices import publish
from shared.clouds.azure_notices import topic, webhook
from shared.errors import CloudError, Denied, Refused, Throttled, Unreachable
from tests.unit.clouds.conftest import Answer, Credential, Wire, WireTransport

TOPIC = "arn:aws:sns:eu-central-1:123456789012:notices"
ENDPOINT = "https://notices.westeurope-1.eventgrid.azure.net/api/events"
HOOK = "https://chat.example/hooks/S3CRET?key=S3CRET"


class Sns:
    def __init__(self, error: str | None = None) -> None:
        self.published: list[dict[str, Any]] = []
        self._error = error

    def publish(self, **asked: Any) -> None:
        if self._error:
            raise ClientError({"Error": {"Code": self._error, "Message": "no"}}, "Publish")
        self.published.append(asked)


def test_sns_gets_subject_text_and_what_a_subscription_may_filter_by() -> None:
    sns = Sns()
    publish(sns, TOPIC, "subject", "text", {"kind": "conflict"})
    (sent,) = sns.published
    assert (sent["TopicArn"], sent["Subject"], sent["Message"]) == (TOPIC, "subject", "text")
    assert sent["MessageAttributes"] == {"kind": {"DataType": "String", "StringValue": "conflict"}}


def test_a_topic_that_may_not_be_published_to_names_the_permission() -> None:
    with pytest.raises(Denied, match="sns:Publish"):
        publish(Sns("AuthorizationError"), TOPIC, "s", "t", {})


def test_event_grid_gets_one_event_signed_in_for_its_own_scope(wire: Wire, transport: WireTransport) -> None:
    wire.will(Answer())
    topic(ENDPOINT, Credential, transport=transport)({"id": "1"})
    (sent,) = wire.requests
    assert (sent.method, sent.url, sent.json) == ("POST", f"{ENDPOINT}?api-version=2018-01-01", [{"id": "1"}])
    assert sent.headers["Authorization"] == "Bearer token for https://eventgrid.azure.net/.default"


def test_an_event_grid_topic_that_does_not_admit_us_names_the_permission(
    wire: Wire, transport: WireTransport
) -> None:
    wire.will(Answer(403, {"error": {"code": "Forbidden", "message": "no"}}))
    with pytest.raises(Denied, match=r"Microsoft\.EventGrid/events/send/action"):
        topic(ENDPOINT, Credential, transport=transport)({"id": "1"})


def test_a_webhook_gets_the_card_without_a_token(wire: Wire, transport: WireTransport) -> None:
    wire.will(Answer(202, b""))
    webhook(HOOK, transport=transport)({"text": "hello"})
    (sent,) = wire.requests
    assert (sent.method, sent.url, sent.json) == ("POST", HOOK, {"text": "hello"})
    assert "Authorization" not in sent.headers


@pytest.mark.parametrize(
    ("answers", "error"),
    [
        ([Answer(404, b"")], Refused),
        ([Answer(302, b"", {"Location": "https://elsewhere.example/"})], CloudError),
        ([Answer(429, b"")], Throttled),
        ([Answer(503, b"")], Unreachable),
        ([ServiceRequestError("no route to S3CRET")], Unreachable),
    ],
)
def test_no_error_of_a_webhook_tells_its_address(
    wire: Wire, transport: WireTransport, answers: list[Any], error: type[CloudError]
) -> None:
    wire.will(*answers)
    with pytest.raises(error) as raised:
        webhook(HOOK, transport=transport)({"text": "hello"})
    assert "chat.example" in str(raised.value)
    assert "S3CRET" not in str(raised.value)
    assert wire.answers == []


def test_a_redirect_is_not_followed(wire: Wire, transport: WireTransport) -> None:
    wire.will(Answer(302, b"", {"Location": "https://elsewhere.example/"}))
    with pytest.raises(CloudError):
        webhook(HOOK, transport=transport)({})
    assert len(wire.requests) == 1
