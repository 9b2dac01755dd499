"""A worker performs one program of the engine, effect by effect, each at its own moment of virtual time.

What a worker asked of a cloud happens whether the worker lives on or not: a write that was sent lands.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from shared.errors import (
    CloudError,
    Denied,
    LedgerConflict,
    LedgerUnavailable,
    MirrorError,
    RevisionConflict,
    ScopeMissing,
    Throttled,
    Unanswered,
    Unreachable,
)
from shared.sync import effects as do
from shared.sync.effects import Effect, Program
from shared.sync.link import Link
from shared.sync.ports import Found
from shared.translation.side import Side
from tests.simulation.clouds import LAG

if TYPE_CHECKING:
    from tests.simulation.world import World

LIFE = 30.0
"""Seconds that the platform lets a function run."""

PATIENCE = 8.0
"""Seconds that a client waits for an answer."""

WRITES = (do.Create, do.Update, do.Delete)
LEDGER = (do.LoadLink, do.LoadLinks, do.SaveLink, do.LoadScope, do.SaveScope, do.RouteLinks, do.CountLinks)
LISTINGS = do.Census | do.FirstNames | do.ListPage
Done = Callable[["Run"], None]


@dataclass(frozen=True, slots=True)
class Host:
    """One instance of one function. ``skew``: seconds that its clock is ahead."""

    name: str
    may_write: frozenset[Side]
    side: Side
    skew: float


class Run:
    """One program on one host. ``result`` is set when it ends by itself; a crash leaves both None."""

    def __init__(self, world: World, host: Host, what: str, program: Program[Any], done: Done) -> None:
        self.world, self.host, self.what, self.program, self.done = world, host, what, program, done
        self.number = world.next_run()
        self.id = f"{host.name}#{self.number}"
        self.began = world.clock.now
        self.stood_still = 0.0
        self.dead = False
        self.result: Any = None
        self.error: MirrorError | None = None
        self.looked_again = False
        self.seen: dict[Side, Found | None] = {}  # as last shown to this program
        self.link: Link | None = None
        self._waiting = 0
        self._answers: list[Any] = []
        self._single = False

    def start(self) -> None:
        self._advance(partial(next, self.program))

    def _advance(self, step: Callable[[], Any]) -> None:
        """Run the program until it asks for something that takes time."""
        if self.dead:
            return
        if self.world.clock.now - self.began - self.stood_still > LIFE:
            self.die("the platform ended it")
            return
        try:
            request = step()
            while isinstance(request, do.Now | do.TimeLeft):
                request = self.program.send(self._time(request))
        except StopIteration as stop:
            self.result = stop.value
            self._end()
        except MirrorError as error:
            self.error = error
            self._end()
        else:
            self._ask(request)

    def _time(self, request: Effect) -> float:
        if isinstance(request, do.Now):
            return self.world.clock.now + self.host.skew
        return LIFE - (self.world.clock.now - self.began)

    def _end(self) -> None:
        self.dead = True
        self.done(self)

    def die(self, why: str) -> None:
        if not self.dead:
            self.dead = True
            self.world.tell(f"{self.id} dies: {why}")
            self.world.count("crashes")
            self.done(self)

    def _ask(self, request: Effect | tuple[Effect, ...]) -> None:
        self._single = not isinstance(request, tuple)
        effects: tuple[Effect, ...] = request if isinstance(request, tuple) else (request,)
        self._answers = [None] * len(effects)
        self._waiting = len(effects)
        world = self.world
        for effect in effects:
            self._note(effect)
        if world.chance(world.faults.stall):
            pause = world.rng.uniform(10.0, 300.0)
            self.stood_still += pause
            world.count("stalls")
            world.tell(f"{self.id} stands still for {pause:.0f} s")
            world.clock.after(pause, partial(self._send, effects))
        else:
            self._send(effects)

    def _send(self, effects: tuple[Effect, ...]) -> None:
        for place, effect in enumerate(effects):
            self._perform(place, effect)

    def _perform(self, place: int, effect: Effect) -> None:
        world = self.world
        if self.dead:
            return
        moment = world.next_moment(self, effect)
        if moment == "before" or world.chance(world.faults.crash / 2):
            self.die(f"before {told(effect)}")
            return
        course = course_of(world, effect) if moment != "late" else LATE
        answer: list[Any] = [course.error]
        if course.lands is not None:
            world.clock.after(course.lands, partial(self._land, effect, course, answer, moment == "after"))
        world.clock.after(course.answers, partial(self._answer, place, answer))

    def _note(self, effect: Effect) -> None:
        """Whether Azure was read since the intent was declared; and what is about to be written. A worker is
        judged by what it knows now: it may stand still before it acts, or its request may."""
        if isinstance(effect, WRITES):
            self.world.watch.sent(self, effect)
        if isinstance(effect, do.SaveLink) and effect.entries:
            self.looked_again = False
        elif isinstance(effect, do.Read) and effect.side is Side.AZURE:
            self.looked_again = True

    def _land(self, effect: Effect, course: Course, box: list[Any], crash: bool) -> None:
        """The effect takes place; its answer, or the silence after it, comes at its own time."""
        world = self.world
        answer: Any
        try:
            answer = world.apply(effect, self, course)
        except MirrorError as error:
            answer = error
        if world.tracing:
            world.tell(f"{self.id} {told(effect)} -> {outcome_of(answer)} {course.note}")
        if course.error is None:
            box[0] = answer
            if not self.dead and not isinstance(answer, MirrorError):
                world.watch.answered(self, effect, answer)
        if not self.dead and (crash or world.chance(world.faults.crash / 2)):
            self.die(f"after {told(effect)}")

    def _answer(self, place: int, box: list[Any]) -> None:
        self._answers[place] = box[0]
        self._waiting -= 1
        if self._waiting:
            return
        errors = [answer for answer in self._answers if isinstance(answer, MirrorError)]
        if errors:
            self._advance(partial(self.program.throw, errors[0]))
        else:
            self._advance(
                partial(self.program.send, self._answers[0] if self._single else tuple(self._answers))
            )


@dataclass(frozen=True, slots=True)
class Course:
    """What becomes of one effect, in seconds after it was sent: when it lands, if it does, and when it is
    answered, with ``error`` if that is not None. ``blind``: the cloud says that nothing exists."""

    lands: float | None
    answers: float
    error: MirrorError | None = None
    ago: float = 0.0
    blind: bool = False
    note: str = ""


LATE = Course(300.0, PATIENCE, Unanswered("simulation", "no answer"), note="late")
"""A write that lands long after its lease."""


def course_of(world: World, effect: Effect) -> Course:
    if isinstance(effect, LEDGER):
        return _ledger_course(world, effect)
    if isinstance(effect, do.Audit):
        return _cloud_course(world, do.Census(Side.AZURE), False)
    assert isinstance(effect, LISTINGS | do.Read | do.Create | do.Update | do.Delete)
    return _cloud_course(world, effect, isinstance(effect, WRITES))


def _ledger_course(world: World, effect: Effect) -> Course:
    rng, faults = world.rng, world.faults
    quick = rng.uniform(0.003, 0.02)
    saves = isinstance(effect, do.SaveLink | do.SaveScope)
    if world.chance(faults.ledger_down):
        world.count("ledger throttled")
        return Course(None, quick, LedgerUnavailable("ledger: throttled"), note="throttled")
    if saves and world.chance(faults.ledger_refused):
        world.count("ledger conditions refused")
        return Course(None, quick, LedgerConflict("ledger: another transaction was at it"), note="refused")
    if saves and world.chance(faults.ledger_unsure):
        world.count("ledger answers lost")
        return Course(quick, 2.0, LedgerUnavailable("ledger: timed out"), note="applied, answer lost")
    return Course(quick, 2 * quick)


def _cloud_course(
    world: World, effect: LISTINGS | do.Read | do.Create | do.Update | do.Delete, write: bool
) -> Course:
    rng, faults, where = world.rng, world.faults, f"{effect.side} in the simulation"
    quick = rng.uniform(0.03, 0.3)
    lost: CloudError = Unanswered(where, "no answer") if write else Unreachable(where, "no answer")
    trouble = world.trouble.get(effect.side)
    if trouble is not None:
        return _troubled(trouble, where, quick, lost, write, isinstance(effect, LISTINGS))
    if world.chance(faults.throttled):
        world.count("throttled")
        return Course(None, quick, Throttled(where, "429", rng.uniform(1.0, 20.0)))
    if world.chance(faults.failed):
        world.count("failed")
        return Course(None, rng.choice((quick, PATIENCE)), lost)
    if write:
        return _write_course(world, quick, lost)
    if world.chance(faults.stale):
        world.count("stale reads")
        return Course(quick, quick + 0.02, ago=rng.uniform(0.5, LAG))
    return _answered(world, quick)


TROUBLE = ("down", "denied", "gone", "blank", "hollow")
"""What may be wrong with a whole cloud: out altogether; 403 to everything; 404 to everything, its parent too;
as if nothing existed; 404 to every policy while the listing still has them."""


def _troubled(trouble: str, where: str, quick: float, lost: CloudError, write: bool, lists: bool) -> Course:
    if trouble == "down":
        return Course(None, PATIENCE, lost)
    if trouble == "denied":
        return Course(None, quick, Denied(where, "403"))
    if trouble == "gone" or write:
        return Course(None, quick, ScopeMissing(where, "404, and so does its parent"))
    return Course(quick, quick + 0.1, blind=trouble == "blank" or not lists)


def _write_course(world: World, quick: float, lost: CloudError) -> Course:
    rng, faults = world.rng, world.faults
    if world.chance(faults.unanswered):
        world.count("answers lost")
        return Course(rng.uniform(0.1, PATIENCE), PATIENCE, lost, note="applied, answer lost")
    if world.chance(faults.late):
        world.count("late writes")
        return Course(rng.uniform(PATIENCE, faults.latest), PATIENCE, lost, note="late")
    return _answered(world, quick)


def _answered(world: World, quick: float) -> Course:
    if world.chance(world.faults.slow):
        quick = world.rng.uniform(0.5, 6.0)
    return Course(quick, quick + world.rng.uniform(0.02, 0.2))


def outcome_of(answer: Any) -> str:
    if isinstance(answer, RevisionConflict):
        return "conflict"
    if isinstance(answer, MirrorError):
        return answer.code
    return "ok"


def point(effect: Effect) -> str:
    """What a crash at this effect interrupts."""
    match effect:
        case do.SaveLink(link, entries):
            if link.lease is None:
                return "commit"
            return "intent" if entries else "lease"
        case do.Create(side) | do.Update(side) | do.Delete(side) | do.Read(side):
            return f"{type(effect).__name__.lower()} {side}"
    return type(effect).__name__.lower()


def told(effect: Effect) -> str:
    kind = type(effect).__name__
    match effect:
        case do.SaveLink(link):
            marks = "".join(
                mark for mark, there in (("L", link.lease), ("I", link.intent)) if there is not None
            )
            return f"{kind}({link.key.name} rev {link.rev} {link.state} {marks or '-'})"
        case do.Read() | do.Create() | do.Update() | do.Delete():
            return f"{kind}({effect.side} {effect.name})"
        case do.LoadLink(key):
            return f"{kind}({key.name})"
    return kind
