"""Sweeps against a cloud's quota, on a virtual clock."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from shared.operations.pacing import DESCRIBES, Pace
from shared.operations.surveying import PACED

RETRY_AFTER = 1.0


@dataclass
class Quota:
    """A bucket with room for one second's calls. ``others``: the calls a second that others make."""

    others: Callable[[float], float] = lambda _: 0.0
    tokens: float = DESCRIBES
    filled_at: float = 0.0

    def take(self, now: float, calls: int) -> bool:
        free = max(0.0, DESCRIBES - self.others(now))
        self.tokens = min(DESCRIBES, self.tokens + (now - self.filled_at) * free)
        self.filled_at = now
        if self.tokens < calls:
            return False
        self.tokens -= calls
        return True


@dataclass
class Sweeper:
    """One worker with ``left`` links to read, in the windows of a sweep; a refused window is read again."""

    left: int
    now: float = 0.0
    read: list[float] = field(default_factory=list)
    refused: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.pace = Pace(lambda: self.now, self._sleep)

    def call(self, quota: Quota) -> None:
        if quota.take(self.now, PACED):
            self.left -= PACED
            self.read.append(self.now)
        else:
            self.refused.append(self.now)
            self.pace.refused(RETRY_AFTER)

    def rate(self, start: float, end: float) -> float:
        """Calls a second in that time."""
        return PACED * sum(start <= at < end for at in self.read) / (end - start)

    def _sleep(self, seconds: float) -> None:
        self.now += seconds


def run(sweepers: Sequence[Sweeper], quota: Quota) -> None:
    """Until all have read their links, call by call in the order of time."""
    queue: list[tuple[float, int]] = []

    def take_turn(number: int) -> None:
        assert sweepers[number].pace.wait(PACED)
        heapq.heappush(queue, (sweepers[number].now, number))

    for number in range(len(sweepers)):
        take_turn(number)
    while queue:
        _, number = heapq.heappop(queue)
        sweepers[number].call(quota)
        if sweepers[number].left > 0:
            take_turn(number)
