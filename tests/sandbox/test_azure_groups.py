"""Device security groups through azure-mgmt-security, with raw bodies and with models."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from azure.mgmt.security.v2019_08_01.models import ActiveConnectionsNotInAllowedRange, DeviceSecurityGroup

from functions.local.sandbox import AzureOptions, TwoClouds

Refused = Callable[..., tuple[int, str, str]]
DATA = Path(__file__).parent / "data"
BEARER = "Bearer user.alice"
VERSION = "api-version=2019-08-01"
SIGNALS = """
    ActiveConnections AmqpC2DMessages MqttC2DMessages HttpC2DMessages AmqpC2DRejectedMessages
    MqttC2DRejectedMessages HttpC2DRejectedMessages AmqpD2CMessages MqttD2CMessages HttpD2CMessages
    DirectMethodInvokes FailedLocalLogins FileUploads QueuePurges TwinUpdates UnauthorizedOperations
"""
TIME_WINDOW = [f"{signal}NotInAllowedRange" for signal in SIGNALS.split()]
ALLOWLISTS = [
    f"{signal}NotAllowed" for signal in ("ConnectionToIp", "ConnectionFromIp", "LocalUser", "Process")
]
READ_ONLY = {"displayName", "description"}


def window(rule_type: str = "MqttD2CMessagesNotInAllowedRange", **members: Any) -> dict[str, Any]:
    rule = {"isEnabled": True, "minThreshold": 1, "maxThreshold": 9, "timeWindowSize": "PT5M"}
    return {"ruleType": rule_type} | rule | members


def allow(rule_type: str, *values: str) -> dict[str, Any]:
    return {"ruleType": rule_type, "isEnabled": True, "allowlistValues": list(values)}


def rule_of(group: dict[str, Any], rule_type: str) -> dict[str, Any]:
    lists = group["properties"].values()
    (rule,) = [rule for rules in lists for rule in rules if rule["ruleType"] == rule_type]
    return {name: value for name, value in rule.items() if name not in READ_ONLY}


def seed(name: str) -> dict[str, Any]:
    document: dict[str, Any] = json.loads((DATA / f"device-security-group-{name}.json").read_text())
    return document


def test_the_documented_put_gives_the_documented_answer(start: Any, arm: Any) -> None:
    documented = seed("put-answer")
    hub = documented["id"].split("/providers/Microsoft.Security")[0]
    clouds = start(
        subscription="20ff7fc3-e762-44dd-bd96-b71116dcdc23",
        resource_group="SampleRG",
        hub="sampleiothub",
        azure_options=AzureOptions(respelt=False),
    )
    body = json.dumps(seed("put-request")).encode()
    answer = arm(clouds).create_or_update(
        hub, "samplesecuritygroup", body, cls=lambda r, *_: json.loads(r.http_response.text())
    )
    lists = answer["properties"]["allowlistRules"]
    # The documentation is older than this rule type and than `valueType`; recordings have both.
    answer["properties"]["allowlistRules"] = [
        {name: value for name, value in rule.items() if name != "valueType"}
        for rule in lists
        if rule["ruleType"] != "ConnectionFromIpNotAllowed"
    ]
    assert answer["id"].casefold() == documented["id"].casefold()
    assert answer | {"id": documented["id"]} == documented
    assert list(answer["properties"]) == list(documented["properties"])
    assert rule_order(answer) == rule_order(documented)


def rule_order(group: dict[str, Any]) -> list[list[str]]:
    lists = group["properties"].values()
    return [list(rule) for rules in lists for rule in rules]


def test_an_empty_put_fills_in_every_rule_disabled(put: Any, get: Any) -> None:
    put("g", {})
    properties = get("g")["properties"]
    assert [rule["ruleType"] for rule in properties["timeWindowRules"]] == TIME_WINDOW
    assert [rule["ruleType"] for rule in properties["allowlistRules"]] == ALLOWLISTS
    assert properties["thresholdRules"] == properties["denylistRules"] == []
    for rule in properties["timeWindowRules"]:
        parked = (rule["isEnabled"], rule["minThreshold"], rule["maxThreshold"], rule["timeWindowSize"])
        assert parked == (False, 0, 0, "PT15M")
    for rule in properties["allowlistRules"]:
        assert (rule["isEnabled"], rule["allowlistValues"]) == (False, [])
        assert list(rule)[-2:] == ["allowlistValues", "valueType"]


def test_put_replaces_the_whole_group(put: Any, get: Any) -> None:
    put("g", {"timeWindowRules": [window()], "allowlistRules": [allow("ProcessNotAllowed", "sshd")]})
    put("g", {"timeWindowRules": [window("QueuePurgesNotInAllowedRange")]})
    group = get("g")
    assert rule_of(group, "QueuePurgesNotInAllowedRange") == window("QueuePurgesNotInAllowedRange")
    assert rule_of(group, "MqttD2CMessagesNotInAllowedRange")["isEnabled"] is False
    assert rule_of(group, "ProcessNotAllowed")["allowlistValues"] == []


def test_durations_keep_their_spelling(put: Any, get: Any) -> None:
    for spelling in ("PT05M", "PT5M", "PT300S", "P1DT2H"):
        put("g", {"timeWindowRules": [window(timeWindowSize=spelling)]})
        assert rule_of(get("g"), window()["ruleType"])["timeWindowSize"] == spelling


def test_read_only_members_are_taken_and_not_kept(put: Any, get: Any) -> None:
    put("g", {"timeWindowRules": [window(displayName="mine", description="mine")]})
    shown = {r["ruleType"]: r for r in get("g")["properties"]["timeWindowRules"]}[window()["ruleType"]]
    assert (
        shown["displayName"] == "Number of device to cloud messages (MQTT protocol) is not in allowed range"
    )


def test_a_create_is_201_and_an_update_200(clouds: TwoClouds, put: Any, groups: Any) -> None:
    statuses = [
        groups.create_or_update(
            clouds.azure.hub, "g", b"{}", cls=lambda response, *_: response.http_response.status_code
        )
        for _ in range(2)
    ]
    assert statuses == [201, 200]


def test_a_create_can_be_200_as_in_recordings(start: Any, ask: Any) -> None:
    clouds = start(azure_options=AzureOptions(create_status=200))
    assert send(ask, clouds, "PUT", "g", {}).status == 200


def test_delete_is_200_and_then_204(clouds: TwoClouds, put: Any, ask: Any) -> None:
    put("g", {})
    answers = [send(ask, clouds, "DELETE", "G") for _ in range(2)]
    assert [(answer.status, answer.text) for answer in answers] == [(200, ""), (204, "")]


def test_a_missing_group_is_404(clouds: TwoClouds, groups: Any, refused: Refused) -> None:
    assert refused(groups.get, clouds.azure.hub, "none")[:2] == (404, "ResourceNotFound")


def test_names_ignore_case_and_keep_their_first_spelling(
    put: Any, get: Any, groups: Any, clouds: Any
) -> None:
    put("testGroup", {})
    assert put("TESTGROUP", {"timeWindowRules": [window()]})["name"] == "testGroup"
    assert get("testgroup")["name"] == "testGroup"
    assert [group.name for group in groups.list(clouds.azure.hub)] == ["testGroup"]


def test_names_may_have_any_character(put: Any, get: Any) -> None:
    put("a/ä %2F", {})
    assert get("A/Ä %2f")["name"] == "a/ä %2F"


def test_ids_and_member_order_change_from_answer_to_answer(clouds: TwoClouds, put: Any, get: Any) -> None:
    put("g", {})
    answers = [get("g") for _ in range(40)]
    wanted = f"{clouds.azure.hub}/providers/Microsoft.Security/deviceSecurityGroups/g"
    ids = {answer["id"] for answer in answers}
    assert {answer_id.casefold() for answer_id in ids} == {wanted.casefold()}
    assert {answer_id.split("/")[7] for answer_id in ids} == {"iotHubs", "IoTHubs", "IotHubs"}
    assert {answer_id.split("/")[11] for answer_id in ids} == {"deviceSecurityGroups", "DeviceSecurityGroups"}
    assert {answer["type"] for answer in answers} == {"Microsoft.Security/DeviceSecurityGroups"}
    orders = {tuple(answer) for answer in answers}
    assert orders == {("id", "name", "type", "properties"), ("id", "type", "name", "properties")}


def test_a_list_is_sorted_by_name_and_comes_in_pages(start: Any, arm: Any) -> None:
    clouds = start(azure_options=AzureOptions(page_size=2))
    groups = arm(clouds)
    names = ["default", "deviceSecurityGroup", "samplesecuritygroup", "test2", "testGroup"]
    for name in reversed(names):
        groups.create_or_update(clouds.azure.hub, name, b"{}")
    pages = [[group.name for group in page] for page in groups.list(clouds.azure.hub).by_page()]
    assert pages == [names[0:2], names[2:4], names[4:]]


def test_a_page_token_of_someone_else_is_refused(clouds: TwoClouds, ask: Any) -> None:
    path = f"{clouds.azure.hub}/providers/Microsoft.Security/deviceSecurityGroups"
    answer = ask(
        clouds.azure.endpoint, "GET", f"{path}?{VERSION}&$skiptoken=%C3%A4%C3%A4", Authorization=BEARER
    )
    assert (answer.status, answer.json["error"]["code"]) == (400, "InvalidSkipToken")


def test_each_hub_has_its_own_groups(start: Any, arm: Any) -> None:
    clouds = start(hubs=["north", "south"])
    groups = arm(clouds)
    north, south = clouds.azure.hubs
    assert clouds.azure.hub == north
    groups.create_or_update(south, "g", b"{}")
    assert [g.name for g in groups.list(north)] == []
    assert [g.name for g in groups.list(south)] == ["g"]


def test_a_default_group_can_be_there_from_the_start(start: Any, arm: Any) -> None:
    clouds = start(azure_options=AzureOptions(default_group=True))
    assert [g.name for g in arm(clouds).list(clouds.azure.hub)] == ["default"]


@pytest.mark.parametrize("code", ["ParentResourceNotFound", "ResourceNotFound"])
def test_a_missing_hub_is_404_everywhere(start: Any, arm: Any, refused: Refused, code: str) -> None:
    clouds = start(azure_options=AzureOptions(parent_missing_code=code))
    groups, hub = arm(clouds), clouds.azure.hub + "-2"
    assert refused(groups.get, hub, "g")[:2] == (404, code)
    assert refused(groups.delete, hub, "g")[:2] == (404, code)
    assert refused(groups.create_or_update, hub, "g", b"{}")[:2] == (404, code)
    assert refused(lambda: list(groups.list(hub)))[:2] == (404, code)


def test_the_hub_itself_can_be_read(clouds: TwoClouds, ask: Any) -> None:
    version = "?api-version=2023-06-30"
    found = ask(clouds.azure.endpoint, "GET", clouds.azure.hub.upper() + version, Authorization=BEARER)
    assert (found.status, found.json["id"]) == (200, clouds.azure.hub)
    missing = ask(clouds.azure.endpoint, "GET", f"{clouds.azure.hub}2{version}", Authorization=BEARER)
    assert (missing.status, missing.json["error"]["code"]) == (404, "ResourceNotFound")
    assert ask(clouds.azure.endpoint, "GET", clouds.azure.hub, Authorization=BEARER).status == 400


def test_a_hub_that_is_forgotten_takes_its_groups_along(
    clouds: TwoClouds, put: Any, groups: Any, refused: Refused
) -> None:
    put("g", {})
    hub = next(iter(clouds.azure_state.hubs.values())).hub
    clouds.azure_state.forget(hub)
    assert refused(groups.get, clouds.azure.hub, "g")[0] == 404
    clouds.azure_state.declare(hub)
    assert refused(groups.get, clouds.azure.hub, "g")[1] == "ResourceNotFound"


@pytest.mark.parametrize(
    "front", ["//subscriptions", "%2Fsubscriptions", "/%2Fsubscriptions", "/SUBSCRIPTIONS"]
)
def test_several_spellings_of_the_path_are_taken(clouds: TwoClouds, ask: Any, put: Any, front: str) -> None:
    put("g", {})
    path = clouds.azure.hub.replace("/subscriptions", front, 1).replace("IotHubs", "iothubs")
    path = f"{'' if path.startswith('/') else '/'}{path}"
    path += f"/providers/microsoft.security/DEVICESECURITYGROUPS/g?{VERSION}"
    assert ask(clouds.azure.endpoint, "GET", path, Authorization=BEARER).json["name"] == "g"


def test_models_work_as_well_as_raw_bodies(clouds: TwoClouds, groups: Any) -> None:
    five_minutes = timedelta(minutes=5)
    rule = ActiveConnectionsNotInAllowedRange(
        is_enabled=True, min_threshold=0, max_threshold=30, time_window_size=five_minutes
    )
    groups.create_or_update(clouds.azure.hub, "g", DeviceSecurityGroup(time_window_rules=[rule]))
    read = groups.get(clouds.azure.hub, "g")
    assert read.time_window_rules[0].max_threshold == 30
    assert read.time_window_rules[0].time_window_size == five_minutes
    groups.delete(clouds.azure.hub, "g")
    assert list(groups.list(clouds.azure.hub)) == []


def test_there_is_no_etag_and_a_condition_changes_nothing(clouds: TwoClouds, ask: Any) -> None:
    first = send(ask, clouds, "PUT", "g", {})
    second = send(ask, clouds, "PUT", "g", {}, **{"If-None-Match": "*"})
    assert "etag" not in first.headers
    assert second.status == 200
    assert second.headers["x-ms-ratelimit-remaining-subscription-resource-requests"] == "249"


def test_what_nobody_knows_to_be_refused_is_taken(put: Any, get: Any) -> None:
    twice = [window(minThreshold=9, maxThreshold=-1), window(maxThreshold=2147483647)]
    put("g", {"timeWindowRules": twice, "allowlistRules": [allow("ConnectionToIpNotAllowed", "not-an-ip")]})
    rules = [r for r in get("g")["properties"]["timeWindowRules"] if r["ruleType"] == window()["ruleType"]]
    assert [rule["maxThreshold"] for rule in rules] == [-1, 2147483647]


UNKNOWN = {"ruleType": "FutureNotAllowed", "isEnabled": True, "denylistValues": ["x"], "more": {"a": [1]}}


@pytest.mark.parametrize("key", ["thresholdRules", "timeWindowRules", "allowlistRules", "denylistRules"])
def test_unknown_rule_types_are_echoed(put: Any, get: Any, key: str) -> None:
    put("g", {key: [UNKNOWN]})
    assert get("g")["properties"][key][-1] == UNKNOWN


def test_unknown_rule_types_can_be_refused(start: Any, ask: Any) -> None:
    clouds = start(azure_options=AzureOptions(unknown_rules="refuse"))
    answer = send(ask, clouds, "PUT", "g", {"properties": {"denylistRules": [UNKNOWN]}})
    assert (answer.status, answer.json["error"]["target"]) == (400, "properties.denylistRules[0].ruleType")


def send(ask: Any, clouds: TwoClouds, method: str, name: str, body: Any = None, **headers: str) -> Any:
    path = f"{clouds.azure.hub}/providers/Microsoft.Security/deviceSecurityGroups/{name}?{VERSION}"
    return ask(clouds.azure.endpoint, method, path, body, **({"Authorization": BEARER} | headers))
