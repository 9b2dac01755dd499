"""A sweep of one route, part by part where there is a queue.

An invocation has half a minute, a route may have any number of links. So each part surveys for some seconds,
hands what needs a look of its own to the queue, notes in the ledger how far it is, and asks the queue for the
next part (:mod:`shared.sync.progress`). It ends in any case: with every part it comes further in a finite
order, and a part of which nothing comes is asked for again :data:`TRIES` times, with an error at the end.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor
from math import inf

from msgspec import Struct, field
from msgspec.structs import replace

from shared.errors import MirrorError
from shared.operations.driver import Driver
from shared.operations.quotas import RESERVE
from shared.operations.requests import Ignored, Sweep
from shared.operations.sharing import crowd_of
from shared.operations.surveying import LASTS, Surveyor
from shared.routes.route import Route
from shared.sync.job import Job, Kind, Outcome, Worker
from shared.sync.link import Link, LinkKey, Progress, Scope
from shared.sync.ports import ReadableLedger
from shared.sync.progress import LATE, finish_sweep, goes_on, note_progress, take_turn
from shared.sync.sweep import Listed

TRIES = 10
"""Parts of which nothing comes, one after the other, before the sweep is given up."""

PART = 0.4
"""Of the time that is left for an invocation: others may share it, and the end takes some."""

LEAST = RESERVE + 2.0
"""Seconds that a part needs: one that shares its invocation with others may have to wait for another one."""

SWEEP_LATE = "sweep-late"

SHELVES = 4
"""Of up to 5 MB each. As many sweeps are under way in one process, or one more on Azure (host.json)."""

ROUTE = "*"
"""What stands for a link's name where a whole route is meant."""

PAUSE = 5.0
"""Seconds before a part of which nothing came is asked for again, where no cloud says how long."""


class Shelves(Struct):
    """What was listed for sweeps that go on: their next parts may come to the same process. By route, with
    when that sweep began; the :data:`SHELVES` latest."""

    kept: dict[str, tuple[float, Listed]] = field(default_factory=dict)

    def take(self, route: str, began: float) -> Listed | None:
        """Whoever goes on has it alone, and drops it before it lists anew: the two are never held at once."""
        known = self.kept.pop(route, None)
        return known[1] if known is not None and known[0] == began else None

    def keep(self, route: str, began: float, listed: Listed | None) -> None:
        self.kept.pop(route, None)
        if listed is not None:
            self.kept[route] = (began, listed)
        for oldest in list(self.kept)[:-SHELVES]:
            self.kept.pop(oldest, None)


class Part(Struct):
    """``seen`` is told of each link in step, and gives what is to be told of it; ``look`` looks at one link
    right away, where no ``send`` takes links and sweeps to a queue. ``others``: routes that share AWS's
    quotas with this one. First it is ``run``, and then ``closed``, when all that came of it is done."""

    driver: Driver
    route: Route
    worker: Worker
    digest: str
    shelves: Shelves
    seen: Callable[[Outcome], Outcome]
    look: Callable[[LinkKey], Outcome]
    send: Callable[[Sequence[LinkKey | Sweep], float], None] | None
    others: Sequence[Route] = ()
    known: Progress | None = None
    surveyor: Surveyor | None = None

    @property
    def written(self) -> Sequence[Link]:
        """Links whose writes may be audited."""
        return self.surveyor.written if self.surveyor else ()

    def run(self, asked: Sweep, job: Callable[[LinkKey], Job]) -> Iterator[Outcome]:
        if self.send is None:
            now = self.driver.clock()
            yield from self._through(Progress(now, now), job)
            return
        if self.driver.time_left() < LEAST:
            yield self._again(asked, 1.0, "no-time", "this invocation has no time left for it")
            return
        self.known, begin = self.driver.run(take_turn(self.route, self.worker, asked.after, asked.asked))
        if begin is None:
            why = "this worker's sweep goes on, or ended since this one was asked for"
            yield self._told(Kind.NO_OP, "sweep-goes-on", why)
            return
        crowd, turns = self.driver.run(crowd_of(self.others, self.worker, begin)), self.driver.turns
        turns.hush(crowd.quiet)
        with turns.part(crowd.part):
            yield from self._some(asked, begin, job)

    def closed(self) -> Scope | None:
        """Notes how far it came and asks for the next part. How the route stands, if this was the last."""
        if self.surveyor is None:
            return None
        progress, listed = self.surveyor.progress, self.surveyor.listed
        self.surveyor.listed = None  # the shelf alone has it: who comes after may drop it
        if self.surveyor.done:
            self.shelves.keep(self.route.id, progress.began, None)
            return self.driver.run(finish_sweep(self.route, self.worker, self.digest, progress.count))
        assert self.send is not None
        progress = replace(progress, at=self.driver.clock(), quiet=self.driver.turns.quiet_until())
        if self.driver.run(note_progress(self.route, self.worker, self.known, progress)):
            self.shelves.keep(self.route.id, progress.began, listed)
            self.send([Sweep(self.route.id, progress.place)], self.surveyor.pause)
        return None

    def _through(self, begin: Progress, job: Callable[[LinkKey], Job]) -> Iterator[Outcome]:
        """All of it, and every look, in this very process."""
        self.surveyor = Surveyor(self.driver, self.route, lambda: inf, begin, again=True)
        for outcomes, others in self.surveyor.run(job):
            yield from map(self.seen, outcomes)
            yield from map(self.look, others)

    def _some(self, asked: Sweep, begin: Progress, job: Callable[[LinkKey], Job]) -> Iterator[Outcome]:
        assert self.send is not None
        take = self.shelves.take
        surveyor = Surveyor(self.driver, self.route, self._lasts, begin, take(self.route.id, begin.began))
        why, delay = "nothing came of this part in its time", 0.0
        try:
            for outcomes, others in surveyor.run(job):
                yield from map(self.seen, outcomes)
                if others:
                    self.send(others, 0.0)
        except MirrorError as error:
            if not error.transient:
                raise
            why, delay = str(error), getattr(error, "retry_after", 0.0)
        if surveyor.done or surveyor.progress != begin:
            self.surveyor, surveyor.pause = surveyor, max(surveyor.pause, delay)
        else:
            self.shelves.keep(self.route.id, begin.began, surveyor.listed)
            yield self._again(asked, delay or surveyor.pause or PAUSE, "sweep-stalled", why)

    def _lasts(self) -> float:
        return min(LASTS, self.driver.time_left() * PART)

    def _again(self, asked: Sweep, delay: float, code: str, why: str) -> Outcome:
        assert self.send is not None
        if asked.tries >= TRIES:
            reason = f"given up after {TRIES} tries at {asked.after!r}; the next sweep begins anew. {why}"
            return self._told(Kind.ERROR, code, reason)
        self.send([asked._replace(route=self.route.id, tries=asked.tries + 1)], delay)
        return self._told(Kind.BUSY, code, why)

    def _told(self, kind: Kind, code: str, reason: str) -> Outcome:
        return Outcome(LinkKey(self.route.id, ROUTE), kind, code=code, reason=reason)


def late_sweeps(
    routes: Sequence[Route], worker: Worker, ledger: ReadableLedger, now: float, pool: Executor
) -> Iterator[Outcome]:
    """Routes that this worker has not got through for too long, though it once did."""
    for scope in pool.map(ledger.scope, [route.id for route in routes]):
        at = scope.swept_at.get(worker.name, now)
        if at < now - LATE and not goes_on(scope.sweeps.get(worker.name), now):
            reason = f"its last whole sweep ended {(now - at) / 3600:.1f} hours ago"
            yield Outcome(LinkKey(scope.route, ROUTE), Kind.HELD, code=SWEEP_LATE, reason=reason)


def sweep_trouble(outcome: Outcome | Ignored) -> str | None:
    """The route whose sweep has not come to its end, nor goes on, by what is told of it."""
    if isinstance(outcome, Ignored) or outcome.key.name != ROUTE:
        return None
    trouble = outcome.kind in {Kind.ERROR, Kind.BUSY} or outcome.code == SWEEP_LATE
    return outcome.key.route if trouble else None
