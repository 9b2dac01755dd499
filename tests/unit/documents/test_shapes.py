"""Which of the four documents it is, and what its own cloud could not have said."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from shared.errors import BadDocument
from shared.translation.shapes import WANTED, Shape, native
from shared.translation.side import Side
from tests.cli.support import (
    allowlist,
    answered,
    behavior,
    full_group,
    full_profile,
    group,
    profile,
    window_rule,
)

ROLE = "arn:aws:iam::123456789012:role/x"


def refused(document: Any) -> tuple[str, str]:
    with pytest.raises(BadDocument) as error:
        native(document)
    return error.value.path, error.value.problem


@pytest.mark.parametrize(
    ("document", "shape", "side"),
    [
        (profile(), Shape.CREATE_REQUEST, Side.AWS),
        ({"securityProfileName": "x"}, Shape.CREATE_REQUEST, Side.AWS),
        (profile(tags=[]), Shape.CREATE_REQUEST, Side.AWS),
        (profile(version=1), Shape.DESCRIBE_RESPONSE, Side.AWS),
        (full_profile(), Shape.DESCRIBE_RESPONSE, Side.AWS),
        (group(), Shape.PUT_BODY, Side.AZURE),
        ({"properties": {}}, Shape.PUT_BODY, Side.AZURE),
        (answered(group()), Shape.GET_RESPONSE, Side.AZURE),
        (full_group(), Shape.GET_RESPONSE, Side.AZURE),
    ],
)
def test_each_shape_is_recognised(document: Any, shape: Shape, side: Side) -> None:
    found = native(document)
    assert (found.shape, found.side) == (shape, side)


def test_the_document_is_handed_on_as_it_is() -> None:
    document = full_profile()
    before = copy.deepcopy(document)
    assert native(document).document is document
    assert document == before


@pytest.mark.parametrize(
    ("document", "looks_like"),
    [
        ({}, "it is an empty object"),
        ([], "it is a list of 0, not an object"),
        ([profile()], "it is a list of 1, not an object"),
        (None, "it is null, not an object"),
        (True, "it is true, not an object"),
        (1.5, "it is a number, not an object"),
        ("text", "it is text, not an object"),
        ({"a": 1, "\x1b": 2}, "no such document has these members: a, ?"),
        ({"value": [{}, {}]}, "it is a list response with 2 groups; take one element of value"),
        ({"securityProfileIdentifiers": []}, "it is a ListSecurityProfiles response, which has names only"),
        (
            {"SecurityProfileName": "x"},
            "it is the properties of a CloudFormation resource; the API spells them in camelCase",
        ),
        (
            {"Behaviors": []},
            "it is the properties of a CloudFormation resource; the API spells them in camelCase",
        ),
        ({"Resources": {}}, "it is a CloudFormation template"),
        ({"Type": "AWS::IoT::SecurityProfile", "Properties": {}}, "it is a CloudFormation resource"),
        ({"$schema": "x", "resources": []}, "it is an ARM template or a JSON schema"),
        ({"error": {"code": "NotFound"}}, "it is the error answer of a cloud"),
        ({"detail-type": "x", "detail": {}}, "it is an event; events name a policy and do not hold it"),
        ({"timeWindowRules": []}, "timeWindowRules has to stand under properties"),
    ],
)  # fmt: skip
def test_anything_else_is_named_for_what_it_looks_like(document: Any, looks_like: str) -> None:
    assert refused(document) == ("", f"{looks_like}; {WANTED}")


def test_members_of_both_clouds_are_no_document() -> None:
    path, problem = refused({"behaviors": [], "properties": {}})
    assert path == "properties"
    assert problem.startswith("of an Azure group, beside behaviors of an AWS profile")


def test_an_update_request_is_no_whole_profile() -> None:
    path, problem = refused(profile(deleteAlertTargets=True))
    assert path == "deleteAlertTargets"
    assert "says only a part" in problem


NAMED = "wanted 1 to 128 of a-z A-Z 0-9 : _ -, got "


@pytest.mark.parametrize(
    ("document", "path", "problem"),
    [
        ({"behaviors": []}, "securityProfileName", "is missing"),
        (profile(securityProfileName=None), "securityProfileName", "wanted text, got null"),
        (profile(securityProfileName=7), "securityProfileName", "wanted text, got 7"),
        (profile(securityProfileName=""), "securityProfileName", NAMED + "''"),
        (profile(securityProfileName="a b"), "securityProfileName", NAMED + "'a b'"),
        (profile(securityProfileName="a\n\x1b"), "securityProfileName", NAMED + "'a??'"),
        (
            profile(securityProfileName="n" * 129),
            "securityProfileName",
            NAMED + f"'{'n' * 39}…' (129 characters)",
        ),
        (
            profile(securityProfileDescription="d" * 1001),
            "securityProfileDescription",
            f"wanted at most 1000 characters, got '{'d' * 39}…' (1001 characters)",
        ),
        (
            profile(securityProfileDescription="Pumpé"),
            "securityProfileDescription",
            "wanted printable ASCII (U+00E9 stands at 5), got 'Pumpé'",
        ),
        (profile(*[behavior()] * 101), "behaviors", "wanted at most 100 elements, got 101"),
        (profile() | {"behaviors": {}}, "behaviors", "wanted a list, got an object"),
        (profile(behavior(), 3), "behaviors[#1]", "wanted an object, got 3"),
        (profile({}), "behaviors[#0].name", "is missing"),
        (profile(behavior(name="a b")), "behaviors[#0].name", NAMED + "'a b'"),
        (profile(behavior() | {"metric": 1}), "behaviors[sent-max].metric", "wanted text, got 1"),
        (
            profile(behavior() | {"criteria": []}),
            "behaviors[sent-max].criteria",
            "wanted an object, got a list of 0",
        ),
        (
            profile(behavior() | {"suppressAlerts": "yes"}),
            "behaviors[sent-max].suppressAlerts",
            "wanted true or false, got 'yes'",
        ),
        (
            profile(behavior() | {"metricDimension": {"operator": "IN"}}),
            "behaviors[sent-max].metricDimension.dimensionName",
            "is missing",
        ),
        (
            profile(behavior(durationSeconds="300")),
            "behaviors[sent-max].criteria.durationSeconds",
            "wanted a whole number, got '300'",
        ),
        (
            profile(behavior(durationSeconds=300.5)),
            "behaviors[sent-max].criteria.durationSeconds",
            "wanted a whole number, got 300.5",
        ),
        (
            profile(behavior(consecutiveDatapointsToAlarm=11)),
            "behaviors[sent-max].criteria.consecutiveDatapointsToAlarm",
            "wanted a whole number from 1 to 10, got 11",
        ),
        (
            profile(behavior(consecutiveDatapointsToClear=0)),
            "behaviors[sent-max].criteria.consecutiveDatapointsToClear",
            "wanted a whole number from 1 to 10, got 0",
        ),
        (
            profile(behavior(count="100")),
            "behaviors[sent-max].criteria.value.count",
            "wanted a number, got '100'",
        ),
        (
            profile(behavior(count=True)),
            "behaviors[sent-max].criteria.value.count",
            "wanted a number, got true",
        ),
        (
            profile(behavior(value={"cidrs": ["10.0.0.0/8", 7, None]})),
            "behaviors[sent-max].criteria.value.cidrs[1]",
            "wanted text, got 7 (and 1 more problem)",
        ),
        (
            profile(behavior(value={"ports": [22, "80"]})),
            "behaviors[sent-max].criteria.value.ports[1]",
            "wanted a whole number, got '80'",
        ),
        (
            profile(behavior(value={"numbers": [{}]})),
            "behaviors[sent-max].criteria.value.numbers[0]",
            "wanted a number, got an object",
        ),
        (
            profile(behavior(mlDetectionConfig={})),
            "behaviors[sent-max].criteria.mlDetectionConfig.confidenceLevel",
            "is missing",
        ),
        (profile(alertTargets=[]), "alertTargets", "wanted an object, got a list of 0"),
        (
            profile(alertTargets={"SNS": {"roleArn": ROLE}}),
            "alertTargets.SNS.alertTargetArn",
            "is missing",
        ),
        (
            profile(alertTargets={"S\x1bS": {"alertTargetArn": "x", "roleArn": "short"}}),
            "alertTargets.S?S.roleArn",
            "wanted 20 to 2048 characters, got 'short'",
        ),
        (profile(tags={"a": "b"}), "tags", "wanted a list, got an object"),
        (profile(tags=[{"Key": ""}]), "tags[0].Key", "wanted 1 to 128 characters, got ''"),
        (profile(additionalMetricsToRetainV2=[{}]), "additionalMetricsToRetainV2[0].metric", "is missing"),
        (
            profile(metricsExportConfig={"mqttTopic": "", "roleArn": ROLE}),
            "metricsExportConfig.mqttTopic",
            "wanted 1 to 512 characters, got ''",
        ),
        ({"properties": None}, "properties", "wanted an object, got null"),
        ({"name": 5, "properties": {}}, "name", "wanted text, got 5"),
        (
            {"properties": {"timeWindowRules": {}}},
            "properties.timeWindowRules",
            "wanted a list, got an object",
        ),
        (group("x"), "timeWindowRules[#0]", "wanted an object, got 'x'"),
        (group({}), "timeWindowRules[#0].ruleType", "is missing (and 4 more problems)"),
        (
            group(window_rule(isEnabled="true")),
            "timeWindowRules[MqttD2CMessagesNotInAllowedRange].isEnabled",
            "wanted true or false, got 'true'",
        ),
        (
            group(window_rule(low=None)),
            "timeWindowRules[MqttD2CMessagesNotInAllowedRange].minThreshold",
            "wanted a number, got null",
        ),
        (
            group(window_rule(high="9")),
            "timeWindowRules[MqttD2CMessagesNotInAllowedRange].maxThreshold",
            "wanted a number, got '9'",
        ),
        (
            group(window_rule(timeWindowSize="5 minutes")),
            "timeWindowRules[MqttD2CMessagesNotInAllowedRange].timeWindowSize",
            "wanted an ISO 8601 duration such as PT5M, got '5 minutes'",
        ),
        (
            group(window_rule(timeWindowSize=300)),
            "timeWindowRules[MqttD2CMessagesNotInAllowedRange].timeWindowSize",
            "wanted text, got 300",
        ),
        (
            group(allowlistRules=[allowlist("Process", "a", 1)]),
            "allowlistRules[ProcessNotAllowed].allowlistValues[1]",
            "wanted text, got 1",
        ),
        (
            group(denylistRules=[{"ruleType": "D\u202ex", "isEnabled": None}]),
            "denylistRules[D?x].isEnabled",
            "wanted true or false, got null",
        ),
        (
            group(thresholdRules=[{"ruleType": "T", "isEnabled": True, "minThreshold": 1}]),
            "thresholdRules[T].maxThreshold",
            "is missing",
        ),
    ],
)
def test_what_the_cloud_could_not_have_said_is_refused_by_member_and_limit(
    document: Any, path: str, problem: str
) -> None:
    assert refused(document) == (path, problem)


@pytest.mark.parametrize(
    "document",
    [
        profile(behavior(count=-5), behavior("low", "greater-than", 10**40), behavior("half", count=1.5)),
        profile(behavior(), behavior()),
        profile(behavior(metric="aws:unheard-of", operator="nearly")),
        profile(behavior(durationSeconds=-60), behavior("odd", durationSeconds=61)),
        profile(behavior(value={"cidrs": ["no address", ""], "strings": ["\x00", "\ud800"]})),
        profile(behavior(value={"ports": [70000, -1]}), behavior("none", value={})),
        profile({"name": "bare"}),
        profile({"name": "null", "metric": None, "criteria": None, "metricDimension": None}),
        profile(behavior(value={"strings": ["x"] * 1001})),
        profile(alertTargets={"PAGER": {"alertTargetArn": "x", "roleArn": ROLE, "new": 1}}, unheard=[]),
        group(window_rule(low=9, high=1), window_rule(), window_rule("Unheard", -1, 1.5)),
        group(*[window_rule(timeWindowSize=w) for w in ("PT10M", "PT05M", "P1Y2M3W", "PT0.5S", "-PT5M")]),
        group(allowlistRules=[{"ruleType": "ProcessNotAllowed", "isEnabled": True}], denylistRules=None),
        group(allowlistRules=[allowlist("ConnectionToIp", *["nowhere\x07"] * 1001, allowlistValues=None)]),
        {"properties": {"timeWindowRules": None, "unheardRules": 5}},
    ],
)  # fmt: skip
def test_what_the_protocol_holds_is_no_error(document: Any) -> None:
    assert native(document).document is document


@pytest.mark.parametrize(
    "text", ["", "P", "PT", "T5M", "PT5", "P5S", "PTM", "5M", "PT1.M", "PT5M ", "pt5m", "P-5D"]
)
def test_what_is_no_duration_is_refused(text: str) -> None:
    path, _ = refused(group(window_rule(timeWindowSize=text)))
    assert path.endswith("timeWindowSize")
