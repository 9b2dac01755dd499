"""The Activity Log as ARM lists it: one record when a write begins, one when it ended, filtered and paged."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote, urlsplit

import pytest

from functions.local.sandbox import AzureOptions, TwoClouds

NOON = datetime(2026, 9, 1, 12, 0, 0, 123456, tzinfo=UTC)
SINCE = "eventTimestamp ge '2020-01-01'"
Activity = Callable[..., Any]


@pytest.fixture
def activity(ask: Any) -> Activity:
    def activity(
        clouds: TwoClouds, filter_text: str, subscription: str | None = None, select: str = ""
    ) -> Any:
        path = f"/subscriptions/{subscription or clouds.azure.subscription}/providers/Microsoft.Insights"
        query = f"api-version=2015-04-01&$filter={quote(filter_text)}&$select={select}"
        url = f"{path}/eventtypes/management/values?{query}"
        return ask(clouds.azure.endpoint, "GET", url, Authorization="Bearer user.alice")

    return activity


def ended(answer: Any) -> list[Any]:
    return [record for record in answer.json["value"] if record["status"]["value"] == "Succeeded"]


def test_it_has_the_writes_between_two_times(start: Any, arm: Any, activity: Activity) -> None:
    times = [NOON]
    clouds = start(now=lambda: times[-1])
    groups = arm(clouds)
    for _ in range(3):
        groups.create_or_update(clouds.azure.hub, "g", b"{}", headers={"x-ms-client-request-id": "mine"})
        times.append(times[-1] + timedelta(minutes=1))
    groups.delete(clouds.azure.hub, "g")

    def minutes(filter_text: str) -> list[int]:
        return [
            datetime.fromisoformat(value["eventTimestamp"]).minute
            for value in ended(activity(clouds, filter_text))
        ]

    assert minutes("eventTimestamp ge '2026-09-01T12:00:00Z'") == [3, 2, 1, 0]
    between = "eventTimestamp ge '2026-09-01T12:01:00Z' and eventTimestamp le '2026-09-01T12:02:00'"
    assert minutes(between) == [1]
    later = "eventTimestamp gt '2026-09-01T14:02:00+02:00' and eventTimestamp lt '2026-09-02'"
    assert minutes(later) == [3, 2]


def test_a_record_tells_who_wrote_what_and_how_it_ended(
    clouds: TwoClouds, arm: Any, activity: Activity
) -> None:
    arm(clouds).create_or_update(clouds.azure.hub, "g", b"{}", headers={"x-ms-client-request-id": "mine"})
    end, begin = activity(clouds, SINCE).json["value"]
    assert (begin["eventName"]["value"], begin["status"]["value"]) == ("BeginRequest", "Started")
    assert (end["eventName"]["value"], end["subStatus"]["value"]) == ("EndRequest", "Created")
    assert end["operationName"]["value"] == "Microsoft.Security/deviceSecurityGroups/write"
    assert end["resourceId"] == f"{clouds.azure.hub}/providers/Microsoft.Security/deviceSecurityGroups/g"
    assert (end["caller"], end["claims"]["name"]) == ("alice", "alice")
    assert (end["httpRequest"]["clientRequestId"], end["httpRequest"]["method"]) == ("mine", "PUT")


@pytest.mark.parametrize(
    ("condition", "count"),
    [
        ("resourceGroupName eq 'SANDBOX'", 2),
        ("resourceGroupName eq 'other'", 0),
        ("resourceProvider eq 'Microsoft.Security'", 2),
        ("resourceUri eq '{hub}/providers/Microsoft.Security/deviceSecurityGroups/g'", 2),
        ("resourceUri eq '{hub}'", 0),
    ],
)
def test_it_may_be_narrowed_to_one_thing(
    clouds: TwoClouds, put: Any, activity: Activity, condition: str, count: int
) -> None:
    put("g", {})
    told = activity(clouds, f"{SINCE} and {condition.format(hub=clouds.azure.hub)}")
    assert len(told.json["value"]) == count


@pytest.mark.parametrize(
    "filter_text",
    [
        "",
        "resourceGroupName eq 'sandbox'",
        "eventTimestamp ge 'yesterday'",
        f"{SINCE} and caller eq 'alice'",
        f"{SINCE} and resourceGroupName ne 'sandbox'",
        f"{SINCE} and resourceGroupName eq 'sandbox' and resourceProvider eq 'Microsoft.Security'",
        f"{SINCE} or {SINCE}",
    ],
)
def test_no_other_filter_is_taken(clouds: TwoClouds, activity: Activity, filter_text: str) -> None:
    assert activity(clouds, filter_text).status == 400


def test_it_is_per_subscription(clouds: TwoClouds, put: Any, activity: Activity) -> None:
    put("g", {})
    assert len(activity(clouds, SINCE, clouds.azure.subscription.upper()).json["value"]) == 2
    assert activity(clouds, SINCE, "another").json["value"] == []


def test_members_may_be_selected(clouds: TwoClouds, put: Any, activity: Activity) -> None:
    put("g", {})
    record = activity(clouds, SINCE, select="status,claims").json["value"][0]
    assert record.keys() == {"status", "claims", "eventDataId"}


def test_it_comes_page_by_page(start: Any, arm: Any, ask: Any, activity: Activity) -> None:
    clouds = start(azure_options=AzureOptions(page_size=3))
    for _ in range(4):
        arm(clouds).create_or_update(clouds.azure.hub, "g", b"{}")
    answer = activity(clouds, SINCE)
    sizes, seen = [], []
    while True:
        sizes.append(len(answer.json["value"]))
        seen += [record["eventDataId"] for record in answer.json["value"]]
        if "nextLink" not in answer.json:
            break
        following = urlsplit(answer.json["nextLink"])
        url = f"{following.path}?{following.query}"
        answer = ask(clouds.azure.endpoint, "GET", url, Authorization="Bearer user.alice")
    assert (sizes, len(set(seen))) == ([3, 3, 2], 8)


def test_nobody_may_read_it_where_the_fault_says_so(
    clouds: TwoClouds, put: Any, activity: Activity, ask: Any
) -> None:
    clouds.azure_faults.update({"deny_activity_log": True})
    answer = activity(clouds, SINCE)
    assert answer.status == 403
    assert "Microsoft.Insights/eventtypes/values/Read" in answer.json["error"]["message"]
    assert put("g", {})  # the rest is as open as before
