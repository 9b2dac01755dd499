"""How both clouds are set up, as a check-up asks: read from answers in the services' own shapes."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from shared.clouds.aws_setup import AwsSetup, EventRule
from shared.clouds.azure_arm import arm_client
from shared.clouds.azure_setup import AzureSetup
from shared.errors import Denied
from tests.unit.clouds.conftest import HUB, Answer, Credential, Wire, WireTransport

ROLE = "arn:aws:iam::123456789012:role/mirror"
SESSION = "arn:aws:sts::123456789012:assumed-role/mirror/policy-mirror"
PATTERN = {
    "source": ["aws.iot"],
    "detail": {"eventSource": ["iot.amazonaws.com"], "eventName": ["UpdateSecurityProfile"]},
}


class Services:
    """In place of a boto3 session: each service answers what a test wrote down, by operation."""

    def __init__(self, **answers: Any) -> None:
        self.asked: list[tuple[str, dict[str, Any]]] = []
        self._answers = answers

    def client(self, service: str, **_: Any) -> Any:
        return self

    def get_paginator(self, operation: str) -> Any:
        pages = self._answers[operation]

        class Paginator:
            def paginate(self) -> Any:
                return iter(pages)

        return Paginator()

    def __getattr__(self, operation: str) -> Any:
        def call(**asked: Any) -> Any:
            self.asked.append((operation, asked))
            answer = self._answers[operation]
            if isinstance(answer, Exception):
                raise answer
            return answer(**asked) if callable(answer) else answer

        return call


def aws(services: Services) -> AwsSetup:
    session: Any = services
    return AwsSetup(lambda: session, "eu-central-1")


def test_who_asks_is_told_by_sts() -> None:
    services = Services(get_caller_identity={"Account": "123456789012", "Arn": SESSION})
    assert aws(services).identity() == ("123456789012", SESSION)


def test_the_simulator_is_asked_about_the_role_behind_a_session_once_for_each_resource() -> None:
    def simulate(**asked: Any) -> Any:
        decisions = {"iot:DescribeSecurityProfile": "allowed", "iot:DeleteSecurityProfile": "implicitDeny"}
        results = [
            {"EvalActionName": name, "EvalDecision": decisions.get(name, "allowed")}
            for name in asked["ActionNames"]
        ]
        return {"EvaluationResults": results}

    services = Services(simulate_principal_policy=simulate)
    wanted = {
        "iot:ListSecurityProfiles": "*",
        "iot:DescribeSecurityProfile": "arn",
        "iot:DeleteSecurityProfile": "arn",
    }
    assert aws(services).allowed(SESSION, wanted) == {
        "iot:ListSecurityProfiles": True,
        "iot:DescribeSecurityProfile": True,
        "iot:DeleteSecurityProfile": False,
    }
    assert [asked["PolicySourceArn"] for _, asked in services.asked] == [ROLE, ROLE]
    assert [asked["ResourceArns"] for _, asked in services.asked] == [["*"], ["arn"]]


def test_a_trail_counts_only_while_it_logs() -> None:
    trails = [{"Name": "on", "TrailARN": "a"}, {"Name": "off", "TrailARN": "b"}]
    services = Services(
        describe_trails={"trailList": trails},
        get_trail_status=lambda Name: {"IsLogging": Name == "a"},  # noqa: N803 - the API's own spelling
    )
    assert aws(services).logging_trails() == ["on"]


@pytest.mark.parametrize(
    ("pattern", "hears"),
    [
        (PATTERN, True),
        ({"detail": {"eventSource": ["iot.amazonaws.com"]}}, True),
        ({"detail": {"eventSource": ["iot.amazonaws.com"], "eventName": ["CreateThing"]}}, False),
        ({"detail": {"eventSource": ["s3.amazonaws.com"]}}, False),
        ({"source": ["aws.iot"]}, False),
        ([], False),
        (None, False),
    ],
)
def test_a_rule_hears_profiles_where_its_pattern_lets_them_through(pattern: Any, hears: bool) -> None:
    rule = {"Name": "r", "State": "ENABLED", "EventPattern": pattern and json.dumps(pattern)}
    services = Services(list_rules=[{"Rules": [rule]}], list_targets_by_rule={"Targets": [{}]})
    assert aws(services).profile_rules() == ([EventRule("r", True, 1)] if hears else [])


def test_what_may_not_be_looked_at_names_the_permission() -> None:
    refused = ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, "DescribeTrails")
    with pytest.raises(Denied, match="cloudtrail:DescribeTrails"):
        aws(Services(describe_trails=refused)).logging_trails()


@pytest.fixture
def azure(wire: Wire, transport: WireTransport) -> AzureSetup:
    return AzureSetup(arm_client(Credential(), transport=transport), HUB, clock=lambda: wire.now)


def test_a_provider_tells_its_state(azure: AzureSetup, wire: Wire) -> None:
    wire.will(Answer(body={"registrationState": "Registering"}))
    assert azure.provider_state("Microsoft.Security") == "Registering"
    assert "/subscriptions/s/providers/Microsoft.Security?" in wire.requests[0].url


@pytest.mark.parametrize(
    ("permissions", "allowed"),
    [
        ([{"actions": ["*"], "notActions": []}], True),
        ([{"actions": ["*/read"], "notActions": []}], False),
        ([{"actions": ["Microsoft.Security/*"], "notActions": ["microsoft.security/*/WRITE"]}], False),
        ([{"actions": ["*/read"]}, {"actions": ["microsoft.security/devicesecuritygroups/write"]}], True),
        ([], False),
    ],
)
def test_a_right_is_what_any_role_grants_less_what_it_excepts(
    azure: AzureSetup, wire: Wire, permissions: list[Any], allowed: bool
) -> None:
    wire.will(Answer(body={"value": permissions}))
    action = "Microsoft.Security/deviceSecurityGroups/write"
    assert azure.allowed((action,)) == {action: allowed}


@pytest.mark.parametrize(("hubs", "has"), [([HUB.upper()], True), (["/other"], False), (None, False)])
def test_a_solution_has_the_hub_in_whatever_case(azure: AzureSetup, wire: Wire, hubs: Any, has: bool) -> None:
    wire.will(Answer(body={"value": [{"properties": {"iotHubs": hubs}}]}))
    assert azure.in_security_solution() is has


def test_only_topics_of_the_subscription_or_the_resource_group_are_asked_for_their_subscriptions(
    azure: AzureSetup, wire: Wire
) -> None:
    group = "/subscriptions/S/resourceGroups/G"
    topics = [
        {"id": f"{group}/t", "name": "ours", "properties": {"source": group}},
        {"id": "/x", "name": "theirs", "properties": {"source": "/subscriptions/s/resourceGroups/x"}},
    ]
    names = ["Microsoft.Security/deviceSecurityGroups/write"]
    filters = {"advancedFilters": [{"key": "data.operationName", "values": names}]}
    subscribed = [
        {"name": "e", "properties": {"provisioningState": "Succeeded", "filter": filters}},
        {"name": "all", "properties": {"provisioningState": "Failed"}},
    ]
    wire.will(Answer(body={"value": topics}), Answer(body={"value": subscribed}))
    found = azure.event_subscriptions()
    assert [(each.topic, each.name, each.state, each.hears_groups) for each in found] == [
        ("ours", "e", "Succeeded", True),
        ("ours", "all", "Failed", True),
    ]


def test_a_subscription_for_other_operations_does_not_hear_of_groups(azure: AzureSetup, wire: Wire) -> None:
    topic = {"id": "/t", "name": "t", "properties": {"source": "/subscriptions/s"}}
    other = {"advancedFilters": [{"key": "Data.OperationName", "values": ["Microsoft.Web/sites/write"]}]}
    wire.will(
        Answer(body={"value": [topic]}),
        Answer(body={"value": [{"name": "e", "properties": {"filter": other}}]}),
    )
    assert [each.hears_groups for each in azure.event_subscriptions()] == [False]
