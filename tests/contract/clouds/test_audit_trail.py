"""What the race detector relies on: the trail names foreign writes of the hub's groups, and their times."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from functions.local.sandbox.azure_identity import claims
from functions.local.sandbox.azure_state import AzureOptions
from functions.local.sandbox.clients import StaticCredential, arm_client
from functions.local.sandbox.clouds import TwoClouds
from shared.clouds import azure_arm
from shared.clouds.azure_activity import ActivityTrail
from shared.clouds.azure_groups import AzureGroups
from shared.errors import Denied, Throttled, Unreachable
from shared.sync.ports import AuditTrail, Cloud, Touch

NOON = 1_800_000_000.0
OURS = claims("mirror")["appid"]
REQUEST = "11111111-1111-4111-8111-111111111111"


class Place:
    """Two hubs with groups on them, a port that writes as us, and somebody else's hands."""

    def __init__(self, clouds: TwoClouds, now: list[float]) -> None:
        self.clouds = clouds
        self._now = now
        self.groups = self.port(clouds.azure.hub)
        self.theirs = arm_client(clouds).device_security_groups

    def port(self, hub: str) -> Cloud:
        return AzureGroups(self._arm("user.mirror"), hub)

    def trail(self, token: str = "user.reader", own: str | None = OURS) -> AuditTrail:
        return ActivityTrail(self._arm(token), self.clouds.azure.hub, own)

    def told(self, since: float = NOON, own: str | None = OURS) -> list[Touch]:
        return sorted(self.trail(own=own).foreign_writes(since), key=lambda touch: touch.at)

    def somebody_writes(self, name: str, hub: str | None = None) -> None:
        headers = {"x-ms-client-request-id": REQUEST}
        self.theirs.create_or_update(hub or self.clouds.azure.hub, name, {"properties": {}}, headers=headers)

    def wait(self, seconds: float) -> None:
        self._now[0] += seconds

    def _arm(self, token: str) -> Any:
        return azure_arm.arm_client(StaticCredential(token), base_url=self.clouds.azure.endpoint)


@pytest.fixture
def place(monkeypatch: pytest.MonkeyPatch) -> Iterator[Place]:
    monkeypatch.setattr("azure.core.pipeline.transport.HttpTransport.sleep", lambda *_: None)
    now = [NOON]
    with TwoClouds(
        now=lambda: datetime.fromtimestamp(now[0], UTC),
        hubs=("plant", "other"),
        azure_options=AzureOptions(page_size=7),
    ) as clouds:
        yield Place(clouds, now)


def test_a_write_and_a_deletion_by_somebody_else_are_told_with_their_times(place: Place) -> None:
    place.somebody_writes("pumps")
    place.wait(2.5)
    place.theirs.delete(place.clouds.azure.hub, "pumps")
    written, deleted = place.told()
    assert written == Touch("pumps", NOON, REQUEST, claims("alice")["appid"])
    assert (deleted.name, deleted.at) == ("pumps", NOON + 2.5)


def test_what_we_wrote_ourselves_is_not_told(place: Place) -> None:
    place.groups.create("pumps", {"properties": {}}, request=REQUEST)
    assert place.told() == []


def test_where_nobody_knows_who_we_are_each_write_is_told_with_its_request(place: Place) -> None:
    place.groups.create("pumps", {"properties": {}}, request=REQUEST)
    assert [touch.request for touch in place.told(own=None)] == [REQUEST]


def test_what_was_before_is_not_told(place: Place) -> None:
    place.somebody_writes("pumps")
    place.wait(10)
    place.somebody_writes("valves")
    assert [touch.name for touch in place.told(NOON + 0.5)] == ["valves"]


def test_another_hub_of_the_same_resource_group_is_not_told(place: Place) -> None:
    place.somebody_writes("pumps", place.clouds.azure.hubs[1])
    assert place.told() == []


def test_names_of_every_kind_are_told_as_they_are(place: Place) -> None:
    names = ["Pumps", "a b", "ä-ö", "100%", "x.y", "deviceSecurityGroups"]
    for name in names:
        place.somebody_writes(name)
    assert sorted(touch.name for touch in place.told()) == sorted(names)


def test_it_is_read_page_by_page(place: Place) -> None:
    for number in range(20):
        place.somebody_writes(f"group-{number}")
    assert len(place.told()) == 20


def test_without_the_right_it_is_told_which_one(place: Place) -> None:
    with pytest.raises(Denied, match=r"Microsoft\.Insights/eventtypes/values/Read is denied"):
        list(place.trail("denied").foreign_writes(NOON))
    place.clouds.azure_faults.update({"deny_activity_log": True})
    with pytest.raises(Denied, match="Activity Log of resource group sandbox"):
        place.told()


def test_a_service_that_asks_to_wait_or_fails_says_so(place: Place) -> None:
    place.clouds.azure_faults.update({"throttle_next": 9, "retry_after_s": 60})
    with pytest.raises(Throttled) as caught:
        place.told()
    assert caught.value.retry_after == 60
    place.clouds.azure_faults.update({"throttle_next": 0, "fail_next": 9})
    with pytest.raises(Unreachable):
        place.told()


def test_a_read_survives_one_passing_failure(place: Place) -> None:
    place.somebody_writes("pumps")
    place.clouds.azure_faults.update({"fail_next": 1})
    assert [touch.name for touch in place.told()] == ["pumps"]
