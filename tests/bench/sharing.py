"""Rows about a cloud's quota, on a virtual clock: used up, shared fairly, and left alone after a refusal."""

from __future__ import annotations

from collections import deque

from shared.operations.quotas import DESCRIBES, SHARE
from tests.bench.floors.quota_arithmetic import seconds
from tests.bench.measure import Pairs, side_by_side
from tests.bench.quotas import PART, Account, Quota, RefusesOnce, Sweeper, competitors, crowded, run
from tests.bench.row import Row

LINKS = 10_000
CROWD = (5500, 2500, 1500, 500)
STRANGERS = 4
SOON = 2.0


def _alone(rounds: int) -> Pairs:
    def ours() -> float:
        sweeper = Sweeper(deque(range(LINKS)))
        assert len(run([sweeper], Quota())) == LINKS
        return sweeper.now

    return side_by_side(ours, lambda: seconds(LINKS, DESCRIBES, SHARE), rounds)


def _slowest_of_a_crowd(rounds: int) -> Pairs:
    """If they use more than the share, the last one is done too soon; if they leave any of it, too late."""

    def ours() -> float:
        sweepers = crowded(Account(len(CROWD)), CROWD)
        assert len(run(sweepers, Quota())) == LINKS
        assert not any(sweeper.refused for sweeper in sweepers)
        end = max(sweeper.now for sweeper in sweepers)
        assert end >= 0.98 * seconds(LINKS, DESCRIBES, SHARE), "more than the share was used"
        return end

    return side_by_side(ours, lambda: seconds(LINKS, DESCRIBES, SHARE), rounds)


def _slowest_of_strangers(rounds: int) -> Pairs:
    """Each has as many links to read: it is unfair to the one that is done last, or leaves calls unused."""

    def ours() -> float:
        sweepers = competitors(STRANGERS, each=LINKS // STRANGERS)
        assert len(run(sweepers, Quota())) == LINKS  # each link that was refused was read in the end
        return max(sweeper.now for sweeper in sweepers)

    return side_by_side(ours, lambda: seconds(LINKS, DESCRIBES, 1.0), rounds)


def _calls_in_silence(rounds: int) -> Pairs:
    """Four sweeps in full swing, one of which is asked for a minute's silence: beside the ten seconds that
    the others may take to hear of it."""

    def ours() -> float:
        sweepers = crowded(Account(4), [LINKS // 4] * 4, retry_after=60.0)
        run(sweepers, RefusesOnce(100.0))
        asked = min(at for sweeper in sweepers for at in sweeper.refused)
        made = [at for sweeper in sweepers for at in sweeper.read + sweeper.refused]
        return float(sum(asked < at < asked + 60.0 for at in made))

    return side_by_side(ours, lambda: DESCRIBES * SHARE * PART, rounds)


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
        "the same by 4 sweeps of one account, of 500 to 5,500 links each, that share it: the last one's end",
        "the share used to its last call",
        "quota_arithmetic",
        1.05,
        _slowest_of_a_crowd,
        unit="s",
        scale=1.0,
        rounds=1,
    ),
    Row(
        "sweep-quota-silence",
        "calls of 4 such sweeps in the minute of silence that one of them was asked for",
        "what their share is in ten seconds, until all have heard of it",
        "quota_arithmetic",
        1.0,
        _calls_in_silence,
        unit="calls",
        scale=1.0,
        rounds=1,
    ),
    Row(
        "sweep-quota-strangers",
        "the same by 4 containers that know nothing of each other, a quarter each: the last one's end",
        "the whole quota used to its last call, in equal parts",
        "quota_arithmetic",
        1.05,
        _slowest_of_strangers,
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
