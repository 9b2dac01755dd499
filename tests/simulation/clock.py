"""Virtual time: a heap of things to do, in the order of time and then of asking. Nothing here ever waits."""

from __future__ import annotations

import heapq
from collections.abc import Callable

Action = Callable[[], None]


class Clock:
    """``now`` is true time in seconds; workers see it through their own skew."""

    def __init__(self, now: float) -> None:
        self.now = now
        self._asked = 0
        self._heap: list[tuple[float, int, Action]] = []

    def after(self, delay: float, action: Action) -> None:
        self._asked += 1
        heapq.heappush(self._heap, (self.now + max(delay, 0.0), self._asked, action))

    def run_until(self, end: float) -> None:
        """Do everything that is due up to ``end``; then it is ``end``."""
        while self._heap and self._heap[0][0] <= end:
            self.now, _, action = heapq.heappop(self._heap)
            action()
        self.now = max(self.now, end)
