"""How fast sweeps read, on a virtual clock: workers, and others, against one quota of a cloud."""

from __future__ import annotations

import pytest

from shared.operations.pacing import DESCRIBES, SHARE, Pace
from shared.operations.surveying import PACED
from tests.bench.quotas import Quota, Sweeper, run

CHOSEN = DESCRIBES * SHARE


def test_both_workers_use_their_share_of_a_quiet_quota_and_are_never_refused() -> None:
    sweepers = [Sweeper(4000), Sweeper(4000)]
    run(sweepers, Quota())
    for sweeper in sweepers:
        assert sweeper.refused == []
        assert 0.95 * CHOSEN <= sweeper.rate(0, 300) <= 1.01 * CHOSEN


def test_no_refused_call_is_lost() -> None:
    sweepers = [Sweeper(2000), Sweeper(2000), Sweeper(2000), Sweeper(2000)]
    run(sweepers, Quota())
    assert any(sweeper.refused for sweeper in sweepers)
    assert [sweeper.left for sweeper in sweepers] == [0, 0, 0, 0]


def test_a_refusal_slows_the_sweep_down_at_once_and_it_comes_back_when_others_are_done() -> None:
    sweeper = Sweeper(4000)
    run([sweeper], Quota(lambda now: 22.0 if 100 <= now < 160 else 0.0))
    first = sweeper.refused[0]
    assert sweeper.rate(first, first + 2) <= CHOSEN / 2
    assert sweeper.rate(110, 160) <= 3.2  # what others leave
    assert sweeper.rate(200, 300) >= 0.95 * CHOSEN


@pytest.mark.parametrize("later", [0.0, 0.1, 0.2, 0.3, 0.5, 0.7])
def test_no_sweep_is_starved_by_another_that_competes_for_what_is_left(later: float) -> None:
    sweepers = [Sweeper(2000), Sweeper(2000, now=later)]
    run(sweepers, Quota(lambda _: 15.0))
    rates = [sweeper.rate(20, 200) for sweeper in sweepers]
    assert min(rates) >= 1.0
    assert sum(rates) >= 9.0  # of the 10 that others leave


def test_nothing_is_sent_before_the_time_that_the_cloud_asks_for() -> None:
    sweeper = Sweeper(80)
    assert sweeper.pace.wait(PACED)
    sweeper.pace.refused(30.0)
    assert sweeper.pace.wait(PACED)
    assert sweeper.now == 30.0


def test_a_turn_that_would_come_too_late_is_not_booked() -> None:
    slept: list[float] = []
    pace = Pace(lambda: 0.0, slept.append)
    assert pace.wait(20)
    assert not pace.wait(20, most=1.0)
    assert pace.wait(20, most=2.0)
    assert slept == [2.0]
