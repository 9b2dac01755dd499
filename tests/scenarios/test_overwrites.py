"""An Azure edit within our own read-check-write window is overwritten, for Azure has no ETag; it is told."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from functions.local.sandbox.clients import cloud_ports
from shared.clouds.azure_groups import AzureGroups
from shared.routes.route import Route
from shared.sync.job import Worker
from shared.sync.ports import Cloud, Document, Found, Written
from shared.translation.side import Side
from tests.scenarios.scene import MESSAGES, Scene, sent, window_rule


class Raced:
    """Azure's port, with somebody else's hands on the hub between our last look and our PUT."""

    def __init__(self, port: Cloud) -> None:
        assert isinstance(port, AzureGroups)
        self._port = port
        self.meanwhile: Callable[[], None] | None = None

    def __getattr__(self, name: str) -> Any:
        return getattr(self._port, name)

    def update(self, name: str, document: Document, base: Found, *, request: str | None = None) -> Written:
        if self.meanwhile is not None:
            act, self.meanwhile = self.meanwhile, None
            act()
        return self._port.update(name, document, base, request=request)


class Race(Scene):
    """In step at 100, and at the next write of ours somebody sets the limit to 70 in between."""

    raced: Raced

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, ports=self.ports)

    def ports(self, worker: Worker, route: Route) -> Mapping[Side, Cloud]:
        aws, azure = self.clouds.aws.endpoint, self.clouds.azure.endpoint
        ports: dict[Side, Any] = dict(cloud_ports(aws, azure, route, user=worker.name))
        if Side.AZURE in worker.may_write:
            self.raced = ports[Side.AZURE] = Raced(ports[Side.AZURE])
        return ports

    def overwrite(self, *, lost_events: int = 0) -> None:
        """The user's 70 on Azure goes under in the mirrored 60 of AWS."""
        self.create_profile("pumps", sent(100))
        self.rest()
        self.clock.skip(30.0)
        self.lines.forget()
        self.clouds.azure_bus.lose_next(lost_events)
        self.raced.meanwhile = lambda: self.put_group("pumps", window_rule(0, 70))
        self.edit_profile("pumps", lambda behaviors: behaviors[0]["criteria"]["value"].update(count=60))


@pytest.fixture
def race(tmp_path: Path) -> Iterator[Race]:
    with ExitStack() as stack:
        yield stack.enter_context(Race(tmp_path))


def notes(race: Race) -> list[tuple[str, str, str]]:
    return [
        (line["event"], line["code"], line["function"])
        for line in race.lines()
        if any(note["code"] == "possible-overwrite" for note in line.get("notes", ()))
    ]


def test_it_is_told_when_its_event_comes(race: Race) -> None:
    race.overwrite()
    race.rest()
    assert race.rules("pumps") == {MESSAGES: (0, 60, "PT5M")}
    first, *later = notes(race)
    assert first == ("held", "possible-overwrite", "function")
    assert {event for event, _, _ in later} <= {"no-op"}  # told once, and noted for a while


def test_where_its_event_is_lost_the_sweep_reads_of_it_in_the_activity_log(race: Race) -> None:
    race.overwrite(lost_events=2)  # that of the edit, and that of our PUT
    race.rest()
    assert notes(race) == []
    race.clock.skip(900.0)
    race.sweep()
    assert notes(race)[0][:2] == ("held", "possible-overwrite")


def test_our_own_writes_and_later_edits_are_no_races(race: Race) -> None:
    race.create_profile("pumps", sent(100))
    race.rest()
    for most in (60, 50):
        race.clock.skip(30.0)
        race.edit_group("pumps", MESSAGES, maxThreshold=most)
        race.rest()
        race.clock.skip(30.0)
        race.edit_profile("pumps", lambda behaviors: behaviors[0]["criteria"]["value"].update(count=55))
        race.rest()
    race.sweep()
    assert notes(race) == []


def test_an_activity_log_that_may_not_be_read_is_told_once_and_nothing_waits_for_it(race: Race) -> None:
    race.clouds.azure_faults.update({"deny_activity_log": True})
    race.create_profile("pumps", sent(100))
    race.rest()
    for _ in range(3):
        race.edit_profile("pumps", lambda behaviors: behaviors[0]["criteria"]["value"].update(count=60))
        race.sweep()
        race.clock.skip(900.0)
    (line,) = race.lines("held", "audit-unread")
    assert "Microsoft.Insights/eventtypes/values/Read" in line["reason"]
    assert race.rules("pumps") == {MESSAGES: (0, 60, "PT5M")}
