"""The production driver: performs what a program asks for, on real clouds, a real ledger and a real clock."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, Future
from contextvars import copy_context
from typing import Any, TypeVar

from msgspec import Struct, field

from shared.errors import LongListing, MirrorError, Throttled
from shared.operations.listings import Listings, first_names
from shared.operations.quotas import RESERVE, Turns
from shared.sync import effects as do
from shared.sync.effects import Effect, Program
from shared.sync.link import State
from shared.sync.ports import AuditTrail, Cloud, Found, Ledger, Names, pages_of
from shared.translation.side import Side

T = TypeVar("T")
R = TypeVar("R")
Performed = Callable[[Effect, MirrorError | None], None]
ATTEMPTS = 3
"""At a read that a cloud refuses because there are too many. Neither SDK repeats such a call: the wait is for
all who share the quota."""


def unseen(effect: Effect, error: MirrorError | None) -> None:
    """Nobody counts."""


class Driver(Struct, frozen=True):
    """``clock``: seconds since the epoch. ``time_left``: seconds until the platform ends this worker.
    ``pool`` performs the effects of one tuple side by side, but for the last. ``trail``: who wrote what on
    Azure, if told. ``listings``: what drivers of the same route have listed lately. ``performed`` is told of
    each effect, and of the error where it failed, from any thread. ``turns``: when calls of the clouds may go
    out."""

    clouds: Mapping[Side, Cloud]
    ledger: Ledger
    clock: Callable[[], float]
    time_left: Callable[[], float]
    pool: Executor
    trail: AuditTrail | None = None
    performed: Performed = unseen
    listings: Listings = field(default_factory=Listings)
    turns: Turns = field(default_factory=Turns)

    def run(self, program: Program[T]) -> T:
        """The program's result. A MirrorError is thrown into it where it asked; any other error is a fault of
        ours and ends it."""
        try:
            request = next(program)
            while True:
                try:
                    answer = self._answer(request)
                except MirrorError as error:
                    request = program.throw(error)
                else:
                    request = program.send(answer)
        except StopIteration as stop:
            result: T = stop.value
            return result

    def side_by_side(self, programs: Iterable[Program[T]]) -> list[T | MirrorError]:
        """What each came to, or its error: programs that ask once. For their turns this thread waits; what
        they make of the answers is done in the pool's threads, while other calls are under way."""
        told: list[T | MirrorError] = []
        for future in [self._started(program) for program in programs]:
            try:
                told.append(future.result())
            except MirrorError as error:
                told.append(error)
        return told

    def _started(self, program: Program[T]) -> Future[T]:
        request = next(program)
        effects = request if isinstance(request, tuple) else (request,)
        begun = [self._in_turn(effect, self.perform, effect) for effect in effects[:-1]]
        return self._in_turn(effects[-1], self._ended, program, begun, effects[-1])

    def _ended(self, program: Program[T], begun: list[Future[Any]], effect: Effect) -> T:
        """The pool takes what it was given first: whatever has ``begun`` waits for no thread any more."""
        answer = self.perform(effect)
        try:
            program.send((*(future.result() for future in begun), answer) if begun else answer)
        except StopIteration as stop:
            result: T = stop.value
            return result
        raise AssertionError("it asks more than once")

    def _answer(self, request: Effect | tuple[Effect, ...]) -> Any:
        """All effects of a tuple are performed, whatever becomes of each; the first error is raised."""
        effects = request if isinstance(request, tuple) else (request,)
        answers = self._answers(effects)
        for _ in range(ATTEMPTS - 1):
            tried = enumerate(zip(effects, answers, strict=True))
            again = [n for n, (effect, got) in tried if self.turns.again(effect, got, self.time_left)]
            if not again:
                break
            for n, answer in zip(again, self._answers([effects[n] for n in again]), strict=True):
                answers[n] = answer
        for answer in answers:
            if isinstance(answer, BaseException):
                raise answer
        return tuple(answers) if isinstance(request, tuple) else answers[0]

    def _answers(self, effects: Sequence[Effect]) -> list[Any]:
        """Of each effect, or its error. They wait for their turns in this thread, which is the look's own:
        threads of the pool are for calls that are under way. The last call is this thread's own, too: it
        would only sleep until the others are through, and to hand a call over costs more than some calls."""
        *others, last = effects
        begun = [self._in_turn(effect, self.perform, effect) for effect in others]
        answer = self._here(last)
        return [*(future.exception() or future.result() for future in begun), answer]

    def _here(self, effect: Effect) -> Any:
        """What comes of it, or its error."""
        try:
            self.turns.take(effect, self.time_left)
            return self.perform(effect)
        except MirrorError as error:
            return error

    def _in_turn(self, effect: Effect, work: Callable[..., R], *given: Any) -> Future[R]:
        """``work`` in the pool, when ``effect`` has its turn; the error where it gets none."""
        try:
            self.turns.take(effect, self.time_left)
        except MirrorError as error:
            refused: Future[R] = Future()
            refused.set_exception(error)
            return refused
        return self.pool.submit(copy_context().run, work, *given)

    def perform(self, effect: Effect) -> Any:
        sent_at = self.turns.sent_at(effect)
        try:
            answer = self._perform(effect)
        except MirrorError as error:
            self.turns.refused(effect, error, sent_at)
            self.performed(effect, error)
            raise
        self.performed(effect, None)
        return answer

    def _perform(self, effect: Effect) -> Any:
        match effect:
            case do.Now():
                return self.clock()
            case do.TimeLeft():
                return self.time_left()
            case do.Census():
                return self._listing(effect)
            case do.FirstNames():
                return self._first_names(effect)
            case do.ListPage() | do.Read() | do.Create() | do.Update() | do.Delete():
                return self._ask_cloud(effect)
            case do.Audit(since):
                return () if self.trail is None else tuple(self.trail.foreign_writes(since))
            case do.EnsureMetric(name, kind):
                return self.clouds[Side.AWS].ensure_metric(name, kind)
            case _:
                return self._ask_ledger(effect)

    def _listing(self, effect: do.Census) -> Mapping[str, Found | None]:
        now = self.clock()
        known = self.listings.find(effect, now)
        if known is not None:
            return known
        where = f"the listing of {effect.side.cloud}"

        def check(pages: int) -> None:
            """Rather than that the platform ends this worker, with a lease in its hand."""
            if self.time_left() < RESERVE:
                way_out = "divide the policies over more accounts, regions or hubs"
                raise LongListing(where, f"no time for more of it after {pages} pages: {way_out}")

        names: dict[str, Found | None] = {}
        for page in pages_of(self.clouds[effect.side], where, check):
            names |= page
        self.listings.keep(effect.side, now, names)
        return names

    def _first_names(self, effect: do.FirstNames) -> Names:
        now = self.clock()
        names = first_names(self._pages(effect), effect.after, effect.most)
        if not effect.after and names.end is None:
            self.listings.keep(effect.side, now, names.found)
        return names

    def _pages(self, effect: do.FirstNames) -> Iterator[Mapping[str, Found | None]]:
        """Each page is a call, and waits for its turn; whoever asks has waited for the first one's."""
        where = f"the listing of {effect.side.cloud}"

        def wait(pages: int) -> None:
            try:
                self.turns.take(effect, self.time_left)
            except Throttled as error:
                problem = f"no time for more of it after {pages} pages: {error.problem}"
                raise LongListing(where, problem) from None

        return pages_of(self.clouds[effect.side], where, wait)

    def _ask_cloud(self, effect: do.ListPage | do.Read | do.CloudWrite) -> Any:
        cloud = self.clouds[effect.side]
        match effect:
            case do.ListPage(_, at):
                return cloud.page(at)
            case do.Read(_, name, whole):
                return cloud.read(name, whole=whole)
            case do.Create(_, name, document, request):
                return cloud.create(name, document, request=request)
            case do.Update(_, name, document, base, request):
                return cloud.update(name, document, base, request=request)
            case do.Delete(_, name, base, request):
                return cloud.delete(name, base, request=request)

    def _ask_ledger(self, effect: Effect) -> Any:
        match effect:
            case do.LoadLink(key):
                return self.ledger.link(key)
            case do.LoadLinks(keys):
                return self.ledger.links(keys)
            case do.SaveLink(link, entries):
                return self.ledger.save(link, entries)
            case do.LoadScope(route):
                return self.ledger.scope(route)
            case do.SaveScope(scope, entries):
                return self.ledger.save_scope(scope, entries)
            case do.RouteLinks(route, after, most):
                return list(self.ledger.route_links(route, after, most))
            case do.CountLinks(route, limit):
                return self._count(route, limit)
        raise TypeError(f"no port performs {type(effect).__name__}")

    def _count(self, route: str, limit: int) -> int:
        count = 0
        for link in self.ledger.route_links(route):
            count += link.state is State.BOUND
            if count >= limit:
                break
        return count
