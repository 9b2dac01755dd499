"""Records of the Activity Log as the service may tell them: loose, under a parent's id, or damaged."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from shared.clouds.azure_activity import MOST_PAGES, ActivityTrail
from shared.clouds.azure_arm import arm_client
from shared.errors import Denied, Unreachable
from shared.sync.ports import Touch
from tests.unit.clouds.conftest import Answer, Credential, Wire, WireTransport

HUB = "/subscriptions/s-1/resourceGroups/Plant_(eu)/providers/Microsoft.Devices/IotHubs/Hub"
GROUP = f"{HUB}/providers/Microsoft.Security/deviceSecurityGroups/pumps"
NOON = 1_800_000_000.0
OURS, THEIRS = "11111111-1111-4111-8111-111111111111", "22222222-2222-4222-8222-222222222222"


@pytest.fixture
def trail(wire: Wire, transport: WireTransport) -> ActivityTrail:
    client = arm_client(Credential(), transport=transport, clock=lambda: wire.now)
    return ActivityTrail(client, HUB, OURS, lambda: wire.now)


def record(**members: Any) -> dict[str, Any]:
    return {
        "authorization": {"action": "x", "scope": GROUP},
        "claims": {"appid": THEIRS, "name": "Alice"},
        "eventTimestamp": "2027-01-15T08:00:01.2345678Z",
        "httpRequest": {"clientRequestId": "theirs", "method": "PUT"},
        "operationName": {"value": "Microsoft.Security/deviceSecurityGroups/write"},
        "resourceId": GROUP,
        "status": {"value": "Succeeded", "localizedValue": "Erfolgreich"},
        **members,
    }


def told(trail: ActivityTrail) -> list[Touch]:
    return list(trail.foreign_writes(NOON))


def test_one_resource_group_is_asked_for_since_then(trail: ActivityTrail, wire: Wire) -> None:
    wire.will(Answer(body={"value": []}))
    assert told(trail) == []
    url = urlsplit(wire.requests[0].url)
    assert url.path == "/subscriptions/s-1/providers/Microsoft.Insights/eventtypes/management/values"
    asked = parse_qs(url.query)
    assert asked["api-version"] == ["2015-04-01"]
    since = "eventTimestamp ge '2027-01-15T08:00:00.000000Z'"
    assert asked["$filter"] == [f"{since} and resourceGroupName eq 'Plant_(eu)'"]


@pytest.mark.parametrize(
    "members",
    [
        {},
        {"operationName": {"value": "MICROSOFT.SECURITY/DEVICESECURITYGROUPS/DELETE"}},
        {"resourceId": GROUP.upper().replace("PUMPS", "pumps")},
        {"resourceId": HUB},
        {
            "resourceId": HUB,
            "authorization": {},
            "httpRequest": {"uri": f"https://x{GROUP}?a=b", "clientRequestId": "theirs"},
        },
        {"resourceId": f"{GROUP}%FF", "status": {"value": "succeeded"}},
    ],
)
def test_a_foreign_write_is_told_wherever_its_name_stands(
    trail: ActivityTrail, wire: Wire, members: dict[str, Any]
) -> None:
    wire.will(Answer(body={"value": [record(**members)]}))
    assert told(trail) == [Touch("pumps", NOON + 1.234567, "theirs", THEIRS)]


@pytest.mark.parametrize(
    "other",
    [
        record(status={"value": "Started"}),
        record(status={"value": "Failed"}),
        record(operationName={"value": "Microsoft.Devices/IotHubs/write"}),
        record(operationName={"value": "Microsoft.Security/deviceSecurityGroups/read"}),
        record(resourceId=GROUP.replace("/Hub/", "/Other/"), authorization={}),
        record(resourceId=HUB, authorization={"scope": HUB}),
        record(claims={"appid": OURS.upper()}),
        record(claims={}, httpRequest={}),
        record(claims="x", httpRequest=[]),
        record(eventTimestamp="soon"),
        record(eventTimestamp=None),
        record(operationName="x", status=None),
        "text",
        None,
        [],
    ],
)
def test_anything_else_is_passed_over(trail: ActivityTrail, wire: Wire, other: Any) -> None:
    wire.will(Answer(body={"value": [other, record()]}))
    assert [touch.name for touch in told(trail)] == ["pumps"]


def test_a_time_without_a_zone_is_utc(trail: ActivityTrail, wire: Wire) -> None:
    wire.will(Answer(body={"value": [record(eventTimestamp="2027-01-15T08:00:01")]}))
    assert told(trail)[0].at == NOON + 1


def test_following_pages_are_asked_of_our_own_arm(trail: ActivityTrail, wire: Wire) -> None:
    link = "https://evil.example/subscriptions/s-1/providers/x?api-version=2015-04-01&$skipToken=abc"
    wire.will(Answer(body={"value": [], "nextLink": link}), Answer(body={"value": [record()]}))
    assert len(told(trail)) == 1
    assert wire.requests[1].url.startswith("https://management.azure.com/subscriptions/s-1/providers/x?")


def test_a_log_without_end_is_given_up(trail: ActivityTrail, wire: Wire) -> None:
    for number in range(MOST_PAGES + 1):
        wire.will(Answer(body={"value": [], "nextLink": f"https://x/y?n={number}"}))
    with pytest.raises(Unreachable, match="more than 100 pages since 2027-01-15"):
        told(trail)


def test_a_denial_names_the_right_and_repeats_no_claim(trail: ActivityTrail, wire: Wire) -> None:
    wire.will(Answer(403, {"error": {"code": "AuthorizationFailed", "message": "no"}}))
    with pytest.raises(Denied) as caught:
        told(trail)
    assert "Microsoft.Insights/eventtypes/values/Read is denied" in str(caught.value)
    assert OURS not in str(caught.value)
