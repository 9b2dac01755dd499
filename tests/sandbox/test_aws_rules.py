"""What AWS refuses in a profile, by the model and beyond it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from botocore.config import Config

from functions.local.sandbox import AwsOptions, TwoClouds
from functions.local.sandbox.aws_rules import CUSTOM_TYPES, METRICS

Refused = Callable[..., tuple[int, str, str]]
VALUES: dict[str, Any] = {
    "count": 5,
    "number": 1.5,
    "cidrs": ["10.0.0.1/8"],
    "ports": [443],
    "numbers": [1.5],
    "strings": ["a"],
}
ALL_OPERATORS = {
    "less-than",
    "less-than-equals",
    "greater-than",
    "greater-than-equals",
    "in-cidr-set",
    "not-in-cidr-set",
    "in-port-set",
    "not-in-port-set",
    "in-set",
    "not-in-set",
}
ML: dict[str, Any] = {"mlDetectionConfig": {"confidenceLevel": "HIGH"}}
COUNTED = ("less-than", {"count": 5})


def behavior(metric: str, operator: str | None = None, value: Any = None, **criteria: Any) -> dict[str, Any]:
    given = {"comparisonOperator": operator, "value": value, **criteria}
    return {
        "name": "b",
        "metric": metric,
        "criteria": {name: part for name, part in given.items() if part is not None},
    }


@pytest.fixture
def verdict(iot: Any) -> Callable[..., str]:
    """The message about the behaviors of a new profile, or "" when they are taken."""

    def verdict(*behaviors: dict[str, Any]) -> str:
        answer = iot.validate_security_profile_behaviors(behaviors=list(behaviors))
        return " / ".join(error["errorMessage"] for error in answer["validationErrors"])

    return verdict


def test_there_are_the_18_metrics_of_the_developer_guide() -> None:
    assert len(METRICS) == 18


@pytest.mark.parametrize("metric", METRICS)
def test_a_metric_takes_its_operators_and_no_others(metric: str, verdict: Callable[..., str]) -> None:
    known = METRICS[metric]
    value = {known.member: VALUES[known.member]}
    taken = {operator for operator in ALL_OPERATORS if not verdict(behavior(metric, operator, value))}
    assert taken == known.operators


def test_disconnect_duration_knows_no_lower_bound(verdict: Callable[..., str]) -> None:
    assert verdict(behavior("aws:disconnect-duration", *COUNTED)) == ""
    assert "greater-than" in verdict(behavior("aws:disconnect-duration", "greater-than", {"count": 5}))


@pytest.mark.parametrize("metric", METRICS)
def test_a_metric_takes_its_own_member_of_the_value(metric: str, verdict: Callable[..., str]) -> None:
    known = METRICS[metric]
    operator = sorted(known.operators)[0]
    taken = {name for name, value in VALUES.items() if not verdict(behavior(metric, operator, {name: value}))}
    assert taken == {known.member}


def test_a_value_with_two_members_is_refused(verdict: Callable[..., str]) -> None:
    both = behavior("aws:num-disconnects", "less-than", {"count": 5, "number": 5.0})
    assert "count alone" in verdict(both)


@pytest.mark.parametrize("seconds", [300, 600, 900, 1800, 3600])
def test_the_documented_durations_are_taken(seconds: int, verdict: Callable[..., str]) -> None:
    assert verdict(behavior("aws:num-disconnects", *COUNTED, durationSeconds=seconds)) == ""


@pytest.mark.parametrize("seconds", [0, 60, 301, 7200])
def test_other_durations_are_refused(seconds: int, verdict: Callable[..., str]) -> None:
    assert str(seconds) in verdict(behavior("aws:num-disconnects", *COUNTED, durationSeconds=seconds))


def test_a_list_metric_has_no_duration(verdict: Callable[..., str]) -> None:
    ports = ("in-port-set", {"ports": [22]})
    assert verdict(behavior("aws:listening-tcp-ports", *ports)) == ""
    assert "list metric" in verdict(behavior("aws:listening-tcp-ports", *ports, durationSeconds=300))


def test_learning_needs_neither_operator_nor_value(verdict: Callable[..., str]) -> None:
    assert verdict(behavior("aws:num-messages-sent", **ML)) == ""


@pytest.mark.parametrize("metric", [name for name, known in METRICS.items() if not known.learns])
def test_some_metrics_cannot_be_learned(metric: str, verdict: Callable[..., str]) -> None:
    assert "mlDetectionConfig" in verdict(behavior(metric, **ML))


def test_a_percentile_needs_an_operator_and_a_duration(verdict: Callable[..., str]) -> None:
    p90: dict[str, Any] = {"statisticalThreshold": {"statistic": "p90"}}
    assert verdict(behavior("aws:num-disconnects", "less-than", durationSeconds=300, **p90)) == ""
    assert "comparisonOperator" in verdict(behavior("aws:num-disconnects", durationSeconds=300, **p90))
    assert "durationSeconds" in verdict(behavior("aws:num-disconnects", "less-than", **p90))


def test_criteria_must_say_something(verdict: Callable[..., str]) -> None:
    assert "criteria need" in verdict(behavior("aws:num-disconnects", "less-than"))
    assert verdict({"name": "b", "metric": "aws:num-disconnects"}) == ""
    assert "need a metric" in verdict({"name": "b", "criteria": behavior("x", *COUNTED)["criteria"]})


def test_an_unknown_metric_is_refused(verdict: Callable[..., str]) -> None:
    assert "aws:destination-ip-address" in verdict(behavior("aws:destination-ip-address", *COUNTED))
    assert "my-metric" in verdict(behavior("my-metric", *COUNTED))


def test_unknown_custom_metrics_can_be_let_through(
    start: Callable[..., TwoClouds], connect: Any, refused: Refused
) -> None:
    iot = connect(start(aws_options=AwsOptions(strict_custom_metrics=False)))
    iot.create_security_profile(securityProfileName="p", behaviors=[behavior("my-metric", *COUNTED)])
    wrong = [behavior("aws:my-metric", *COUNTED)]
    assert refused(iot.create_security_profile, securityProfileName="q", behaviors=wrong)[0] == 400


@pytest.mark.parametrize("kind", CUSTOM_TYPES)
def test_a_custom_metric_takes_the_values_of_its_type(
    kind: str, iot: Any, verdict: Callable[..., str]
) -> None:
    iot.create_custom_metric(metricName="mine", metricType=kind)
    known = CUSTOM_TYPES[kind]
    operator = sorted(known.operators)[0]
    taken = {name for name, value in VALUES.items() if not verdict(behavior("mine", operator, {name: value}))}
    assert taken == {known.member}


def test_a_dimension_scopes_only_metrics_of_topics(verdict: Callable[..., str]) -> None:
    scope = {"metricDimension": {"dimensionName": "topics"}}
    taken = {
        name
        for name, known in METRICS.items()
        if not verdict(
            behavior(name, sorted(known.operators)[0], {known.member: VALUES[known.member]}) | scope
        )
    }
    assert taken == {
        "aws:message-byte-size",
        "aws:num-messages-sent",
        "aws:num-messages-received",
        "aws:num-authorization-failures",
        "aws:source-ip-address",
    }


def test_a_dimension_must_exist_only_if_asked_for(
    start: Callable[..., TwoClouds], connect: Any, refused: Refused
) -> None:
    iot = connect(start(aws_options=AwsOptions(strict_dimensions=True)))
    scoped = behavior("aws:num-messages-sent", *COUNTED) | {"metricDimension": {"dimensionName": "topics"}}
    profile = {"securityProfileName": "p", "behaviors": [scoped]}
    assert "topics does not exist" in refused(iot.create_security_profile, **profile)[2]
    iot.create_dimension(name="topics", type="TOPIC_FILTER", stringValues=["a/#"])
    iot.create_security_profile(**profile)


def test_host_bits_are_kept_and_nonsense_is_refused(verdict: Callable[..., str]) -> None:
    assert verdict(behavior("aws:source-ip-address", "in-cidr-set", {"cidrs": ["10.1.2.3/8", "::1"]})) == ""
    assert "10.0.0.0/33" in verdict(
        behavior("aws:source-ip-address", "in-cidr-set", {"cidrs": ["10.0.0.0/33"]})
    )


def test_behavior_names_are_unique(verdict: Callable[..., str]) -> None:
    same = behavior("aws:num-disconnects", *COUNTED)
    assert verdict(same, same | {"name": "c"}) == ""
    assert "unique" in verdict(same, same)


def test_a_profile_holds_1000_values_and_not_one_more(verdict: Callable[..., str]) -> None:
    ports = behavior("aws:listening-tcp-ports", "in-port-set", {"ports": list(range(999))})
    count = behavior("aws:num-disconnects", *COUNTED) | {"name": "c"}
    assert verdict(ports, count) == ""
    assert "1001" in verdict(ports, count, count | {"name": "d"})


def test_a_profile_holds_100_behaviors_and_not_one_more(iot: Any, refused: Refused) -> None:
    many = [behavior("aws:num-disconnects", *COUNTED) | {"name": f"b{n}"} for n in range(101)]
    iot.create_security_profile(securityProfileName="p", behaviors=many[:100])
    status, code, message = refused(iot.create_security_profile, securityProfileName="q", behaviors=many)
    assert (status, code) == (400, "InvalidRequestException")
    assert "101" in message


def test_retained_metrics_must_exist_too(iot: Any, refused: Refused) -> None:
    for retained in (
        {"additionalMetricsToRetain": ["mine"]},
        {"additionalMetricsToRetainV2": [{"metric": "mine"}]},
    ):
        assert "mine" in refused(iot.create_security_profile, securityProfileName="p", **retained)[2]


@pytest.mark.parametrize(
    ("request_", "at"),
    [
        ({"securityProfileName": "a b"}, "securityProfileName"),
        ({"securityProfileName": "n" * 129}, "securityProfileName"),
        ({"securityProfileDescription": "two\nlines"}, "securityProfileDescription"),
        ({"securityProfileDescription": "caf\u00e9"}, "securityProfileDescription"),
        ({"securityProfileDescription": "d" * 1001}, "securityProfileDescription"),
        ({"behaviors": [{"name": "no spaces"}]}, "behaviors.1.member.name"),
        (
            {"behaviors": [behavior("m", "equals", {"count": 1})]},
            "behaviors.1.member.criteria.comparisonOperator",
        ),
        (
            {"behaviors": [behavior("m", *COUNTED, consecutiveDatapointsToAlarm=11)]},
            "consecutiveDatapointsToAlarm",
        ),
        (
            {"behaviors": [behavior("m", statisticalThreshold={"statistic": "Average"})]},
            "statisticalThreshold.statistic",
        ),
        ({"behaviors": [behavior("m", "in-port-set", {"ports": [65536]})]}, "ports.1.member"),
        (
            {"alertTargets": {"SQS": {"alertTargetArn": "a", "roleArn": "r" * 20}}},
            "alertTargets (key)",
        ),
        ({"metricsExportConfig": {"mqttTopic": "t", "roleArn": "short-role-arn-of-20"[:19]}}, "roleArn"),
        ({"tags": [{"Key": "semi;colon", "Value": "v"}]}, "tags.1.member.Key"),
        ({"tags": [{"Key": "aws:mine", "Value": "v"}]}, "reserved"),
        ({"tags": [{"Key": "k"}, {"Key": "k"}]}, "unique"),
    ],
)
def test_what_the_model_states_is_enforced(
    request_: dict[str, Any],
    at: str,
    start: Callable[..., TwoClouds],
    connect: Any,
    refused: Refused,
) -> None:
    iot = connect(start(), config=Config(parameter_validation=False, retries={"total_max_attempts": 1}))
    asked = {"securityProfileName": "p"} | request_
    status, code, message = refused(iot.create_security_profile, **asked)
    assert (status, code) == (400, "InvalidRequestException")
    assert at in message


def test_tag_keys_may_be_in_any_script(iot: Any) -> None:
    iot.create_security_profile(securityProfileName="p", tags=[{"Key": "équipe_物", "Value": "x"}])
    arn = iot.describe_security_profile(securityProfileName="p")["securityProfileArn"]
    assert iot.list_tags_for_resource(resourceArn=arn)["tags"] == [{"Key": "équipe_物", "Value": "x"}]
