"""A sweep of more than one invocation: it goes on where it was, ends in any case, and is never two."""

from __future__ import annotations

from typing import Any

import pytest

from shared.errors import Throttled, Unreachable
from shared.operations.mirror import Mirror
from shared.operations.quotas import Quotas
from shared.operations.requests import Ignored, Sweep
from shared.operations.surveying import PACED_PAGE
from shared.operations.sweeping import SHELVES, TRIES, Shelves
from shared.sync import effects as do
from shared.sync.job import Kind, Outcome
from shared.sync.ports import Found
from shared.sync.progress import LOST
from shared.sync.sweep import Listed
from tests.unit.operations.test_mirror import Queue, in_step, read, told
from tests.unit.sync.clouds import FakeAws
from tests.unit.sync.world import World, raising


class Clock:
    """Moved on by whoever waits."""

    def __init__(self, w: World) -> None:
        self.w = w
        self.quotas = Quotas(lambda: w.now, self.sleep, lambda: 0.0)

    def sleep(self, seconds: float) -> None:
        self.w.now += seconds
        self.w.seconds_left -= seconds

    def mirror(self) -> Mirror:
        mirror = self.w.mirror()
        mirror.quotas = self.quotas
        return mirror


def fleet(count: int) -> tuple[World, list[str]]:
    names = [f"link-{number:03}" for number in range(count)]
    return in_step(*names), [f"fleet/{name}" for name in names]


def played(w: World, queue: Queue, mirror: Mirror, begin: Sweep, before: Any = None) -> list[str]:
    """Every part of a sweep, each in an invocation of its own; the links that it told of."""
    seen: list[str] = []
    parts = [begin]
    while parts:
        w.seconds_left = 30.0
        seen += [link for link, _ in told(mirror.perform(parts.pop(0), queue))]
        parts, queue.sweeps = parts + queue.sweeps, []
        w.now += 1.0
        assert len(seen) < 2000, "it never ends"
        if before is not None:
            before()
    return seen


def test_what_takes_longer_than_one_invocation_goes_on_in_the_next() -> None:
    w, links = fleet(250)
    clock, queue = Clock(w), Queue()
    mirror, w.seconds_left = clock.mirror(), 30.0
    first = [link for link, _ in told(mirror.perform(Sweep("fleet"), queue))]
    assert first == links[: len(first)]
    assert 100 <= len(first) <= 120
    (rest,) = queue.sweeps
    assert rest == Sweep("fleet", first[-1].removeprefix("fleet/"))
    assert w.scope().swept_at == {}
    queue.sweeps.clear()
    assert played(w, queue, mirror, rest) == links[len(first) :]
    assert w.scope().swept_at.keys() == {"local"}
    assert (w.scope().known, w.scope().sweeps) == (250, {})
    assert queue.sent == []


def test_the_parts_of_a_sweep_in_one_process_list_once_and_another_process_lists_again() -> None:
    w, links = fleet(250)
    played(w, Queue(), Clock(w).mirror(), Sweep("fleet"))
    assert (w.aws.listings, w.azure.listings) == (1, 1)
    queue, clock = Queue(), Clock(w)
    told(clock.mirror().perform(Sweep("fleet"), queue))
    (rest,) = queue.sweeps
    queue.sweeps.clear()
    assert played(w, queue, clock.mirror(), rest)[-1] == links[-1]
    assert (w.aws.listings, w.azure.listings) == (3, 3)


def test_a_part_reads_no_link_of_the_ledger_twice() -> None:
    w, _ = fleet(250)
    played(w, Queue(), Clock(w).mirror(), Sweep("fleet"))
    pages = [each for each in w.effects if isinstance(each, do.RouteLinks)]
    assert len(pages) <= 2 * 3  # three parts, two pages each
    assert {each.most for each in pages} == {PACED_PAGE}


def test_a_message_that_comes_twice_makes_one_sweep() -> None:
    w, _ = fleet(250)
    queue, mirror = Queue(), Clock(w).mirror()
    told(mirror.perform(Sweep("fleet"), queue))
    rest = queue.sweeps.pop()
    told(mirror.perform(rest, queue))
    assert told(mirror.perform(rest, queue)) == [("fleet/*", "sweep-goes-on")]
    assert len(queue.sweeps) == 1


def test_a_schedule_leaves_a_sweep_alone_that_goes_on_and_takes_over_one_that_is_lost() -> None:
    w, links = fleet(250)
    queue, mirror = Queue(), Clock(w).mirror()
    told(mirror.perform(Sweep("fleet"), queue))
    lost = queue.sweeps.pop()
    assert told(mirror.perform(Sweep("fleet"), queue)) == [("fleet/*", "sweep-goes-on")]
    assert queue.sweeps == []
    w.now += LOST
    assert played(w, queue, mirror, Sweep("fleet")) == links
    assert told(mirror.perform(lost, queue)) == [("fleet/*", "sweep-goes-on")]


def test_sweeps_that_start_again_and_again_still_come_to_the_end() -> None:
    """The schedule fires more often than a sweep takes."""
    w, links = fleet(250)
    queue, mirror = Queue(), Clock(w).mirror()
    seen = played(w, queue, mirror, Sweep("fleet"), lambda: told(mirror.perform(Sweep("fleet"), queue)))
    assert [link for link in seen if link != "fleet/*"] == links


@pytest.mark.parametrize("after", ["", "link-999", "'; DROP TABLE link; --", "\u2603" * 200])
def test_a_forged_place_to_go_on_changes_nothing(after: str) -> None:
    w, queue = in_step("doors"), Queue()
    assert told(w.mirror().perform(Sweep("fleet", after), queue)) == [("fleet/*", "sweep-goes-on")]
    assert (read(w), queue.sweeps, queue.sent, w.scope().rev) == ([], [], [], 0)


def test_the_rest_of_a_sweep_of_a_route_that_is_gone_ends_quietly() -> None:
    w, queue = in_step("doors"), Queue()
    assert list(w.mirror().perform(Sweep("gone", "doors"), queue)) == [Ignored("outside-routes")]


def test_a_part_of_which_nothing_comes_is_told_and_given_up_at_last() -> None:
    class Busy(FakeAws):
        def read(self, name: str, *, whole: bool = False) -> Found | None:
            raise Throttled("aws", "slow down", 7.0)

    w, queue = in_step("doors", "pumps"), Queue()
    w.aws = Busy(stored=w.aws.stored)
    clock = Clock(w)
    part, outcomes = Sweep("fleet"), []
    while True:
        w.seconds_left = 30.0
        (outcome,) = clock.mirror().perform(part, queue)
        assert isinstance(outcome, Outcome)
        outcomes.append((outcome.kind, outcome.code))
        if not queue.sweeps:
            break
        part = queue.sweeps.pop()
    assert outcomes == [(Kind.BUSY, "sweep-stalled")] * TRIES + [(Kind.ERROR, "sweep-stalled")]
    assert (queue.sent, w.scope().swept_at) == ([], {})


def test_what_a_cloud_refuses_for_a_while_is_read_more_slowly() -> None:
    class Busy(FakeAws):
        refusals = 3

        def read(self, name: str, *, whole: bool = False) -> Found | None:
            self.refusals -= 1
            if self.refusals >= 0:
                raise Throttled("aws", "slow down", 1.0)
            return super().read(name, whole=whole)

    w, queue = in_step("doors", "pumps"), Queue()
    w.aws = Busy(stored=w.aws.stored)
    w.seconds_left = 30.0
    begin = w.now
    seen = told(Clock(w).mirror().perform(Sweep(), queue))
    assert sorted(seen) == [("fleet/doors", "in-step"), ("fleet/pumps", "in-step")]
    assert w.now - begin >= 2.0


def test_a_sweep_with_no_time_left_waits_for_another_invocation() -> None:
    w, queue = in_step("pumps"), Queue()
    w.seconds_left = 3.0
    assert told(w.mirror().perform(Sweep(), queue)) == [("fleet/*", "no-time")]
    assert (read(w), queue.sent, queue.sweeps) == ([], [], [Sweep("fleet", None, 1)])


def test_a_listing_that_fails_on_the_way_is_tried_again_where_the_sweep_was() -> None:
    w, links = fleet(250)
    queue, clock = Queue(), Clock(w)
    told(clock.mirror().perform(Sweep("fleet"), queue))
    rest = queue.sweeps.pop()
    w.before(do.FirstNames, raising(Unreachable("azure", "503")))
    assert told(clock.mirror().perform(rest, queue)) == [("fleet/*", "sweep-stalled")]
    assert queue.sweeps == [rest._replace(tries=1)]
    queue.sweeps.clear()
    assert played(w, queue, clock.mirror(), rest._replace(tries=1))[-1] == links[-1]


def test_a_profile_that_cannot_be_read_gets_a_look_of_its_own() -> None:
    class OneDark(FakeAws):
        def read(self, name: str, *, whole: bool = False) -> Found | None:
            if name == "link-004":
                raise Unreachable("aws", "503")
            return super().read(name, whole=whole)

    w, links = fleet(20)
    w.aws = OneDark(stored=w.aws.stored)
    queue = Queue()
    assert played(w, queue, Clock(w).mirror(), Sweep("fleet")) == [*links[:4], *links[5:]]
    assert queue.sent == [(["fleet/link-004"], 0.0)]
    assert w.scope().swept_at.keys() == {"local"}


def test_only_the_latest_listings_are_kept_and_none_of_another_sweep() -> None:
    shelves = Shelves()
    for number in range(SHELVES + 2):
        shelves.keep(f"route-{number}", 1.0, Listed("", None, [str(number)], {}))
    assert len(shelves.kept) == SHELVES
    assert shelves.take("route-1", 1.0) is None
    assert shelves.take("route-4", 2.0) is None
    found = shelves.take("route-5", 1.0)
    assert found is not None
    assert found.names == ["5"]
    assert shelves.take("route-5", 1.0) is None
