"""Each write makes the event its cloud would make."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from functions.local.sandbox import AwsOptions, AzureOptions, TwoClouds
from functions.local.sandbox.bus import Event

Refused = Callable[..., tuple[int, str, str]]
NAME = {"securityProfileName": "fleet"}
SENT = {
    "name": "sent",
    "metric": "aws:num-messages-sent",
    "criteria": {"comparisonOperator": "less-than", "value": {"count": 9}, "durationSeconds": 300},
}
ARN = "arn:aws:iot:eu-central-1:123456789012:securityprofile/fleet"
GROUP = "arn:aws:iot:eu-central-1:123456789012:thinggroup/pumps"
NOON = datetime(2026, 9, 1, 12, 0, 0, 123456, tzinfo=UTC)


def details(events: list[Event]) -> list[dict[str, Any]]:
    return [event["detail"] for event in events]


def test_a_write_is_a_cloudtrail_record_in_an_eventbridge_envelope(
    start: Any, connect: Any, delivered: Any
) -> None:
    clouds = start(now=lambda: NOON)
    connect(clouds).create_security_profile(**NAME, behaviors=[SENT], tags=[{"Key": "team", "Value": "x"}])
    assert clouds.settle()
    (event,) = delivered.aws
    detail = event.pop("detail")
    assert event | {"id": ""} == {
        "version": "0",
        "id": "",
        "detail-type": "AWS API Call via CloudTrail",
        "source": "aws.iot",
        "account": "123456789012",
        "time": "2026-09-01T12:00:00Z",
        "region": "eu-central-1",
        "resources": [],
    }
    assert detail["eventSource"] == "iot.amazonaws.com"
    assert detail["eventName"] == "CreateSecurityProfile"
    assert detail["eventTime"] == "2026-09-01T12:00:00Z"
    assert (detail["awsRegion"], detail["recipientAccountId"]) == ("eu-central-1", "123456789012")
    assert (detail["readOnly"], detail["sourceIPAddress"]) == (False, "127.0.0.1")
    assert detail["userAgent"].startswith("Boto3/")
    tags = [{"key": "team", "value": "x"}]
    assert detail["requestParameters"] == {**NAME, "behaviors": [SENT], "tags": tags}
    assert detail["responseElements"] == {"securityProfileName": "fleet", "securityProfileArn": ARN}
    assert "errorCode" not in detail
    assert detail["eventID"] != detail["requestID"] != event["id"]


def test_the_path_and_the_query_are_request_parameters_too(
    clouds: TwoClouds, iot: Any, delivered: Any
) -> None:
    iot.create_security_profile(**NAME)
    iot.update_security_profile(**NAME, expectedVersion=1, behaviors=[SENT])
    iot.attach_security_profile(**NAME, securityProfileTargetArn=GROUP)
    iot.tag_resource(resourceArn=ARN, tags=[{"Key": "a", "Value": "b"}])
    iot.delete_security_profile(**NAME)
    assert clouds.settle()
    records = details(delivered.aws)
    assert [record["requestParameters"] for record in records[1:]] == [
        {**NAME, "expectedVersion": 1, "behaviors": [SENT]},
        {**NAME, "securityProfileTargetArn": GROUP},
        {"resourceArn": ARN, "tags": [{"key": "a", "value": "b"}]},
        NAME,
    ]
    assert records[1]["responseElements"]["version"] == 2
    assert [record["responseElements"] for record in records[2:]] == [None, None, None]


def test_a_failed_write_is_recorded_with_its_error(
    clouds: TwoClouds, iot: Any, refused: Refused, delivered: Any, connect: Any
) -> None:
    refused(iot.update_security_profile, **NAME)
    refused(connect(clouds, aws_access_key_id="DENIED").delete_security_profile, **NAME)
    clouds.aws_faults.throttle_next = 1
    refused(iot.delete_security_profile, **NAME)
    assert clouds.settle()
    records = details(delivered.aws)
    assert [record["errorCode"] for record in records] == [
        "ResourceNotFoundException",
        "AccessDeniedException",
        "ThrottlingException",
    ]
    assert {record["responseElements"] for record in records} == {None}
    assert [record["requestParameters"] for record in records] == [NAME, None, None]
    assert "fleet" in records[0]["errorMessage"]


def test_reads_are_recorded_only_if_asked_for(start: Any, connect: Any, delivered: Any) -> None:
    quiet, chatty = start(), start(aws_options=AwsOptions(record_reads=True))
    for clouds in (quiet, chatty):
        connect(clouds).list_security_profiles()
        assert clouds.settle()
    assert [(r["eventName"], r["readOnly"]) for r in details(delivered.aws)] == [
        ("ListSecurityProfiles", True)
    ]


def test_temporary_keys_are_the_session_of_a_role(clouds: TwoClouds, connect: Any, delivered: Any) -> None:
    connect(clouds, aws_access_key_id="AKIAALICE").create_security_profile(**NAME)
    connect(clouds, aws_access_key_id="ASIAMIRROR").delete_security_profile(**NAME)
    assert clouds.settle()
    user, role = (record["userIdentity"] for record in details(delivered.aws))
    assert (user["type"], user["userName"]) == ("IAMUser", "alice")
    assert (role["type"], role["arn"]) == (
        "AssumedRole",
        "arn:aws:sts::123456789012:assumed-role/mirror/session",
    )
    assert role["sessionContext"]["sessionIssuer"]["arn"] == "arn:aws:iam::123456789012:role/mirror"


def test_a_member_of_over_100_kilobytes_is_left_out(clouds: TwoClouds, iot: Any, delivered: Any) -> None:
    values = [f"2001:db8:{n:x}::1234:5678:9abc:def0/128" for n in range(999)]
    criteria = {"comparisonOperator": "in-cidr-set", "value": {"cidrs": values}}
    tags = [{"Key": f"k{n}", "Value": "v" * 256} for n in range(50)]
    filler = [{"name": f"{'b' * 120}{n}", "metric": f"aws:all-bytes-{'in'}"} for n in range(99)]
    behaviors = [{"name": "b", "metric": "aws:source-ip-address", "criteria": criteria}, *filler]
    retained = [{"metric": "aws:num-messages-sent", "metricDimension": {"dimensionName": "d" * 128}}] * 200
    iot.create_security_profile(**NAME, behaviors=behaviors, tags=tags, additionalMetricsToRetainV2=retained)
    assert clouds.settle()
    (record,) = details(delivered.aws)
    assert record["requestParameters"] is None
    assert record["responseElements"]["securityProfileName"] == "fleet"


def test_an_azure_write_is_an_event_grid_event(start: Any, arm: Any, delivered: Any) -> None:
    clouds = start(now=lambda: NOON, azure_options=AzureOptions(respelt=False))
    groups = arm(clouds, user="bob")
    groups.create_or_update(clouds.azure.hub, "g", b"{}", headers={"x-ms-client-request-id": "mine"})
    groups.delete(clouds.azure.hub, "g")
    assert clouds.settle()
    write, delete = delivered.azure
    resource = f"{clouds.azure.hub}/providers/Microsoft.Security/deviceSecurityGroups/g"
    assert write["eventType"] == "Microsoft.Resources.ResourceWriteSuccess"
    assert delete["eventType"] == "Microsoft.Resources.ResourceDeleteSuccess"
    assert (write["subject"], write["data"]["resourceUri"]) == (resource, resource)
    assert write["topic"] == f"/subscriptions/{clouds.azure.subscription}/resourceGroups/sandbox"
    assert write["eventTime"] == "2026-09-01T12:00:00.1234560Z"
    assert (write["dataVersion"], write["metadataVersion"]) == ("2", "1")
    data = write["data"]
    assert data["operationName"] == "Microsoft.Security/deviceSecurityGroups/write"
    assert delete["data"]["operationName"] == "Microsoft.Security/deviceSecurityGroups/delete"
    assert (data["status"], data["resourceProvider"]) == ("Succeeded", "Microsoft.Security")
    assert data["claims"]["name"] == "bob"
    assert data["authorization"]["scope"] == resource
    assert data["authorization"]["action"] == data["operationName"]
    assert data["httpRequest"]["clientRequestId"] == "mine"
    assert data["httpRequest"]["method"] == "PUT"
    assert resource in data["httpRequest"]["url"]
    assert "properties" not in json.dumps(write)


def test_ids_in_azure_events_change_their_spelling(clouds: TwoClouds, groups: Any, delivered: Any) -> None:
    for _ in range(30):
        groups.create_or_update(clouds.azure.hub, "MyGroup", b"{}")
    assert clouds.settle()
    subjects = {event["subject"] for event in delivered.azure}
    assert {subject.split("/")[3] for subject in subjects} == {"resourceGroups", "resourcegroups"}
    assert {subject.split("/")[7] for subject in subjects} == {"iotHubs", "IoTHubs", "IotHubs"}
    assert {subject.split("/")[-1] for subject in subjects} == {"MyGroup"}
    assert len({subject.casefold() for subject in subjects}) == 1


def test_azure_events_can_follow_cloudevents(start: Any, arm: Any, delivered: Any) -> None:
    clouds = start(azure_options=AzureOptions(event_schema="cloudevents"))
    arm(clouds).create_or_update(clouds.azure.hub, "g", b"{}")
    assert clouds.settle()
    (event,) = delivered.azure
    assert set(event) == {"id", "source", "subject", "type", "time", "specversion", "data"}
    assert (event["specversion"], event["type"]) == ("1.0", "Microsoft.Resources.ResourceWriteSuccess")


def test_azure_events_can_be_loose(start: Any, arm: Any, delivered: Any) -> None:
    clouds = start(azure_options=AzureOptions(loose_events=True))
    arm(clouds).create_or_update(clouds.azure.hub, "g", b"{}")
    assert clouds.settle()
    data = delivered.azure[0]["data"]
    assert json.loads(data["claims"])["name"] == "alice"
    assert json.loads(data["httpRequest"])["method"] == "PUT"


def test_refused_writes_and_reads_make_no_azure_event(
    clouds: TwoClouds, groups: Any, refused: Refused, delivered: Any
) -> None:
    refused(groups.create_or_update, clouds.azure.hub, "g", b"[]")
    refused(groups.get, clouds.azure.hub, "g")
    assert clouds.settle()
    assert delivered.azure == []


def test_no_token_finds_its_way_into_an_event(clouds: TwoClouds, arm: Any, delivered: Any) -> None:
    arm(clouds, token="eyJhbGciOi.secret.token").create_or_update(clouds.azure.hub, "g", b"{}")
    assert clouds.settle()
    assert "secret" not in json.dumps(delivered.azure)
    assert delivered.azure[0]["data"]["claims"]["name"] == "someone"


def test_times_of_another_zone_are_told_in_utc(start: Any, arm: Any, connect: Any, delivered: Any) -> None:
    clouds = start(now=lambda: NOON.astimezone(timezone(timedelta(hours=9))))
    connect(clouds).create_security_profile(**NAME)
    arm(clouds).create_or_update(clouds.azure.hub, "g", b"{}")
    assert clouds.settle()
    assert delivered.aws[0]["time"] == "2026-09-01T12:00:00Z"
    assert delivered.azure[0]["eventTime"] == "2026-09-01T12:00:00.1234560Z"
