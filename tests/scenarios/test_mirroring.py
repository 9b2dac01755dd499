"""The main job end to end: a change in either cloud appears in the other, and nothing else moves."""

from __future__ import annotations

import copy
from collections.abc import Callable

import pytest

from functions.local.tour_profile import PROFILE
from tests.scenarios.scene import HUB, MESSAGES, Scene, allow_rule, sent, window_rule

Play = Callable[..., Scene]


def test_an_edit_on_aws_is_on_azure_after_one_delivery(scene: Scene) -> None:
    scene.create_profile("pumps", sent(100), sent(5, "greater-than", "alive"))
    scene.rest()
    assert scene.rules("pumps") == {MESSAGES: (6, 100, "PT5M")}
    scene.edit_profile("pumps", lambda behaviors: behaviors.__setitem__(0, sent(60)))
    scene.rest()
    assert scene.rules("pumps") == {MESSAGES: (6, 60, "PT5M")}
    assert scene.writes() == 2
    assert [line["direction"] for line in scene.lines("mirrored")] == ["aws-to-azure"] * 2


def test_an_edit_on_azure_is_on_aws_after_one_delivery(scene: Scene) -> None:
    scene.put_group("pumps", window_rule(0, 100))
    scene.rest()
    (behavior,) = scene.profile("pumps")["behaviors"]
    assert behavior["metric"] == "aws:num-messages-sent"
    assert behavior["criteria"]["value"] == {"count": 100}
    scene.edit_group("pumps", MESSAGES, maxThreshold=60)
    scene.rest()
    (behavior,) = scene.profile("pumps")["behaviors"]
    assert behavior["criteria"]["value"] == {"count": 60}
    assert [line["direction"] for line in scene.lines("mirrored")] == ["azure-to-aws"] * 2


def test_the_echo_of_a_write_writes_nothing(scene: Scene) -> None:
    scene.create_profile("pumps", sent(100))
    scene.rest()
    assert scene.version("pumps") == 1
    assert {line["function"] for line in scene.lines("no-op")} == {"function"}
    assert scene.writes() == 1


def test_every_byte_that_only_aws_can_say_stays(scene: Scene) -> None:
    scene.iot.create_security_profile(**PROFILE)
    scene.rest()
    before = scene.profile("pumps")
    scene.edit_group("pumps", MESSAGES, minThreshold=2, maxThreshold=60)
    scene.edit_group("pumps", "ConnectionToIpNotAllowed", allowlistValues=["10.0.0.0/8", "172.16.0.0/12"])
    scene.rest()
    want = copy.deepcopy(before)
    chatty, alive, _, peers, *_ = want["behaviors"]
    chatty["criteria"]["value"]["count"] = 61
    alive["criteria"]["value"]["count"] = 1
    peers["criteria"]["value"]["cidrs"] = ["10.0.0.0/8", "172.16.0.0/12"]
    assert scene.profile("pumps") == want
    tags = scene.iot.list_tags_for_resource(resourceArn=want["securityProfileArn"])["tags"]
    assert tags == [{"Key": "team", "Value": "water"}]


def test_every_rule_that_only_azure_can_say_stays(scene: Scene) -> None:
    parked = {**window_rule(3, 9, "QueuePurgesNotInAllowedRange", "PT30M"), "isEnabled": False}
    files = window_rule(0, 3, "FileUploadsNotInAllowedRange", "PT15M")
    users = allow_rule("LocalUserNotAllowed", "root", "pi")
    scene.put_group("pumps", window_rule(0, 100), parked, files, allowlistRules=[users])
    scene.rest()
    before = scene.group("pumps")["properties"]
    scene.edit_profile("pumps", lambda behaviors: behaviors[0]["criteria"]["value"].update(count=60))
    scene.rest()
    after = scene.group("pumps")["properties"]
    changed = [
        (old, new)
        for kind in before
        for old, new in zip(before[kind], after[kind], strict=True)
        if old != new
    ]
    ((old, new),) = changed
    assert (old["ruleType"], old["maxThreshold"], new["maxThreshold"]) == (MESSAGES, 100, 60)
    held = {line["path"]: line["code"] for line in scene.lines("mirrored")[0]["held"]}
    assert held == {
        "timeWindowRules[QueuePurgesNotInAllowedRange]": "parked",
        "timeWindowRules[FileUploadsNotInAllowedRange]": "custom-metric-off",
        "allowlistRules[LocalUserNotAllowed]": "custom-metric-off",
    }


def test_custom_metrics_carry_rules_of_azure_where_the_route_provisions_them(play: Play) -> None:
    scene = play(custom_metrics="{mode: provision, metrics: {FileUploads: file-uploads}}")
    scene.put_group("pumps", window_rule(0, 3, "FileUploadsNotInAllowedRange", "PT15M"))
    scene.rest()
    assert scene.iot.describe_custom_metric(metricName="file-uploads")["metricType"] == "number"
    (behavior,) = scene.profile("pumps")["behaviors"]
    assert (behavior["metric"], behavior["criteria"]["value"]) == ("file-uploads", {"number": 3.0})
    scene.edit_profile("pumps", lambda behaviors: behaviors[0]["criteria"]["value"].update(number=2.0))
    scene.rest()
    assert scene.rules("pumps") == {"FileUploadsNotInAllowedRange": (0, 2, "PT15M")}


def test_attaching_a_profile_to_a_target_is_looked_at_and_changes_nothing(scene: Scene) -> None:
    scene.create_profile("pumps", sent(100))
    scene.rest()
    target = "arn:aws:iot:eu-central-1:123456789012:all/registered-things"
    scene.iot.attach_security_profile(securityProfileName="pumps", securityProfileTargetArn=target)
    scene.rest()
    assert scene.writes() == 1


def test_a_change_of_tags_is_looked_at_and_held(scene: Scene) -> None:
    scene.create_profile("pumps", sent(100))
    scene.rest()
    scene.lines.forget()
    arn = scene.profile("pumps")["securityProfileArn"]
    scene.iot.tag_resource(resourceArn=arn, tags=[{"Key": "team", "Value": "water"}])
    scene.rest()
    assert [(line["event"], line["link"], line["writes"]) for line in scene.lines()] == [
        ("no-op", "sandbox/pumps", 0)
    ]
    scene.edit_profile("pumps", lambda behaviors: behaviors.__setitem__(0, sent(60)))
    scene.rest()
    (held,) = scene.lines("mirrored")[0]["held"]
    assert (held["path"], held["code"]) == ("tags", "own-member")


def test_duplicated_and_shuffled_events_write_each_change_once(scene: Scene) -> None:
    for bus in (scene.clouds.aws_bus, scene.clouds.azure_bus):
        bus.set_knobs({"duplicate": 1.0, "reorder": True, "delay_ms": 5})
    for number in range(5):
        scene.create_profile(f"line-{number}", sent(100 + number))
    scene.rest()
    scene.clouds.aws_bus.replay(50)
    scene.clouds.azure_bus.replay(50)
    scene.rest()
    assert [scene.rules(f"line-{n}") for n in range(5)] == [
        {MESSAGES: (0, 100 + n, "PT5M")} for n in range(5)
    ]
    assert scene.writes() == 5
    assert scene.clouds.aws_bus.dead_letters == scene.clouds.azure_bus.dead_letters == []


def test_what_every_event_was_lost_about_the_sweep_repairs(scene: Scene) -> None:
    for bus in (scene.clouds.aws_bus, scene.clouds.azure_bus):
        bus.set_knobs({"lose": 1.0})
    scene.create_profile("from-aws", sent(100))
    scene.put_group("from-azure", window_rule(0, 50))
    scene.rest()
    assert scene.lines() == []
    scene.sweep()
    assert scene.rules("from-aws") == {MESSAGES: (0, 100, "PT5M")}
    assert scene.profile("from-azure")["behaviors"][0]["criteria"]["value"] == {"count": 50}
    scene.sweep()
    assert scene.writes() == 2


def test_edits_on_both_sides_of_different_rules_meet(scene: Scene) -> None:
    scene.create_profile("pumps", sent(100), sent(5, "greater-than", "alive"))
    scene.rest()
    scene.clouds.aws_bus.pause()
    scene.clouds.azure_bus.pause()
    scene.edit_profile("pumps", lambda behaviors: behaviors.__setitem__(0, sent(60)))
    scene.edit_group("pumps", MESSAGES, minThreshold=10)
    scene.clouds.aws_bus.resume()
    scene.clouds.azure_bus.resume()
    scene.rest()
    scene.sweep()
    assert scene.rules("pumps") == {MESSAGES: (10, 60, "PT5M")}
    values = [each["criteria"]["value"]["count"] for each in scene.profile("pumps")["behaviors"]]
    assert values == [60, 9]


@pytest.mark.parametrize("side", ["aws", "azure"])
def test_a_mirrored_deletion_waits_for_a_second_look(play: Play, side: str) -> None:
    scene = play(delete="mirror")
    scene.create_profile("pumps", sent(100))
    scene.rest()
    began = scene.clock()
    if side == "aws":
        scene.iot.delete_security_profile(securityProfileName="pumps")
    else:
        scene.groups.delete(HUB, "pumps")
    scene.rest()
    assert scene.lines("busy", "look-again")
    assert scene.clock() >= began + 60.0
    assert len(scene.lines("mirrored", "deleted")) == 1
    assert scene.profiles() == scene.group_names() == []


def test_a_deletion_is_held_where_the_route_says_nothing(scene: Scene) -> None:
    scene.create_profile("pumps", sent(100))
    scene.rest()
    scene.iot.delete_security_profile(securityProfileName="pumps")
    scene.rest()
    assert scene.lines("held", "deletion-held")
    assert scene.group_names() == ["pumps"]
