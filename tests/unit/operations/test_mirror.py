"""One mirror above one engine: which links a request concerns, and what comes of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from shared.errors import BadInput, Denied, Throttled, Unreachable
from shared.operations.mirror import Mirror, unfinished
from shared.operations.quotas import Quotas
from shared.operations.requests import NO_CAUSE, Cause, Ignored, Look, Reconcile, Sweep
from shared.operations.surveying import PACED_PAGE
from shared.operations.sweeping import TRIES
from shared.routes.load import load_routes
from shared.routes.route import Route
from shared.sync import effects as do
from shared.sync.job import Kind, Outcome
from shared.sync.link import LinkKey
from shared.sync.ports import Cloud, Found
from shared.sync.progress import LATE, LOST
from shared.translation.side import Side
from tests.unit.sync.clouds import FakeAws
from tests.unit.sync.documents import at_most, group, profile
from tests.unit.sync.world import HUB, ROUTES, World, raising, world

AWS, AZURE = Side.AWS, Side.AZURE
ACCOUNT = "123456789012/eu-central-1"


@dataclass
class Queue:
    sent: list[tuple[list[str], float]] = field(default_factory=list)
    causes: list[Cause] = field(default_factory=list)
    sweeps: list[Sweep] = field(default_factory=list)

    def __call__(self, asked: Sequence[LinkKey | Sweep], delay: float, cause: Cause = NO_CAUSE) -> None:
        self.sweeps.extend(each for each in asked if isinstance(each, Sweep))
        links = [str(each) for each in asked if isinstance(each, LinkKey)]
        if links:
            self.sent.append((links, delay))
        self.causes.append(cause)


def told(outcomes: Any) -> list[tuple[str, str]]:
    return [(str(each.key), each.code) for each in outcomes if isinstance(each, Outcome)]


def three() -> World:
    w = world()
    for name in ("doors", "pumps", "valves"):
        w.aws.put(name, profile(sent=at_most(100)))
    return w


# Which links


def test_a_look_reconciles_the_link_of_each_route_that_covers_it() -> None:
    w = three()
    look = Look(AWS, ACCOUNT, "pumps")
    assert told(w.mirror().perform(look)) == [("fleet/pumps", "written")]
    assert [write.name for write in w.writes] == ["pumps"]


def test_the_journal_tells_when_an_edit_was_made_as_its_event_told() -> None:
    w = three()
    list(w.mirror().perform(Look(AWS, ACCOUNT, "pumps", at="2027-01-15T08:00:00.500Z")))
    list(w.mirror().perform(Reconcile("fleet", "valves")))
    intents = [next(iter(w.ledger.journal(LinkKey("fleet", name)))) for name in ("pumps", "valves")]
    assert [intent.detail.get("event_at") for intent in intents] == [1_800_000_000.5, None]


@pytest.mark.parametrize(
    "look",
    [
        Look(AWS, "999999999999/eu-central-1", "pumps"),
        Look(AWS, "123456789012/us-east-1", "pumps"),
        Look(AZURE, HUB.lower() + "-other", "pumps"),
        Look(AZURE, HUB.lower(), "default"),
        Look(AWS, ACCOUNT, "scratch"),
    ],
)
def test_whatever_an_event_says_what_no_route_covers_is_not_even_read(look: Look) -> None:
    w = world(names="{exclude: [scratch]}")
    for name in ("pumps", "default", "scratch"):
        w.aws.put(name, profile(sent=at_most(100)))
    assert list(w.mirror().perform(look)) == [Ignored("outside-routes")]
    assert w.writes == []
    assert list(w.ledger.route_links("fleet")) == []


def test_a_look_without_a_name_sweeps_the_scope() -> None:
    w = three()
    outcomes = list(w.mirror().perform(Look(AZURE, HUB.lower(), None)))
    assert told(outcomes) == [
        ("fleet/doors", "written"),
        ("fleet/pumps", "written"),
        ("fleet/valves", "written"),
    ]


def test_a_one_way_route_does_not_follow_its_target() -> None:
    w = world(mode="aws-to-azure")
    w.azure.put("pumps", group(sent=at_most(100)))
    assert list(w.mirror().perform(Look(AZURE, HUB.lower(), "pumps"))) == [Ignored("outside-routes")]


def test_a_key_of_the_queue_is_looked_at() -> None:
    w = three()
    assert told(w.mirror().perform(Reconcile("fleet", "valves"))) == [("fleet/valves", "written")]


def test_a_key_outside_the_names_of_its_route_is_not() -> None:
    w = world(names="{exclude: [scratch]}")
    w.aws.put("scratch", profile(sent=at_most(100)))
    (outcome,) = w.mirror().perform(Reconcile("fleet", "scratch"))
    assert isinstance(outcome, Outcome)
    assert (outcome.kind, outcome.code) == (Kind.HELD, "outside-routes")
    assert w.writes == []


def test_a_route_that_is_not_there_is_bad_input_and_names_those_that_are() -> None:
    with pytest.raises(BadInput, match=r"route 'nowhere' is not in routes\.yaml; it has: fleet"):
        list(world().mirror().perform(Reconcile("nowhere", "pumps")))


def test_what_was_ignored_stays_ignored() -> None:
    assert list(world().mirror().perform(Ignored("not-a-write"))) == [Ignored("not-a-write")]


# Sweeps


def test_a_sweep_looks_at_every_link_where_there_is_no_queue() -> None:
    w = three()
    w.azure.put("lamps", group(sent=at_most(1)))
    outcomes = told(w.mirror().perform(Sweep()))
    assert outcomes == [(f"fleet/{name}", "written") for name in ("doors", "lamps", "pumps", "valves")]
    assert w.scope().swept_at == {"local": w.now}
    assert w.scope().digests == {"local": w.routes.digest()}
    assert w.scope().known == 4


def test_a_sweep_only_enqueues_where_there_is_one() -> None:
    w, queue = three(), Queue()
    assert list(w.mirror().perform(Sweep("fleet"), queue)) == []
    assert queue.sent == [(["fleet/doors", "fleet/pumps", "fleet/valves"], 0.0)]
    assert w.writes == []
    assert w.scope().swept_at == {"local": w.now}


def test_a_sweep_that_cannot_list_is_told_under_the_route_and_notes_nothing() -> None:
    class Dark(FakeAws):
        def census(self) -> Mapping[str, Found | None]:
            raise Denied("aws", "iot:ListSecurityProfiles is denied")

    w, queue = three(), Queue()
    w.aws = Dark()
    (outcome,) = w.mirror().perform(Sweep(), queue)
    assert isinstance(outcome, Outcome)
    assert (str(outcome.key), outcome.kind, outcome.code) == ("fleet/*", Kind.ERROR, "denied")
    assert queue.sent == []
    assert w.scope().swept_at == {}


def test_a_sweep_that_is_throttled_is_busy() -> None:
    class Slow(FakeAws):
        def census(self) -> Mapping[str, Found | None]:
            raise Throttled("aws", "slow down")

    w = three()
    w.aws = Slow()
    (outcome,) = w.mirror().perform(Sweep())
    assert isinstance(outcome, Outcome)
    assert (outcome.kind, outcome.code) == (Kind.BUSY, "throttled")


def two_routes(dark: str) -> tuple[World, Mirror]:
    """Routes a and b; the clouds of one of them do not answer."""
    w = three()
    second = ROUTES.replace("id: fleet", "id: b\n    first_contact: sync").replace(
        "eu-central-1", "us-east-1"
    )
    first = ROUTES.replace("id: fleet", "id: a\n    first_contact: sync")
    routes = load_routes(first + second.split("routes:\n")[1])

    def clouds(route: Route) -> Mapping[Side, Cloud]:
        if route.id == dark:
            raise Denied("azure", f"no token for route {route.id}")
        return {AWS: w.aws, AZURE: w.azure}

    return w, replace(w.mirror(), routes=routes, clouds=clouds)


def test_a_route_that_fails_does_not_keep_another_from_being_swept() -> None:
    w, mirror = two_routes(dark="a")
    outcomes = told(mirror.perform(Sweep()))
    assert outcomes[0] == ("a/*", "denied")
    assert [key for key, _ in outcomes[1:]] == ["b/doors", "b/pumps", "b/valves"]
    assert len(w.writes) == 3


def test_ports_that_cannot_be_built_are_an_error_of_their_route_only() -> None:
    _, mirror = two_routes(dark="b")
    assert told(mirror.perform(Reconcile("b", "pumps"))) == [("b/pumps", "denied")]
    assert told(mirror.perform(Reconcile("a", "pumps"))) == [("a/pumps", "written")]


# Busy links


def busy() -> World:
    w = three()
    w.look("pumps")

    class Slow(FakeAws):
        def read(self, name: str, *, whole: bool = False) -> Found | None:
            raise Throttled("aws", "slow down", retry_after=17.0)

    w.aws = Slow()
    return w


def test_a_busy_link_goes_back_to_the_queue_for_as_long_as_the_cloud_says() -> None:
    queue = Queue()
    (outcome,) = busy().mirror().perform(Look(AWS, ACCOUNT, "pumps"), queue)
    assert isinstance(outcome, Outcome)
    assert (outcome.kind, outcome.code) == (Kind.BUSY, "throttled")
    assert queue.sent == [(["fleet/pumps"], 17.0)]
    assert not unfinished(outcome, queue)


def test_without_a_queue_the_platform_has_to_repeat_the_delivery() -> None:
    (outcome,) = busy().mirror().perform(Reconcile("fleet", "pumps"))
    assert unfinished(outcome, None)


def test_the_mirrors_own_queue_serves_as_well() -> None:
    queue = Queue()
    list(replace(busy().mirror(), enqueue=queue).perform(Reconcile("fleet", "pumps")))
    assert queue.sent == [(["fleet/pumps"], 17.0)]


@pytest.mark.parametrize(
    ("kind", "again"),
    [(kind, kind is Kind.ERROR) for kind in Kind if kind is not Kind.BUSY],
)
def test_only_errors_are_repeated_whatever_queue_there_is(kind: Kind, again: bool) -> None:
    outcome = Outcome(LinkKey("fleet", "pumps"), kind)
    assert unfinished(outcome, None) is again
    assert unfinished(outcome, Queue()) is again
    assert not unfinished(Ignored("not-a-write"), None)


def test_one_link_in_error_does_not_affect_the_others_of_a_sweep() -> None:
    class OneDark(FakeAws):
        def read(self, name: str, *, whole: bool = False) -> Found | None:
            if name == "pumps":
                raise Unreachable("aws", "503")
            return super().read(name, whole=whole)

    w = three()
    w.aws = OneDark(stored=w.aws.stored, writes=w.writes)
    outcomes = told(w.mirror().perform(Sweep()))
    assert outcomes == [
        ("fleet/doors", "written"),
        ("fleet/pumps", "unreachable"),
        ("fleet/valves", "written"),
    ]


# Links that the listings show to be in step


def in_step(*names: str) -> World:
    w = world()
    for name in names:
        w.in_step(name, profile(sent=at_most(100)), group(sent=at_most(100)))
    w.effects.clear()
    w.writes.clear()
    return w


def read(w: World) -> list[tuple[Side, str]]:
    return [(each.side, each.name) for each in w.effects if isinstance(each, do.Read)]


def test_a_sweep_reads_only_the_profile_of_a_link_in_step() -> None:
    w, queue = in_step("doors", "pumps"), Queue()
    outcomes = told(w.mirror().perform(Sweep(), queue))
    assert outcomes == [("fleet/doors", "in-step"), ("fleet/pumps", "in-step")]
    assert read(w) == [(AWS, "doors"), (AWS, "pumps")]
    assert not any(isinstance(each, do.LoadLink) for each in w.effects)
    assert (queue.sent, w.writes) == ([], [])


@pytest.mark.parametrize("side", Side)
def test_a_link_that_was_edited_on_either_side_gets_a_look_of_its_own(side: Side) -> None:
    w, queue = in_step("doors", "pumps", "valves"), Queue()
    if side is AWS:
        w.aws.put("pumps", profile(sent=at_most(50)))
    else:
        w.azure.put("pumps", group(sent=at_most(50)))
    outcomes = told(w.mirror().perform(Sweep(), queue))
    assert outcomes == [("fleet/doors", "in-step"), ("fleet/valves", "in-step")]
    assert queue.sent == [(["fleet/pumps"], 0.0)]
    assert w.writes == []
    assert told(w.mirror().perform(Sweep()))[-1] == ("fleet/pumps", "written")


def test_an_edit_while_the_sweep_lists_is_not_taken_for_in_step() -> None:
    w, queue = in_step("pumps"), Queue()
    w.after(do.RouteLinks, lambda: w.aws.put("pumps", profile(sent=at_most(50))))
    assert told(w.mirror().perform(Sweep(), queue)) == []
    assert queue.sent == [(["fleet/pumps"], 0.0)]


@pytest.mark.parametrize("side", Side)
def test_a_policy_that_is_gone_from_one_side_is_not_taken_for_in_step(side: Side) -> None:
    w, queue = in_step("pumps"), Queue()
    (w.aws if side is AWS else w.azure).remove("pumps")
    assert told(w.mirror().perform(Sweep(), queue)) == []
    assert queue.sent == [(["fleet/pumps"], 0.0)]


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


# Sweeps of every route


def test_with_a_queue_each_route_is_swept_on_its_own() -> None:
    w, mirror = two_routes(dark="a")
    queue = Queue()
    assert told(mirror.perform(Sweep(), queue)) == []
    assert queue.sweeps == [Sweep("a", asked=w.now), Sweep("b", asked=w.now)]
    a, b = queue.sweeps
    assert told(mirror.perform(a, queue)) == [("a/*", "denied")]
    told(mirror.perform(b, queue))
    assert w.ledger.scope("b").swept_at == {"local": w.now}


def test_sweeps_that_wait_do_not_pile_up() -> None:
    """One that ended since the schedule asked for it once more has done what was asked."""
    w, mirror = two_routes(dark="")
    queue = Queue()
    told(mirror.perform(Sweep(), queue))
    w.now += 900.0
    told(mirror.perform(Sweep(), queue))
    w.now += 900.0
    first, second = (each for each in queue.sweeps if each.route == "a")
    told(mirror.perform(first, queue))
    queue.sweeps.clear()
    assert told(mirror.perform(second, queue)) == [("a/*", "sweep-goes-on")]
    w.now += 1.0
    assert told(mirror.perform(Sweep("a", asked=w.now), queue)) == []


def test_a_route_that_nobody_got_through_for_hours_is_told_when_the_next_sweep_begins() -> None:
    w, mirror = two_routes(dark="")
    queue = Queue()
    for route in ("a", "b"):
        told(mirror.perform(Sweep(route), queue))
    w.now += LATE + 3600.0
    told(mirror.perform(Sweep("b"), queue))
    (late,) = mirror.perform(Sweep(), queue)
    assert isinstance(late, Outcome)
    assert (str(late.key), late.code) == ("a/*", "sweep-late")
    assert late.reason == "its last whole sweep ended 4.0 hours ago"
