"""Whatever reaches the Lambda becomes one request with a key in it, or a BadEvent that names the member."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.aws_lambda.events import requests_of
from shared.errors import BadEvent
from shared.operations.requests import Command, Ignored, Look, Reconcile, Request, Sweep
from shared.telemetry import trace_of
from shared.translation.side import Side
from tests.unit.events.shapes import SILENT, anything, damaged, told

SCOPE = "123456789012/eu-central-1"


def record(**detail: Any) -> dict[str, Any]:
    return {
        "version": "0",
        "id": "envelope",
        "detail-type": "AWS API Call via CloudTrail",
        "source": "aws.iot",
        "account": "999999999999",
        "time": "2026-09-01T10:00:05Z",
        "region": "us-east-1",
        "resources": [],
        "detail": {
            "eventVersion": "1.10",
            "userIdentity": {"type": "AssumedRole", "arn": "arn:aws:sts::123456789012:assumed-role/r/s"},
            "eventTime": "2026-09-01T10:00:00Z",
            "eventSource": "iot.amazonaws.com",
            "eventName": "UpdateSecurityProfile",
            "awsRegion": "eu-central-1",
            "requestParameters": {"securityProfileName": "pumps", "behaviors": [{"name": "b"}]},
            "responseElements": None,
            "eventID": "event-1",
            "readOnly": False,
            "recipientAccountId": "123456789012",
        }
        | detail,
    }


def request_of(payload: Any) -> Request:
    [request] = requests_of(payload)
    return request


def look(name: str | None = "pumps") -> Look:
    return Look(Side.AWS, SCOPE, name, trace_of("event-1"), "2026-09-01T10:00:00.000Z")


WRITES = ["Create", "Update", "Delete", "Attach", "Detach"]


@pytest.mark.parametrize("verb", WRITES)
def test_a_write_of_a_profile_asks_for_a_look_at_it(verb: str) -> None:
    assert request_of(record(eventName=f"{verb}SecurityProfile")) == look()


def test_the_same_event_may_come_as_the_text_of_a_queued_message() -> None:
    assert request_of(json.dumps(record())) == request_of(json.dumps(record()).encode()) == look()


def test_without_its_parameters_the_name_is_taken_from_the_answer() -> None:
    told = {"securityProfileName": "pumps", "securityProfileArn": "arn:x"}
    assert request_of(record(requestParameters=None, responseElements=told)) == look()


@pytest.mark.parametrize("operation", ["TagResource", "UntagResource"])
def test_a_tag_on_a_profile_asks_for_a_look_at_it(operation: str) -> None:
    arn = "arn:aws:iot:eu-central-1:123456789012:securityprofile/pumps:north"
    assert request_of(record(eventName=operation, requestParameters={"resourceArn": arn})) == look(
        "pumps:north"
    )


def test_a_tag_on_something_else_is_none_of_ours() -> None:
    arn = "arn:aws:iot:eu-central-1:123456789012:thinggroup/pumps"
    request = request_of(record(eventName="TagResource", requestParameters={"resourceArn": arn}))
    assert request == Ignored("not-a-policy")


@pytest.mark.parametrize("operation", ["UpdateSecurityProfile", "TagResource"])
def test_a_record_that_names_nothing_asks_for_a_look_at_the_scope(operation: str) -> None:
    nothing = {"requestParameters": None, "responseElements": None}
    assert request_of(record(eventName=operation, **nothing)) == look(None)


def test_the_envelope_stands_in_for_a_record_without_account_and_region() -> None:
    request = request_of(record(recipientAccountId=None, awsRegion=None, eventID=None))
    assert isinstance(request, Look)
    assert (request.scope, request.trace) == ("999999999999/us-east-1", trace_of("envelope"))


@pytest.mark.parametrize(
    ("detail", "reason"),
    [
        ({"errorCode": "AccessDenied", "requestParameters": None}, "failed-call"),
        ({"readOnly": True}, "not-a-write"),
        ({"readOnly": "true"}, "not-a-write"),
        ({"eventName": "DescribeSecurityProfile", "readOnly": None}, "not-a-write"),
        ({"eventName": "ListSecurityProfiles", "readOnly": None}, "not-a-write"),
        ({"eventName": "ValidateSecurityProfileBehaviors", "readOnly": None}, "not-a-write"),
        ({"eventName": "CreateThing"}, "not-a-policy"),
        ({"eventName": "CreateCustomMetric"}, "not-a-policy"),
        ({"eventName": "UpdateDimension"}, "not-a-policy"),
        ({"eventSource": "s3.amazonaws.com"}, "other-service"),
    ],
)
def test_a_record_that_changes_no_policy_is_ignored_with_a_reason(
    detail: dict[str, Any], reason: str
) -> None:
    assert request_of(record(**detail)) == Ignored(reason)


def test_an_event_of_another_service_is_ignored() -> None:
    event = {"detail-type": "Object Created", "source": "aws.s3", "detail": {}}
    assert request_of(event) == Ignored("other-service")


@pytest.mark.parametrize(
    "payload",
    [
        {"source": "aws.events", "detail-type": "Scheduled Event", "detail": {}},
        {"source": "aws.scheduler"},
        {"sweep": True},
        '{"sweep": true}',
    ],
)
def test_a_schedule_asks_for_a_sweep(payload: Any) -> None:
    assert request_of(payload) == Sweep()


def test_a_schedule_may_name_a_route() -> None:
    assert request_of({"source": "aws.scheduler", "sweep": "factory"}) == Sweep("factory")


def test_a_key_that_a_sweep_enqueued_asks_for_one_link() -> None:
    assert request_of('{"route": "factory", "name": "a b/ä"}') == Reconcile("factory", "a b/ä")


def test_a_command_is_passed_on_with_its_arguments() -> None:
    payload = {"command": "plan", "route": "factory", "name": "pumps", "depth": 3, "note": ""}
    arguments = {"route": "factory", "name": "pumps", "depth": 3, "note": ""}
    assert request_of(payload) == Command("plan", arguments)


BAD: list[tuple[Any, str]] = [
    ({}, "the event"),
    ([], "the event"),
    (None, "the event"),
    (7, "the event"),
    ("", "the message"),
    ("{", "the message"),
    (b"\xff", "the message"),
    ('{"a": NaN}', "the message"),
    ('{"sweep": true, "sweep": false}', "the message"),
    ("[" * 100_000, "the message"),
    ('"' + "x" * 5_000_000 + '"', "the message"),
    ("9" * 10_000, "the message"),
    ({"sweep": False}, "sweep"),
    ({"sweep": 1}, "sweep"),
    ({"sweep": {}}, "sweep"),
    ({"command": ""}, "command"),
    ({"command": "x" * 257}, "command"),
    ({"command": "plan", "route": "a\x00b"}, "route"),
    ({"command": "plan", "route": "x" * 257}, "route"),
    ({"route": 1, "name": "n"}, "route"),
    ({"route": "r", "name": "n\ud800"}, "name"),
    ({"detail-type": 5}, "detail-type"),
    (record() | {"detail": None}, "detail"),
    (record() | {"detail": "text"}, "detail"),
    (record(eventSource=None), "detail.eventSource"),
    (record(eventName={}), "detail.eventName"),
    (record(requestParameters="text"), "detail.requestParameters"),
    (record(responseElements=[]), "detail.responseElements"),
    (record(requestParameters={"securityProfileName": 5}), "detail.requestParameters.securityProfileName"),
    (record(requestParameters={"securityProfileName": "a/../b"}), "securityProfileName"),
    (record(requestParameters={"securityProfileName": "x" * 129}), "securityProfileName"),
    (record(requestParameters={"securityProfileName": "x" * 300}), "securityProfileName: 300 characters"),
    (record(requestParameters={"securityProfileName": "a\nb"}), "securityProfileName"),
    (record(eventName="TagResource", requestParameters={"resourceArn": 1}), "resourceArn"),
    (record(recipientAccountId="12345"), "detail.recipientAccountId"),
    (record(awsRegion="../.."), "detail.awsRegion"),
    (record(awsRegion=None) | {"region": None}, "region"),
    (record(eventID=["x"]), "detail.eventID"),
    (record(eventTime=5), "detail.eventTime"),
]


@pytest.mark.parametrize(("payload", "member"), BAD, ids=range(len(BAD)))
def test_nonsense_is_refused_by_the_name_of_its_member(payload: Any, member: str) -> None:
    with pytest.raises(BadEvent) as caught:
        requests_of(payload)
    assert member in str(caught.value)
    assert len(str(caught.value)) < 400


def test_what_an_event_says_is_not_repeated() -> None:
    with pytest.raises(BadEvent) as caught:
        requests_of(record(requestParameters={"securityProfileName": "s3cr3t claims!"}))
    assert "s3cr3t" not in str(caught.value)


@pytest.mark.parametrize("time", ["2026-09-01T10:00:00Z", "2026-09-01T12:00:00+02:00", "2026-09-01T10:00:00"])
def test_times_are_told_in_utc(time: str) -> None:
    request = request_of(record(eventTime=time))
    assert isinstance(request, Look)
    assert request.at == "2026-09-01T10:00:00.000Z"


@pytest.mark.parametrize("time", ["yesterday", "0001-01-01T00:00:00+23:00", None])
def test_a_time_that_is_none_is_left_out(time: str | None) -> None:
    request = request_of(record(eventTime=time))
    assert isinstance(request, Look)
    assert request.at is None


@given(anything)
def test_arbitrary_json_is_a_request_or_a_bad_event(payload: Any) -> None:
    for form in (payload, json.dumps(payload)):
        requests = told(requests_of, form)
        assert requests is None or all(isinstance(request, Request) for request in requests)


@given(st.data())
def test_a_record_damaged_anywhere_is_a_request_or_a_bad_event(data: st.DataObject) -> None:
    payload = data.draw(damaged(record()))
    before = copy.deepcopy(payload)
    requests = told(requests_of, payload)
    assert requests is None or [isinstance(request, Request) for request in requests] == [True]
    assert SILENT not in (requests or [])
    assert payload == before


@given(st.text() | st.binary())
def test_arbitrary_text_is_a_request_or_a_bad_event(payload: str | bytes) -> None:
    assert told(requests_of, payload) != [SILENT]
