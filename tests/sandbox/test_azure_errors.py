"""What ARM refuses, and how."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from functions.local.sandbox import TwoClouds

Refused = Callable[..., tuple[int, str, str]]
RULE: dict[str, Any] = {
    "ruleType": "TwinUpdatesNotInAllowedRange",
    "isEnabled": True,
    "minThreshold": 0,
    "maxThreshold": 5,
    "timeWindowSize": "PT5M",
}
ALLOW: dict[str, Any] = {"ruleType": "ProcessNotAllowed", "isEnabled": True, "allowlistValues": ["a"]}


def windows(**changed: Any) -> dict[str, Any]:
    return {"timeWindowRules": [RULE, RULE | changed]}


@pytest.mark.parametrize(
    ("properties", "target"),
    [
        ([], "properties"),
        ({"timeWindowRules": {}}, "properties.timeWindowRules"),
        ({"denylistRules": ["x"]}, "properties.denylistRules[0]"),
        (windows(ruleType=None), "properties.timeWindowRules[1].ruleType"),
        (windows(isEnabled="yes"), "properties.timeWindowRules[1].isEnabled"),
        (windows(minThreshold=None), "properties.timeWindowRules[1].minThreshold"),
        (windows(maxThreshold=2**31), "properties.timeWindowRules[1].maxThreshold"),
        (windows(maxThreshold=1.5), "properties.timeWindowRules[1].maxThreshold"),
        (windows(maxThreshold=True), "properties.timeWindowRules[1].maxThreshold"),
        (windows(timeWindowSize="5 minutes"), "properties.timeWindowRules[1].timeWindowSize"),
        (windows(timeWindowSize="PT"), "properties.timeWindowRules[1].timeWindowSize"),
        (windows(timeWindowSize="P"), "properties.timeWindowRules[1].timeWindowSize"),
        (
            {"allowlistRules": [ALLOW | {"allowlistValues": "a"}]},
            "properties.allowlistRules[0].allowlistValues",
        ),
        (
            {"allowlistRules": [ALLOW | {"allowlistValues": [1]}]},
            "properties.allowlistRules[0].allowlistValues[0]",
        ),
    ],
)
def test_a_wrong_member_is_named(
    clouds: TwoClouds, ask: Any, properties: Any, target: str, group_path: Callable[..., str]
) -> None:
    answer = ask(
        clouds.azure.endpoint,
        "PUT",
        group_path("g"),
        {"properties": properties},
        Authorization="Bearer user.alice",
    )
    assert answer.status == 400
    assert answer.json["error"]["target"] == target
    assert answer.json["error"]["code"] == "InvalidInput"
    assert next(iter(clouds.azure_state.hubs.values())).groups == {}


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"properties": NaN}', b"[" * 100_000, b"\xff"])
def test_a_body_that_is_no_json_object_is_refused(
    clouds: TwoClouds, ask: Any, body: bytes, group_path: Callable[..., str]
) -> None:
    answer = ask(clouds.azure.endpoint, "PUT", group_path("g"), body, Authorization="Bearer user.alice")
    assert (answer.status, answer.json["error"]["code"]) == (400, "InvalidRequestContent")


def test_a_body_of_five_megabytes_is_refused(clouds: TwoClouds, ask: Any, group_path: Any) -> None:
    answer = ask(
        clouds.azure.endpoint, "PUT", group_path("g"), b" " * (5 << 20), Authorization="Bearer user.alice"
    )
    assert (answer.status, answer.json["error"]["code"]) == (413, "RequestEntityTooLarge")


@pytest.mark.parametrize(
    ("query", "code"),
    [("", "MissingApiVersionParameter"), ("?api-version=2024-01-01", "NoRegisteredProviderFound")],
)
def test_another_api_version_is_refused(
    clouds: TwoClouds, ask: Any, query: str, code: str, group_path: Callable[..., str]
) -> None:
    path = group_path("g").split("?")[0] + query
    answer = ask(clouds.azure.endpoint, "GET", path, Authorization="Bearer user.alice")
    assert (answer.status, answer.json["error"]["code"]) == (400, code)


@pytest.mark.parametrize("authorization", [None, "Basic YTpi", "Bearer ", "Bearer expired", "Bearer invalid"])
def test_without_a_good_token_it_is_401(
    clouds: TwoClouds, ask: Any, authorization: str | None, group_path: Callable[..., str]
) -> None:
    headers = {"Authorization": authorization} if authorization else {}
    answer = ask(clouds.azure.endpoint, "GET", group_path("g"), **headers)
    assert (answer.status, answer.json["error"]["code"]) == (401, "AuthenticationFailed")
    assert answer.headers["www-authenticate"].startswith("Bearer")


def test_the_token_denied_may_do_nothing(clouds: TwoClouds, arm: Any, refused: Refused) -> None:
    denied = arm(clouds, token="denied")
    status, code, message = refused(denied.delete, clouds.azure.hub, "g")
    assert (status, code) == (403, "AuthorizationFailed")
    assert "Microsoft.Security/deviceSecurityGroups/delete" in message


@pytest.mark.parametrize("method", ["PATCH", "POST"])
def test_there_is_no_patch(clouds: TwoClouds, ask: Any, method: str, group_path: Callable[..., str]) -> None:
    answer = ask(clouds.azure.endpoint, method, group_path("g"), {}, Authorization="Bearer user.alice")
    assert (answer.status, answer.json["error"]["code"]) == (405, "MethodNotAllowed")


def test_the_collection_can_only_be_listed(clouds: TwoClouds, ask: Any, group_path: Any) -> None:
    path = group_path("").replace("/?", "?")
    answer = ask(clouds.azure.endpoint, "DELETE", path, Authorization="Bearer user.alice")
    assert answer.status == 405


def test_other_addresses_are_404(clouds: TwoClouds, ask: Any) -> None:
    answer = ask(clouds.azure.endpoint, "GET", "/subscriptions/x", Authorization="Bearer user.alice")
    assert (answer.status, answer.json["error"]["code"]) == (404, "NotFound")


@pytest.mark.parametrize(
    ("state", "status", "code"),
    [("unregistered", 409, "MissingSubscriptionRegistration"), ("retired", 404, "InvalidResourceNamespace")],
)
def test_a_provider_can_go_away_while_the_hub_stays(
    clouds: TwoClouds, put: Any, groups: Any, ask: Any, refused: Refused, state: str, status: int, code: str
) -> None:
    put("g", {})
    clouds.azure_faults.provider = state
    assert refused(groups.get, clouds.azure.hub, "g")[:2] == (status, code)
    assert refused(lambda: list(groups.list(clouds.azure.hub)))[:2] == (status, code)
    hub = f"{clouds.azure.hub}?api-version=2023-06-30"
    assert ask(clouds.azure.endpoint, "GET", hub, Authorization="Bearer user.alice").status == 200
    clouds.azure_faults.provider = "registered"
    assert groups.get(clouds.azure.hub, "g").name == "g"
