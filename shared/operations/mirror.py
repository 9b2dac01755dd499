"""One mirror: every route of one worker, above one engine. Triggers, consoles and the sandbox come here."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Executor
from contextlib import nullcontext
from functools import partial
from typing import Protocol

from msgspec import Struct, field, structs

from shared.errors import MirrorError
from shared.operations.doctor.setups import NO_SETUPS, Here, Prober, Setups
from shared.operations.driver import Driver, Performed, unseen
from shared.operations.listings import Listings
from shared.operations.notices import Announcer
from shared.operations.payload import seconds
from shared.operations.quotas import NO_QUOTAS, Manner, Quotas
from shared.operations.reader import Progress, Reader, ReadOnlyCloud, ReadOnlyLedger, unwatched
from shared.operations.requests import NO_CAUSE, Cause, Ignored, Look, Reconcile, Sweep
from shared.operations.sharing import beside
from shared.operations.sweeping import Part, Shelves, late_sweeps
from shared.routes.match import route_named, routes_for
from shared.routes.route import Route, Routes
from shared.sync.job import Job, Kind, Outcome, Wanted, Worker
from shared.sync.link import LinkKey, Scope
from shared.sync.ports import AuditTrail, Cloud, Ledger, Touch
from shared.sync.races import audit
from shared.sync.reconcile import reconcile
from shared.telemetry import TRACE
from shared.translation.side import Side


class Enqueue(Protocol):
    def __call__(self, asked: Sequence[LinkKey | Sweep], delay: float, cause: Cause = NO_CAUSE) -> None:
        """Take links to look at, and sweeps of one route, to the platform's queue, for ``delay`` seconds from
        now."""


def unfinished(outcome: Outcome | Ignored, enqueue: Enqueue | None) -> bool:
    """Whether the platform should repeat the delivery. A busy link that went back to the queue is no failure
    and never counts towards a dead letter."""
    if isinstance(outcome, Ignored):
        return False
    return outcome.kind is Kind.ERROR or (outcome.kind is Kind.BUSY and enqueue is None)


class Mirror(Struct):
    """``clouds`` gives the two ports of a route and may build them when first asked. ``swept`` is told how a
    route stands whenever its sweep came to its end, ``performed`` of each effect, and of the error where it
    failed. ``new_trace`` makes the trace id of what no event asked for. ``actor``: the person whose command
    is performed, a label for the journal. ``announcer`` tells people what is new; ``noticed``
    is told whether it could (:class:`~shared.operations.notices.Announcer`). ``quotas``: how calls share
    what the clouds allow; as fast as they can where there are none. ``here``: what a function can tell of
    itself, whose ``setups`` are then for others to look at."""

    routes: Routes
    worker: Worker
    ledger: Ledger
    clouds: Callable[[Route], Mapping[Side, Cloud]]
    clock: Callable[[], float]
    time_left: Callable[[], float]
    pool: Executor
    enqueue: Enqueue | None = None
    trail: Callable[[Route], AuditTrail | None] = field(default=lambda _: None)
    setups: Callable[[Route], Setups] = field(default=lambda _: NO_SETUPS)
    probes: Callable[[Route], Sequence[Prober]] = field(default=lambda _: ())
    swept: Callable[[Scope], None] = field(default=lambda _: None)
    performed: Performed = unseen
    new_trace: Callable[[], str] = field(default=lambda: "")
    progress: Progress = unwatched
    actor: str = ""
    announcer: Announcer | None = None
    noticed: Callable[[bool | None], None] = field(default=lambda _: None)
    quotas: Quotas = NO_QUOTAS
    here: Here | None = None

    _listings: dict[str, Listings] = field(default_factory=dict)
    _shelves: Shelves = field(default_factory=Shelves)

    def route(self, route_id: str) -> Route:
        """Raises BadInput for a route that is not in routes.yaml."""
        return route_named(self.routes, route_id)

    def reader(self) -> Reader:
        """The same mirror, without anything that could write."""

        def clouds(route: Route) -> Mapping[Side, ReadOnlyCloud]:
            return {side: ReadOnlyCloud(cloud) for side, cloud in self.clouds(route).items()}

        ledger = ReadOnlyLedger(self.ledger)
        return Reader(
            self.routes,
            self.worker,
            ledger,
            clouds,
            self.clock,
            self.time_left,
            self.pool,
            self.progress,
            self.setups,
            self.here,
        )

    def driver(self, route: Route, manner: Manner = Manner.AT_ONCE) -> Driver:
        clouds, trail = self.clouds(route), self.trail(route)
        listings = self._listings.setdefault(route.id, Listings())
        return Driver(
            clouds,
            self.ledger,
            self.clock,
            self.time_left,
            self.pool,
            trail,
            self.performed,
            listings,
            self.quotas.turns(route, manner),
        )

    def perform(
        self, request: Look | Reconcile | Sweep | Ignored, enqueue: Enqueue | None = None
    ) -> Iterator[Outcome | Ignored]:
        """What came of a request, outcome by outcome. Errors are outcomes; BadInput is raised.

        With ``enqueue`` (or the mirror's own) a sweep only enqueues what it does not see in step, and the
        rest of itself when its time is over; a link that is busy is enqueued for later and told as such: it
        neither fails nor counts towards a dead letter.
        """
        enqueue = enqueue or self.enqueue
        match request:
            case Ignored():
                yield request
            case Reconcile(route, name, cause):
                yield self._again_later(self.reconcile(LinkKey(route, name), cause=cause), enqueue, cause)
            case Look():
                yield from self._look(request, enqueue)
            case Sweep(None):
                yield from self._sweep_all(request, enqueue)
            case Sweep(route, after) if after is not None and route not in {e.id for e in self.routes.routes}:
                yield Ignored("outside-routes")  # it has gone while it was swept
            case Sweep():
                yield from self.sweep(request, enqueue)

    def _look(self, look: Look, enqueue: Enqueue | None) -> Iterator[Outcome | Ignored]:
        """A name or scope that no route covers changes nothing, whatever the event says."""
        routes = routes_for(self.routes, look.side, look.scope, look.name)
        if not routes:
            yield Ignored("outside-routes")
        for route in routes:
            if look.name is None:
                yield from self.sweep(Sweep(route.id), enqueue)
            else:
                cause = Cause(look.trace, seconds(look.at), _foreign(route, look))
                outcome = self.reconcile(LinkKey(route.id, look.name), look.side, cause=cause)
                yield self._again_later(outcome, enqueue, cause)

    def _again_later(self, outcome: Outcome, enqueue: Enqueue | None, cause: Cause) -> Outcome:
        if enqueue is not None and outcome.kind is Kind.BUSY:
            enqueue([outcome.key], outcome.retry_after or 5.0, cause)
        return outcome

    def reconcile(
        self,
        key: LinkKey,
        origin: Side | None = None,
        reviewed: str | None = None,
        wanted: Wanted | None = None,
        cause: Cause = NO_CAUSE,
    ) -> Outcome:
        """One look at one link. A name outside the route's names is not looked at. ``reviewed``: digest of
        the only plan that may be carried out; ``wanted``: what a person asks both sides to show."""
        route = self.route(key.route)
        if not route.names.covers(key.name):
            reason = f"route {route.id} does not cover this name"
            return Outcome(key, Kind.HELD, code="outside-routes", reason=reason)
        trace = cause.trace or self.new_trace()
        job = Job(
            key,
            route,
            self.worker,
            origin,
            cause.foreign,
            event_at=cause.at,
            asked_by=self.actor,
            trace=trace,
            reviewed=reviewed,
            wanted=wanted,
        )
        outcome = self._looked(job, Manner.LOOK if cause.swept else Manner.AT_ONCE)
        if outcome.respelt is not None:
            respelt = key._replace(name=outcome.respelt)
            return self.reconcile(respelt, None, reviewed, wanted, cause._replace(trace=trace))
        return self._announced(outcome, cause._replace(trace=trace))

    def _announced(self, outcome: Outcome, cause: Cause) -> Outcome:
        if self.announcer is not None:
            self.noticed(self.announcer.looked(outcome))
        lag = None if cause.at is None else max(0.0, self.clock() - cause.at)
        return structs.replace(outcome, trace=cause.trace, swept=cause.swept, lag=lag)

    def _looked(self, job: Job, manner: Manner) -> Outcome:
        traced = TRACE.set(job.trace)
        urgent = manner is Manner.AT_ONCE
        try:
            with self.quotas.edit(job.route) if urgent else nullcontext():
                return self.driver(job.route, manner).run(reconcile(job))
        except MirrorError as error:  # a port that could not even be built: credentials, settings
            return Outcome(job.key, Kind.ERROR, code=error.code, reason=str(error))
        finally:
            TRACE.reset(traced)

    def _audit(self, driver: Driver, part: Part, enqueue: Enqueue | None, cause: Cause) -> Iterator[Outcome]:
        """Links that the audit trail shows to be raced are looked at at once, so that somebody is told."""
        if driver.trail is None:
            return
        audited = driver.run(audit(part.route, self.worker, part.written))
        if audited.unread is not None:
            reason = f"no race is found by it: {audited.unread}"
            yield Outcome(LinkKey(part.route.id, "*"), Kind.HELD, code="audit-unread", reason=reason)
        if enqueue is not None and audited.marked:
            enqueue(audited.marked, 0.0, cause)
        elif enqueue is None:
            yield from (self.reconcile(key, cause=cause) for key in audited.marked)

    def _sweep_all(self, sweep: Sweep, enqueue: Enqueue | None) -> Iterator[Outcome]:
        """Where there is a queue, each route is swept on its own, or one that takes long would keep the
        others waiting; the queue's concurrency says how many at once."""
        routes, now = self.routes.routes, self.clock()
        if enqueue is None or len(routes) == 1:
            for route in routes:
                yield from self.sweep(sweep._replace(route=route.id), enqueue)
        else:
            enqueue([Sweep(route.id, asked=now) for route in routes], 0.0)
        if enqueue is not None:
            yield from late_sweeps(routes, self.worker, self.ledger, now, self.pool)

    def sweep(self, asked: Sweep, enqueue: Enqueue | None = None) -> Iterator[Outcome]:
        """A route, or with a queue as much of it as there is time for. What the listings and AWS's document
        do not show to be in step is enqueued, or looked at right away."""
        assert asked.route is not None
        route = self.route(asked.route)
        cause = Cause(self.new_trace(), swept=True)

        def job(key: LinkKey) -> Job:
            return Job(key, route, self.worker, asked_by=self.actor, trace=cause.trace)

        def send(asked: Sequence[LinkKey | Sweep], delay: float) -> None:
            assert enqueue is not None
            enqueue(asked, delay, cause)

        try:
            driver = self.driver(route, Manner.SWEEP)
            part = Part(
                driver,
                route,
                self.worker,
                self.routes.digest(),
                self._shelves,
                partial(self._announced, cause=cause),
                partial(self.reconcile, cause=cause),
                None if enqueue is None else send,
                beside(self.routes, route),
            )
            yield from part.run(asked, job)
            yield from self._audit(driver, part, enqueue, cause)
            self._swept(part.closed())
        except MirrorError as error:
            kind = Kind.BUSY if error.transient else Kind.ERROR
            yield Outcome(LinkKey(route.id, "*"), kind, code=error.code, reason=str(error))

    def _swept(self, scope: Scope | None) -> None:
        if scope is None:
            return
        self.swept(scope)
        if self.announcer is not None:
            self.noticed(self.announcer.swept(scope))


def _foreign(route: Route, look: Look) -> Touch | None:
    """What an event tells of a write of Azure by somebody else. One of AWS is of no interest: what is written
    there is conditional."""
    at = seconds(look.at)
    if look.side is not Side.AZURE or look.name is None or at is None:
        return None
    touch = Touch(look.name, at, look.request, look.by)
    return touch if touch.foreign(route.azure.client_id) else None
