"""Workers of a sweep against a cloud's quota, on a virtual clock, with the pace of the production module."""

from __future__ import annotations

import heapq
import random
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from math import inf

from msgspec.structs import replace

from shared.bootstrap.workers import AWS_WORKER
from shared.operations.pacing import Pace
from shared.operations.quotas import DESCRIBES, PATIENCE, SHARE
from shared.operations.sharing import Crowd, crowd
from shared.sync.link import Progress, Scope

RETRY_AFTER = 1.0
PART = 10.0
"""Seconds of one part of a sweep."""

HOP = 0.2
"""Seconds that the message for the next part takes."""


@dataclass
class Quota:
    """A bucket with room for one second's calls. ``others``: the calls a second that others make."""

    others: Callable[[float], float] = lambda _: 0.0
    tokens: float = DESCRIBES
    filled_at: float = 0.0

    def take(self, now: float, calls: int = 1) -> bool:
        free = max(0.0, DESCRIBES - self.others(now))
        self.tokens = min(DESCRIBES, self.tokens + (now - self.filled_at) * free)
        self.filled_at = now
        if self.tokens < calls:
            return False
        self.tokens -= calls
        return True


class RefusesOnce(Quota):
    """The first call after that time, and no other: whoever is silent then knows of it by somebody else."""

    def __init__(self, at: float) -> None:
        super().__init__()
        self._at = at

    def take(self, now: float, calls: int = 1) -> bool:
        refused = now >= self._at
        self._at = inf if refused else self._at
        return not refused and super().take(now, calls)


@dataclass
class Sweeper:
    """One container: what it reads comes from ``links``, which others may share; what is refused goes back to
    their end. ``chance``: of its pace."""

    links: deque[int]
    chance: Callable[[], float] = random.Random(7).random
    now: float = 0.0
    read: list[float] = field(default_factory=list)
    refused: list[float] = field(default_factory=list)
    gave_back: int = 0
    retry_after: float = RETRY_AFTER

    def __post_init__(self) -> None:
        self.pace = Pace(lambda: self.now, self.sleep, DESCRIBES * SHARE, self.chance)

    def sleep(self, seconds: float) -> None:
        self.now += seconds

    def call(self, quota: Quota) -> int | None:
        """The link that was read, if one was."""
        if not self.links:
            return None
        link = self.links.popleft()
        if quota.take(self.now):
            self.read.append(self.now)
            return link
        self.refused.append(self.now)
        self.pace.refused(self.retry_after, self.now)
        self.links.append(link)
        return None

    def take_turn(self) -> None:
        """Where that takes longer than a call may wait, the queue tries again a second later."""
        while self.pace.wait(PATIENCE) > 0.0:
            self.gave_back += 1
            self.sleep(1.0)

    def rate(self, start: float, end: float) -> float:
        """Calls a second in that time."""
        return sum(start <= at < end for at in self.read) / (end - start)


def run(sweepers: Sequence[Sweeper], quota: Quota) -> dict[int, float]:
    """When each link was read, call by call in the order of time."""
    seen: dict[int, float] = {}
    turns: list[tuple[float, int]] = []

    def take_turn(number: int) -> None:
        sweepers[number].take_turn()
        heapq.heappush(turns, (sweepers[number].now, number))

    for number in range(len(sweepers)):
        take_turn(number)
    while turns:
        _, number = heapq.heappop(turns)
        link = sweepers[number].call(quota)
        if link is not None:
            assert link not in seen
            seen[link] = sweepers[number].now
        if sweepers[number].links:
            take_turn(number)
    return seen


def competitors(count: int, each: int = 4000, seed: int = 1) -> list[Sweeper]:
    """Containers that know nothing of each other. They begin one second after the other."""
    dice = random.Random(seed)
    links = (range(number * each, (number + 1) * each) for number in range(count))
    return [Sweeper(deque(own), dice.random, float(number)) for number, own in enumerate(links)]


def fairness(rates: Iterable[float]) -> float:
    """Jain's index: 1 where all have the same, 1/n where one has all (Jain, Chiu and Hawe 1984)."""
    rates = list(rates)
    return sum(rates) ** 2 / (len(rates) * sum(rate**2 for rate in rates))


class Account:
    """What the ledger knows of the sweeps of as many routes, all of one account and region."""

    def __init__(self, routes: int) -> None:
        self.scopes = {number: Scope(f"route-{number}") for number in range(routes)}

    def note(self, number: int, progress: Progress | None) -> None:
        sweeps = {} if progress is None else {AWS_WORKER.name: progress}
        self.scopes[number] = replace(self.scopes[number], sweeps=sweeps)

    def crowd(self, number: int, begin: Progress, now: float) -> Crowd:
        others = [scope for other, scope in self.scopes.items() if other != number]
        return crowd(others, AWS_WORKER, begin, now)


@dataclass
class Known(Sweeper):
    """The sweep of one route, part by part, each in a container that has never seen the account before."""

    account: Account = field(default_factory=lambda: Account(1))
    number: int = 0

    def __post_init__(self) -> None:
        self.progress = Progress(self.now, self.now)
        self._begin()

    def _begin(self) -> None:
        super().__post_init__()
        told = self.account.crowd(self.number, self.progress, self.now)
        self.pace.hush(told.quiet)
        self._part = self.pace.part(told.part)
        self._part.__enter__()
        self._until = self.now + PART

    def take_turn(self) -> None:
        """In the next part, if this one's time is over or the wait is too long for it."""
        while self.now >= self._until or self.pace.wait(PATIENCE) > 0.0:
            self._end()
            self._begin()

    def _end(self) -> None:
        quiet = self.pace.quiet()
        self.progress = replace(self.progress, at=self.now, quiet=self.now + quiet if quiet else 0.0)
        self.account.note(self.number, self.progress)
        self.now += max(HOP, quiet)

    def call(self, quota: Quota) -> int | None:
        link = super().call(quota)
        if not self.links:
            self.account.note(self.number, None)
        return link


def crowded(account: Account, sizes: Sequence[int], *, retry_after: float = RETRY_AFTER) -> list[Known]:
    """Sweeps of routes that have so many links. The schedule asks for all of them at once."""
    first, sweepers = 0, list[Known]()
    for number, size in enumerate(sizes):
        links = deque(range(first, first + size))
        dice = random.Random(number).random
        sweepers.append(Known(links, dice, retry_after=retry_after, account=account, number=number))
        first += size
    return sweepers
