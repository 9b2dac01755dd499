"""Where every route and link stands, and what a person has to do: read from the ledger alone, in one pass.

No cloud is asked. ``status``, the page and the notices tell the same story because all of them read this.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from enum import StrEnum
from typing import Any

from msgspec import Struct

from shared.operations import remedies
from shared.operations.remedies import Remedy, link_remedy
from shared.operations.summary import told
from shared.routes.route import Route, Routes
from shared.sync.link import Finding, Link, LinkKey, Scope, State
from shared.sync.ports import ReadableLedger
from shared.sync.progress import LATE


class Level(StrEnum):
    """How much somebody has to care; the worst first."""

    ACT = "act"  # a person has to decide or mend something
    WAIT = "wait"  # it is under way, or a person stopped it on purpose
    GOOD = "good"


class Condition(StrEnum):
    """What a link is, in one word; the most urgent first."""

    CONFLICT = "conflict"  # one rule was edited on both sides
    APPROVAL = "approval-wanted"  # a loosening change waits for a person
    BLOCKED = "blocked"  # a change is kept back, for the reason that stands with it
    CHECK = "check"  # somebody's edit may have been overwritten
    PAUSED = "paused"
    UNLINKED = "unlinked"  # a person took the pair apart
    PENDING = "pending"  # the other cloud's function has to write
    NEW = "new"  # seen, not yet in step
    IN_STEP = "in-step"  # what only one cloud can state may still be held
    GONE = "gone"  # deleted on both sides


LEVELS = {
    Condition.CONFLICT: Level.ACT,
    Condition.APPROVAL: Level.ACT,
    Condition.BLOCKED: Level.ACT,
    Condition.CHECK: Level.ACT,
    Condition.PAUSED: Level.WAIT,
    Condition.UNLINKED: Level.WAIT,
    Condition.PENDING: Level.WAIT,
    Condition.NEW: Level.WAIT,
    Condition.IN_STEP: Level.GOOD,
    Condition.GONE: Level.GOOD,
}
URGENCY = {condition: rank for rank, condition in enumerate(Condition)}
_CALM = frozenset({"paused", "never-swept"})
_SEVERITY = {level: rank for rank, level in enumerate(Level)}


class LinkStanding(Struct, frozen=True):
    link: Link
    condition: Condition
    todo: tuple[Remedy, ...]

    @property
    def key(self) -> LinkKey:
        return self.link.key

    @property
    def level(self) -> Level:
        return LEVELS[self.condition]

    def found(self, kind: str) -> tuple[Finding, ...]:
        """``hold``: what stays with its own cloud, no fault; ``conflict``, ``gate``, ``note``."""
        return tuple(finding for finding in self.link.findings if finding.kind == kind)

    def to_json(self) -> dict[str, Any]:
        link = self.link
        return {
            "name": link.key.name,
            "state": str(link.state),
            "condition": str(self.condition),
            "pending": sorted(link.pending),
            "paused": link.paused,
            "findings": [{"kind": finding.kind, **told(finding)} for finding in link.findings],
            "todo": [remedy.to_json() for remedy in self.todo],
            "updated_at": link.updated_at,
        }


class RouteStanding(Struct, frozen=True):
    """``links`` in the order of names, deleted ones among them; ``todo`` is about the route as a whole."""

    route: Route
    scope: Scope
    agree: bool
    links: tuple[LinkStanding, ...]
    todo: tuple[Remedy, ...]

    @property
    def counts(self) -> Counter[Condition]:
        return Counter(link.condition for link in self.links)

    @property
    def urgent(self) -> tuple[Remedy, ...]:
        """Of ``todo``: what is neither meant nor passes by itself."""
        return tuple(remedy for remedy in self.todo if remedy.code not in _CALM)

    @property
    def level(self) -> Level:
        """The worst of the route itself and of its links."""
        own = Level.ACT if self.urgent else Level.WAIT if self.todo else Level.GOOD
        return worst([own, *map(LEVELS.__getitem__, self.counts)])

    def to_json(self) -> dict[str, Any]:
        return {
            "route": self.route.id,
            "mode": self.route.mode,
            "level": str(self.level),
            "frozen": self.scope.frozen,
            "paused": self.scope.paused,
            "swept_at": self.scope.swept_at,
            "routes_agree": self.agree,
            "counts": {str(condition): count for condition, count in sorted(self.counts.items())},
            "todo": [remedy.to_json() for remedy in self.todo],
            "links": [link.to_json() for link in self.links],
        }


class Standing(Struct, frozen=True):
    """``at``: when it was read, in seconds since the epoch."""

    at: float
    routes: tuple[RouteStanding, ...]

    @property
    def level(self) -> Level:
        return worst(route.level for route in self.routes)

    @property
    def counts(self) -> Counter[Condition]:
        total: Counter[Condition] = Counter()
        for route in self.routes:
            total.update(route.counts)
        return total

    def links(self) -> Iterator[LinkStanding]:
        for route in self.routes:
            yield from route.links

    def to_json(self) -> dict[str, Any]:
        return {"at": self.at, "level": str(self.level), "routes": [route.to_json() for route in self.routes]}


def standing(ledger: ReadableLedger, routes: Routes, now: float, only: str | None = None) -> Standing:
    """Of every route, or of ``only`` the one with that id. Raises LedgerError."""
    digest = routes.digest()
    chosen = [route for route in routes.routes if only in (None, route.id)]
    return Standing(now, tuple(_route_standing(ledger, route, digest, now) for route in chosen))


def link_standing(link: Link) -> LinkStanding:
    """What one record says, whatever its route does."""
    todo = tuple(_todo(link))
    return LinkStanding(link, _condition(link), todo)


def worst(levels: Iterable[Level]) -> Level:
    return min(levels, key=_SEVERITY.__getitem__, default=Level.GOOD)


def _route_standing(ledger: ReadableLedger, route: Route, digest: str, now: float) -> RouteStanding:
    scope = ledger.scope(route.id)
    return RouteStanding(
        route=route,
        scope=scope,
        agree=set(scope.digests.values()) <= {digest},
        links=tuple(link_standing(link) for link in ledger.route_links(route.id)),
        todo=tuple(_route_todo(route, scope, digest, now)),
    )


def _route_todo(route: Route, scope: Scope, digest: str, now: float) -> Iterator[Remedy]:
    if scope.frozen is not None:
        yield remedies.frozen(route.id, scope.frozen)
    if scope.paused:
        yield remedies.route_paused(route.id)
    if stale := sorted(worker for worker, theirs in scope.digests.items() if theirs != digest):
        yield remedies.routes_differ(stale)
    if not scope.swept_at:
        yield remedies.never_swept(route.id)
    for worker, at in sorted(scope.swept_at.items()):
        if at < now - LATE:
            yield remedies.sweep_late(route.id, worker)


def _condition(link: Link) -> Condition:
    kinds = {(finding.kind, finding.code) for finding in link.findings}
    gates = {code for kind, code in kinds if kind == "gate"}
    holds = {
        Condition.GONE: link.state is State.TOMBSTONE,
        Condition.CONFLICT: any(kind == "conflict" for kind, _ in kinds),
        Condition.APPROVAL: "approval-wanted" in gates,
        Condition.BLOCKED: bool(gates),
        Condition.CHECK: ("note", "possible-overwrite") in kinds,
        Condition.PAUSED: link.paused,
        Condition.UNLINKED: link.state is State.UNLINKED,
        Condition.PENDING: bool(link.pending),
        Condition.NEW: link.state is State.NEW,
    }
    return next((condition for condition, is_so in holds.items() if is_so), Condition.IN_STEP)


def _todo(link: Link) -> Iterator[Remedy]:
    """One remedy a code: ten rules in conflict are settled by one command."""
    if link.state is State.TOMBSTONE:
        return
    seen: set[str] = set()
    for finding in link.findings:
        waits = finding.kind in ("conflict", "gate") or finding.code == "possible-overwrite"
        if waits and finding.code not in seen:
            seen.add(finding.code)
            yield link_remedy(link.key, finding.code, finding)
    if link.paused:
        yield link_remedy(link.key, "paused")
    if link.state is State.UNLINKED:
        yield link_remedy(link.key, "unlinked")
