"""Rows about a cloud's quota, on a virtual clock: used up, shared fairly, and left alone after a refusal."""

from __future__ import annotations

from collections import deque

from shared.operations.quotas import DESCRIBES, SHARE
from tests.bench.floors.quota_arithmetic import seconds
from tests.bench.measure import Pairs, side_by_side
from tests.bench.quotas import Quota, Sweeper, competitors, run
from tests.bench.row import Row

LINKS = 10_000
CROWD = 4
SOON = 2.0


def _alone(rounds: int) -> Pairs:
    def ours() -> float:
        sweeper = Sweeper(deque(range(LINKS)))
        assert len(run([sweeper], Quota())) == LINKS
        return sweeper.now

    return side_by_side(ours, lambda: seconds(LINKS, DESCRIBES, SHARE), rounds)


def _slowest_of_a_crowd(rounds: int) -> Pairs:
    """Each has as many links to read: it is unfair to the one that is done last, or leaves calls unused."""

    def ours() -> float:
        sweepers = competitors(CROWD, each=LINKS // CROWD)
        assert len(run(sweepers, Quota())) == LINKS  # each link that was refused was read in the end
        return max(sweeper.now for sweeper in sweepers)

    return side_by_side(ours, lambda: seconds(LINKS, DESCRIBES, 1.0), rounds)


def _calls_after_a_refusal(rounds: int) -> Pairs:
    """After others begin to use nearly all of the quota."""

    def ours() -> float:
        sweeper = Sweeper(deque(range(4000)))
        run([sweeper], Quota(lambda now: 22.0 if 100 <= now < 160 else 0.0))
        first = sweeper.refused[0]
        return float(sum(first < at <= first + SOON for at in sweeper.read + sweeper.refused))

    return side_by_side(ours, lambda: DESCRIBES * SHARE / 2 * SOON, rounds)


ROWS = (
    Row(
        "sweep-quota",
        "the same at its share (40 %) of AWS's 25 describes a second, on a virtual clock",
        "the share used to its last call",
        "quota_arithmetic",
        1.05,
        _alone,
        unit="s",
        scale=1.0,
        rounds=1,
    ),
    Row(
        "sweep-quota-crowd",
        "the same by 4 containers that know nothing of each other, a quarter each: the last one's end",
        "the whole quota used to its last call, in equal parts",
        "quota_arithmetic",
        1.05,
        _slowest_of_a_crowd,
        unit="s",
        scale=1.0,
        rounds=1,
    ),
    Row(
        "sweep-quota-refused",
        "calls of a sweep in the 2 s after a first 429, while others take 22 of the 25 a second",
        "half of what its share would be",
        "quota_arithmetic",
        1.0,
        _calls_after_a_refusal,
        unit="calls",
        scale=1.0,
        rounds=1,
    ),
)
