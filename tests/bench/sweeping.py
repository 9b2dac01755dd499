"""Rows about a sweep of links that are in step, on the sandbox: both SDKs' clients over HTTP on this machine.

Each row takes minutes: the sandbox has to be filled first, and a first round does not count. The links of the
last row are made up when they are asked for, behind the engine's ports, in a process of their own.
"""

from __future__ import annotations

import copy
import json
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Self

from msgspec.structs import replace

from functions.local.sandbox.clients import cloud_ports
from functions.local.sandbox.clouds import DEFAULT_SUBSCRIPTION
from shared.bootstrap.workers import AZURE_WORKER
from shared.operations.mirror import Mirror
from shared.operations.requests import NO_CAUSE, Cause, Sweep
from shared.routes.load import load_routes
from shared.sync.job import Outcome
from shared.sync.link import LinkKey
from shared.sync.ports import Cloud, Found, Page, pages_of
from shared.translation.side import Side
from tests.bench.estate import SlowLedger, set_latency
from tests.bench.floors import a_thousand_links
from tests.bench.floors.one_describe_each import see_every_link
from tests.bench.fresh import HERE, PROGRAMS
from tests.bench.measure import Pairs, side_by_side, wall
from tests.bench.places import ROUTE
from tests.bench.row import Row
from tests.unit.sync.documents import at_most, group, profile

LINKS = 10_000
MANY = 100_000
MOST_LISTED = 16_000
"""About as many as are listed in one go, which takes the most memory: ten thousand are held of them."""

ADDED = 0.025
THREADS = 8
LIFE = 30.0
"""Seconds of one invocation."""


class Fleet:
    """Links in step, in both clouds of a sandbox in a process of its own."""

    def __init__(self, added: float) -> None:
        command = [sys.executable, str(PROGRAMS / "clouds.py"), DEFAULT_SUBSCRIPTION]
        self._clouds = subprocess.Popen(
            command, cwd=HERE.parents[1], env={"PYTHONPATH": "."}, text=True, stdin=-1, stdout=-1
        )
        assert self._clouds.stdout is not None
        at = json.loads(self._clouds.stdout.readline())
        self._pool = ThreadPoolExecutor(THREADS)
        self._routes = load_routes(ROUTE, "routes")
        self._route = self._routes.routes[0]
        ports = cloud_ports(at["aws"], at["azure"], self._route, user="bench")
        self._ports = {side: Counted(port) for side, port in ports.items()}
        self._ledger = SlowLedger()
        self._names = [f"link-{number:05}" for number in range(LINKS)]
        self._fill(ports)
        for endpoint in at.values():
            set_latency(endpoint, added)
        self._ledger.seconds = added

    def _fill(self, ports: Mapping[Side, Cloud]) -> None:
        sent = at_most(100)
        documents = {Side.AWS: profile(sent=sent), Side.AZURE: group(sent=sent)}

        def create(name: str) -> None:
            for side, port in ports.items():
                port.create(name, copy.deepcopy(documents[side]))

        list(self._pool.map(create, self._names))
        mirror = self._mirror(lambda: LIFE)
        mirror.reconcile(LinkKey(self._route.id, self._names[0]))
        link = self._ledger.link(LinkKey(self._route.id, self._names[0]))
        assert link is not None
        for name in self._names[1:]:
            one = replace(link, key=LinkKey(self._route.id, name), rev=1, entries=0, head="", latest=None)
            self._ledger.save(one)

    def _mirror(self, time_left: Callable[[], float]) -> Mirror:
        return Mirror(
            routes=self._routes,
            worker=AZURE_WORKER,
            ledger=self._ledger,
            clouds=lambda _: self._ports,
            clock=time.time,
            time_left=time_left,
            pool=self._pool,
        )

    def sweep(self) -> None:
        """In as many parts as it takes, one after the other as the queue would bring them."""
        parts = [Sweep(self._route.id)]

        def enqueue(asked: Sequence[LinkKey | Sweep], delay: float, cause: Cause = NO_CAUSE) -> None:
            del delay, cause
            for each in asked:
                assert isinstance(each, Sweep), f"{each} is in step and needs no look of its own"
                parts.append(each)

        seen = 0
        mirror = self._mirror(lambda: LIFE)
        while parts:
            ends = time.time() + LIFE
            mirror.time_left = lambda ends=ends: ends - time.time()  # type: ignore[misc]
            outcomes = list(mirror.perform(parts.pop(0), enqueue))
            seen += sum(isinstance(each, Outcome) and each.code == "in-step" for each in outcomes)
        assert seen == LINKS, f"{seen} of {LINKS} were seen to be in step"

    def least(self) -> None:
        listings = (
            lambda: list(pages_of(self._ports[Side.AWS], "all")),
            lambda: list(pages_of(self._ports[Side.AZURE], "all")),
            lambda: list(self._ledger.route_links(self._route.id)),
        )
        see_every_link(listings, self._ports[Side.AWS].read, self._names, self._pool)

    def counted(self, work: Callable[[], None]) -> float:
        before = self._calls()
        work()
        return float(self._calls() - before)

    def _calls(self) -> int:
        return sum(port.calls for port in self._ports.values()) + self._ledger.calls

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.shutdown()
        self._clouds.communicate()


class Counted:
    """A cloud's port, less what could write once the links are there; each page of a listing is a call."""

    def __init__(self, cloud: Cloud) -> None:
        self._cloud = cloud
        self.calls = 0

    def read(self, name: str, *, whole: bool = False) -> Found | None:
        self.calls += 1
        return self._cloud.read(name, whole=whole)

    def page(self, at: str | None = None) -> Page:
        self.calls += 1
        return self._cloud.page(at)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._cloud, name)


def _wall(rounds: int) -> Pairs:
    with Fleet(ADDED) as fleet:
        return side_by_side(wall(fleet.sweep), wall(fleet.least), rounds)


def _calls(rounds: int) -> Pairs:
    with Fleet(0.0) as fleet:
        return side_by_side(lambda: fleet.counted(fleet.sweep), lambda: fleet.counted(fleet.least), rounds)


def _memory(rounds: int) -> Pairs:
    """One round: processes differ by less than a megabyte."""
    del rounds
    return Pairs((max(_peak(MOST_LISTED), _peak(MANY)),), (_peak(a_thousand_links.LINKS),))


def _peak(links: int) -> float:
    command = [sys.executable, str(PROGRAMS / "sweep_memory.py"), str(links)]
    done = subprocess.run(
        command, cwd=HERE.parents[1], env={"PYTHONPATH": "."}, text=True, capture_output=True, check=True
    )
    return float(json.loads(done.stdout)["peak"])


ROWS = (
    Row(
        "sweep-calls",
        f"sweep {LINKS:,} links in step on the sandbox: calls of both clouds and of the ledger",
        "both clouds' pages, the ledger in one call, one describe for each link",
        "one_describe_each",
        1.02,
        _calls,
        unit="calls",
        scale=1.0,
        rounds=1,
    ),
    Row(
        "sweep-25ms",
        "the same, 8 calls at once, 25 ms added to every call",
        "the same calls at the same concurrency, and nothing done with the answers",
        "one_describe_each",
        1.15,
        _wall,
        unit="s",
        scale=1.0,
        rounds=1,
    ),
    Row(
        "sweep-memory",
        f"most memory held by a process that sweeps {MANY:,} links, or {MOST_LISTED:,} if those take more; "
        "both SDKs loaded",
        "the same for 1,000 links",
        "a_thousand_links",
        1.15,
        _memory,
        unit="MB",
        scale=1.0,
        rounds=1,
    ),
)
