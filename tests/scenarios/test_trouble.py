"""Clouds that refuse, throttle, fail, hide, clamp: a clear code, nothing lost, no other policy affected."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from functions.local import in_process
from functions.local.sandbox import AzureOptions
from functions.local.sandbox.azure_ids import HubId
from functions.local.sandbox.clients import cloud_ports
from tests.scenarios.scene import HUB, MESSAGES, Scene, allow_rule, sent, window_rule

Play = Callable[..., Scene]
TO_IP = "ConnectionToIpNotAllowed"


def destinations(*cidrs: str) -> dict[str, Any]:
    criteria = {"comparisonOperator": "in-cidr-set", "value": {"cidrs": list(cidrs)}}
    return {"name": "peers", "metric": "aws:destination-ip-addresses", "criteria": criteria}


def limit(count: int) -> Callable[[list[Any]], None]:
    return lambda behaviors: behaviors[0]["criteria"]["value"].update(count=count)


def signed_in(**otherwise: str) -> Callable[..., Any]:
    """The functions' way to the clouds, as somebody else."""
    return lambda *endpoints, **keys: cloud_ports(*endpoints, **{**keys, **otherwise})


# Refused, missing, throttled, broken


def test_wrong_credentials_for_azure_are_denied_and_nothing_changes(
    monkeypatch: pytest.MonkeyPatch, play: Play
) -> None:
    monkeypatch.setattr(in_process, "cloud_ports", signed_in(user="denied"))
    scene = play()
    scene.create_profile("pumps", sent(100))
    scene.rest()
    codes = {(line["event"], line["code"]) for line in scene.lines()}
    assert codes == {("error", "denied")}
    assert "Microsoft.Security/deviceSecurityGroups/read" in scene.lines("error")[0]["reason"]
    assert scene.group_names() == []
    assert len(scene.clouds.aws_bus.dead_letters) == 1


def test_wrong_credentials_for_aws_are_denied_and_nothing_changes(
    monkeypatch: pytest.MonkeyPatch, play: Play
) -> None:
    monkeypatch.setattr(in_process, "cloud_ports", signed_in(key="DENIED"))
    scene = play()
    scene.put_group("pumps", window_rule(0, 100))
    scene.rest()
    assert {line["code"] for line in scene.lines()} == {"denied"}
    assert "iot:DescribeSecurityProfile" in scene.lines("error")[0]["reason"]
    assert scene.profiles() == []


def test_a_hub_that_is_gone_deletes_nothing(play: Play) -> None:
    scene = play(delete="mirror")
    scene.create_profile("pumps", sent(100))
    scene.rest()
    hub = HubId.parse(HUB)
    assert hub is not None
    scene.clouds.azure_state.forget(hub)
    scene.lines.forget()
    for _ in range(2):
        scene.edit_profile("pumps", limit(60))
        scene.sweep()
        scene.clock.skip(3600.0)
    assert {(line["event"], line["code"]) for line in scene.lines()} == {("error", "scope-missing")}
    assert scene.profiles() == ["pumps"]


@pytest.mark.parametrize("provider", ["unregistered", "retired"])
def test_a_provider_that_was_retired_never_looks_like_everything_deleted(play: Play, provider: str) -> None:
    scene = play(delete="mirror")
    scene.create_profile("pumps", sent(100))
    scene.rest()
    scene.lines.forget()
    scene.clouds.azure_faults.update({"provider": provider})
    for _ in range(2):
        scene.sweep()
        scene.clock.skip(3600.0)
    assert {(line["event"], line["code"]) for line in scene.lines()} == {("error", "scope-missing")}
    assert scene.profiles() == ["pumps"]


def test_a_cloud_that_says_not_found_to_everything_deletes_nothing(play: Play) -> None:
    scene = play(delete="mirror")
    scene.create_profile("pumps", sent(100))
    scene.rest()
    scene.clouds.azure_faults.update({"not_found_all": True})
    for _ in range(2):
        scene.sweep()
        scene.clock.skip(3600.0)
    assert scene.profiles() == ["pumps"]


def test_throttling_by_azure_is_waited_for(scene: Scene) -> None:
    scene.clouds.azure_faults.update({"throttle_rate": 1.0, "retry_after_s": 0})
    scene.create_profile("pumps", sent(100))
    scene.lines.wait("busy", "throttled")
    assert scene.group_names() == []
    scene.clouds.azure_faults.update({"throttle_rate": 0.0})
    scene.rest()
    assert scene.rules("pumps") == {MESSAGES: (0, 100, "PT5M")}
    assert scene.clouds.aws_bus.dead_letters == []


def test_throttling_by_aws_is_waited_for(scene: Scene) -> None:
    scene.clouds.aws_faults.update({"throttle_rate": 1.0})
    scene.put_group("pumps", window_rule(0, 100))
    scene.lines.wait("busy", "throttled")
    scene.clouds.aws_faults.update({"throttle_rate": 0.0})
    scene.rest()
    assert scene.profiles() == ["pumps"]
    assert scene.clouds.azure_bus.dead_letters == []


@pytest.mark.parametrize("side", ["aws", "azure"])
def test_a_cloud_that_is_down_changes_nothing_on_the_other_and_is_waited_for(scene: Scene, side: str) -> None:
    scene.create_profile("pumps", sent(100))
    scene.rest()
    down, other = (
        (scene.clouds.aws_faults, scene.clouds.azure_bus)
        if side == "aws"
        else (scene.clouds.azure_faults, scene.clouds.aws_bus)
    )
    if side == "aws":
        down.update({"down": True})
        scene.edit_group("pumps", MESSAGES, maxThreshold=60)
    else:
        down.update({"down": True})
        scene.edit_profile("pumps", limit(60))
    scene.lines.wait("busy", "unreachable")
    assert scene.writes() == 1
    down.update({"down": False})
    scene.rest()
    assert scene.rules("pumps") == {MESSAGES: (0, 60, "PT5M")}
    assert scene.profile("pumps")["behaviors"][0]["criteria"]["value"] == {"count": 60}
    assert other.dead_letters == []


@pytest.mark.parametrize("side", ["aws", "azure"])
def test_an_answer_that_is_dropped_after_the_write_was_applied_is_settled(scene: Scene, side: str) -> None:
    scene.create_profile("pumps", sent(100))
    scene.rest()
    began = scene.clock()
    if side == "azure":
        scene.clouds.azure_faults.update({"drop_answer_next": 1})
        scene.clouds.aws_bus.pause()
        scene.edit_profile("pumps", limit(60))
        scene.clouds.aws_bus.resume()
    else:
        scene.clouds.azure_bus.pause()
        scene.edit_group("pumps", MESSAGES, maxThreshold=60)
        scene.clouds.aws_faults.update({"drop_answer_next": 1})
        scene.clouds.azure_bus.resume()
    scene.rest()
    assert scene.lines("busy", "unanswered")
    assert scene.clock() - began >= 80.0
    assert scene.rules("pumps") == {MESSAGES: (0, 60, "PT5M")}
    assert scene.profile("pumps")["behaviors"][0]["criteria"]["value"] == {"count": 60}
    assert scene.version("pumps") == 2
    scene.sweep()
    assert scene.lines()[-1]["event"] == "no-op"


def test_a_failing_service_is_tried_again(scene: Scene) -> None:
    scene.clouds.azure_faults.update({"fail_next": 3})  # as often as one read is tried
    scene.create_profile("pumps", sent(100))
    scene.rest()
    assert scene.lines("busy", "unreachable")
    assert scene.rules("pumps") == {MESSAGES: (0, 100, "PT5M")}


# Hidden, clamped, unknown


def test_hidden_values_never_cause_a_write_and_are_never_emptied(scene: Scene) -> None:
    scene.clouds.azure_faults.update({"hide_allowlist_values": True})
    scene.create_profile("pumps", sent(100), destinations("10.0.0.0/8"))
    scene.rest()
    for _ in range(2):
        scene.sweep()
    assert scene.writes() == 1
    scene.edit_profile("pumps", limit(60))
    scene.rest()
    scene.clouds.azure_faults.update({"hide_allowlist_values": False})
    assert scene.rules("pumps") == {MESSAGES: (0, 60, "PT5M"), TO_IP: ["10.0.0.0/8"]}
    assert scene.profile("pumps")["behaviors"][1]["criteria"]["value"] == {"cidrs": ["10.0.0.0/8"]}


def test_values_that_were_always_hidden_are_held_and_kept(scene: Scene) -> None:
    scene.clouds.azure_faults.update({"hide_allowlist_values": True})
    scene.put_group("pumps", window_rule(0, 100), allowlistRules=[allow_rule(TO_IP, "10.0.0.0/8")])
    scene.rest()
    assert [each["code"] for each in scene.lines("mirrored")[0]["held"]] == ["values-hidden"]
    scene.edit_profile("pumps", limit(60))
    scene.rest()
    assert scene.lines("held", "values-hidden-beside")
    scene.clouds.azure_faults.update({"hide_allowlist_values": False})
    scene.sweep()
    assert scene.rules("pumps") == {MESSAGES: (0, 60, "PT5M"), TO_IP: ["10.0.0.0/8"]}
    assert scene.profile("pumps")["behaviors"][1]["criteria"]["value"] == {"cidrs": ["10.0.0.0/8"]}


def test_a_value_that_azure_clamps_is_told_and_aws_is_not_rewritten(scene: Scene) -> None:
    scene.clouds.azure_faults.update({"clamp_max": 1000})
    scene.create_profile("pumps", sent(5000))
    scene.rest()
    scene.sweep()
    assert scene.rules("pumps") == {MESSAGES: (0, 1000, "PT5M")}
    assert scene.version("pumps") == 1
    assert scene.writes() == 1
    (note,) = scene.lines("mirrored")[0]["notes"]
    assert note["code"] == "changed-by-cloud"


UNKNOWN = {"ruleType": "TeleportsNotInAllowedRange", "isEnabled": True, "beam": {"up": [1, None]}}


def test_an_unknown_rule_type_is_held_and_sent_back_as_it_is(scene: Scene) -> None:
    scene.put_group("pumps", window_rule(0, 100), UNKNOWN)
    scene.rest()
    (held,) = scene.lines("mirrored")[0]["held"]
    path = "timeWindowRules[TeleportsNotInAllowedRange]"
    assert (held["path"], held["code"]) == (path, "unknown-rule-type")
    scene.edit_profile("pumps", limit(60))
    scene.rest()
    assert UNKNOWN in scene.group("pumps")["properties"]["timeWindowRules"]
    (rule,) = [
        each for each in scene.group("pumps")["properties"]["timeWindowRules"] if each["ruleType"] == MESSAGES
    ]
    assert rule["maxThreshold"] == 60


def test_an_unknown_rule_type_that_the_cloud_refuses_holds_its_group_and_no_other(scene: Scene) -> None:
    scene.put_group("pumps", window_rule(0, 100), UNKNOWN)
    scene.rest()
    scene.clouds.azure_state.options = AzureOptions(unknown_rules="refuse")
    scene.edit_profile("pumps", limit(60))
    scene.create_profile("valves", sent(70))
    scene.rest()
    refused = scene.lines("held", "refused")
    assert "TeleportsNotInAllowedRange" in refused[0]["reason"]
    assert scene.rules("valves") == {MESSAGES: (0, 70, "PT5M")}
    scene.sweep()
    scene.clouds.azure_state.options = AzureOptions()
    scene.put_group("pumps", window_rule(0, 100))  # the user takes the odd rule out
    scene.sweep()
    assert scene.rules("pumps") == {MESSAGES: (0, 60, "PT5M")}


def test_a_group_that_azure_itself_changes_between_read_and_write_is_read_again(scene: Scene) -> None:
    """Ids and member order change with every answer of the service: that is no edit."""
    scene.create_profile("pumps", sent(100))
    scene.rest()
    for _ in range(3):
        scene.sweep()
    assert scene.writes() == 1
