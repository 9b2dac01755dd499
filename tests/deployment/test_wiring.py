"""What the template promises happens: rule, queue, function, schedule, table and permissions at work."""

from __future__ import annotations

import json
import uuid
from datetime import UTC, datetime
from typing import Any

import pytest

from functions.local.sandbox.aws_errors import AwsError
from functions.local.sandbox.aws_events import Call, cloudtrail_event
from shared.errors import LedgerConflict
from shared.ledger.dynamodb import DynamoLedger
from shared.sync.link import Link, LinkKey
from tests.deployment.emulator import ACCOUNT, REGION, STACK, until
from tests.deployment.place import CLIENT, STRANGER, Place
from tests.scenarios.scene import sent


def test_the_emulator_lets_nobody_do_what_no_policy_allows(place: Place) -> None:
    assert place.aws.health()["auth"] == "enabled"
    resources = place.aws.client("cloudformation").describe_stack_resources(StackName=STACK)
    assert {each["ResourceStatus"] for each in resources["StackResources"]} == {"CREATE_COMPLETE"}


def test_a_profile_that_is_created_on_aws_appears_on_the_hub(place: Place) -> None:
    place.iot.create_security_profile(securityProfileName="plant-pumps", behaviors=[sent(100)])
    place.appears("plant-pumps")
    (outcome,) = until(lambda: place.outcomes("plant-pumps"))
    assert (outcome["event"], outcome["direction"]) == ("mirrored", "aws-to-azure")


def test_the_rule_leaves_out_failed_calls_reads_and_other_services(place: Place) -> None:
    events = place.aws.client("events")
    (rule,) = [each for each in events.list_rules()["Rules"] if each["Name"].startswith(STACK)]

    def matches(event: dict[str, Any]) -> bool:
        asked = {**event, "source": "sandbox.iot"}
        answer = events.test_event_pattern(EventPattern=rule["EventPattern"], Event=json.dumps(asked))
        return bool(answer["Result"])

    assert matches(_event("UpdateSecurityProfile"))
    assert matches(_event("TagResource"))
    assert not matches(_event("UpdateSecurityProfile", AwsError("AccessDeniedException", 403, "no")))
    assert not matches(_event("DescribeSecurityProfile"))
    assert not matches(_event("CreateThing"))


def _event(operation: str, error: AwsError | None = None) -> dict[str, Any]:
    call = Call(
        operation=operation,
        identity={},
        time=datetime.now(UTC),
        region=REGION,
        account=ACCOUNT,
        request_id="r",
        source_ip="192.0.2.1",
        user_agent="test",
        parameters={"securityProfileName": "plant-pumps"},
    )
    return cloudtrail_event(call, event_id="e", envelope_id="v", error=error)


def test_of_a_batch_only_the_message_that_failed_comes_back(place: Place) -> None:
    place.deploy(("plant", "plant-*", CLIENT), ("stranger", "stranger-*", STRANGER))
    place.iot.create_security_profile(securityProfileName="plant-valves", behaviors=[sent(100)])
    bodies = [{"route": "plant", "name": "plant-valves"}, {"route": "stranger", "name": "stranger-x"}]
    records = [
        {
            "messageId": f"m{number}",
            "receiptHandle": "r",
            "body": json.dumps(body),
            "attributes": {},
            "messageAttributes": {},
            "md5OfBody": "",
            "eventSource": "aws:sqs",
            "eventSourceARN": f"arn:aws:sqs:{REGION}:{ACCOUNT}:keys",
            "awsRegion": REGION,
        }
        for number, body in enumerate(bodies)
    ]
    assert place.invoke({"Records": records}) == {"batchItemFailures": [{"itemIdentifier": "m1"}]}


def test_a_message_that_fails_again_and_again_is_given_up_and_kept(place: Place) -> None:
    place.deploy(("plant", "plant-*", CLIENT), ("stranger", "stranger-*", STRANGER))
    sqs = place.aws.client("sqs")
    keys = place.outputs["KeysQueueUrl"]
    place.iot.create_security_profile(securityProfileName="plant-fans", behaviors=[sent(100)])
    with place.seen_again_soon():
        for body in ({"route": "stranger", "name": "stranger-y"}, {"route": "plant", "name": "plant-fans"}):
            sqs.send_message(QueueUrl=keys, MessageBody=json.dumps(body))
        place.appears("plant-fans")
        until(lambda: place.waiting("DeadLettersUrl"))
    (message,) = sqs.receive_message(QueueUrl=place.outputs["DeadLettersUrl"])["Messages"]
    assert json.loads(message["Body"]) == {"route": "stranger", "name": "stranger-y"}
    tried = [outcome["code"] for outcome in place.outcomes("stranger-y")]
    assert set(tried) == {"denied"}
    assert len(tried) > 1


def test_nonsense_on_the_queue_is_counted_and_never_a_dead_letter(place: Place) -> None:
    before = place.waiting("DeadLettersUrl")
    place.aws.client("sqs").send_message(QueueUrl=place.outputs["KeysQueueUrl"], MessageBody="{nonsense")
    until(lambda: _counted(place, "bad-event"))
    assert place.waiting("DeadLettersUrl") == before


def test_the_schedule_sweeps_and_finds_what_no_event_told(place: Place) -> None:
    place.deploy(("plant", "plant-*", CLIENT))
    place.forwards = False
    try:
        place.iot.create_security_profile(securityProfileName="plant-lost", behaviors=[sent(100)])
        assert place.clouds.settle()
        assert "plant-lost" not in place.groups()
        place.let_the_schedule_fire()
        place.appears("plant-lost", seconds=120.0)
    finally:
        place.forwards = True
    assert until(lambda: _counted(place, "sweep-complete"))[-1] == 1


def _counted(place: Place, metric: str) -> list[float]:
    """What the function has told CloudWatch of a metric, in its embedded format, under the stack's name."""
    lines = [line for line in place.logged() if line.get("service") == STACK and metric in line]
    assert all(line["_aws"]["CloudWatchMetrics"][0]["Namespace"] == "PolicyMirror" for line in lines)
    values = [line[metric] for line in lines]
    return [value for each in values for value in (each if isinstance(each, list) else [each])]


def test_the_table_keeps_its_conditions(place: Place) -> None:
    ledger = DynamoLedger(
        place.outputs["LedgerTable"], place.aws.client("dynamodb"), nonce=lambda: str(uuid.uuid4())
    )
    key = LinkKey("elsewhere", f"plant-{uuid.uuid4()}")
    ledger.save(Link(key, rev=1))
    with pytest.raises(LedgerConflict):
        ledger.save(Link(key, rev=1))
    ledger.save(Link(key, rev=2))
    stored = ledger.link(key)
    assert stored is not None
    assert stored.rev == 2


def test_the_table_is_the_templates(place: Place) -> None:
    """What of it the emulator keeps; of encryption, time-to-live and backups it does not speak."""
    table = place.aws.client("dynamodb").describe_table(TableName=place.outputs["LedgerTable"])["Table"]
    assert [each["AttributeName"] for each in table["KeySchema"]] == ["pk", "sk"]
    assert table["BillingModeSummary"]["BillingMode"] == "PAY_PER_REQUEST"
    assert table["DeletionProtectionEnabled"] is True


def test_a_command_from_the_console_is_answered(place: Place) -> None:
    told = place.invoke({"command": "status"})
    assert [route["route"] for route in told["routes"]] == ["plant"]


def test_new_routes_publish_a_new_version_of_the_function(place: Place) -> None:
    def live() -> str:
        alias = place.aws.client("lambda").get_alias(
            FunctionName=place.outputs["FunctionAlias"].split(":")[6], Name="live"
        )
        version: str = alias["FunctionVersion"]
        return version

    before = live()
    place.deploy(("plant", "plant-*", CLIENT), ("more", "more-*", CLIENT))
    assert live() != before
    assert [route["route"] for route in place.invoke({"command": "status"})["routes"]] == ["plant", "more"]


def test_the_function_signs_in_as_its_own_role_and_assumes_no_other(place: Place) -> None:
    assert set(place.sts.asked) == {"GetWebIdentityToken"}
    assert place.sts.callers["anything"] == place.outputs["MirrorRoleArn"]
