"""Event buses and queues: at least once, in no order, or not at all. An event brings a key only."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from shared.sync.job import Job, Kind, Outcome
from shared.sync.link import LinkKey
from shared.sync.ports import Touch
from shared.translation.side import Side
from tests.simulation.clouds import USER, Mutation

if TYPE_CHECKING:
    from tests.simulation.workers import Run
    from tests.simulation.world import World

RECEIVES = 5
"""Deliveries before a message becomes a dead letter (template.yaml, host.json)."""

HIDDEN = 30.0
"""Seconds until the Azure function's queue shows a message again (host.json, visibilityTimeout)."""

AT_ONCE = 0.5
"""Seconds that a message of the Azure function's own takes: an output binding cannot delay it."""

NO_FAILURES = (Kind.BUSY, "throttled", "leased", "unanswered", "unreachable", "contended")

OUTSIDE = "foreign-plant"
"""A policy that the route leaves out."""


@dataclass(frozen=True, slots=True)
class Message:
    """``to``: the side whose function takes it. ``foreign_at``: when somebody else wrote, as it tells.
    ``queued``: a key of a queue, not an event. ``causes``: why it was received before and not done with."""

    to: Side
    name: str
    origin: Side | None = None
    foreign_at: float | None = None
    queued: bool = False
    receives: int = 0
    causes: tuple[str, ...] = ()


class Buses:
    def __init__(self, world: World) -> None:
        self.world = world
        self.told: list[Outcome] = []

    def changed(self, mutation: Mutation) -> None:
        """A cloud tells of a change, to the function that lives there."""
        world, rng, faults = self.world, self.world.rng, self.world.faults
        if world.chance(faults.lost_events):
            world.count("events lost")
            return
        name = mutation.name
        if mutation.side is Side.AZURE and rng.random() < world.profile.respelt:
            name = name.swapcase()  # an event's resource id comes in any case
        foreign = mutation.by == USER and not world.chance(faults.anonymous)
        message = Message(mutation.side, name, mutation.side, mutation.at if foreign else None)
        for _ in range(2 if world.chance(faults.twice) else 1):
            delay = rng.uniform(0.3, 4.0)
            if world.chance(faults.delayed):
                world.count("events delayed")
                delay = rng.uniform(4.0, faults.longest_delay)
            self.send(message, delay)

    def forge(self) -> None:
        """An event that nothing happened for, about anything."""
        rng = self.world.rng
        names = (*self.world.names, OUTSIDE, "nowhere", "PUMP", "../x")
        self.world.count("events forged")
        self.send(Message(rng.choice(list(Side)), rng.choice(names), rng.choice((None, *Side))), 0.0)

    def send(self, message: Message, delay: float) -> None:
        self.world.clock.after(delay, partial(self.deliver, message))

    def deliver(self, message: Message) -> None:
        """As :class:`shared.operations.mirror.Mirror` does: look; spell the name as Azure does if told so."""
        world = self.world
        if world.stopped or not world.route.names.covers(message.name):
            return
        key = LinkKey(world.route.id, message.name)
        host = world.host(message.to)
        foreign = None if message.foreign_at is None else Touch(message.name, message.foreign_at)
        job = Job(key, world.route, world.worker(host), message.origin, foreign)
        world.look(host, job, partial(self._done, message, job))

    def _done(self, message: Message, job: Job, run: Run) -> None:
        outcome = run.result
        if not isinstance(outcome, Outcome):
            why = run.error.code if run.error is not None else "crash"
            self.world.watch.failed(run, str(run.error))
            self._again(message, why)
            return
        self.told.append(outcome)
        self.world.tell(f"{run.id} {outcome.key.name}: {outcome.kind} {outcome.code} {outcome.reason[:90]}")
        self.world.watch.ended(run, job, outcome)
        if outcome.respelt is not None:
            self.deliver(replace(message, name=outcome.respelt, origin=None))
        elif outcome.kind is Kind.BUSY:
            self.world.count("busy")
            self._later(message, outcome.retry_after or 5.0)
        elif outcome.kind is Kind.ERROR:
            self._again(message, outcome.code)

    def _later(self, message: Message, seconds: float) -> None:
        """Busy is no failure. The Lambda puts the key back into its queue for as long as it was told to wait.
        The Azure function's event becomes a key in its queue, and that is taken a few times, then left to the
        sweep."""
        foreign_at = message.foreign_at if message.to is Side.AZURE else None
        fresh = Message(message.to, message.name, foreign_at=foreign_at, queued=True)
        if message.to is Side.AWS:
            self.send(fresh, seconds)
        elif not message.queued:
            self.send(fresh, AT_ONCE)
        elif message.receives + 1 < RECEIVES:
            self._receive_again(message, Kind.BUSY, HIDDEN)
        else:
            self.world.count("left to the sweep")

    def _again(self, message: Message, why: str) -> None:
        if message.receives + 1 < RECEIVES:
            self._receive_again(message, why, 60.0)
            return
        self.world.count("dead letters")
        causes = (*message.causes, why)
        if set(NO_FAILURES) & {why, *(causes if message.to is Side.AWS else ())}:
            self.world.watch.breach("13 dead letter", f"{message.name} on {message.to}: {causes}")

    def _receive_again(self, message: Message, why: str, delay: float) -> None:
        again = replace(message, receives=message.receives + 1, causes=(*message.causes, why))
        self.send(again, delay)
