"""One mirror above one engine: which links a request concerns, and what comes of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest
from msgspec.structs import replace

from shared.errors import BadInput, Denied, Throttled, Unreachable
from shared.operations.mirror import Mirror, unfinished
from shared.operations.requests import NO_CAUSE, Cause, Ignored, Look, Reconcile, Sweep
from shared.routes.load import load_routes
from shared.routes.route import Route
from shared.sync import effects as do
from shared.sync.job import Kind, Outcome
from shared.sync.link import LinkKey
from shared.sync.ports import Cloud, Found
from shared.sync.progress import LATE
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
        def listed(self) -> Mapping[str, Found | None]:
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
        def listed(self) -> Mapping[str, Found | None]:
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


def test_a_sweep_of_the_only_route_that_never_comes_to_its_end_is_told_too() -> None:
    w, queue = in_step("doors"), Queue()
    told(w.mirror().perform(Sweep(), queue))
    w.now += LATE + 1.0
    w.before(do.FirstNames, raising(Unreachable("azure", "503")))
    assert told(w.mirror().perform(Sweep(), queue)) == [
        ("fleet/*", "sweep-stalled"),
        ("fleet/*", "sweep-late"),
    ]
    assert told(w.mirror().perform(Sweep(), queue)) == [("fleet/doors", "in-step")]
