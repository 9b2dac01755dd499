"""A sweep of clouds that cannot be listed in one invocation: page by page, part by part, each link once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pytest

from shared.errors import StalePage, Throttled
from shared.operations.requests import NO_CAUSE, Cause, Reconcile, Sweep
from shared.operations.sweeping import TRIES
from shared.sync import effects as do
from shared.sync.job import Kind, Outcome
from shared.sync.link import LinkKey, Paging
from shared.sync.paging import MOST_LOST
from shared.sync.ports import Page
from shared.translation.side import Side
from tests.unit.operations.test_mirror import Queue, told
from tests.unit.operations.test_sweeping import Clock, fleet, played
from tests.unit.sync.clouds import FakeAws
from tests.unit.sync.documents import at_most, group, profile
from tests.unit.sync.world import World

LINKS = 200


@pytest.fixture
def large() -> tuple[World, list[str]]:
    """At four pages a second, AWS's listing takes 25 s of the 18 that there are for it."""
    w, links = fleet(LINKS)
    w.aws.page_size = 2
    w.azure.page_size = 50
    return w, links


def pages(w: World, side: Side) -> list[str | None]:
    return [each.at for each in w.effects if isinstance(each, do.ListPage) and each.side is side]


def deliveries(w: World, queue: Queue, clock: Clock, begin: Sweep) -> Iterator[Sweep]:
    """Every part, each in another process; with what was asked for the next one."""
    parts = [begin]
    while parts:
        w.seconds_left = 30.0
        told(clock.mirror().perform(parts.pop(), queue))
        w.now += 1.0
        parts, queue.sweeps = queue.sweeps, []
        yield from parts


def followed(w: World, queue: Queue, clock: Clock) -> list[tuple[str, str]]:
    """What is told of every part that the queue has, and of those that they ask for."""
    codes: list[tuple[str, str]] = []
    while queue.sweeps:
        w.seconds_left = 30.0
        codes += told(clock.mirror().perform(queue.sweeps.pop(), queue))
        w.now += 1.0
    return codes


def test_it_is_swept_to_its_end_and_each_link_is_told_once(large: tuple[World, list[str]]) -> None:
    w, links = large
    queue = Queue()
    assert played(w, queue, Clock(w).mirror(), Sweep("fleet")) == links
    assert queue.sent == []
    assert (w.scope().known, w.scope().sweeps, list(w.scope().swept_at)) == (LINKS, {}, ["local"])
    assert w.took() == []


def test_each_page_is_read_once_in_whichever_process(large: tuple[World, list[str]]) -> None:
    w, _ = large
    assert len(list(deliveries(w, Queue(), Clock(w), Sweep("fleet")))) == 4
    assert (len(pages(w, Side.AWS)), len(set(pages(w, Side.AWS)))) == (LINKS // 2, LINKS // 2)
    assert len(pages(w, Side.AZURE)) == LINKS // 50
    assert len([each for each in w.effects if isinstance(each, do.FirstNames)]) == 2


def test_the_ledger_says_how_far_it_is_and_the_message_only_repeats_it(
    large: tuple[World, list[str]],
) -> None:
    w, _ = large
    parts = deliveries(w, Queue(), Clock(w), Sweep("fleet"))
    assert next(parts) == Sweep("fleet", "page/0")
    assert w.scope().sweeps["local"].paging == Paging(Side.AWS)
    second = next(parts)
    paging = w.scope().sweeps["local"].paging
    assert paging is not None
    assert paging.at is not None
    assert second == Sweep("fleet", f"page/{paging.read}")
    assert paging.at not in repr(w.scope())


def test_names_that_the_ledger_does_not_know_are_handed_on_and_nothing_else(
    large: tuple[World, list[str]],
) -> None:
    w, links = large
    w.aws.put("aws-only", profile(sent=at_most(1)))
    w.azure.put("azure-only", group(sent=at_most(1)))
    queue = Queue()
    assert played(w, queue, Clock(w).mirror(), Sweep("fleet")) == links
    assert queue.sent == [(["fleet/aws-only"], 0.0), (["fleet/azure-only"], 0.0)]


@pytest.mark.parametrize("side", Side)
def test_what_no_page_has_gets_a_look_of_its_own_and_is_not_deleted_for_that(
    large: tuple[World, list[str]], side: Side
) -> None:
    w, links = large
    {Side.AWS: w.aws, Side.AZURE: w.azure}[side].remove("link-007")
    queue = Queue()
    assert played(w, queue, Clock(w).mirror(), Sweep("fleet")) == [*links[:7], *links[8:]]
    assert queue.sent == [(["fleet/link-007"], 0.0)]
    assert w.took() == []


def test_what_was_dropped_on_both_sides_and_came_back_is_handed_on(large: tuple[World, list[str]]) -> None:
    w, links = large
    for cloud in (w.aws, w.azure):
        cloud.remove("link-007")
    w.look("link-007")
    w.later(name="link-007")
    w.aws.put("link-007", profile(sent=at_most(1)))
    queue = Queue()
    assert played(w, queue, Clock(w).mirror(), Sweep("fleet")) == [*links[:7], *links[8:]]
    assert queue.sent == [(["fleet/link-007"], 0.0)]


def test_an_edit_that_nobody_told_of_is_found(large: tuple[World, list[str]]) -> None:
    w, links = large
    w.azure.put("link-011", group(sent=at_most(50)))
    queue = Queue()
    assert played(w, queue, Clock(w).mirror(), Sweep("fleet")) == [*links[:11], *links[12:]]
    assert queue.sent == [(["fleet/link-011"], 0.0)]


@pytest.mark.parametrize("place", ["page/0", "page/3", "page/999", "link-003", "page/-1", "page/"])
def test_a_forged_page_changes_nothing(large: tuple[World, list[str]], place: str) -> None:
    w, _ = large
    parts = deliveries(w, Queue(), Clock(w), Sweep("fleet"))
    next(parts)
    next(parts)
    before, queue = w.scope(), Queue()
    assert told(Clock(w).mirror().perform(Sweep("fleet", place), queue)) == [("fleet/*", "sweep-goes-on")]
    assert (w.scope(), queue.sweeps) == (before, [])


def test_each_part_comes_twice_and_the_sweep_is_one(large: tuple[World, list[str]]) -> None:
    w, links = large
    queue, clock, parts, seen = Queue(), Clock(w), [Sweep("fleet")], list[str]()
    while parts:
        for part in (parts[0], parts[0]):
            w.seconds_left = 30.0
            seen += [link for link, _ in told(clock.mirror().perform(part, queue))]
        assert len(queue.sweeps) <= 1
        parts, queue.sweeps = queue.sweeps, []
    assert [link for link in seen if link != "fleet/*"] == links


@dataclass
class Forgetful(FakeAws):
    """Does not know its own words for a page any more, the next ``forgets`` times."""

    forgets: int = 0

    def page(self, at: str | None = None) -> Page:
        if at is not None and self.forgets > 0:
            self.forgets -= 1
            raise StalePage("aws", "never heard of it")
        return super().page(at)


def forgetful(w: World, forgets: int) -> None:
    w.aws = Forgetful(writes=w.writes, stored=w.aws.stored, page_size=2, forgets=forgets)


def test_a_cloud_that_forgot_where_it_was_is_listed_from_the_start(large: tuple[World, list[str]]) -> None:
    w, links = large
    w.aws.put("aws-only", profile(sent=at_most(1)))
    mirror, queue = Clock(w).mirror(), Queue()
    w.seconds_left = 30.0
    told(mirror.perform(Sweep("fleet"), queue))
    forgetful(w, 1)
    part = queue.sweeps.pop()
    assert played(w, queue, mirror, part) == links
    assert ["fleet/aws-only"] in [keys for keys, _ in queue.sent]
    assert pages(w, Side.AWS).count(None) == 2


def test_a_cloud_that_always_forgets_is_given_up_and_never_half_believed(
    large: tuple[World, list[str]],
) -> None:
    w, _ = large
    clock, queue = Clock(w), Queue()
    w.seconds_left = 30.0
    told(clock.mirror().perform(Sweep("fleet"), queue))
    forgetful(w, 1000)
    assert followed(w, queue, clock) == [("fleet/*", "sweep-stalled")] * (TRIES + 1)
    assert pages(w, Side.AWS).count(None) == MOST_LOST + 1
    assert (w.scope().swept_at, queue.sent, w.took()) == ({}, [], [])


def test_a_listing_that_leads_nowhere_ends_the_sweep_with_an_error(large: tuple[World, list[str]]) -> None:
    @dataclass
    class Circle(FakeAws):
        def page(self, at: str | None = None) -> Page:
            return Page({"link-000": None}, "here" if at != "here" else "there")

    w, _ = large
    clock, queue = Clock(w), Queue()
    w.seconds_left = 30.0
    told(clock.mirror().perform(Sweep("fleet"), queue))
    w.aws = Circle(stored=w.aws.stored)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("shared.sync.paging.MOST_PAGES", 60)
        codes = followed(w, queue, clock)
    assert codes == [("fleet/*", "sweep-stalled")] * (TRIES + 1)
    assert (w.scope().swept_at, w.took()) == ({}, [])


def test_a_cloud_that_asks_for_silence_in_the_middle_is_gone_on_with_when_it_says(
    large: tuple[World, list[str]],
) -> None:
    w, links = large
    clock, queue = Clock(w), Queue()
    w.seconds_left = 30.0
    mirror = clock.mirror()
    told(mirror.perform(Sweep("fleet"), queue))

    @dataclass
    class Busy(FakeAws):
        refused: bool = False

        def page(self, at: str | None = None) -> Page:
            if at is not None and at < "link-100" and not self.refused:
                self.refused = True
                raise Throttled("aws", "slow down", 40.0)
            return super().page(at)

    w.aws = Busy(stored=w.aws.stored, page_size=2)
    delays: list[float] = []

    def enqueue(asked: Sequence[LinkKey | Sweep], delay: float, cause: Cause = NO_CAUSE) -> None:
        delays.append(delay)
        queue(asked, delay, cause)
        w.now += delay

    seen: list[str] = []
    while queue.sweeps:
        w.seconds_left = 30.0
        seen += [link for link, _ in told(mirror.perform(queue.sweeps.pop(), enqueue))]
    assert seen == links
    assert max(delays) == pytest.approx(40.0, abs=1.0)
    assert len(pages(w, Side.AWS)) == LINKS // 2 + 1


def test_links_that_were_surveyed_before_a_listing_grew_too_long_are_not_surveyed_again() -> None:
    w, links = fleet(LINKS)
    mirror, queue = Clock(w).mirror(), Queue()
    w.seconds_left = 30.0
    first = [link for link, _ in told(mirror.perform(Sweep("fleet"), queue))]
    w.aws.page_size = 2
    rest = queue.sweeps.pop()
    assert played(w, queue, Clock(w).mirror(), rest) == links[len(first) :]
    assert w.scope().known == LINKS


def test_a_look_that_has_no_time_for_a_whole_listing_says_so_and_gives_the_lease_back() -> None:
    w, _ = fleet(30)

    @dataclass
    class Slow(FakeAws):
        def page(self, at: str | None = None) -> Page:
            w.seconds_left -= 1.0
            return super().page(at)

    w.aws = Slow(writes=w.writes, stored=w.aws.stored, page_size=1)
    w.aws.put("new", profile(sent=at_most(1)))
    w.seconds_left = 30.0
    (outcome,) = Clock(w).mirror().perform(Reconcile("fleet", "new"))
    assert isinstance(outcome, Outcome)
    assert (outcome.kind, outcome.code) == (Kind.ERROR, "long-listing")
    assert "after 19 pages: divide the policies over more accounts" in outcome.reason
    assert w.ledger.link(w.link_key("new")) is None or w.link("new").lease is None
    assert w.took() == []
    w.seconds_left = 60.0
    assert told(Clock(w).mirror().perform(Reconcile("fleet", "new"))) == [("fleet/new", "written")]
