"""The clouds' quotas, and how calls of one container share them: edits first, a sweep's work in line.

AWS counts by account, region and API (AWS General Reference, IoT Device Defender quotas, read 2026-11; not
adjustable), Azure Resource Manager by subscription, principal and kind of operation, in buckets that hold
more than a second's calls (azure-docs, request limits and throttling, 2026). Routes that share an account or
a subscription share its quotas, and here its paces. How much Azure's bucket still holds is told by headers
that differ by provider; which of them this one sends is UNCONFIRMED, so that its 429 is what counts.

The ledger needs no pace: a table on demand takes some thousand reads and writes a second from its first day
(DynamoDB developer guide, 2026), a hundred times of what the clouds' quotas let through.
"""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, nullcontext
from enum import Enum, auto

from msgspec import Struct, field

from shared.errors import MirrorError, Throttled
from shared.operations.pacing import Pace
from shared.routes.route import Route
from shared.sync import effects as do
from shared.sync.effects import Effect
from shared.translation.side import Side

SHARE = 0.4
"""Of each quota, for one worker: two sweep a route, and the rest is for edits and other users."""

DESCRIBES = 25.0
"""A second, for an AWS account and region."""

PATIENCE = 5.0
"""Seconds that a call waits at most. For a longer wait the platform's queue costs less."""

RESERVE = 12.0
"""Seconds that must be left after a wait: for a read, and for the write that may follow (10 s)."""


class Call(Enum):
    READ = "reads"
    LIST = "listings"
    WRITE = "writes"
    METRIC = "custom metrics"
    AUDIT = "reads of the Activity Log"


CALLS: Mapping[tuple[Side, Call], float] = {
    (Side.AWS, Call.READ): DESCRIBES,
    (Side.AWS, Call.LIST): 10.0,
    (Side.AWS, Call.WRITE): 10.0,
    (Side.AWS, Call.METRIC): 10.0,
    (Side.AZURE, Call.READ): 25.0,
    (Side.AZURE, Call.WRITE): 10.0,
    (Side.AZURE, Call.AUDIT): 25.0,
}
"""A second. A listing of Azure is a read."""

Paces = Mapping[tuple[Side, Call], Pace]


class Manner(Enum):
    """How a driver's calls go out."""

    AT_ONCE = auto()  # an event or a command asked
    LOOK = auto()  # a sweep asked for this look: it waits before it begins, never with the lease in its hand
    SWEEP = auto()  # each call waits


class Turns(Struct, frozen=True):
    """When the calls of one driver may go out. A write waits for nobody, in any manner: somebody could write
    between our last read and it. A look that writes has read four times, so reads keep its writes in bounds.
    """

    paces: Paces = field(default_factory=dict)
    manner: Manner = Manner.AT_ONCE
    scopes: Mapping[Side, str] = field(default_factory=dict)
    _begun: set[Side] = field(default_factory=set)

    @property
    def kept(self) -> bool:
        """Whether any quota is."""
        return bool(self.paces)

    def take(self, effect: Effect, time_left: Callable[[], float]) -> None:
        """Sleeps until the call may be made. Raises Throttled where that takes too long; nothing was sent."""
        kind = kind_of(effect)
        pace = self.paces.get(kind) if kind else None
        if kind is None or pace is None:
            return
        most = 0.0 if kind[1] is Call.WRITE else _patience(time_left())
        left = pace.wait(most) if self._waits(kind) else pace.hurry(most)
        if left > 0.0:
            raise Throttled(self._where(kind), _problem(pace.quiet(), left), left)

    @contextmanager
    def part(self, part: float) -> Iterator[None]:
        """A sweep that has this part of the share of AWS's describes, as long as it lasts. Listings are few,
        and have to come to their end in one invocation."""
        pace = self.paces.get((Side.AWS, Call.READ))
        with nullcontext() if pace is None else pace.part(part):
            yield

    def hush(self, until: float) -> None:
        """AWS asked another container for silence, to its reads."""
        if (pace := self.paces.get((Side.AWS, Call.READ))) is not None:
            pace.hush(until)

    def quiet_until(self) -> float:
        """The same, for others: when it ends; 0 where nothing is asked."""
        pace = self.paces.get((Side.AWS, Call.READ))
        left = 0.0 if pace is None else pace.quiet()
        return pace.clock() + left if pace is not None and left else 0.0

    def sent_at(self, effect: Effect) -> float:
        pace = self._pace(effect)
        return 0.0 if pace is None else pace.clock()

    def refused(self, effect: Effect, error: MirrorError, sent_at: float) -> None:
        """Whatever a call failed with: a refusal is for all who share the quota."""
        pace = self._pace(effect)
        if pace is not None and isinstance(error, Throttled):
            pace.refused(error.retry_after, sent_at)

    def again(self, effect: Effect, answer: object, time_left: Callable[[], float]) -> bool:
        """Whether this answer is a refusal that can be waited out. A write is repeated by its next look."""
        if not isinstance(answer, Throttled) or isinstance(effect, do.CloudWrite):
            return False
        pace = self._pace(effect)
        return pace is not None and pace.quiet() <= _patience(time_left())

    def _pace(self, effect: Effect) -> Pace | None:
        kind = kind_of(effect)
        return None if kind is None else self.paces.get(kind)

    def _waits(self, kind: tuple[Side, Call]) -> bool:
        side, what = kind
        if what is Call.WRITE or self.manner is Manner.AT_ONCE:
            return False
        if self.manner is Manner.SWEEP:
            return True
        first = what is Call.READ and side not in self._begun
        self._begun.add(side)
        return first

    def _where(self, kind: tuple[Side, Call]) -> str:
        side, what = kind
        return f"{side.value} {what.value} of {self.scopes.get(side, 'this scope')}"


class Quotas:
    """The paces of one container, by account and region or subscription. ``calls``: a second, see Pace for
    the others."""

    def __init__(
        self,
        clock: Callable[[], float],
        sleep: Callable[[float], object],
        chance: Callable[[], float] = random.random,
        calls: Mapping[tuple[Side, Call], float] = CALLS,
    ) -> None:
        self._calls = calls
        self._clock, self._sleep, self._chance = clock, sleep, chance
        self._paces: dict[tuple[str, Call], Pace] = {}
        self._lock = threading.Lock()

    def of(self, route: Route) -> Paces:
        scopes = scopes_of(route)
        with self._lock:
            for (side, kind), calls in self._calls.items():
                if (scopes[side], kind) not in self._paces:
                    self._paces[scopes[side], kind] = self._new(calls)
            return {(side, kind): self._paces[scopes[side], kind] for side, kind in self._calls}

    def _new(self, calls: float) -> Pace:
        return Pace(self._clock, self._sleep, calls * SHARE, self._chance)

    def turns(self, route: Route, manner: Manner) -> Turns:
        return Turns(self.of(route), manner, scopes_of(route))

    @contextmanager
    def edit(self, route: Route) -> Iterator[None]:
        """Sweeps of this container give way as long as it lasts."""
        with ExitStack() as stack:
            for pace in self.of(route).values():
                stack.enter_context(pace.edit())
            yield


NO_QUOTAS = Quotas(lambda: 0.0, lambda _: None, calls={})


def scopes_of(route: Route) -> Mapping[Side, str]:
    """Whom a cloud's quotas are for."""
    return {Side.AWS: route.aws.scope, Side.AZURE: route.azure.subscription.lower()}


def kind_of(effect: Effect) -> tuple[Side, Call] | None:
    """The quota that a call uses; None for what is no call of a cloud."""
    match effect:
        case do.Read():
            return effect.side, Call.READ
        case do.Census() | do.FirstNames() | do.ListPage():
            return effect.side, Call.LIST if effect.side is Side.AWS else Call.READ
        case do.Create() | do.Update() | do.Delete():
            return effect.side, Call.WRITE
        case do.EnsureMetric():
            return Side.AWS, Call.METRIC
        case do.Audit():
            return Side.AZURE, Call.AUDIT
        case _:
            return None


def _patience(time_left: float) -> float:
    return max(0.0, min(PATIENCE, time_left - RESERVE))


def _problem(quiet: float, left: float) -> str:
    if quiet > 0.0:
        return f"the cloud asked for {quiet:.0f} s without calls: it is called again then"
    return f"the sweep's share of the quota is taken for {left:.0f} s: it goes back to the queue"
