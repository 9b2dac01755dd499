"""How fast sweeps read, on a virtual clock: containers, and others, against one quota of a cloud."""

from __future__ import annotations

from collections import deque

import pytest

from shared.operations.pacing import COURTESY, DEBT, GLANCE, Pace
from shared.operations.quotas import DESCRIBES, SHARE
from tests.bench.quotas import Quota, Sweeper, competitors, fairness, run
from tests.unit.operations.sleeping import Slept

CHOSEN = DESCRIBES * SHARE


def paced(slept: Slept, chance: float = 0.0) -> Pace:
    return Pace(lambda: slept.now, slept, ceiling=10.0, chance=lambda: chance)


def test_both_workers_use_their_share_of_a_quiet_quota_and_are_never_refused() -> None:
    sweepers = competitors(2)
    run(sweepers, Quota())
    for sweeper in sweepers:
        assert sweeper.refused == []
        assert 0.95 * CHOSEN <= sweeper.rate(10, 300) <= 1.01 * CHOSEN


@pytest.mark.parametrize("count", [3, 4, 5, 8])
def test_containers_that_compete_come_to_equal_rates_and_leave_nothing_unused(count: int) -> None:
    sweepers = competitors(count)
    run(sweepers, Quota())
    rates = [sweeper.rate(60, 300) for sweeper in sweepers]
    assert fairness(rates) >= 0.95
    assert sum(rates) >= 0.95 * min(DESCRIBES, count * CHOSEN)


def test_one_that_comes_late_gets_as_much_as_those_that_are_there() -> None:
    sweepers = competitors(3, each=6000)
    sweepers[2].now = 100.0
    run(sweepers, Quota())
    assert fairness(sweeper.rate(160, 400) for sweeper in sweepers) >= 0.95


@pytest.mark.parametrize("seed", range(5))
def test_what_others_leave_is_shared_fairly_and_used(seed: int) -> None:
    sweepers = competitors(2, each=2000, seed=seed)
    run(sweepers, Quota(lambda _: 15.0))
    rates = [sweeper.rate(20, 200) for sweeper in sweepers]
    assert fairness(rates) >= 0.95
    assert sum(rates) >= 0.95 * 10.0


def test_every_refused_link_is_read_in_the_end_and_none_waits_much_longer_than_the_others() -> None:
    links = deque(range(4000))
    sweepers = [Sweeper(links, now=number / 10) for number in range(5)]
    seen = run(sweepers, Quota())
    assert any(sweeper.refused for sweeper in sweepers)
    assert sorted(seen) == list(range(4000))
    waited = list(seen.values())  # all are in the queue from the beginning
    assert max(waited) <= 2.1 * sum(waited) / len(waited)


def test_a_refusal_slows_the_sweep_down_at_once_and_it_comes_back_when_others_are_done() -> None:
    sweeper = Sweeper(deque(range(4000)))
    run([sweeper], Quota(lambda now: 22.0 if 100 <= now < 160 else 0.0))
    first = sweeper.refused[0]
    assert sweeper.rate(first, first + 2) <= CHOSEN / 2
    assert sweeper.rate(110, 160) <= 3.2  # what others leave
    assert sweeper.rate(175, 300) >= 0.95 * CHOSEN


def test_nothing_is_sent_before_the_time_that_the_cloud_asks_for() -> None:
    slept = Slept()
    pace = paced(slept, chance=0.5)
    assert pace.wait(60.0) == 0.0
    pace.refused(30.0, slept.now)
    assert pace.quiet() == 30.0
    assert pace.hurry(60.0) == 0.0
    assert slept.passed == 30.0
    assert pace.wait(60.0) == 0.0
    assert slept.passed == pytest.approx(30.3)  # half a call's time by chance, and the edit's


@pytest.mark.parametrize("edit", [False, True])
def test_a_call_in_line_heeds_what_the_cloud_says_while_it_waits(edit: bool) -> None:
    slept = Slept()
    pace = paced(slept)
    pace.refused(1.0, slept.now)

    def refused_meanwhile(seconds: float) -> None:
        slept(seconds)
        pace.refused(20.0, slept.now)
        pace.sleep = slept

    pace.sleep = refused_meanwhile
    assert (pace.hurry(60.0) if edit else pace.wait(60.0)) == 0.0
    assert slept.passed >= 21.0


def test_a_wait_that_is_too_long_is_told_and_takes_nobodys_place() -> None:
    slept = Slept()
    pace = paced(slept)
    pace.refused(17.0, slept.now)
    assert pace.wait(5.0) == pace.wait(5.0) == pace.hurry(5.0) == 17.0
    assert slept.passed == 0.0
    slept(17.0)
    assert pace.wait(0.0) == 0.0


def test_calls_that_went_out_before_the_rate_fell_do_not_make_it_fall_again() -> None:
    slept = Slept()
    once, often = paced(slept), paced(slept)
    slept(1.0)
    sent_at = slept.now
    slept(0.1)
    once.refused(1.0, sent_at)
    for _ in range(8):
        often.refused(1.0, sent_at)
    slept(1.0)
    assert [once.wait(0.0), once.wait(0.0)] == [often.wait(0.0), often.wait(0.0)]


def test_edits_wait_for_nobody_and_what_can_wait_makes_up_for_them() -> None:
    slept = Slept()
    pace = paced(slept)
    for _ in range(30):
        assert pace.hurry(0.0) == 0.0
    assert slept.passed == 0.0
    assert pace.wait(60.0) == 0.0
    assert slept.passed == pytest.approx(3.0)


def test_many_edits_do_not_stop_the_sweep_for_long() -> None:
    slept = Slept()
    pace = paced(slept)
    for _ in range(1000):
        pace.hurry(0.0)
    assert pace.wait(60.0) == 0.0
    assert slept.passed <= DEBT + 0.1


def test_what_can_wait_gives_way_until_the_edits_are_done() -> None:
    slept = Slept()
    pace = paced(slept)
    first, second = pace.edit(), pace.edit()
    first.__enter__()
    second.__enter__()

    def done(seconds: float) -> None:
        slept(seconds)
        (first if slept.passed < 2 * GLANCE else second).__exit__(None, None, None)

    pace.sleep = done
    assert pace.wait(60.0) == 0.0
    assert slept.passed == pytest.approx(2 * GLANCE)
    assert pace.wait(0.0) == 0.0


def test_edits_that_never_end_do_not_stop_the_sweep() -> None:
    slept = Slept()
    pace = paced(slept)
    with pace.edit():
        assert pace.hurry(0.0) == 0.0
        assert slept.passed == 0.0
        assert pace.wait(60.0) == 0.0
    assert slept.passed == pytest.approx(COURTESY)
