"""Whatever reaches the Azure function becomes requests with a key in them, or a BadEvent naming a member."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.azure_app.events import command_of, requests_of
from shared.errors import BadEvent
from shared.operations.requests import Command, Ignored, Look, Reconcile, Request, Sweep
from shared.telemetry import trace_of
from shared.translation.side import Side
from tests.unit.events.shapes import SILENT, anything, damaged, told

HUB = "/subscriptions/20ff/resourceGroups/Fleet/providers/Microsoft.Devices/IotHubs/Pumps-Hub"
GROUP = f"{HUB}/providers/Microsoft.Security/deviceSecurityGroups/pumps"
WRITE = "Microsoft.Security/deviceSecurityGroups/write"


def event(
    resource: str = GROUP, *, scope: str | None = None, url: str | None = None, **data: Any
) -> dict[str, Any]:
    return {
        "id": "event-1",
        "subject": resource,
        "topic": "/subscriptions/20ff/resourceGroups/Fleet",
        "eventType": "Microsoft.Resources.ResourceWriteSuccess",
        "eventTime": "2026-09-01T10:00:00.1234567Z",
        "dataVersion": "2",
        "metadataVersion": "1",
        "data": {
            "authorization": {"scope": scope or resource, "action": WRITE, "evidence": {"role": "Owner"}},
            "claims": {"appid": "s3cr3t"},
            "correlationId": "c",
            "httpRequest": {"method": "PUT", "url": url or f"https://management.azure.com{resource}?a=b"},
            "resourceProvider": "Microsoft.Security",
            "resourceUri": resource,
            "operationName": WRITE,
            "status": "Succeeded",
            "subscriptionId": "20ff",
            "tenantId": "t",
        }
        | data,
    }


def look(name: str | None = "pumps") -> Look:
    return Look(Side.AZURE, HUB.lower(), name, trace_of("event-1"), "2026-09-01T10:00:00.123Z")


@pytest.mark.parametrize("verb", ["Write", "Delete"])
def test_a_write_of_a_group_asks_for_a_look_at_it(verb: str) -> None:
    operation = f"Microsoft.Security/deviceSecurityGroups/{verb.lower()}"
    kind = {"eventType": f"Microsoft.Resources.Resource{verb}Success"}
    assert requests_of(event(operationName=operation) | kind) == [look()]


def test_a_delivery_may_be_a_list_or_text() -> None:
    both = [event(), event(f"{GROUP}-2")]
    assert requests_of(both) == [look(), look("pumps-2")]
    assert requests_of(json.dumps(both)) == requests_of(json.dumps(both).encode()) == requests_of(both)
    assert requests_of([]) == []


def test_cloud_events_say_the_same() -> None:
    told = event()
    cloud = {
        "specversion": "1.0",
        "id": told["id"],
        "source": told["topic"],
        "type": told["eventType"],
        "time": told["eventTime"],
        "subject": told["subject"],
        "data": told["data"],
    }
    assert requests_of(cloud) == [look()]


def test_ids_are_compared_without_case() -> None:
    shouted = event(GROUP.upper().replace("/PUMPS", "/pumps"), operationName=WRITE.upper())
    assert requests_of(shouted | {"eventType": "MICROSOFT.RESOURCES.RESOURCEWRITESUCCESS"}) == [look()]


def test_nested_members_may_be_json_text() -> None:
    told = event()
    data = {
        name: json.dumps(value) if name in ("authorization", "claims", "httpRequest") else value
        for name, value in told["data"].items()
    }
    assert requests_of(told | {"data": data}) == [look()]
    assert requests_of(told | {"data": json.dumps(data)}) == [look()]


@pytest.mark.parametrize("empty", ["", [], {}, None, "no JSON", 5])
def test_nested_members_may_be_missing_in_any_way(empty: Any) -> None:
    assert requests_of(event(authorization=empty, claims=empty, httpRequest=empty)) == [look()]


def test_an_id_that_ends_at_the_hub_is_completed_by_the_scope_of_the_right() -> None:
    assert requests_of(event(HUB, scope=GROUP)) == [look()]


def test_an_id_that_ends_at_the_hub_is_completed_by_the_url_of_the_request() -> None:
    url = "https://management.azure.com" + GROUP.replace("/pumps", "/a%2Fb%20%C3%A4") + "?api-version=x"
    assert requests_of(event(HUB, url=url)) == [look("a/b ä")]


def test_an_id_that_ends_at_the_hub_asks_for_a_look_at_all_of_it() -> None:
    assert requests_of(event(HUB)) == [look(None)]
    assert requests_of(event(f"{HUB}/providers/Microsoft.Security/deviceSecurityGroups/")) == [look(None)]


def test_another_id_never_moves_the_look_to_another_hub() -> None:
    elsewhere = GROUP.replace("Pumps-Hub", "Other-Hub")
    assert requests_of(event(HUB, scope=elsewhere)) == [look(None)]


@pytest.mark.parametrize(
    "start", ["/subscriptions", "//subscriptions", "subscriptions"], ids=["one", "two", "none"]
)
def test_any_number_of_slashes_may_start_an_id(start: str) -> None:
    assert requests_of(event(GROUP.replace("/subscriptions", start, 1))) == [look()]


def test_the_hub_may_be_encoded_in_the_url() -> None:
    url = "https://management.azure.com/" + HUB.replace("/", "%2F") + GROUP.removeprefix(HUB)
    assert requests_of(event("x", scope="x", url=url)) == [look()]


def test_a_slash_behind_the_type_belongs_to_the_name() -> None:
    assert requests_of(event(f"{GROUP}/north")) == [look("pumps/north")]


def test_any_name_is_read_as_it_was_meant() -> None:
    group = GROUP.replace("/pumps", "/50%25%20%E2%82%AC")
    assert requests_of(event(group)) == [look("50% €")]


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        ("Microsoft.Resources.ResourceWriteFailure", "failed-call"),
        ("Microsoft.Resources.ResourceDeleteCancel", "failed-call"),
        ("Microsoft.EventGrid.SubscriptionValidationEvent", "other-service"),
        ("Microsoft.Devices.DeviceCreated", "other-service"),
        ("Microsoft.Storage.BlobCreated", "other-service"),
    ],
)
def test_an_event_of_another_kind_is_ignored_with_a_reason(kind: str, reason: str) -> None:
    assert requests_of(event() | {"eventType": kind, "data": {}}) == [Ignored(reason)]


@pytest.mark.parametrize(
    "operation",
    [
        "Microsoft.Resources/deployments/write",
        "Microsoft.Security/pricings/write",
        "Microsoft.Security/deviceSecurityGroups/read",
        "Microsoft.Devices/IotHubs/delete",
        "Microsoft.Devices/IotHubs/listkeys/action",
    ],
)
def test_an_operation_on_something_else_is_none_of_ours(operation: str) -> None:
    assert requests_of(event(operationName=operation)) == [Ignored("not-a-policy")]


def test_an_event_that_tells_no_operation_is_none_of_ours() -> None:
    assert requests_of(event(operationName="", authorization="")) == [Ignored("not-a-policy")]


def test_the_right_that_was_used_stands_in_for_the_operation() -> None:
    assert requests_of(event(operationName=None)) == [look()]


@pytest.mark.parametrize(
    "resource",
    [
        "/subscriptions/20ff/resourceGroups/Fleet",
        GROUP.replace("IotHubs", "Provisioning"),
        "nonsense",
    ],
)
def test_an_id_that_leads_to_no_group_of_a_hub_is_outside(resource: str) -> None:
    assert requests_of(event(resource)) == [Ignored("outside-routes")]


def test_the_queue_and_the_portal_speak_our_own_words() -> None:
    assert requests_of(b'{"route": "factory", "name": "pumps"}') == [Reconcile("factory", "pumps")]
    assert requests_of({"sweep": True}) == [Sweep()]
    assert requests_of({"command": "status"}) == [Command("status")]


def test_a_request_by_http_is_a_command() -> None:
    assert command_of(b'{"command": "status", "route": "factory"}') == Command("status", {"route": "factory"})


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'{"sweep": true}', b'{"command": 5}', b"\xff"])
def test_a_request_by_http_that_is_no_command_is_refused(body: bytes) -> None:
    with pytest.raises(BadEvent):
        command_of(body)


BAD: list[tuple[Any, str]] = [
    (None, "the event"),
    ({}, "the event"),
    ([event(), 5], "event 2"),
    ([{}] * 5001, "5001 events"),
    ("{", "the message"),
    ("[" * 100_000, "the message"),
    (event() | {"eventType": 5}, "eventType"),
    (event() | {"eventType": None, "type": []}, "type"),
    (event() | {"data": None}, "data"),
    (event() | {"data": []}, "data"),
    (event() | {"data": "{"}, "data"),
    (event(operationName=5), "data.operationName"),
    (event(resourceUri=5), "data.resourceUri"),
    (event(resourceUri=None, authorization={}, httpRequest={}) | {"subject": None}, "data.resourceUri"),
    (event(GROUP + "x" * 300), "the group's name: 305 characters"),
    (event(GROUP + "x" * 3000), "data.resourceUri"),
    (event(GROUP + "\x07"), "data.resourceUri"),
    (event(GROUP + "%0A"), "data.resourceUri"),
    (event(GROUP + "%FF"), "percent-encoding"),
    (event(GROUP + "\ud800"), "data.resourceUri"),
    (event() | {"id": {}}, "id"),
    (event() | {"eventTime": 5}, "eventTime"),
]


OWN = "0F3c5b1e-7d1a-4c1c-8f65-0a8b6f1d2c3e"


def told_by(**data: Any) -> tuple[str | None, str | None]:
    (request,) = requests_of(event(**data))
    assert isinstance(request, Look)
    return request.request, request.by


@pytest.mark.parametrize("loose", [False, True])
def test_an_event_may_tell_who_wrote_and_what_they_called_it(loose: bool) -> None:
    """Nested members come as JSON text, too."""
    who: dict[str, Any] = {"claims": {"appid": OWN}, "httpRequest": {"clientRequestId": "abc"}}
    if loose:
        who = {name: json.dumps(value) for name, value in who.items()}
    assert told_by(**who) == ("abc", OWN)


@pytest.mark.parametrize("nobody", [{}, "", [], 5, None, "{", {"appid": 5, "clientRequestId": []}])
def test_an_event_may_tell_nobody(nobody: Any) -> None:
    assert told_by(claims=nobody, httpRequest=nobody) == (None, None)


def test_what_looks_like_no_id_is_not_read_as_one() -> None:
    claims = {"appid": "s3cr3t"}
    assert told_by(claims=claims, httpRequest={"clientRequestId": "two words"}) == (None, None)
    assert told_by(httpRequest={"clientRequestId": "x" * 129}) == (None, None)


def test_a_claim_is_not_shown() -> None:
    (request,) = requests_of(event(claims={"appid": OWN}))
    assert OWN not in repr(request)


@pytest.mark.parametrize(("payload", "member"), BAD, ids=range(len(BAD)))
def test_nonsense_is_refused_by_the_name_of_its_member(payload: Any, member: str) -> None:
    with pytest.raises(BadEvent) as caught:
        requests_of(payload)
    assert member in str(caught.value)
    assert "s3cr3t" not in str(caught.value)
    assert len(str(caught.value)) < 400


@given(anything)
def test_arbitrary_json_is_a_request_or_a_bad_event(payload: Any) -> None:
    for form in (payload, json.dumps(payload)):
        requests = told(requests_of, form)
        assert requests is None or all(isinstance(request, Request) for request in requests)


@given(st.data())
def test_an_event_damaged_anywhere_is_a_request_or_a_bad_event(data: st.DataObject) -> None:
    payload = data.draw(damaged(event()))
    before = copy.deepcopy(payload)
    requests = told(requests_of, [payload])
    assert requests is None or [isinstance(request, Request) for request in requests] == [True]
    assert SILENT not in (requests or [])
    assert payload == before


@given(st.text(max_size=40))
def test_an_id_with_any_name_is_a_request_or_a_bad_event(name: str) -> None:
    url = f"https://management.azure.com{HUB}{name}"
    for request in told(requests_of, event(GROUP + name, scope=HUB + name, url=url)) or []:
        assert isinstance(request, Look)
        assert request.scope == HUB.lower()


@given(st.text() | st.binary())
def test_arbitrary_text_is_a_request_or_a_bad_event(payload: str | bytes) -> None:
    for reading in (requests_of, command_of):
        assert told(reading, payload) != [SILENT]
