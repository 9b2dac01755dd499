"""The documents of both clouds' own reference pages, taken by the clouds and mirrored."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.scenarios.scene import Scene

SEEDS = Path(__file__).resolve().parents[1] / "golden" / "seeds"
CUSTOM = {"number": "number", "numbers": "number-list", "strings": "string-list"}


def seed(name: str) -> Any:
    (case,) = json.loads((SEEDS / name).read_text(encoding="utf-8"))
    return case["source"]


def create_metrics(scene: Scene, behaviors: list[Any]) -> None:
    """The custom metrics that the behaviors are about."""
    kinds = {
        each["metric"]: CUSTOM[next(iter(each["criteria"]["value"]))]
        for each in behaviors
        if not each["metric"].startswith("aws:")
    }
    for metric, kind in kinds.items():
        scene.iot.create_custom_metric(metricName=metric, metricType=kind, clientRequestToken=metric)


def test_every_style_of_the_create_request_is_mirrored_or_held_and_stays(scene: Scene) -> None:
    request = seed("create-security-profile-styles.json")
    create_metrics(scene, request["behaviors"])
    scene.iot.create_security_profile(**request)
    scene.rest()
    name = request["securityProfileName"]
    assert scene.rules(name) == {
        "MqttD2CMessagesNotInAllowedRange": (1, 122, "PT5M"),
        "MqttC2DMessagesNotInAllowedRange": (0, 123, "PT15M"),
        "UnauthorizedOperationsNotInAllowedRange": (124, 2147483647, "PT30M"),
        "ConnectionToIpNotAllowed": ["10.0.0.0/8"],
    }
    (line,) = scene.lines("mirrored")
    shared = {"LessThan", "GreaterThanEquals", "LessThanEquals", "GreaterThan", "InCidrSet"}
    held = {each["path"] for each in line["held"]}
    assert {
        f"behaviors[{each['name']}]" for each in request["behaviors"] if each["name"] not in shared
    } <= held
    assert {"alertTargets", "metricsExportConfig", "tags"} <= held
    before = scene.profile(name)
    scene.edit_group(name, "MqttC2DMessagesNotInAllowedRange", maxThreshold=99)
    scene.rest()
    after = scene.profile(name)
    changed = [
        (old["name"], new["criteria"]["value"])
        for old, new in zip(before.pop("behaviors"), after.pop("behaviors"), strict=True)
        if old != new
    ]
    assert changed == [("LessThanEquals", {"count": 99})]
    assert before == after


def test_the_put_request_keeps_its_own_spelling_of_the_duration(scene: Scene) -> None:
    (rule,) = seed("put-device-security-group-request.json")["properties"]["timeWindowRules"]
    scene.put_group("samplesecuritygroup", rule)
    scene.rest()
    (behavior,) = scene.profile("samplesecuritygroup")["behaviors"]
    assert behavior["metric"] == "aws:num-established-tcp-connections"
    assert behavior["criteria"]["value"] == {"count": 30}
    assert "durationSeconds" not in behavior["criteria"]
    scene.edit_profile(
        "samplesecuritygroup", lambda behaviors: behaviors[0]["criteria"]["value"].update(count=20)
    )
    scene.rest()
    assert scene.rules("samplesecuritygroup") == {rule["ruleType"]: (0, 20, "PT05M")}


def test_the_put_response_may_be_sent_back_as_it_came(scene: Scene) -> None:
    response = seed("put-device-security-group-response.json")
    scene.put_group(response["name"], **response["properties"])
    scene.rest()
    shown = scene.group(response["name"])["properties"]["timeWindowRules"]
    told = response["properties"]["timeWindowRules"]
    assert [rule["ruleType"] for rule in shown] == [rule["ruleType"] for rule in told]
    assert len(scene.profile(response["name"])["behaviors"]) == 1
    assert scene.writes() == 1
