"""Ids, dice and request ids from one seeded source, so that a run can be told again."""

from __future__ import annotations

import random
import threading
import uuid
from collections.abc import Callable, MutableSequence, Sequence
from datetime import UTC, datetime
from typing import TypeVar

T = TypeVar("T")
Clock = Callable[[], datetime]


def utc_now() -> datetime:
    return datetime.now(UTC)


class Dice:
    """A `random.Random` that several server threads may share."""

    def __init__(self, source: random.Random) -> None:
        self._source = source
        self._lock = threading.Lock()

    def uuid(self) -> str:
        with self._lock:
            return str(uuid.UUID(int=self._source.getrandbits(128), version=4))

    def chance(self, probability: float) -> bool:
        """Draws only for a real probability: switching a fault off does not shift the rest of the run."""
        if probability <= 0:
            return False
        with self._lock:
            return self._source.random() < probability

    def uniform(self, low: float, high: float) -> float:
        with self._lock:
            return self._source.uniform(low, high)

    def choice(self, options: Sequence[T]) -> T:
        with self._lock:
            return self._source.choice(options)

    def shuffle(self, items: MutableSequence[T]) -> None:
        with self._lock:
            self._source.shuffle(items)
