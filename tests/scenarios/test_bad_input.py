"""Bad input of every kind: a clear error or a hold with a stable code, and no other policy is affected."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.scenarios.scene import HUB, MESSAGES, Scene, allow_rule, sent, window_rule

Play = Callable[..., Scene]


def event_of(scene: Scene, name: str) -> Any:
    """The event of a new profile, which never arrives by itself."""
    bus = scene.clouds.aws_bus
    bus.pause()
    scene.create_profile(name, sent(100))
    bus.stop()
    return copy.deepcopy(bus._history[-1])


def alone(scene: Scene, payload: Any, *, to: str = "lambda") -> tuple[str, Any]:
    """What one delivery came to, as event and code or reason."""
    (line,) = scene.deliver(payload, to=to)
    return line["event"], line.get("code") or line.get("reason")


# Events


@pytest.mark.parametrize(
    "payload",
    [
        "{not JSON",
        "[]",
        "null",
        "5",
        "",
        "{}",
        '{"a": 1, "a": 2}',
        '{"a": NaN}',
        "[" * 100_000,
        "\x00",
        '"\ud800"',
    ],
)
@pytest.mark.parametrize("to", ["lambda", "function"])
def test_malformed_payloads_are_refused_in_one_line(scene: Scene, payload: str, to: str) -> None:
    lines = scene.deliver(payload, to=to)
    no_events = (payload, to) == ("[]", "function")  # Event Grid's list may be empty
    assert [(line["event"], line["code"]) for line in lines] == [("refused", "bad-event")] * (not no_events)
    assert scene.writes() == 0


@pytest.mark.parametrize("to", ["lambda", "function"])
def test_an_event_of_five_megabytes_is_refused_or_read_and_never_repeated(scene: Scene, to: str) -> None:
    big = json.dumps({"detail-type": "x" * 5_000_000, "eventType": "x" * 5_000_000})
    (line,) = scene.deliver(big, to=to)
    assert line["event"] == "refused"
    assert len(json.dumps(line)) < 1000


def test_an_event_with_a_large_document_is_read_for_its_key_only(scene: Scene) -> None:
    event = event_of(scene, "pumps")
    event["detail"]["requestParameters"]["behaviors"] = ["x" * 100] * 1000
    assert alone(scene, event) == ("mirrored", "written")
    assert scene.rules("pumps") == {MESSAGES: (0, 100, "PT5M")}


def test_an_event_whose_members_were_left_out_for_size_sweeps_the_scope(scene: Scene) -> None:
    event = event_of(scene, "pumps")
    event["detail"] |= {"requestParameters": None, "responseElements": None}
    scene.deliver(event)
    scene.rest()
    assert scene.rules("pumps") == {MESSAGES: (0, 100, "PT5M")}


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"eventSource": "s3.amazonaws.com"}, "other-service"),
        ({"errorCode": "AccessDenied"}, "failed-call"),
        ({"eventName": "DescribeSecurityProfile", "readOnly": True}, "not-a-write"),
        ({"eventName": "CreateThing"}, "not-a-policy"),
        ({"recipientAccountId": "999999999999"}, "outside-routes"),
        ({"awsRegion": "us-east-1"}, "outside-routes"),
    ],
)
def test_an_event_that_concerns_nobody_is_ignored_with_its_reason(
    scene: Scene, changes: dict[str, Any], reason: str
) -> None:
    event = event_of(scene, "pumps")
    event["detail"] |= changes
    assert alone(scene, event) == ("ignored", reason)
    assert scene.group_names() == []


def test_a_forged_event_changes_nothing_but_the_time_of_a_look(scene: Scene) -> None:
    """It claims a deletion, a name outside the routes, another hub: the clouds are asked, and know better."""
    scene.create_profile("pumps", sent(100))
    scene.rest()
    group = f"{HUB}/providers/Microsoft.Security/deviceSecurityGroups/"
    forged = {
        "id": "x",
        "subject": group + "pumps",
        "eventType": "Microsoft.Resources.ResourceDeleteSuccess",
        "data": {
            "resourceUri": group + "pumps",
            "operationName": "Microsoft.Security/deviceSecurityGroups/delete",
            "properties": {"timeWindowRules": []},
        },
    }
    assert alone(scene, forged, to="function") == ("no-op", "in-step")
    for elsewhere in (group + "default", group.replace("sandbox-hub", "other-hub") + "pumps"):
        away = {**forged, "subject": elsewhere, "data": {**forged["data"], "resourceUri": elsewhere}}  # type: ignore[dict-item]
        assert alone(scene, away, to="function") == ("ignored", "outside-routes")
    assert scene.writes() == 1
    assert scene.profiles() == scene.group_names() == ["pumps"]


@pytest.mark.parametrize("name", ["../x", "a/b", "two words", "x" * 129, "", "é"])
def test_a_forged_aws_name_is_refused(scene: Scene, name: str) -> None:
    event = event_of(scene, "pumps")
    event["detail"]["requestParameters"]["securityProfileName"] = name
    (line,) = scene.deliver(event)
    scene.rest()
    assert line["event"] in {"refused", "mirrored"}
    assert line["event"] == "refused" or name == ""  # without a name the whole scope is looked at
    assert scene.group_names() == ([] if line["event"] == "refused" else ["pumps"])


def test_a_failed_call_makes_an_event_that_is_ignored(scene: Scene) -> None:
    with pytest.raises(Exception, match="InvalidRequestException"):
        scene.create_profile("pumps", sent(100) | {"metric": "aws:no-such-metric"})
    scene.rest()
    assert [(line["event"], line["reason"]) for line in scene.lines()] == [("ignored", "failed-call")]


# Names


def test_names_that_differ_only_in_case_are_held(scene: Scene) -> None:
    scene.create_profile("pumps", sent(100))
    scene.rest()
    scene.create_profile("PUMPS", sent(50))
    scene.rest()
    (held,) = scene.lines("held")
    assert (held["link"], held["code"]) == ("sandbox/PUMPS", "name-case-differs")
    assert scene.rules("pumps") == {MESSAGES: (0, 100, "PT5M")}
    scene.sweep()
    assert scene.profiles() == ["PUMPS", "pumps"]
    assert scene.group_names() == ["pumps"]
    assert scene.writes() == 1


@pytest.mark.parametrize("name", ["two words", "größe", "a.b"])
def test_a_name_that_aws_cannot_spell_is_held(scene: Scene, name: str) -> None:
    scene.put_group(name, window_rule(0, 100))
    scene.put_group("valves", window_rule(0, 70))
    scene.rest()
    assert [line["code"] for line in scene.lines("held")] == ["name-not-spellable"]
    assert scene.profiles() == ["valves"]


def test_the_group_default_is_left_alone(scene: Scene) -> None:
    scene.put_group("default", window_rule(0, 100))
    scene.rest()
    scene.sweep()
    assert scene.lines("ignored")[0]["reason"] == "outside-routes"
    assert scene.profiles() == []


# Rules

TWIN = window_rule(1, 2)
BAD_RULES: list[tuple[str, Any, str]] = [
    ("inverted", {"timeWindowRules": [window_rule(100, 5)]}, "inverted-range"),
    ("negative", {"timeWindowRules": [window_rule(-5, 5)]}, "negative"),
    ("no-bound", {"timeWindowRules": [window_rule(0, 2147483647)]}, "no-bound"),
    ("odd-window", {"timeWindowRules": [window_rule(0, 5, window="PT7M")]}, "window-not-allowed"),
    ("twins", {"timeWindowRules": [window_rule(0, 5), TWIN]}, "duplicate-name"),
    ("empty", {"allowlistRules": [allow_rule("ConnectionToIpNotAllowed")]}, "empty-list"),
    ("no-cidr", {"allowlistRules": [allow_rule("ConnectionToIpNotAllowed", "north")]}, "not-a-cidr"),
    (
        "many",
        {
            "allowlistRules": [
                allow_rule("ConnectionToIpNotAllowed", *(f"10.0.{n // 256}.{n % 256}" for n in range(1001)))
            ]
        },
        "too-many-values",
    ),
]


@pytest.mark.parametrize(("name", "lists", "code"), BAD_RULES, ids=[name for name, _, _ in BAD_RULES])
def test_a_rule_of_azure_that_cannot_be_shared_is_held_and_the_others_go_on(
    scene: Scene, name: str, lists: Any, code: str
) -> None:
    good = window_rule(0, 9, "UnauthorizedOperationsNotInAllowedRange", "PT15M")
    rules = [good, *lists.pop("timeWindowRules", [])]
    scene.put_group(name, *rules, **lists)
    scene.put_group("valves", window_rule(0, 70))
    scene.rest()
    (line,) = [line for line in scene.lines("mirrored") if line["link"] == f"sandbox/{name}"]
    assert {held["code"] for held in line["held"]} == {code}
    assert [each["metric"] for each in scene.profile(name)["behaviors"]] == ["aws:num-authorization-failures"]
    assert scene.profiles() == sorted([name, "valves"])
    before = scene.group(name)["properties"]
    scene.edit_profile(name, lambda behaviors: behaviors[0]["criteria"]["value"].update(count=8))
    scene.rest()
    after = scene.group(name)["properties"]
    changed = [
        new["ruleType"]
        for kind in before
        for old, new in zip(before[kind], after[kind], strict=True)
        if old != new
    ]
    assert changed == [good["ruleType"]]


def test_control_characters_in_a_list_are_held_and_never_reach_a_message(play: Play) -> None:
    scene = play(custom_metrics="{mode: provision, metrics: {Process: processes}}")
    scene.put_group("pumps", allowlistRules=[allow_rule("ProcessNotAllowed", "sh\x1b[31m", "agent")])
    scene.rest()
    (held,) = scene.lines("mirrored")[0]["held"]
    assert held["code"] == "control-character"
    assert "\x1b" not in json.dumps(scene.lines(), ensure_ascii=False)
    assert scene.profile("pumps").get("behaviors", []) == []


BAD_BEHAVIORS: list[tuple[str, list[Any], str]] = [
    ("two-limits", [sent(100), sent(50, name="again")], "two-upper-bounds"),
    ("two-floors", [sent(1, "greater-than"), sent(2, "greater-than", "again")], "two-lower-bounds"),
    ("mixed", [sent(100), sent(5, "greater-than", "alive", 900)], "mixed-windows"),
    ("hourly", [sent(100, seconds=3600)], "window-not-allowed"),
    ("backwards", [sent(5), sent(100, "greater-than", "alive")], "inverted-range"),
    ("huge", [sent(2**40)], "out-of-range"),
    ("nothing", [sent(0, "greater-than-equals")], "no-bound"),
]


@pytest.mark.parametrize(
    ("name", "behaviors", "code"), BAD_BEHAVIORS, ids=[name for name, _, _ in BAD_BEHAVIORS]
)
def test_behaviors_that_cannot_be_shared_are_held_and_the_others_go_on(
    scene: Scene, name: str, behaviors: list[Any], code: str
) -> None:
    good = sent(9, name="denied", seconds=900) | {"metric": "aws:num-authorization-failures"}
    scene.create_profile(name, good, *behaviors)
    scene.rest()
    (line,) = scene.lines("mirrored")
    assert {held["code"] for held in line["held"]} == {code}
    assert scene.rules(name) == {"UnauthorizedOperationsNotInAllowedRange": (0, 9, "PT15M")}
    before = scene.profile(name)["behaviors"]
    scene.edit_group(name, "UnauthorizedOperationsNotInAllowedRange", maxThreshold=8)
    scene.rest()
    after = scene.profile(name)["behaviors"]
    assert [new["name"] for old, new in zip(before, after, strict=True) if old != new] == ["denied"]
