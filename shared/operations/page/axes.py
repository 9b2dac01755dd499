"""Time cut into equal buckets, and scales that end at a round number."""

from __future__ import annotations

import math
from dataclasses import dataclass

SIZES = (60.0, 300.0, 900.0, 3600.0, 4 * 3600.0, 86_400.0, 7 * 86_400.0)
"""Seconds that a bucket may have: lengths that people count in."""
MOST_BUCKETS = 48
FASTEST = 0.1
"""Seconds at the foot of a scale of powers of ten."""


@dataclass(frozen=True, slots=True)
class Span:
    """``count`` buckets of ``size`` seconds; the last one ends now or later."""

    start: float
    size: float
    count: int

    @classmethod
    def between(cls, start: float, end: float) -> Span:
        length = max(end - start, SIZES[0])
        size = next(
            (size for size in SIZES if length / size < MOST_BUCKETS),
            float(math.ceil(length / (MOST_BUCKETS - 1))),
        )
        first = math.floor(start / size) * size
        return cls(first, size, max(1, math.floor((end - first) / size) + 1))

    @property
    def end(self) -> float:
        return self.start + self.size * self.count

    def bucket(self, at: float) -> int:
        return min(max(int((at - self.start) // self.size), 0), self.count - 1)

    def share(self, at: float) -> float:
        """How far from start to end, 0 to 1."""
        return min(max((at - self.start) / (self.end - self.start), 0.0), 1.0)


def nice(value: float) -> int:
    """The next of 1, 2, 5, 10, 20, 50 and so on."""
    if value <= 1:
        return 1
    power: int = 10 ** math.floor(math.log10(value))
    return next(step * power for step in (1, 2, 5, 10) if value <= step * power)


def power_of_ten(value: float) -> float:
    """The next one, 10 at least."""
    return 10.0 ** max(1, math.ceil(math.log10(max(value, 1.0))))


def log_share(value: float, top: float) -> float:
    """0 for FASTEST or less, 1 for ``top``."""
    return min(max(math.log10(max(value, FASTEST) / FASTEST) / math.log10(top / FASTEST), 0.0), 1.0)
