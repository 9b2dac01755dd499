"""The AWS templates say what the code does: events, table, settings, metrics, times."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from functions.aws_lambda.events import API_CALL, PROFILE_WRITES, TAG_WRITES
from shared import config
from shared.ledger.dynamo_items import link_place
from shared.sync.guards import LEASE_SECONDS
from shared.sync.link import LinkKey
from shared.telemetry import METRICS, NAMESPACE
from tests.infra.cloudformation import HUB, SPOKE, Stack, load

GUEST = {
    "EntraTenantId": "00000000-0000-4000-8000-000000000001",
    "EntraPrincipalId": "00000000-0000-4000-8000-000000000002",
}
ORGANIZATION = {"OrganizationId": "o-abcdefghij"}
QUEUES = ("Keys", "SweepKeys")
WHOLE = {**GUEST, **ORGANIZATION, "CreateTrail": "true", "NoticeEmail": "ops@example.com"}
SPOKE_GIVEN = {
    **GUEST,
    **ORGANIZATION,
    "HubBusArn": "arn:aws:events:eu-central-1:123456789012:event-bus/mirror-spokes",
    "MirrorRoleArn": "arn:aws:iam::123456789012:role/mirror-MirrorRole",
}


@pytest.fixture(scope="module")
def hub() -> Stack:
    return Stack(load(HUB), WHOLE)


@pytest.fixture(scope="module")
def spoke() -> Stack:
    return Stack(load(SPOKE), SPOKE_GIVEN)


def properties(stack: Stack, name: str) -> dict[str, Any]:
    return stack.resources()[name]


@pytest.mark.parametrize("path", [HUB, SPOKE], ids=lambda path: path.name)
def test_every_parameter_and_every_output_is_described(path: Path) -> None:
    template = load(path)
    for section in ("Parameters", "Outputs"):
        assert [name for name, each in template[section].items() if not each.get("Description")] == []


def test_every_parameter_has_its_place_in_the_console(hub: Stack) -> None:
    groups = hub.template["Metadata"]["AWS::CloudFormation::Interface"]["ParameterGroups"]
    grouped = [name for group in groups for name in group["Parameters"]]
    assert sorted(grouped) == sorted(hub.template["Parameters"])


def test_the_least_stack_makes_nothing_that_has_to_be_asked_for() -> None:
    least, whole = Stack(load(HUB)), Stack(load(HUB), WHOLE)
    assert set(whole.resources()) - set(least.resources()) == {
        "EntraProvider",
        "GuestRole",
        "NoticeMail",
        "SpokeBus",
        "SpokeProfileEvents",
        "Trail",
        "TrailBucket",
        "TrailBucketPolicy",
    }


@pytest.mark.parametrize(
    ("template", "rule"), [(HUB, "ProfileEvents"), (HUB, "SpokeProfileEvents"), (SPOKE, "ProfileEvents")]
)
def test_every_rule_lets_through_what_the_function_reads_and_no_failed_call(
    template: Path, rule: str
) -> None:
    stack = Stack(load(template), WHOLE if template == HUB else SPOKE_GIVEN)
    pattern = properties(stack, rule)["EventPattern"]
    assert (pattern["source"], pattern["detail-type"]) == (["aws.iot"], [API_CALL])
    assert set(pattern["detail"].pop("eventName")) == PROFILE_WRITES | TAG_WRITES
    assert pattern["detail"] == {"eventSource": ["iot.amazonaws.com"], "errorCode": [{"exists": False}]}


def test_the_table_is_the_ledgers(hub: Stack) -> None:
    table = properties(hub, "Ledger")
    place = link_place(LinkKey("fleet", "pumps"))
    keys = {each["AttributeName"]: each["KeyType"] for each in table["KeySchema"]}
    assert keys == dict(zip(place, ("HASH", "RANGE"), strict=True))
    kinds = {each["AttributeName"]: each["AttributeType"] for each in table["AttributeDefinitions"]}
    assert kinds == {name: next(iter(value)) for name, value in place.items()}
    assert table["TimeToLiveSpecification"] == {"AttributeName": "expires", "Enabled": True}


def test_the_ledger_outlives_the_stack_and_mistakes(hub: Stack) -> None:
    table = hub.template["Resources"]["Ledger"]
    assert (table["DeletionPolicy"], table["UpdateReplacePolicy"]) == ("Retain", "Retain")
    assert table["Properties"]["DeletionProtectionEnabled"] is True
    assert table["Properties"]["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}
    assert table["Properties"]["SSESpecification"] == {"SSEEnabled": True}


def test_the_function_is_given_settings_that_exist(hub: Stack) -> None:
    variables = properties(hub, "MirrorFunction")["Environment"]["Variables"]
    assert variables["POLICY_MIRROR_NOTICES"] == "sns:<Notices>"
    topic = {"POLICY_MIRROR_NOTICES": "sns:arn:aws:sns:eu-central-1:123456789012:notices"}
    settings = config.read_settings({**variables, **topic})
    assert (settings.ledger.kind, settings.ledger.region) == ("dynamodb", "eu-central-1")
    assert settings.routes_parameter == "/policy-mirror/routes:1"
    assert settings.home == "123456789012/eu-central-1"
    assert config.__doc__ is not None
    known = set(re.findall(r"^ (POLICY_MIRROR_\w+)", config.__doc__, re.MULTILINE))
    assert {name for name in variables if name.startswith("POLICY_MIRROR_")} <= known


def test_routes_may_come_with_the_bundle() -> None:
    stack = Stack(load(HUB), {"RoutesParameter": ""})
    variables = properties(stack, "MirrorFunction")["Environment"]["Variables"]
    assert variables["POLICY_MIRROR_ROUTES"] == "routes.yaml"
    assert "ssm" not in json.dumps(properties(stack, "MirrorRole"))


def test_every_parameter_of_the_function_publishes_a_new_version(hub: Stack) -> None:
    """SAM compares properties as written; a parameter counts where the version's description has it."""
    function = hub.template["Resources"]["MirrorFunction"]["Properties"]
    written = json.dumps({name: each for name, each in function.items() if name != "Events"})
    names = set(re.findall(r"\w+", written)) & set(hub.template["Parameters"])
    description = hub.resolve(function["VersionDescription"])
    assert names == {"Architecture", "RoutesParameter", "RoutesVersion", "SnapStart"}
    for name in names:
        other = Stack(hub.template, {**WHOLE, name: "other"}).resolve(function["VersionDescription"])
        assert other != description, name
    assert len(description) - len("/policy-mirror/routes") + 128 <= 256  # Lambda's limit for it


def test_no_message_is_seen_twice_while_the_function_may_still_work_on_it(hub: Stack) -> None:
    function = properties(hub, "MirrorFunction")
    assert function["Timeout"] == 30 < LEASE_SECONDS
    for name in QUEUES:
        assert properties(hub, name)["VisibilityTimeout"] >= 6 * function["Timeout"]
        mapping = function["Events"][name]["Properties"]
        assert mapping["Queue"] == f"<{name}.Arn>"
        assert mapping["FunctionResponseTypes"] == ["ReportBatchItemFailures"]


def test_no_event_waits_behind_what_a_sweep_asks_for(hub: Stack) -> None:
    function = properties(hub, "MirrorFunction")
    variables = function["Environment"]["Variables"]
    assert variables["POLICY_MIRROR_SWEEP_QUEUE_URL"] == "<SweepKeys>"
    assert variables["POLICY_MIRROR_QUEUE_URL"] == "<Keys>"
    for rule in ("ProfileEvents", "SpokeProfileEvents"):
        assert [target["Arn"] for target in properties(hub, rule)["Targets"]] == ["<Keys.Arn>"]


def test_nothing_that_is_given_up_is_lost(hub: Stack) -> None:
    for name in QUEUES:
        assert properties(hub, name)["RedrivePolicy"]["deadLetterTargetArn"] == "<DeadLetters.Arn>"
    for rule in ("ProfileEvents", "SpokeProfileEvents"):
        (target,) = properties(hub, rule)["Targets"]
        assert (target["Arn"], target["DeadLetterConfig"]) == ("<Keys.Arn>", {"Arn": "<DeadLetters.Arn>"})
    schedule = properties(hub, "SweepSchedule")["Target"]
    assert schedule["DeadLetterConfig"] == {"Arn": "<SweepDeadLetters.Arn>"}
    failed = properties(hub, "MirrorFunction")["EventInvokeConfig"]["DestinationConfig"]["OnFailure"]
    assert failed["Destination"] == "<SweepDeadLetters.Arn>"


def test_the_schedule_asks_the_alias_to_sweep(hub: Stack) -> None:
    schedule = properties(hub, "SweepSchedule")
    assert (schedule["Target"]["Arn"], json.loads(schedule["Target"]["Input"])) == (
        "<MirrorFunction.Alias>",
        {"sweep": True},
    )


@pytest.mark.parametrize("minutes", ["5", "15", "30", "60", "360"])
def test_the_schedule_and_its_alarm_agree_on_the_period(minutes: str) -> None:
    stack = Stack(load(HUB), {"SweepMinutes": minutes})
    assert properties(stack, "SweepSchedule")["ScheduleExpression"] == f"rate({minutes} minutes)"
    alarm = properties(stack, "SweepAlarm")
    assert (alarm["Period"], alarm["EvaluationPeriods"]) == (int(minutes) * 60, 2)
    assert alarm["TreatMissingData"] == "breaching"


def test_alarms_are_about_metrics_that_are_counted_and_tell_somebody(hub: Stack) -> None:
    names = {metric.name for metric in METRICS}
    alarms = hub.resources("AWS::CloudWatch::Alarm")
    own = {alarm["MetricName"] for alarm in alarms.values() if alarm["Namespace"] == NAMESPACE}
    assert own == {"conflict", "error", "frozen", "routes-differ", "sweep-complete"}
    assert own <= names
    for alarm in alarms.values():
        assert alarm["AlarmActions"] == alarm["OKActions"] == ["<Notices>"]
        if alarm["Namespace"] == NAMESPACE:
            assert alarm["Dimensions"] == [{"Name": "service", "Value": "mirror"}]


def test_the_dashboard_shows_every_alarm_and_only_metrics_that_are_counted(hub: Stack) -> None:
    body = json.loads(properties(hub, "Dashboard")["DashboardBody"])
    widgets = [widget["properties"] for widget in body["widgets"]]
    alarms = {f"<{name}.Arn>" for name in hub.resources("AWS::CloudWatch::Alarm")}
    assert set(widgets[0]["alarms"]) == alarms
    shown = {
        metric[1]
        for widget in widgets
        if widget.get("metrics", [[""]])[0][0] == NAMESPACE
        for metric in widget["metrics"]
    }
    assert shown
    assert shown <= {metric.name for metric in METRICS}


def test_notices_are_encrypted_with_a_key_that_alarms_may_use(hub: Stack) -> None:
    assert properties(hub, "Notices")["KmsMasterKeyId"] == "<NoticeKey>"
    services = [
        statement["Principal"].get("Service")
        for statement in properties(hub, "NoticeKey")["KeyPolicy"]["Statement"]
    ]
    assert "cloudwatch.amazonaws.com" in services


def test_log_lines_are_json_and_do_not_stay_for_ever(hub: Stack) -> None:
    logging = properties(hub, "MirrorFunction")["LoggingConfig"]
    assert (logging["LogFormat"], logging["LogGroup"]) == ("JSON", "<MirrorLog>")
    assert properties(hub, "MirrorLog")["RetentionInDays"] == 30


def test_a_trail_keeps_its_files_encrypted_for_a_while(hub: Stack) -> None:
    bucket = properties(hub, "TrailBucket")
    assert "BucketEncryption" in bucket
    assert bucket["LifecycleConfiguration"]["Rules"][0]["ExpirationInDays"] == 90
    assert all(bucket["PublicAccessBlockConfiguration"].values())
    assert properties(hub, "Trail")["IsLogging"] is True


def test_only_the_organisation_may_put_events_on_the_bus(hub: Stack) -> None:
    (statement,) = properties(hub, "SpokeBus")["Policy"]["Statement"]
    assert statement["Condition"] == {"StringEquals": {"aws:PrincipalOrgID": "o-abcdefghij"}}
    assert statement["Action"] == "events:PutEvents"


def test_a_spoke_forwards_to_the_hub_and_trusts_its_function_alone(spoke: Stack) -> None:
    (target,) = properties(spoke, "ProfileEvents")["Targets"]
    assert (target["Arn"], target["RoleArn"]) == (SPOKE_GIVEN["HubBusArn"], "<ForwardRole.Arn>")
    (trust,) = properties(spoke, "ReaderRole")["AssumeRolePolicyDocument"]["Statement"]
    assert trust["Principal"] == {"AWS": SPOKE_GIVEN["MirrorRoleArn"]}
    assert trust["Condition"] == {"StringEquals": {"aws:PrincipalOrgID": "o-abcdefghij"}}
