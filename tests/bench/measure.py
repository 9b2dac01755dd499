"""Two programs measured side by side: A B, B A, A B, ..., so that what slows the machine slows both."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass

Sample = Callable[[], float]
"""One measurement, in seconds or whatever the row's unit is."""


@dataclass(frozen=True)
class Pairs:
    """What ours and the floor took, round by round."""

    ours: tuple[float, ...]
    floor: tuple[float, ...]

    def ratios(self) -> list[float]:
        return [ours / floor for ours, floor in zip(self.ours, self.floor, strict=True)]

    def beyond(self) -> list[float]:
        return [ours - floor for ours, floor in zip(self.ours, self.floor, strict=True)]


def side_by_side(ours: Sample, floor: Sample, rounds: int) -> Pairs:
    """The first round, in which caches fill and connections open, does not count."""
    taken: list[tuple[float, float]] = []
    for number in range(rounds + 1):
        if number % 2:
            first = ours()
            taken.append((first, floor()))
        else:
            first = floor()
            taken.append((ours(), first))
    return Pairs(tuple(a for a, _ in taken[1:]), tuple(b for _, b in taken[1:]))


def spread(values: list[float]) -> tuple[float, float, float]:
    """Lower quartile, median, upper quartile."""
    if len(values) == 1:
        return values[0], values[0], values[0]
    low, middle, high = statistics.quantiles(values, n=4, method="inclusive")
    return low, middle, high


def cpu(work: Callable[[], object], times: int = 1) -> Sample:
    """Seconds that the processor spent on this process, all threads together, each time."""
    return _timed(time.process_time, work, times)


def wall(work: Callable[[], object], times: int = 1) -> Sample:
    return _timed(time.perf_counter, work, times)


def _timed(clock: Callable[[], float], work: Callable[[], object], times: int) -> Sample:
    def sample() -> float:
        began = clock()
        for _ in range(times):
            work()
        return (clock() - began) / times

    return sample
