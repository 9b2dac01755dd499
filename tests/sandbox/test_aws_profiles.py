"""The life of a security profile, through an ordinary boto3 client."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from functions.local.sandbox import AwsOptions, TwoClouds

Refused = Callable[..., tuple[int, str, str]]
NAME = {"securityProfileName": "fleet"}
ARN = "arn:aws:iot:eu-central-1:123456789012:securityprofile/fleet"
SENT = {
    "name": "sent",
    "metric": "aws:num-messages-sent",
    "criteria": {"comparisonOperator": "less-than", "value": {"count": 9}, "durationSeconds": 300},
}
PORTS = {
    "name": "ports",
    "metric": "aws:listening-tcp-ports",
    "criteria": {"comparisonOperator": "in-port-set", "value": {"ports": [22, 443]}},
}
ROLE = "arn:aws:iam::123456789012:role/alerts"
ALERTS = {"SNS": {"alertTargetArn": "arn:aws:sns:eu-central-1:123456789012:alerts", "roleArn": ROLE}}
EXPORT = {"mqttTopic": "$aws/rules/export", "roleArn": ROLE}
FULL: dict[str, Any] = {
    "securityProfileDescription": "the fleet",
    "behaviors": [SENT, PORTS],
    "alertTargets": ALERTS,
    "additionalMetricsToRetain": ["aws:num-disconnects"],
    "additionalMetricsToRetainV2": [{"metric": "aws:all-bytes-in"}],
    "metricsExportConfig": EXPORT,
}


def members(profile: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in profile.items() if name in FULL}


def test_a_profile_comes_back_as_it_was_created(iot: Any) -> None:
    created = iot.create_security_profile(**NAME, **FULL)
    assert (created["securityProfileName"], created["securityProfileArn"]) == ("fleet", ARN)
    profile = iot.describe_security_profile(**NAME)
    assert members(profile) == FULL
    assert profile["version"] == 1


def test_members_that_were_not_set_are_not_shown(iot: Any) -> None:
    iot.create_security_profile(**NAME, behaviors=[], tags=[{"Key": "team", "Value": "iot"}])
    profile = iot.describe_security_profile(**NAME)
    assert set(profile) - {"ResponseMetadata"} == {
        "securityProfileName",
        "securityProfileArn",
        "version",
        "creationDate",
        "lastModifiedDate",
    }


def test_dates_come_from_the_injected_clock(start: Callable[..., TwoClouds], connect: Any) -> None:
    times = [datetime(2026, 9, 1, 12, tzinfo=UTC)]
    iot = connect(start(now=lambda: times[-1]))
    iot.create_security_profile(**NAME)
    times.append(times[0] + timedelta(hours=1))
    profile = iot.update_security_profile(**NAME, behaviors=[SENT])
    assert (profile["creationDate"], profile["lastModifiedDate"]) == (times[0], times[1])


def test_a_second_create_is_refused_with_the_arn_of_the_first(iot: Any, refused: Refused) -> None:
    iot.create_security_profile(**NAME)
    assert refused(iot.create_security_profile, **NAME)[:2] == (409, "ResourceAlreadyExistsException")


def test_an_identical_create_can_be_made_to_pass(start: Any, connect: Any, refused: Refused) -> None:
    iot = connect(start(aws_options=AwsOptions(accept_identical_create=True)))
    iot.create_security_profile(**NAME, behaviors=[SENT])
    iot.create_security_profile(**NAME, behaviors=[SENT])
    assert refused(iot.create_security_profile, **NAME, behaviors=[PORTS])[0] == 409


def test_an_update_leaves_absent_members_alone_and_replaces_lists(iot: Any) -> None:
    iot.create_security_profile(**NAME, **FULL)
    updated = iot.update_security_profile(**NAME, behaviors=[PORTS])
    assert members(updated) == FULL | {"behaviors": [PORTS]}
    assert updated["version"] == 2
    assert iot.describe_security_profile(**NAME)["version"] == 2


@pytest.mark.parametrize(
    ("member", "empty"),
    [
        ("behaviors", []),
        ("alertTargets", {}),
        ("additionalMetricsToRetain", []),
        ("additionalMetricsToRetainV2", []),
    ],
)
def test_an_empty_list_clears_nothing(iot: Any, member: str, empty: Any) -> None:
    iot.create_security_profile(**NAME, **FULL)
    assert members(iot.update_security_profile(**NAME, **{member: empty})) == FULL


@pytest.mark.parametrize(
    ("flag", "cleared"),
    [
        ("deleteBehaviors", {"behaviors"}),
        ("deleteAlertTargets", {"alertTargets"}),
        ("deleteAdditionalMetricsToRetain", {"additionalMetricsToRetain", "additionalMetricsToRetainV2"}),
        ("deleteMetricsExportConfig", {"metricsExportConfig"}),
    ],
)
def test_the_flag_clears_and_refuses_its_own_list(
    iot: Any, refused: Refused, flag: str, cleared: set[str]
) -> None:
    iot.create_security_profile(**NAME, **FULL)
    for member in cleared:
        both = {flag: True, member: FULL[member]}
        assert refused(iot.update_security_profile, **NAME, **both)[1] == "InvalidRequestException"
    updated = iot.update_security_profile(**NAME, **{flag: True})
    assert members(updated) == {name: value for name, value in FULL.items() if name not in cleared}
    assert updated["version"] == 2


def test_a_stale_version_is_refused_with_409(iot: Any, refused: Refused) -> None:
    iot.create_security_profile(**NAME)
    iot.update_security_profile(**NAME, expectedVersion=1, behaviors=[SENT])
    update = refused(iot.update_security_profile, **NAME, expectedVersion=1, behaviors=[PORTS])
    delete = refused(iot.delete_security_profile, **NAME, expectedVersion=1)
    assert update[:2] == delete[:2] == (409, "VersionConflictException")
    assert iot.describe_security_profile(**NAME)["behaviors"] == [SENT]


def test_an_update_of_nothing_is_refused_with_404(iot: Any, refused: Refused) -> None:
    assert refused(iot.update_security_profile, **NAME)[:2] == (404, "ResourceNotFoundException")


def test_delete_can_be_repeated_and_the_version_starts_over(iot: Any, refused: Refused) -> None:
    iot.create_security_profile(**NAME, behaviors=[SENT])
    iot.update_security_profile(**NAME, behaviors=[PORTS])
    iot.delete_security_profile(**NAME, expectedVersion=2)
    iot.delete_security_profile(**NAME, expectedVersion=2)
    assert refused(iot.describe_security_profile, **NAME)[:2] == (404, "ResourceNotFoundException")
    iot.create_security_profile(**NAME)
    assert iot.describe_security_profile(**NAME)["version"] == 1


def test_names_are_case_sensitive(iot: Any) -> None:
    iot.create_security_profile(securityProfileName="Fleet")
    iot.create_security_profile(securityProfileName="fleet")
    listed = iot.list_security_profiles()["securityProfileIdentifiers"]
    assert [item["name"] for item in listed] == ["Fleet", "fleet"]


def test_a_list_comes_in_pages(iot: Any) -> None:
    names = [f"p{n}" for n in range(7)]
    for name in names:
        iot.create_security_profile(securityProfileName=name)
    pages = list(iot.get_paginator("list_security_profiles").paginate(PaginationConfig={"PageSize": 3}))
    assert [[i["name"] for i in page["securityProfileIdentifiers"]] for page in pages] == [
        names[0:3],
        names[3:6],
        names[6:],
    ]


def test_a_foreign_token_is_refused(iot: Any, refused: Refused) -> None:
    assert refused(iot.list_security_profiles, nextToken="elsewhere!")[1] == "InvalidRequestException"


def test_a_list_can_be_narrowed_to_a_metric_or_a_dimension(iot: Any, refused: Refused) -> None:
    scoped = SENT | {"metricDimension": {"dimensionName": "topics", "operator": "IN"}}
    iot.create_security_profile(securityProfileName="scoped", behaviors=[scoped])
    iot.create_security_profile(securityProfileName="ports", behaviors=[PORTS])
    iot.create_security_profile(
        securityProfileName="kept", additionalMetricsToRetain=["aws:num-messages-sent"]
    )

    def names(**by: str) -> list[str]:
        return [item["name"] for item in iot.list_security_profiles(**by)["securityProfileIdentifiers"]]

    assert names(metricName="aws:num-messages-sent") == ["kept", "scoped"]
    assert names(dimensionName="topics") == ["scoped"]
    both = {"metricName": "aws:num-messages-sent", "dimensionName": "topics"}
    assert refused(iot.list_security_profiles, **both)[1] == "InvalidRequestException"


def test_behaviors_can_be_validated_without_a_profile(iot: Any) -> None:
    wrong = PORTS | {"metric": "aws:no-such-metric"}
    assert iot.validate_security_profile_behaviors(behaviors=[SENT])["valid"] is True
    answer = iot.validate_security_profile_behaviors(behaviors=[SENT, wrong])
    assert answer["valid"] is False
    assert "aws:no-such-metric" in answer["validationErrors"][0]["errorMessage"]
