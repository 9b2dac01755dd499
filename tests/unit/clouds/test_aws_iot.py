"""Raw JSON both ways, one attempt a write, and each answer in our own words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from botocore import exceptions

from shared.clouds.aws_iot import AwsIot
from shared.errors import (
    CloudError,
    Denied,
    Refused,
    RevisionConflict,
    ScopeMissing,
    Throttled,
    Unanswered,
    Unreachable,
)
from shared.sync.ports import Found
from shared.telemetry import TRACE
from tests.unit.clouds.conftest import Answer, Wire

if TYPE_CHECKING:
    from mypy_boto3_iot.client import IoTClient

URL = "https://iot.eu-central-1.amazonaws.com"
DESCRIBED: dict[str, Any] = {
    "securityProfileName": "pumps",
    "behaviors": [{"name": "b", "metric": "aws:num-messages-sent", "moonPhase": ["full", {"deep": 1.5}]}],
    "tides": {"of": "tomorrow"},
    "version": 3,
    "creationDate": 1789000000.123,
    "lastModifiedDate": 1789000001,
}
BASE = Found("pumps", DESCRIBED, "1789000000.123", 3)


def failure(code: str, status: int = 400, message: str = "the service's words", **headers: str) -> Answer:
    return Answer(status, {"message": message}, {"x-amzn-errortype": code, **headers})


def edited(**members: Any) -> dict[str, Any]:
    return {**DESCRIBED, **members}


def test_members_that_the_sdk_does_not_know_are_read(iot: AwsIot, wire: Wire) -> None:
    wire.will(Answer(body=DESCRIBED))
    assert iot.read("pumps") == BASE


def test_members_that_the_sdk_does_not_know_are_written(iot: AwsIot, wire: Wire) -> None:
    behaviors = [*DESCRIBED["behaviors"], {"name": "c", "orbit": {"days": 27.3}}]
    wire.will(Answer(body=edited(behaviors=behaviors, version=4)))
    written = iot.update("pumps", edited(behaviors=behaviors), BASE)
    [request] = wire.requests
    assert (request.method, request.url) == ("PATCH", f"{URL}/security-profiles/pumps?expectedVersion=3")
    assert request.json == {"behaviors": behaviors}
    assert request.headers["Content-Type"] == "application/json"
    assert written.found is not None
    assert (written.found.version, written.found.document["behaviors"]) == (4, behaviors)


def test_a_create_sends_the_document_less_what_only_aws_can_say(iot: AwsIot, wire: Wire) -> None:
    wire.will(Answer(body={}), Answer(body=edited(version=1)))
    iot.create("pumps", {**DESCRIBED, "tags": [{"Key": "a", "Value": "b"}], "securityProfileArn": "arn:x"})
    assert wire.requests[0].method == "POST"
    assert wire.requests[0].json == {
        "behaviors": DESCRIBED["behaviors"],
        "tides": DESCRIBED["tides"],
        "tags": [{"Key": "a", "Value": "b"}],
    }


def test_a_body_of_one_call_does_not_leak_into_the_next(iot: AwsIot, client: IoTClient, wire: Wire) -> None:
    wire.will(failure("InvalidRequestException"), Answer(body={}))
    with pytest.raises(Refused):
        iot.create("pumps", {"behaviors": [{"name": "first"}]})
    client.create_security_profile(securityProfileName="valves", securityProfileDescription="d")
    assert wire.requests[1].json == {"securityProfileDescription": "d"}


def test_dates_of_one_instant_are_one_incarnation(iot: AwsIot, wire: Wire) -> None:
    wire.will(Answer(body=edited(creationDate=1789000000)), Answer(body=edited(creationDate=1789000000.0)))
    first, second = iot.read("pumps"), iot.read("pumps")
    assert first is not None
    assert second is not None
    assert first.incarnation == second.incarnation


def test_tags_are_asked_for_by_arn_over_many_pages(iot: AwsIot, wire: Wire) -> None:
    pages = [{"tags": [{"Key": "a", "Value": "1"}], "nextToken": "t"}, {"tags": [{"Key": "b", "Value": "2"}]}]
    wire.will(*(Answer(body=page) for page in pages), Answer(body=DESCRIBED))
    found = iot.read("pumps", whole=True)
    assert found is not None
    assert [tag["Key"] for tag in found.document["tags"]] == ["a", "b"]
    arn = "arn%3Aaws%3Aiot%3Aeu-central-1%3A123456789012%3Asecurityprofile%2Fpumps"
    assert wire.requests[0].url == f"{URL}/tags?resourceArn={arn}"


def test_tags_of_a_profile_that_vanishes_meanwhile_are_tried_again_later(iot: AwsIot, wire: Wire) -> None:
    wire.will(failure("ResourceNotFoundException", 404), Answer(body=DESCRIBED))
    with pytest.raises(Unreachable):
        iot.read("pumps", whole=True)


def test_tags_of_a_profile_that_is_not_there_are_nobody_s(iot: AwsIot, wire: Wire) -> None:
    wire.will(*[failure("ResourceNotFoundException", 404)] * 2)
    assert iot.read("pumps", whole=True) is None


def test_every_request_says_who_it_is_from(iot: AwsIot, wire: Wire) -> None:
    wire.will(Answer(body=DESCRIBED))
    iot.read("pumps")
    assert "policy-mirror/9" in wire.requests[0].headers["User-Agent"]


def test_a_request_says_what_it_follows_from_as_cloudtrail_will(iot: AwsIot, wire: Wire) -> None:
    wire.will(Answer(body=DESCRIBED))
    traced = TRACE.set("2b3c8a0e5a0b4a5e8f672b8a3d1f0c11")
    iot.read("pumps")
    TRACE.reset(traced)
    assert " trace/2b3c8a0e5a0b4a5e8f672b8a3d1f0c11" in wire.requests[0].headers["User-Agent"]


def test_only_the_object_itself_not_found_is_absent(iot: AwsIot, wire: Wire) -> None:
    wire.will(failure("ResourceNotFoundException", 404), failure("UnknownOperationException", 404))
    assert iot.read("pumps") is None
    with pytest.raises(ScopeMissing):
        iot.read("pumps")


@pytest.mark.parametrize(
    "body",
    [b"", b"<html>", b"[]", b"null", b'"text"', b"{}", b"\xff", b"[" * 100_000, b'{"version": 1e999}'],
    ids=repr,
)
def test_an_answer_that_is_no_profile_is_no_answer(iot: AwsIot, wire: Wire, body: bytes) -> None:
    wire.will(Answer(body=body), Answer(body=body))
    with pytest.raises(Unreachable, match="no security profile"):
        iot.read("pumps")
    with pytest.raises(Unanswered, match="no security profile"):
        iot.update("pumps", edited(behaviors=[{"name": "c"}]), BASE)


READ_ERRORS: list[tuple[Answer, type[CloudError]]] = [
    (failure("AccessDeniedException", 403), Denied),
    (failure("UnrecognizedClientException", 403), Denied),
    (failure("ExpiredTokenException", 400), Denied),
    (failure("SomethingNew", 401), Denied),
    (failure("InvalidRequestException"), Refused),
    (failure("SomethingNew", 418), Refused),
    (failure("VersionConflictException", 409), RevisionConflict),
    (failure("SomethingNew", 409), RevisionConflict),
]


@pytest.mark.parametrize(("answer", "meaning"), READ_ERRORS, ids=lambda it: getattr(it, "__name__", ""))
def test_what_aws_refuses_is_not_tried_again(
    iot: AwsIot, wire: Wire, answer: Answer, meaning: type[CloudError]
) -> None:
    wire.will(answer, answer)
    with pytest.raises(meaning, match="the service's words"):
        iot.read("pumps")
    with pytest.raises(meaning, match="the service's words"):
        iot.update("pumps", edited(behaviors=[]), BASE)


def test_a_limit_that_is_reached_is_no_passing_thing(iot: AwsIot, wire: Wire) -> None:
    wire.will(failure("LimitExceededException", 410))
    with pytest.raises(Refused):
        iot.create("pumps", {})


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_a_failing_service_is_asked_twice_by_a_read_and_once_by_a_write(
    iot: AwsIot, wire: Wire, status: int
) -> None:
    answers = [failure("InternalFailureException", status)] * 3
    wire.will(*answers)
    with pytest.raises(Unreachable):
        iot.read("pumps")
    assert len(wire.requests) == 2
    with pytest.raises(Unanswered):
        iot.delete("pumps", BASE)
    assert len(wire.requests) == 3


def test_throttling_carries_the_wait_that_was_asked_for(iot: AwsIot, wire: Wire) -> None:
    wire.will(failure("ThrottlingException", 400, **{"Retry-After": "7"}))
    with pytest.raises(Throttled) as caught:
        iot.update("pumps", edited(behaviors=[]), BASE)
    assert caught.value.retry_after == 7


@pytest.mark.parametrize(
    ("takes", "answer"),
    [
        (1.5, failure("InternalFailureException", 500)),
        (7.0, exceptions.ReadTimeoutError(endpoint_url=URL)),
        (0.0, failure("ServiceUnavailableException", 503, **{"x-amz-retry-after": "1500"})),
    ],
)
def test_a_read_is_not_begun_again_unless_it_can_still_end_in_eight_seconds(
    iot: AwsIot, wire: Wire, takes: float, answer: Answer | Exception
) -> None:
    wire.takes = takes
    wire.will(answer)
    with pytest.raises(Unreachable):
        iot.read("pumps")
    assert len(wire.requests) == 1


@pytest.mark.parametrize("code", ["ThrottlingException", "TooManyRequestsException"])
def test_a_read_that_is_one_too_many_is_left_to_whoever_keeps_the_quota(
    iot: AwsIot, wire: Wire, code: str
) -> None:
    wire.will(failure(code, 400))
    with pytest.raises(Throttled):
        iot.read("pumps")
    assert len(wire.requests) == 1


def test_a_read_that_fails_at_once_is_begun_again(iot: AwsIot, wire: Wire, client: IoTClient) -> None:
    wire.takes = 0.5
    wire.will(exceptions.ConnectionClosedError(endpoint_url=URL), Answer(body=DESCRIBED))
    assert iot.read("pumps") == BASE
    config: Any = client.meta.config
    assert (config.connect_timeout, config.read_timeout) == (3, 4)


def test_the_time_of_an_answer_is_awss_own(iot: AwsIot, wire: Wire) -> None:
    date = {"date": "Fri, 15 Jan 2027 08:00:01 GMT"}
    wire.will(Answer(body=DESCRIBED, headers=date), Answer(body=DESCRIBED, headers=date))
    found = iot.read("pumps")
    assert found is not None
    assert found.told_at == 1_800_000_001.0
    assert iot.update("pumps", edited(behaviors=[]), BASE).told_at == 1_800_000_001.0


NOT_SENT = [
    exceptions.EndpointConnectionError(endpoint_url=URL),
    exceptions.ConnectTimeoutError(endpoint_url=URL),
]
PERHAPS_SENT = [
    exceptions.ReadTimeoutError(endpoint_url=URL),
    exceptions.ConnectionClosedError(endpoint_url=URL),
    exceptions.SSLError(endpoint_url=URL, error=OSError("cut")),
]


@pytest.mark.parametrize("error", NOT_SENT, ids=lambda error: type(error).__name__)
def test_a_write_without_a_connection_was_not_sent(iot: AwsIot, wire: Wire, error: Exception) -> None:
    wire.will(error)
    with pytest.raises(Unreachable, match="not sent"):
        iot.update("pumps", edited(behaviors=[]), BASE)


@pytest.mark.parametrize("error", PERHAPS_SENT, ids=lambda error: type(error).__name__)
def test_a_write_whose_connection_broke_may_have_been_applied(
    iot: AwsIot, wire: Wire, error: Exception
) -> None:
    wire.will(error)
    with pytest.raises(Unanswered, match="may have been applied"):
        iot.update("pumps", edited(behaviors=[]), BASE)
    assert len(wire.requests) == 1


def test_without_credentials_the_permission_is_named(iot: AwsIot, wire: Wire) -> None:
    wire.will(exceptions.NoCredentialsError())
    with pytest.raises(Denied, match="iot:DescribeSecurityProfile needs AWS credentials"):
        iot.read("pumps")


def test_messages_of_the_service_are_one_short_line(iot: AwsIot, wire: Wire) -> None:
    wire.will(failure("InvalidRequestException", message="bad\x1b[31m\n\u202e" + "x" * 5000))
    with pytest.raises(Refused) as caught:
        iot.read("pumps")
    assert len(caught.value.problem) == 300
    assert caught.value.problem.isprintable()


def test_no_error_drags_the_sdks_own_along(iot: AwsIot, wire: Wire) -> None:
    wire.will(failure("InvalidRequestException"))
    with pytest.raises(Refused) as caught:
        iot.read("pumps")
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__


def test_a_write_without_a_version_to_stand_on_is_not_sent(iot: AwsIot, wire: Wire) -> None:
    base = Found("pumps", DESCRIBED)
    with pytest.raises(Refused):
        iot.update("pumps", edited(behaviors=[]), base)
    with pytest.raises(Refused):
        iot.delete("pumps", base)
    assert wire.requests == []


def test_a_change_that_no_update_can_make_is_not_sent(iot: AwsIot, wire: Wire) -> None:
    with pytest.raises(Refused, match="cannot change tags"):
        iot.update("pumps", edited(tags=[{"Key": "a", "Value": "b"}]), BASE)
    assert wire.requests == []


@pytest.mark.parametrize("name", ["a/b", "ä", "x" * 129, "a b", "a\n"])
def test_names_that_aws_cannot_spell_are_not_sent(iot: AwsIot, wire: Wire, name: str) -> None:
    with pytest.raises(Refused):
        iot.read(name)
    with pytest.raises(Refused):
        iot.ensure_metric(name, "number")
    assert wire.requests == []


def test_a_metric_is_always_created_with_the_same_token(iot: AwsIot, wire: Wire) -> None:
    for _ in range(2):
        wire.will(failure("ResourceNotFoundException", 404), Answer(body={"metricName": "m"}))
        iot.ensure_metric("m", "number")
    tokens = [request.json["clientRequestToken"] for request in wire.requests if request.method == "POST"]
    assert len(tokens) == 2
    assert len(set(tokens)) == 1


def test_a_listing_with_a_nameless_profile_is_not_believed(iot: AwsIot, wire: Wire) -> None:
    wire.will(Answer(body={"securityProfileIdentifiers": [{"name": "a", "arn": "x"}, {"arn": "y"}]}))
    with pytest.raises(Unreachable):
        iot.census()


def test_a_listing_that_goes_in_circles_is_not_believed(iot: AwsIot, wire: Wire) -> None:
    page = {"securityProfileIdentifiers": [{"name": "a", "arn": "x"}], "nextToken": "t"}
    wire.will(Answer(body=page), Answer(body=page))
    with pytest.raises(Unreachable):
        iot.census()
