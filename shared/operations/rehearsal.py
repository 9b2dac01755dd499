"""A dry run by the engine itself: what it reads is real, what it writes stays here.

The clouds and the ledger behind it are ports that only read. A rehearsal remembers what would have been
written, so that the next look sees it, and so that the guards of a route count as they would.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from msgspec.structs import replace

from shared.errors import LedgerConflict, RevisionConflict
from shared.operations.driver import Driver
from shared.operations.reader import Reader
from shared.routes.route import Route
from shared.sync.job import Job, Outcome, Wanted, Worker
from shared.sync.link import Entry, Link, LinkKey, Scope
from shared.sync.observation import Observation, observation
from shared.sync.plan import Plan, make_plan
from shared.sync.ports import Document, Found, Page, ReadableCloud, ReadableLedger, Written
from shared.sync.reconcile import reconcile
from shared.sync.sweep import sweep_keys
from shared.translation.side import Side


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """One write that would have been made."""

    side: Side
    kind: Literal["create", "update", "delete"]
    name: str
    document: Document | None


class RehearsedCloud:
    """A :class:`~shared.sync.ports.Cloud` that reads each document once and writes none."""

    def __init__(self, side: Side, cloud: ReadableCloud, writes: list[Rehearsed]) -> None:
        self._side = side
        self._cloud = cloud
        self._writes = writes
        self._found: dict[tuple[str, bool], Found | None] = {}
        self._listed: dict[str, Found | None] | None = None

    def read(self, name: str, *, whole: bool = False) -> Found | None:
        for known in ((name, True), (name, whole)):
            if known in self._found:
                return self._found[known]
        self._found[name, whole] = found = self._listing(name) or self._cloud.read(name, whole=whole)
        return found

    def _listing(self, name: str) -> Found | None:
        """What a listing told already: Azure's carries the documents, and nothing lives apart from them."""
        return None if self._listed is None else self._listed.get(name)

    def census(self) -> Mapping[str, Found | None]:
        if self._listed is None:
            self._listed = dict(self._cloud.census())
        return self._listed

    def page(self, at: str | None = None) -> Page:
        del at
        return Page(self.census())

    def create(self, name: str, document: Document, *, request: str | None = None) -> Written:
        del request
        if self.read(name, whole=True) is not None:
            raise RevisionConflict(f"{self._side} policy {name!r}", "it is there already")
        return self._write("create", name, Found(name, document, None, 1))

    def update(self, name: str, document: Document, base: Found, *, request: str | None = None) -> Written:
        del request
        version = None if base.version is None else base.version + 1
        return self._write("update", name, replace(base, document=document, version=version))

    def delete(self, name: str, base: Found, *, request: str | None = None) -> Written:
        del base, request
        return self._write("delete", name, None)

    def ensure_metric(self, name: str, kind: str) -> None:
        """It is told with the rule that is born on it."""

    def _write(self, kind: Literal["create", "update", "delete"], name: str, found: Found | None) -> Written:
        self._writes.append(Rehearsed(self._side, kind, name, None if found is None else found.document))
        self._found[name, True] = found
        if self._listed is not None:
            self._listed.pop(name, None)
            self._listed |= {} if found is None else {name: found}
        return Written(found)


class RehearsedLedger:
    """A :class:`~shared.sync.ports.Ledger` that keeps what is saved to itself."""

    def __init__(self, ledger: ReadableLedger) -> None:
        self._ledger = ledger
        self._links: dict[LinkKey, Link | None] = {}
        self._scopes: dict[str, Scope] = {}

    def load(self, keys: Iterable[LinkKey]) -> None:
        """In batches, so that they need not be asked for one by one."""
        wanted = [key for key in keys if key not in self._links]
        self._links |= {**dict.fromkeys(wanted), **self._ledger.links(wanted)}

    def link(self, key: LinkKey) -> Link | None:
        if key not in self._links:
            self._links[key] = self._ledger.link(key)
        return self._links[key]

    def links(self, keys: Iterable[LinkKey]) -> Mapping[LinkKey, Link]:
        wanted = list(keys)
        self.load(wanted)
        return {key: link for key in wanted if (link := self._links[key]) is not None}

    def route_links(self, route: str, after: str | None = None, most: int | None = None) -> Iterator[Link]:
        for link in self._ledger.route_links(route, after, most):
            yield self._links.get(link.key) or link

    def scope(self, route: str) -> Scope:
        return self._scopes.get(route) or self._ledger.scope(route)

    def journal(self, key: LinkKey, after: int = -1) -> Iterator[Entry]:
        return self._ledger.journal(key, after)

    def save(self, link: Link, entries: Sequence[Entry] = ()) -> None:
        del entries
        stored = self.link(link.key)
        if link.rev - 1 != (stored.rev if stored else 0):
            raise LedgerConflict(f"link {link.key}: somebody moved it while the plan was made")
        self._links[link.key] = link

    def save_scope(self, scope: Scope, entries: Sequence[Entry] = ()) -> None:
        del entries
        self._scopes[scope.route] = scope


@dataclass(frozen=True, slots=True)
class Foreseen:
    """``plan`` is what both sides ask for; ``outcome`` what a look would come to, by every rule there is."""

    key: LinkKey
    seen: Observation
    plan: Plan
    outcome: Outcome
    writes: tuple[Rehearsed, ...]


@dataclass(slots=True)
class Rehearsal:
    """Of one route, for any number of its links; with both functions' rights."""

    reader: Reader
    route: Route
    writes: list[Rehearsed] = field(default_factory=list)
    driver: Driver = field(init=False)
    ledger: RehearsedLedger = field(init=False)

    def __post_init__(self) -> None:
        clouds = {
            side: RehearsedCloud(side, cloud, self.writes)
            for side, cloud in self.reader.clouds(self.route).items()
        }
        self.ledger = RehearsedLedger(self.reader.ledger)
        self.driver = Driver(clouds, self.ledger, self.reader.clock, lambda: math.inf, self.reader.pool)

    def every_link(self) -> list[LinkKey]:
        """As a sweep would find them."""
        return self.driver.run(sweep_keys(self.route))

    def prefetch(self, keys: Sequence[LinkKey]) -> None:
        """Read what the next looks will ask for, side by side. The look meets an error again."""
        self.ledger.load(keys)
        clouds, pool = self.driver.clouds.values(), self.reader.pool
        reads = [pool.submit(cloud.read, key.name) for key in keys for cloud in clouds]
        for read in reads:
            read.exception()

    def see(self, key: LinkKey, wanted: Wanted | None = None) -> tuple[Observation, Plan]:
        """What both sides show and ask for, or what a person asks of them; only read. Raises CloudError and
        LedgerError."""
        found = {side: self.driver.clouds[side].read(key.name) for side in Side}
        job = self._job(key, wanted)
        seen = observation(job, self.ledger.link(key), found)
        return seen, make_plan(job, seen)

    def look(self, key: LinkKey, wanted: Wanted | None = None) -> Foreseen:
        """What a look would do and come to; with ``wanted`` once its plan is reviewed. Raises CloudError and
        LedgerError."""
        first = len(self.writes)
        seen, plan = self.see(key, wanted)
        reviewed = None if wanted is None else plan.digest
        outcome = self.driver.run(reconcile(self._job(key, wanted, reviewed)))
        return Foreseen(key, seen, plan, outcome, tuple(self.writes[first:]))

    def _job(self, key: LinkKey, wanted: Wanted | None = None, reviewed: str | None = None) -> Job:
        worker = Worker(self.reader.worker.name, frozenset(Side))
        return Job(key, self.route, worker, reviewed=reviewed, wanted=wanted)
