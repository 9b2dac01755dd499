"""Calls that are due later: the sandbox's stand-in for a queue with a delivery delay."""

from __future__ import annotations

import heapq
import itertools
import logging
import threading
import time
from collections.abc import Callable
from typing import Self

logger = logging.getLogger(__name__)


class Later:
    """Calls back on one thread of its own, in the order of due times, until closed; the rest is forgotten.

    ``skip`` moves a ``clock`` that stands still by so many seconds: only :meth:`hurry` has it moved.
    """

    def __init__(
        self,
        clock: Callable[[], float] = time.monotonic,
        skip: Callable[[float], object] | None = None,
    ) -> None:
        self._clock = clock
        self._skip = skip
        self._due: list[tuple[float, int, Callable[[], None]]] = []
        self._order = itertools.count()
        self._changed = threading.Condition()
        self._running = False
        self._closed = False
        self._thread = threading.Thread(target=self._work, name="later", daemon=True)
        self._thread.start()

    def call(self, delay: float, callback: Callable[[], None]) -> None:
        """``delay`` in seconds."""
        with self._changed:
            heapq.heappush(self._due, (self._clock() + delay, next(self._order), callback))
            self._changed.notify_all()

    def hurry(self) -> None:
        """Moves a clock that stands still on to the next call, unless one is running."""
        with self._changed:
            if self._skip is not None and self._due and not self._running:
                self._skip(max(0.0, self._due[0][0] - self._clock()))
                self._changed.notify_all()

    def idle(self, timeout: float) -> bool:
        """Waits until nothing is due or running; False when ``timeout`` seconds pass first."""
        with self._changed:
            return self._changed.wait_for(lambda: not self._due and not self._running, timeout)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        self._thread.join()

    def _work(self) -> None:
        while (callback := self._next()) is not None:
            try:
                callback()
            except Exception:
                logger.exception("a call that was due has failed; the next ones come all the same")
            finally:
                with self._changed:
                    self._running = False
                    self._changed.notify_all()

    def _next(self) -> Callable[[], None] | None:
        with self._changed:
            while not self._closed:
                wait = self._due[0][0] - self._clock() if self._due else None
                if wait is not None and wait <= 0:
                    self._running = True
                    return heapq.heappop(self._due)[2]
                self._changed.wait(wait)
            return None
