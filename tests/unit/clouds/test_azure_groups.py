"""Raw JSON both ways, one attempt a write, and a 404 that is not believed at once."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

import pytest
from azure.core import exceptions

from shared.clouds.azure_groups import AzureGroups
from shared.errors import (
    CloudError,
    Denied,
    Refused,
    RevisionConflict,
    ScopeMissing,
    StalePage,
    Throttled,
    Unanswered,
    Unreachable,
)
from shared.sync.ports import Found
from shared.telemetry import TRACE
from tests.unit.clouds.conftest import HUB, Answer, Wire, WireTransport

GROUPS = f"https://management.azure.com{HUB}/providers/Microsoft.Security/deviceSecurityGroups"
API = "api-version=2019-08-01"
GROUP: dict[str, Any] = {
    "id": f"{HUB}/providers/Microsoft.Security/deviceSecurityGroups/Pumps",
    "name": "Pumps",
    "type": "Microsoft.Security/deviceSecurityGroups",
    "properties": {
        "timeWindowRules": [
            {
                "ruleType": "Unheard",
                "displayName": "d",
                "description": "d",
                "isEnabled": True,
                "x": {"y": 1},
            }
        ],
        "allowlistRules": [{"ruleType": "LocalUserNotAllowed", "isEnabled": False, "valueType": "String"}],
    },
}
BASE = Found("Pumps", GROUP)


def failure(status: int, code: str = "Code", message: str = "Azure's words", **headers: str) -> Answer:
    return Answer(status, {"error": {"code": code, "message": message}}, headers)


def test_any_rule_is_read_as_it_stands(groups: AzureGroups, wire: Wire) -> None:
    wire.will(Answer(body=GROUP))
    assert groups.read("pumps") == BASE
    assert wire.requests[0].url == f"{GROUPS}/pumps?{API}"


def test_any_rule_is_written_less_what_only_azure_can_say(groups: AzureGroups, wire: Wire) -> None:
    wire.will(Answer(body=GROUP))
    assert groups.update("Pumps", GROUP, BASE).found == BASE
    [request] = wire.requests
    assert (request.method, request.headers["Content-Type"]) == ("PUT", "application/json")
    assert request.json == {
        "properties": {
            "timeWindowRules": [{"ruleType": "Unheard", "isEnabled": True, "x": {"y": 1}}],
            "allowlistRules": [{"ruleType": "LocalUserNotAllowed", "isEnabled": False}],
        }
    }


def test_no_document_is_logged(groups: AzureGroups, wire: Wire, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    wire.will(Answer(body=GROUP), Answer(body=GROUP))
    groups.read("Pumps")
    groups.update("Pumps", GROUP, BASE)
    assert "Unheard" not in caplog.text


def test_a_write_is_called_what_it_was_asked_to_be(groups: AzureGroups, wire: Wire) -> None:
    wire.will(Answer(body=GROUP), Answer(body=GROUP), Answer())
    groups.create("Pumps", GROUP, request="a")
    groups.update("Pumps", GROUP, BASE, request="b")
    groups.delete("Pumps", BASE, request="c")
    assert [request.headers["x-ms-client-request-id"] for request in wire.requests] == ["a", "b", "c"]


def test_a_write_says_what_it_follows_from_as_the_activity_log_will(groups: AzureGroups, wire: Wire) -> None:
    wire.will(Answer(201, GROUP))
    traced = TRACE.set("2b3c8a0e5a0b4a5e8f672b8a3d1f0c11")
    groups.create("pumps", GROUP)
    TRACE.reset(traced)
    headers = wire.requests[0].headers
    assert headers["x-ms-correlation-request-id"] == "2b3c8a0e-5a0b-4a5e-8f67-2b8a3d1f0c11"


def test_every_request_says_who_it_is_from_and_can_be_told_apart(groups: AzureGroups, wire: Wire) -> None:
    wire.will(Answer(body=GROUP), Answer(body=GROUP))
    groups.read("Pumps")
    groups.read("Pumps")
    first, second = (request.headers for request in wire.requests)
    assert "policy-mirror/9" in first["User-Agent"]
    assert first["Authorization"] == "Bearer token for https://management.azure.com/.default"
    assert first["x-ms-client-request-id"] != second["x-ms-client-request-id"]


@pytest.mark.parametrize("base_url", ["http://127.0.0.1:8080", "http://localhost:8080"])
def test_plain_http_is_spoken_to_this_machine(
    groups_at: Callable[..., AzureGroups], wire: Wire, base_url: str
) -> None:
    wire.will(Answer(body=GROUP))
    groups_at(base_url).read("pumps")
    assert wire.requests[0].url.startswith(base_url)


@pytest.mark.parametrize("base_url", ["http://management.azure.com", "http://127.0.0.1.evil.example"])
def test_no_token_goes_over_plain_http_to_anywhere_else(
    groups_at: Callable[..., AzureGroups], wire: Wire, base_url: str
) -> None:
    with pytest.raises(Unreachable):
        groups_at(base_url).read("pumps")
    assert wire.requests == []


def test_a_404_is_absence_when_the_hub_lists_others(groups: AzureGroups, wire: Wire) -> None:
    wire.will(failure(404, "ResourceNotFound"), Answer(body={"value": [GROUP]}))
    assert groups.read("valves") is None
    assert wire.requests[1].url == f"{GROUPS}?{API}"


def test_a_404_for_a_group_that_the_hub_lists_is_a_contradiction(groups: AzureGroups, wire: Wire) -> None:
    wire.will(failure(404, "ResourceNotFound"), Answer(body={"value": [GROUP]}))
    with pytest.raises(Unreachable, match="its hub lists it"):
        groups.read("PUMPS")


@pytest.mark.parametrize(
    ("listing", "meaning"),
    [(failure(404), ScopeMissing), (failure(403), Denied), (failure(400), Refused)],
    ids=["404", "403", "400"],
)
def test_a_404_is_not_absence_when_the_hub_does_not_list(
    groups: AzureGroups, wire: Wire, listing: Answer, meaning: type[CloudError]
) -> None:
    wire.will(failure(404, "ResourceNotFound"), listing)
    with pytest.raises(meaning):
        groups.read("pumps")


@pytest.mark.parametrize("code", ["ParentResourceNotFound", "SUBSCRIPTIONNOTFOUND"])
def test_a_404_that_speaks_of_the_parent_needs_no_second_look(
    groups: AzureGroups, wire: Wire, code: str
) -> None:
    wire.will(failure(404, code))
    with pytest.raises(ScopeMissing, match="Azure's words"):
        groups.read("pumps")


def test_deleting_what_answers_404_is_a_surprise_too(groups: AzureGroups, wire: Wire) -> None:
    wire.will(failure(404, "ResourceNotFound"), Answer(body={"value": []}))
    assert groups.delete("Pumps", BASE).surprise is not None


REFUSALS: list[tuple[Answer, type[CloudError]]] = [
    (failure(400), Refused),
    (failure(409), Refused),
    (failure(422), Refused),
    (failure(401), Denied),
    (failure(403), Denied),
    (failure(404), ScopeMissing),
    (failure(410), ScopeMissing),
    (failure(409, "MissingSubscriptionRegistration"), ScopeMissing),
    (failure(409, "AnotherOperationInProgress"), RevisionConflict),
    (failure(412), RevisionConflict),
    (failure(429), Throttled),
    (failure(500), Unanswered),
    (failure(503), Unanswered),
    (failure(408), Unanswered),
    (failure(202), Unanswered),
    (failure(307, Location="https://elsewhere.example/"), Unanswered),
]


@pytest.mark.parametrize(
    ("answer", "meaning"), REFUSALS, ids=lambda it: str(getattr(it, "status", "")) or it.__name__
)
def test_a_write_is_tried_once_and_its_answer_told(
    groups: AzureGroups, wire: Wire, answer: Answer, meaning: type[CloudError]
) -> None:
    wire.will(answer)
    with pytest.raises(meaning, match="Azure's words"):
        groups.update("Pumps", GROUP, BASE)
    assert len(wire.requests) == 1


def test_a_denied_write_names_the_permission(groups: AzureGroups, wire: Wire) -> None:
    wire.will(failure(403, "AuthorizationFailed"))
    with pytest.raises(Denied, match="deviceSecurityGroups/delete is denied"):
        groups.delete("Pumps", BASE)


def test_a_read_waits_as_long_as_azure_asks_if_that_is_short(
    groups: AzureGroups, wire: Wire, transport: WireTransport
) -> None:
    wire.will(failure(503, **{"Retry-After": "4"}), Answer(body=GROUP))
    assert groups.read("pumps") == BASE
    assert transport.waits == [4]


def test_a_read_leaves_a_long_wait_to_its_caller(
    groups: AzureGroups, wire: Wire, transport: WireTransport
) -> None:
    wire.will(failure(503, **{"Retry-After": "60"}))
    with pytest.raises(Unreachable):
        groups.read("pumps")
    assert transport.waits == []


@pytest.mark.parametrize("wait", [0, 1, 60])
def test_a_read_that_is_one_too_many_is_left_to_whoever_keeps_the_quota(
    groups: AzureGroups, wire: Wire, transport: WireTransport, wait: int
) -> None:
    wire.will(failure(429, **{"Retry-After": str(wait)}))
    with pytest.raises(Throttled) as caught:
        groups.read("pumps")
    assert (caught.value.retry_after, transport.waits, len(wire.requests)) == (wait, [], 1)


def test_a_write_never_waits(groups: AzureGroups, wire: Wire, transport: WireTransport) -> None:
    wire.will(failure(429, **{"Retry-After": "1"}))
    with pytest.raises(Throttled):
        groups.delete("Pumps", BASE)
    assert transport.waits == []


def test_a_read_is_tried_three_times(groups: AzureGroups, wire: Wire) -> None:
    wire.will(*[failure(500)] * 3)
    with pytest.raises(Unreachable):
        groups.read("pumps")
    assert len(wire.requests) == 3


def test_a_second_attempt_at_a_read_has_the_time_that_is_left(
    groups: AzureGroups, wire: Wire, transport: WireTransport
) -> None:
    wire.takes = 5.0
    wire.will(exceptions.ServiceResponseError("cut"), Answer(body=GROUP))
    assert groups.read("pumps") == BASE
    assert [sum(limits) for limits in transport.limits] == pytest.approx([8.0, 3.0])


def test_a_read_that_took_its_time_is_not_begun_again(groups: AzureGroups, wire: Wire) -> None:
    wire.takes = 7.5
    wire.will(exceptions.ServiceResponseTimeoutError("slow"))
    with pytest.raises(Unreachable):
        groups.read("pumps")
    assert len(wire.requests) == 1


def test_a_pause_that_leaves_no_time_for_an_attempt_is_not_taken(
    groups: AzureGroups, wire: Wire, transport: WireTransport
) -> None:
    wire.takes = 3.0
    wire.will(failure(503, **{"Retry-After": "5"}))
    with pytest.raises(Unreachable):
        groups.read("pumps")
    assert transport.waits == []


def test_the_hub_has_to_confirm_an_absence_within_the_time_of_the_read(
    groups: AzureGroups, wire: Wire, transport: WireTransport
) -> None:
    wire.takes = 6.0
    wire.will(failure(404), Answer(body={"value": []}))
    assert groups.read("pumps") is None
    assert sum(transport.limits[1]) == pytest.approx(2.0)
    wire.takes = 8.0
    wire.will(failure(404))
    with pytest.raises(Unreachable, match="within 8 s"):
        groups.read("pumps")


def test_the_time_of_an_answer_is_azures_own(groups: AzureGroups, wire: Wire) -> None:
    date = {"Date": "Fri, 15 Jan 2027 08:00:01 GMT"}
    wire.will(Answer(body=GROUP, headers=date), Answer(body=GROUP, headers=date), Answer(headers=date))
    found = groups.read("pumps")
    assert found is not None
    assert found.told_at == 1_800_000_001.0
    assert groups.update("Pumps", GROUP, BASE).told_at == 1_800_000_001.0
    assert groups.delete("Pumps", BASE).told_at == 1_800_000_001.0


@pytest.mark.parametrize("date", ["", "soon", "Fri, 99 Jan 2027 08:00:01 GMT"])
def test_a_time_that_is_none_is_not_made_up(groups: AzureGroups, wire: Wire, date: str) -> None:
    wire.will(Answer(body=GROUP, headers={"Date": date}))
    found = groups.read("pumps")
    assert found is not None
    assert found.told_at is None


def test_a_write_without_a_connection_was_not_sent(groups: AzureGroups, wire: Wire) -> None:
    wire.will(exceptions.ServiceRequestTimeoutError("no route"))
    with pytest.raises(Unreachable, match="not sent"):
        groups.update("Pumps", GROUP, BASE)
    assert len(wire.requests) == 1


@pytest.mark.parametrize(
    "error", [exceptions.ServiceResponseError("cut"), exceptions.IncompleteReadError("cut")]
)
def test_a_write_whose_connection_broke_may_have_been_applied(
    groups: AzureGroups, wire: Wire, error: Exception
) -> None:
    wire.will(error)
    with pytest.raises(Unanswered, match="may have been applied"):
        groups.update("Pumps", GROUP, BASE)
    assert len(wire.requests) == 1


def refusing(error: Exception) -> Any:
    class Refusing:
        def get_token(self, *_: str, **__: Any) -> Any:
            raise error

    return Refusing()


def test_without_a_token_the_permission_is_named(groups_at: Callable[..., AzureGroups]) -> None:
    groups = groups_at(credential=refusing(exceptions.ClientAuthenticationError("AADSTS70021: no match")))
    with pytest.raises(Denied, match=r"no token for .*/write \(AADSTS70021"):
        groups.update("Pumps", GROUP, BASE)


def test_a_sign_in_that_is_down_is_no_denial(groups_at: Callable[..., AzureGroups]) -> None:
    error = exceptions.ClientAuthenticationError("oops")
    error.response = type("Response", (), {"status_code": 503})()
    with pytest.raises(Unreachable):
        groups_at(credential=refusing(error)).update("Pumps", GROUP, BASE)


def test_what_the_other_cloud_says_about_signing_in_is_passed_on(
    groups_at: Callable[..., AzureGroups],
) -> None:
    told = Denied("Entra identity x", "sts:GetWebIdentityToken is denied")
    with pytest.raises(Denied) as caught:
        groups_at(credential=refusing(told)).read("pumps")
    assert caught.value is told


BODIES = [b"", b"<html>", b"[]", b"null", b'"text"', b"\xff", b"[" * 100_000]


@pytest.mark.parametrize("body", BODIES, ids=range(len(BODIES)))
def test_an_answer_that_is_no_group_is_no_answer(groups: AzureGroups, wire: Wire, body: bytes) -> None:
    wire.will(Answer(body=body), Answer(body=body))
    with pytest.raises(Unreachable, match="no device security group"):
        groups.read("pumps")
    with pytest.raises(Unanswered, match="no device security group"):
        groups.update("pumps", GROUP, BASE)


@pytest.mark.parametrize("body", [*BODIES, b'{"error": "text"}', b'{"error": {"code": 5}}'])
def test_an_error_without_azures_words_is_still_told(groups: AzureGroups, wire: Wire, body: bytes) -> None:
    wire.will(Answer(status=400, body=body))
    with pytest.raises(Refused):
        groups.read("pumps")


@pytest.mark.parametrize("page", [{}, [], {"value": None}, {"value": [{}]}, {"value": ["text"]}])
def test_a_listing_that_is_none_is_not_believed(groups: AzureGroups, wire: Wire, page: Any) -> None:
    wire.will(Answer(body=page))
    with pytest.raises(Unreachable):
        groups.census()


def test_a_listing_is_followed_on_our_own_arm_whatever_host_it_names(groups: AzureGroups, wire: Wire) -> None:
    elsewhere = f"https://evil.example{HUB}/providers/x?{API}&$skipToken=a%2Fb=="
    wire.will(
        Answer(body={"value": [GROUP], "nextLink": elsewhere}),
        Answer(body={"value": [{**GROUP, "name": "Valves"}], "nextLink": ""}),
    )
    assert list(groups.census()) == ["Pumps", "Valves"]
    assert wire.requests[1].url == (f"https://management.azure.com{HUB}/providers/x?{API}&$skipToken=a%2Fb==")


def test_a_listing_that_goes_in_circles_is_not_believed(groups: AzureGroups, wire: Wire) -> None:
    page = {"value": [GROUP], "nextLink": f"{GROUPS}?{API}"}
    wire.will(Answer(body=page), Answer(body=page))
    with pytest.raises(Unreachable, match="read already"):
        groups.census()


def test_messages_of_the_service_are_one_short_line(groups: AzureGroups, wire: Wire) -> None:
    wire.will(failure(400, message="bad\x1b[31m\n\u2028" + "x" * 5000))
    with pytest.raises(Refused) as caught:
        groups.read("pumps")
    assert len(caught.value.problem) == 300
    assert caught.value.problem.isprintable()


OUTSIDE = [
    "https://management.azure.com/x",
    "//evil.example/x",
    "/subscriptions/other/x",
    f"{HUB}x/providers/y",
    f"{HUB}/../x",
    f"{HUB}/%2e%2e/x",
    "",
    "?x",
]


@pytest.mark.parametrize("at", OUTSIDE)
def test_a_next_page_that_was_kept_leads_nowhere_but_to_the_hub(
    groups: AzureGroups, wire: Wire, at: str
) -> None:
    with pytest.raises(StalePage, match="outside the hub"):
        groups.page(at)
    assert wire.requests == []


def test_a_next_page_that_was_kept_is_asked_of_our_own_arm(groups: AzureGroups, wire: Wire) -> None:
    wire.will(Answer(body={"value": [GROUP], "nextLink": f"https://x.example{HUB.upper()}/p?$skipToken=t"}))
    page = groups.page()
    assert page.following is not None
    wire.will(Answer(body={"value": []}))
    assert groups.page(page.following).following is None
    assert wire.requests[1].url == f"https://management.azure.com{HUB.upper()}/p?$skipToken=t"


@pytest.mark.parametrize("status", [400, 404, 410, 422])
def test_a_next_page_that_azure_refuses_is_stale_and_a_first_one_refused(
    groups: AzureGroups, wire: Wire, status: int
) -> None:
    wire.will(failure(status, message="skipToken=secret"), failure(status))
    with pytest.raises(StalePage) as caught:
        groups.page(f"{HUB}/p?$skipToken=secret")
    assert "secret" not in str(caught.value)
    with pytest.raises((Refused, ScopeMissing)):
        groups.page()
