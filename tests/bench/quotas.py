"""Workers of a sweep against a cloud's quota, on a virtual clock, with the pace of the production module."""

from __future__ import annotations

import heapq
import random
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from shared.operations.pacing import Pace
from shared.operations.quotas import DESCRIBES, PATIENCE, SHARE

RETRY_AFTER = 1.0


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
        self.pace.refused(RETRY_AFTER, self.now)
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
