"""Rows about a sweep of links that are in step.

The clouds are in memory, behind the engine's ports: ten thousand links are there at once, and a call costs
what is added to it. A deployed sweep surveys for ten seconds, the queue takes the rest; here it may go on.
"""

from __future__ import annotations

import copy
import math
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

from msgspec import structs

from shared.operations.mirror import Mirror
from shared.operations.requests import NO_CAUSE, Cause, Sweep
from shared.sync.link import LinkKey
from shared.sync.ports import Found
from shared.translation.side import Side
from tests.bench.estate import SlowLedger
from tests.bench.floors.one_describe_each import see_every_link
from tests.bench.measure import Pairs, side_by_side, wall
from tests.bench.row import Row
from tests.unit.sync.documents import at_most, group, profile
from tests.unit.sync.world import FUNCTION, world

LINKS = 10_000
ADDED = 0.025
THREADS = 8


class Fleet:
    """Links in step; a sweep of them by the Azure function's worker, which has all the time it wants."""

    def __init__(self, added: float = ADDED) -> None:
        self.calls = 0
        w = world()
        w.in_step("link-0", profile(sent=at_most(100)), group(sent=at_most(100)))
        self._names = [f"link-{number}" for number in range(LINKS)]
        self.ledger = SlowLedger()
        for name in self._names:
            link = structs.replace(w.link("link-0"), key=LinkKey(w.route.id, name), rev=1, entries=0, head="")
            self.ledger.save(link)
            for cloud in (w.aws, w.azure):
                stored = copy.deepcopy(cloud.stored["link-0"])
                cloud.stored[name] = replace(stored, name=name)
        self._clouds = {
            side: Counted(cloud, self, added)
            for side, cloud in {Side.AWS: w.aws, Side.AZURE: w.azure}.items()
        }
        self._pool = ThreadPoolExecutor(THREADS)
        self._mirror = Mirror(
            routes=w.routes,
            worker=FUNCTION,
            ledger=self.ledger,
            clouds=lambda _: self._clouds,  # type: ignore[arg-type, return-value]  # a sweep in step only reads
            clock=lambda: w.now,
            time_left=lambda: math.inf,
            pool=self._pool,
        )
        self._route = w.route.id
        self.ledger.seconds, self.ledger.calls = added, 0

    def sweep(self) -> None:
        kinds = [outcome.code for outcome in self._mirror.perform(Sweep(), _refuse)]  # type: ignore[union-attr]
        assert kinds == ["in-step"] * len(self._names)

    def least(self) -> None:
        listings = (
            self._clouds[Side.AWS].census,
            self._clouds[Side.AZURE].census,
            lambda: list(self.ledger.route_links(self._route)),
        )
        see_every_link(listings, self._clouds[Side.AWS].read, self._names, self._pool)

    def counted(self, work: Any) -> float:
        before = self.calls + self.ledger.calls
        work()
        return float(self.calls + self.ledger.calls - before)


class Counted:
    """The reading half of a cloud's port; each call takes ``added`` seconds."""

    def __init__(self, cloud: Any, fleet: Fleet, added: float) -> None:
        self._cloud, self._fleet, self._added = cloud, fleet, added

    def read(self, name: str, *, whole: bool = False) -> Found | None:
        self._wait()
        found: Found | None = self._cloud.read(name, whole=whole)
        return found

    def census(self) -> Mapping[str, Found | None]:
        self._wait()
        names: Mapping[str, Found | None] = self._cloud.census()
        return names

    def _wait(self) -> None:
        self._fleet.calls += 1
        time.sleep(self._added)


def _refuse(asked: Sequence[LinkKey | Sweep], delay: float, cause: Cause = NO_CAUSE) -> None:
    del delay, cause
    raise AssertionError(f"{asked} are in step and need no look of their own")


def _wall(rounds: int) -> Pairs:
    fleet = Fleet()
    return side_by_side(wall(fleet.sweep), wall(fleet.least), rounds)


def _calls(rounds: int) -> Pairs:
    fleet = Fleet(added=0.0)
    return side_by_side(lambda: fleet.counted(fleet.sweep), lambda: fleet.counted(fleet.least), rounds)


ROWS = (
    Row(
        "sweep-calls",
        "sweep 10,000 links in step: calls of both clouds' ports and of the ledger's",
        "both listings and the ledger's, one describe for each link",
        "one_describe_each",
        1.02,
        _calls,
        unit="calls",
        scale=1.0,
        rounds=1,
    ),
    Row(
        "sweep-25ms",
        "the same, 8 calls at once, 25 ms added to every call, in one go (deployed: 10 s, then the queue)",
        "the same calls at the same concurrency, and nothing done with the answers",
        "one_describe_each",
        1.15,
        _wall,
        unit="s",
        scale=1.0,
        rounds=1,
    ),
)
