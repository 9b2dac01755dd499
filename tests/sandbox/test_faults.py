"""Faults on demand at both front doors, from Python and over HTTP."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from azure.core.exceptions import ServiceResponseError
from azure.mgmt.security import SecurityCenter
from botocore.exceptions import ConnectionClosedError

from functions.local.sandbox import AzureFaults, Faults, StaticCredential, TwoClouds
from functions.local.sandbox.identifiers import Dice
from functions.local.sandbox.knobs import KnobError

NOON = datetime(2027, 1, 15, 12, tzinfo=UTC)
Refused = Callable[..., tuple[int, str, str]]
NAME = {"securityProfileName": "p"}
TO_IP = {"ruleType": "ConnectionToIpNotAllowed", "isEnabled": True, "allowlistValues": ["10.0.0.0/8"]}
FROM_IP = TO_IP | {"ruleType": "ConnectionFromIpNotAllowed"}


def test_the_next_calls_of_aws_are_throttled(clouds: TwoClouds, iot: Any, refused: Refused) -> None:
    clouds.aws_faults.throttle_next = 2
    for _ in range(2):
        assert refused(iot.list_security_profiles)[:2] == (400, "ThrottlingException")
    assert iot.list_security_profiles()["securityProfileIdentifiers"] == []


def test_the_next_calls_of_azure_are_throttled(clouds: TwoClouds, ask: Any, group_path: Any) -> None:
    clouds.azure_faults.update({"throttle_next": 1, "retry_after_s": 7})
    answers = [
        ask(clouds.azure.endpoint, "DELETE", group_path("g"), Authorization="Bearer user.alice")
        for _ in range(2)
    ]
    assert [(answer.status, answer.headers.get("retry-after")) for answer in answers] == [
        (429, "7"),
        (204, None),
    ]


def test_a_share_of_the_calls_is_throttled() -> None:
    faults, dice = Faults(throttle_rate=0.25), Dice(random.Random(1))
    throttled = sum(faults.throttled(dice) for _ in range(1000))
    assert 200 < throttled < 300


def test_an_sdk_that_retries_gets_through(clouds: TwoClouds, arm: Any) -> None:
    clouds.azure_faults.update({"throttle_next": 1, "retry_after_s": 0})
    arm(clouds, retry_total=2, retry_backoff_factor=0).create_or_update(clouds.azure.hub, "g", b"{}")
    assert clouds.azure_faults.throttle_next == 0


def test_the_next_call_fails_and_changes_nothing(
    clouds: TwoClouds, iot: Any, groups: Any, refused: Refused
) -> None:
    clouds.aws_faults.fail_next = clouds.azure_faults.fail_next = 1
    assert refused(iot.create_security_profile, **NAME)[:2] == (500, "InternalFailureException")
    assert refused(groups.create_or_update, clouds.azure.hub, "g", b"{}")[:2] == (500, "InternalServerError")
    assert iot.list_security_profiles()["securityProfileIdentifiers"] == []
    assert list(groups.list(clouds.azure.hub)) == []


def test_a_dropped_answer_belongs_to_a_write_that_was_applied(
    clouds: TwoClouds, iot: Any, groups: Any, delivered: Any
) -> None:
    clouds.aws_faults.drop_answer_next = clouds.azure_faults.drop_answer_next = 1
    assert iot.list_security_profiles()["securityProfileIdentifiers"] == []
    with pytest.raises(ConnectionClosedError):
        iot.create_security_profile(**NAME)
    with pytest.raises(ServiceResponseError):
        groups.create_or_update(clouds.azure.hub, "g", b"{}")
    assert iot.describe_security_profile(**NAME)["version"] == 1
    assert groups.get(clouds.azure.hub, "g").name == "g"
    assert clouds.settle()
    assert (len(delivered.aws), len(delivered.azure)) == (1, 1)


def test_a_refused_write_is_answered_even_when_answers_drop(
    clouds: TwoClouds, iot: Any, refused: Refused
) -> None:
    clouds.aws_faults.drop_answer_next = 1
    assert refused(iot.update_security_profile, **NAME)[0] == 404
    assert clouds.aws_faults.drop_answer_next == 1


def test_a_cloud_can_be_down(clouds: TwoClouds, iot: Any, groups: Any, refused: Refused, ask: Any) -> None:
    clouds.aws_faults.down = clouds.azure_faults.down = True
    assert refused(iot.list_security_profiles)[0] == 503
    assert refused(groups.get, clouds.azure.hub, "g")[0] == 503
    assert ask(clouds.aws.endpoint, "PUT", "/_sandbox/faults", {"down": False}).status == 200
    assert iot.list_security_profiles()["securityProfileIdentifiers"] == []


def test_a_cloud_can_say_not_found_to_everything(
    clouds: TwoClouds, iot: Any, groups: Any, refused: Refused
) -> None:
    clouds.aws_faults.not_found_all = clouds.azure_faults.not_found_all = True
    assert refused(iot.list_security_profiles)[:2] == (404, "ResourceNotFoundException")
    assert refused(iot.create_security_profile, **NAME)[0] == 404
    assert refused(lambda: list(groups.list(clouds.azure.hub)))[:2] == (404, "ResourceNotFound")


def test_slowness_is_an_injected_sleep() -> None:
    slept: list[float] = []
    Faults(latency_ms=250).delay(slept.append)
    Faults().delay(slept.append)
    assert slept == [0.25]


def test_hidden_allowlist_values_are_missing_from_every_answer(
    clouds: TwoClouds, put: Any, get: Any, groups: Any
) -> None:
    clouds.azure_faults.hide_allowlist_values = True
    answers = [put("g", {"allowlistRules": [TO_IP, FROM_IP]}), get("g")]
    for answer in answers:
        shown = {rule["ruleType"]: rule for rule in answer["properties"]["allowlistRules"]}
        hidden = {name for name, rule in shown.items() if "allowlistValues" not in rule}
        assert hidden == {"ConnectionToIpNotAllowed", "LocalUserNotAllowed", "ProcessNotAllowed"}
        assert shown["ConnectionFromIpNotAllowed"]["allowlistValues"] == ["10.0.0.0/8"]
    (listed,) = groups.list(clouds.azure.hub)
    assert [rule.allowlist_values for rule in listed.allowlist_rules][:2] == [None, ["10.0.0.0/8"]]
    clouds.azure_faults.hide_allowlist_values = False
    assert get("g")["properties"]["allowlistRules"][0]["allowlistValues"] == ["10.0.0.0/8"]


def test_thresholds_can_be_clamped(clouds: TwoClouds, put: Any, get: Any) -> None:
    clouds.azure_faults.clamp_max = 1000
    rule = {"ruleType": "QueuePurgesNotInAllowedRange", "isEnabled": True, "timeWindowSize": "PT5M"}
    put("g", {"timeWindowRules": [rule | {"minThreshold": 0, "maxThreshold": 2147483647}]})
    shown = {r["ruleType"]: r["maxThreshold"] for r in get("g")["properties"]["timeWindowRules"]}
    assert shown["QueuePurgesNotInAllowedRange"] == 1000
    assert shown["TwinUpdatesNotInAllowedRange"] == 0


def test_aws_takes_a_share_of_its_quota_by_operation(
    start: Callable[..., TwoClouds], connect: Any, refused: Refused
) -> None:
    now = [NOON]
    clouds = start(now=lambda: now[0])
    iot = connect(clouds)
    clouds.aws_faults.update({"quotas": 0.2})
    for _ in range(2):
        iot.list_security_profiles()
    assert refused(iot.list_security_profiles)[:2] == (400, "ThrottlingException")
    assert refused(iot.describe_security_profile, **NAME)[:2] == (404, "ResourceNotFoundException")
    now[0] += timedelta(seconds=0.5)
    iot.list_security_profiles()
    assert clouds.aws_faults.counted.refused == 1


def test_azure_takes_a_share_of_its_quota_by_principal_and_says_when_to_come_again(
    start: Callable[..., TwoClouds], ask: Any, group_path: Any
) -> None:
    clouds = start(now=lambda: NOON)
    clouds.azure_faults.update({"quotas": 0.01})

    def delete(who: str) -> tuple[int, str | None]:
        answer = ask(clouds.azure.endpoint, "DELETE", group_path("g"), Authorization=f"Bearer user.{who}")
        return answer.status, answer.headers.get("retry-after")

    assert [delete("alice") for _ in range(3)] == [(204, None), (204, None), (429, "10")]
    assert delete("bob") == (204, None)


def test_faults_are_read_and_set_over_http(clouds: TwoClouds, ask: Any) -> None:
    for endpoint, faults in (
        (clouds.aws.endpoint, clouds.aws_faults),
        (clouds.azure.endpoint, clouds.azure_faults),
    ):
        changed = ask(endpoint, "PUT", "/_sandbox/faults", {"throttle_next": 3, "throttle_rate": 0.5})
        assert changed.json == ask(endpoint, "GET", "/_sandbox/faults").json == faults.as_dict()
        assert (faults.throttle_next, faults.throttle_rate, faults.down) == (3, 0.5, False)


@pytest.mark.parametrize(
    "wrong",
    [
        {"no_such_fault": 1},
        {"throttle_next": -1},
        {"throttle_next": 1.5},
        {"throttle_next": True},
        {"down": 1},
        {"clamp_max": "x"},
        {"provider": "gone"},
        [],
    ],
)
def test_a_wrong_fault_changes_nothing(clouds: TwoClouds, ask: Any, wrong: Any) -> None:
    body = {"fail_next": 5} | wrong if isinstance(wrong, dict) else wrong
    answer = ask(clouds.azure.endpoint, "PUT", "/_sandbox/faults", body)
    assert answer.status == 400
    assert answer.json["error"]
    assert clouds.azure_faults.as_dict() == AzureFaults().as_dict()


def test_an_unknown_fault_is_named_along_with_the_known_ones() -> None:
    with pytest.raises(KnobError, match=r"'thottle'.*throttle_next"):
        Faults().update({"thottle": 1})


def test_other_addresses_of_the_sandbox_are_404(clouds: TwoClouds, ask: Any) -> None:
    assert ask(clouds.aws.endpoint, "GET", "/_sandbox/other").status == 404
    assert ask(clouds.aws.endpoint, "DELETE", "/_sandbox/faults").status == 404


def test_the_plain_client_of_the_sdk_works_with_https_not_enforced(clouds: TwoClouds) -> None:
    with SecurityCenter(
        StaticCredential("user.bob"), clouds.azure.subscription, base_url=clouds.azure.endpoint
    ) as client:
        groups = client.device_security_groups
        groups.create_or_update(clouds.azure.hub, "g", b"{}", enforce_https=False)
        assert [group.name for group in groups.list(clouds.azure.hub, enforce_https=False)] == ["g"]
