"""Calls that are due later, on a clock that only moves when it is told to."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from functions.local.later import Later


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now

    def skip(self, seconds: float) -> None:
        self.now += seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def later(clock: Clock) -> Iterator[Later]:
    with Later(clock, clock.skip) as later:
        yield later


def settle(later: Later) -> None:
    while not later.idle(0.05):
        later.hurry()


def test_calls_come_in_the_order_of_their_due_times(later: Later, clock: Clock) -> None:
    called: list[tuple[str, float]] = []
    for name, delay in (("third", 60.0), ("first", 0.0), ("second", 5.0), ("last", 60.0)):
        later.call(delay, lambda name=name: called.append((name, clock())))  # type: ignore[misc]
    settle(later)
    assert called == [("first", 0.0), ("second", 5.0), ("third", 60.0), ("last", 60.0)]


def test_a_call_may_ask_for_another(later: Later, clock: Clock) -> None:
    called: list[float] = []

    def again() -> None:
        called.append(clock())
        if len(called) < 3:
            later.call(10.0, again)

    later.call(1.0, again)
    settle(later)
    assert called == [1.0, 11.0, 21.0]


def test_the_clock_is_not_moved_while_a_call_is_running(later: Later, clock: Clock) -> None:
    running, finish = threading.Event(), threading.Event()

    def work() -> None:
        running.set()
        finish.wait(5)

    later.call(0.0, work)
    assert running.wait(5)
    later.call(60.0, lambda: None)
    later.hurry()
    assert clock() == 0.0
    finish.set()
    settle(later)
    assert clock() == 60.0


def test_it_is_not_idle_while_something_is_due(later: Later) -> None:
    assert later.idle(1.0)
    later.call(60.0, lambda: None)
    assert not later.idle(0.0)


def test_a_clock_of_its_own_is_left_alone(clock: Clock) -> None:
    with Later(clock) as later:
        later.call(60.0, lambda: None)
        later.hurry()
    assert clock() == 0.0


def test_what_is_due_after_the_end_is_forgotten(clock: Clock) -> None:
    called: list[str] = []
    with Later(clock) as later:
        later.call(60.0, lambda: called.append("too late"))
    assert called == []


def test_a_call_that_fails_does_not_end_the_others(later: Later, caplog: pytest.LogCaptureFixture) -> None:
    called: list[str] = []

    def fail() -> None:
        raise ValueError("no")

    later.call(0.0, fail)
    later.call(1.0, lambda: called.append("next"))
    settle(later)
    assert called == ["next"]
    (record,) = caplog.records
    assert record.exc_info is not None
    assert str(record.exc_info[1]) == "no"
