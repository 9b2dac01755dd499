"""The bus: late, twice, out of order, lost, retried, and at rest when it says so."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from functions.local.sandbox import BusKnobs, EventBus, TwoClouds
from functions.local.sandbox.bus import Event
from functions.local.sandbox.identifiers import Dice


class Listener:
    """Keeps the numbers of the events it got; raises for the first `failures` of them."""

    def __init__(self, failures: int = 0) -> None:
        self.got: list[int] = []
        self.attempts = 0
        self._failures = failures

    def __call__(self, event: Event) -> None:
        self.attempts += 1
        if self.attempts <= self._failures:
            raise RuntimeError("not today")
        self.got.append(event["n"])
        event.clear()


@pytest.fixture
def bus_of() -> Iterator[Callable[..., EventBus]]:
    with ExitStack() as stack:

        def bus_of(deliver: Callable[[Event], object], **knobs: Any) -> EventBus:
            dice = Dice(random.Random(7))
            return stack.enter_context(EventBus(deliver, dice=dice, knobs=BusKnobs(**knobs)))

        yield bus_of


def publish(bus: EventBus, count: int) -> None:
    for n in range(count):
        bus.publish({"n": n})


def test_events_arrive_once_and_in_order_by_default(bus_of: Any) -> None:
    listener = Listener()
    bus = bus_of(listener)
    publish(bus, 50)
    assert bus.drain()
    assert listener.got == list(range(50))


def test_the_listener_cannot_change_what_comes_again(bus_of: Any) -> None:
    listener = Listener()
    bus = bus_of(listener)
    publish(bus, 1)
    assert bus.drain()
    assert bus.replay(2) == 2
    assert bus.drain()
    assert listener.got == [0, 0, 0]


def test_the_next_events_are_lost(bus_of: Any) -> None:
    listener = Listener()
    bus = bus_of(listener)
    bus.lose_next(2)
    publish(bus, 3)
    assert bus.drain()
    assert listener.got == [2]
    assert bus.counts.lost == 2
    assert bus.replay(5) == 5
    assert bus.drain()
    assert set(listener.got) == {2}


def test_the_next_events_come_twice(bus_of: Any) -> None:
    listener = Listener()
    bus = bus_of(listener)
    bus.duplicate_next(1)
    publish(bus, 2)
    assert bus.drain()
    assert listener.got == [0, 0, 1]


def test_losing_and_doubling_follow_their_probability(bus_of: Any) -> None:
    losing, doubling = Listener(), Listener()
    for listener, knobs in ((losing, {"lose": 0.5}), (doubling, {"duplicate": 0.5})):
        bus = bus_of(listener, **knobs)
        publish(bus, 400)
        assert bus.drain()
    assert 150 < len(losing.got) < 250
    assert 550 < len(doubling.got) < 650


def test_a_paused_bus_holds_everything_until_resumed(bus_of: Any) -> None:
    listener = Listener()
    bus = bus_of(listener)
    bus.pause()
    publish(bus, 3)
    assert not bus.drain(timeout=0)
    assert listener.got == []
    bus.resume()
    assert bus.drain()
    assert listener.got == [0, 1, 2]


def test_reordering_delivers_everything_in_another_order(bus_of: Any) -> None:
    listener = Listener()
    bus = bus_of(listener, reorder=True, paused=True)
    publish(bus, 50)
    bus.resume()
    assert bus.drain()
    assert listener.got != list(range(50))
    assert sorted(listener.got) == list(range(50))


def test_a_late_event_waits_for_its_time() -> None:
    class Clock:
        now = 100.0

        def __call__(self) -> float:
            return self.now

    listener, clock = Listener(), Clock()
    with EventBus(
        listener, dice=Dice(random.Random(7)), knobs=BusKnobs(delay_ms=3_600_000), clock=clock
    ) as bus:
        publish(bus, 1)
        assert not bus.drain(timeout=0)
        clock.now += 3600
        bus.set_knobs({"delay_ms": 0})
        assert bus.drain()
    assert listener.got == [0]


def test_a_failed_delivery_is_tried_again(bus_of: Any) -> None:
    listener = Listener(failures=2)
    bus = bus_of(listener, attempts=3, backoff_ms=1)
    publish(bus, 1)
    assert bus.drain()
    assert (listener.got, bus.counts.retried, bus.dead_letters) == ([0], 2, [])


def test_a_delivery_that_keeps_failing_is_a_dead_letter(bus_of: Any) -> None:
    listener = Listener(failures=3)
    bus = bus_of(listener, attempts=3, backoff_ms=1)
    publish(bus, 1)
    assert bus.drain()
    assert (listener.got, listener.attempts, bus.dead_letters) == ([], 3, [{"n": 0}])


def test_drain_waits_for_the_delivery_under_way(bus_of: Any) -> None:
    begun, finish = threading.Event(), threading.Event()

    def deliver(_: Event) -> None:
        begun.set()
        finish.wait(10)

    bus = bus_of(deliver)
    publish(bus, 1)
    assert begun.wait(10)
    assert not bus.drain(timeout=0)
    finish.set()
    assert bus.drain()


def test_several_workers_deliver_at_the_same_time() -> None:
    together = threading.Barrier(2, timeout=10)
    with EventBus(lambda _: together.wait(), dice=Dice(random.Random(7)), workers=2) as bus:
        publish(bus, 2)
        assert bus.drain()
        assert bus.dead_letters == []


def test_stopping_forgets_what_is_queued(bus_of: Any) -> None:
    listener = Listener()
    bus = bus_of(listener, paused=True)
    publish(bus, 3)
    bus.stop()
    assert listener.got == []
    assert bus.drain(timeout=0)


def test_a_replay_goes_round_until_there_are_enough(bus_of: Any) -> None:
    listener = Listener()
    bus = bus_of(listener)
    assert bus.replay(10) == 0
    publish(bus, 3)
    assert bus.drain()
    listener.got.clear()
    assert bus.replay(7, shuffle=False) == 7
    assert bus.drain()
    assert listener.got == [0, 1, 2, 0, 1, 2, 0]
    listener.got.clear()
    assert bus.replay(100) == 100
    assert bus.drain()
    assert {n: listener.got.count(n) for n in range(3)} == {0: 34, 1: 33, 2: 33}
    assert listener.got[:9] != [0, 1, 2] * 3


def test_the_bus_is_read_and_set_over_http(clouds: TwoClouds, ask: Any, put: Any, delivered: Any) -> None:
    endpoint = clouds.azure.endpoint
    state = ask(endpoint, "PUT", "/_sandbox/bus", {"paused": True}).json
    assert state["paused"] is True
    put("g", {})
    assert ask(endpoint, "GET", "/_sandbox/bus").json["counts"]["queued"] == 1
    ask(endpoint, "PUT", "/_sandbox/bus", {"paused": False})
    assert clouds.settle()
    assert ask(endpoint, "POST", "/_sandbox/bus/replay", {"count": 5, "shuffle": True}).json == {"queued": 5}
    assert clouds.settle()
    assert len(delivered.azure) == 6
    assert len({event["id"] for event in delivered.azure}) == 1


@pytest.mark.parametrize("body", [{"count": "many"}, {"count": -1}, {"shuffle": 1}, b"{"])
def test_a_wrong_replay_is_refused(clouds: TwoClouds, ask: Any, body: Any) -> None:
    assert ask(clouds.azure.endpoint, "POST", "/_sandbox/bus/replay", body).status == 400
