"""Sweeps of one account: each takes a part of the share, as many parts as there are sweeps under way."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from msgspec.structs import replace

from shared.errors import Throttled
from shared.operations.pacing import Pace
from shared.operations.quotas import DESCRIBES, SHARE, Call, Manner
from shared.operations.requests import Reconcile, Sweep
from shared.operations.sharing import HEARD, MOST, YOUNG, beside, crowd
from shared.routes.load import load_routes
from shared.sync import effects as do
from shared.sync.link import Progress, Scope
from shared.sync.ports import Found
from shared.translation.side import Side
from tests.bench.quotas import PART, Account, Quota, RefusesOnce, crowded, run
from tests.unit.operations.sleeping import Slept
from tests.unit.operations.test_mirror import Queue, told
from tests.unit.operations.test_sweeping import Clock
from tests.unit.sync.clouds import FakeAws
from tests.unit.sync.documents import at_most, group, profile
from tests.unit.sync.world import FUNCTION, LAMBDA, World

CHOSEN = DESCRIBES * SHARE
ROUTES = """
version: 1
routes:
  - {{id: one, first_contact: sync, {aws}, {azure}, names: {{include: ['one-*']}}}}
  - {{id: two, first_contact: sync, {aws}, {azure}, names: {{include: ['two-*']}}}}
  - {{id: apart, aws: {{account: "123456789012", region: us-east-1}}, {azure}, names: {{include: ['x-*']}}}}
"""
NOON = 1_800_000_000.0


def scope(route: str, worker: str = LAMBDA.name, ago: float = 5.0, quiet: float = 0.0) -> Scope:
    progress = Progress(NOON - 500.0, NOON - ago, "pumps", quiet=quiet)
    return Scope(route, sweeps={worker: progress})


BEGUN = Progress(NOON - 300.0, NOON - 1.0, "valves")


def part(*scopes: Scope, begin: Progress = BEGUN) -> float:
    return crowd(scopes, LAMBDA, begin, NOON).part


def test_as_many_parts_are_made_as_there_are_sweeps_under_way() -> None:
    assert part(Scope("a"), Scope("b")) == 1.0
    assert part(scope("a"), Scope("b")) == 1 / 2
    assert part(scope("a"), scope("b")) == 1 / 3


def test_whoever_begins_takes_as_little_as_if_all_began() -> None:
    others = (Scope("a"), scope("b"), Scope("c"))
    assert part(*others, begin=Progress(NOON, NOON)) == 1 / 4
    assert part(*others, begin=Progress(NOON - YOUNG + 1.0, NOON, "pumps")) == 1 / 4
    assert part(*others, begin=Progress(NOON - YOUNG, NOON, "pumps")) == 1 / 2


def test_a_sweep_that_was_not_heard_of_lately_is_not_counted() -> None:
    assert part(scope("a", ago=HEARD)) == 1.0


def test_the_other_functions_sweeps_have_a_share_of_their_own() -> None:
    assert part(scope("a", FUNCTION.name)) == 1.0


def test_a_part_is_never_so_small_that_no_window_is_read_in_one_invocation() -> None:
    assert part(*(scope(f"route-{number}") for number in range(40))) == 1 / MOST


def test_who_was_asked_for_silence_is_heard_whichever_function_it_was() -> None:
    told = crowd([scope("a", FUNCTION.name, quiet=NOON + 40.0), scope("b")], LAMBDA, BEGUN, NOON)
    assert told.quiet == NOON + 40.0


# The pace


def test_a_pace_goes_as_fast_as_all_the_parts_that_are_here() -> None:
    slept = Slept()
    pace = Pace(lambda: slept.now, slept, ceiling=10.0, chance=lambda: 0.0)

    def seconds(calls: int) -> float:
        before = slept.now
        for _ in range(calls):
            assert pace.wait(60.0) == 0.0
        return slept.now - before

    seconds(20)
    with pace.part(0.25):
        assert seconds(20) == pytest.approx(8.0, abs=0.5)
        with pace.part(0.25):
            assert seconds(20) == pytest.approx(4.0, abs=0.5)
        with pace.part(1.0):
            assert seconds(20) == pytest.approx(2.0, abs=0.5)
    assert seconds(20) == pytest.approx(2.0, abs=0.5)


def test_a_pace_is_silent_as_long_as_another_container_was_asked_to_be() -> None:
    slept = Slept()
    pace = Pace(lambda: slept.now, slept, ceiling=10.0, chance=lambda: 0.0)
    pace.hush(slept.now - 1.0)
    assert pace.quiet() == 0.0
    pace.hush(slept.now + 3.0)
    before = slept.now
    assert pace.wait(5.0) == 0.0
    assert slept.now - before >= 3.0


# A crowd of containers, on a virtual clock


@pytest.mark.parametrize("count", [2, 4, 8])
def test_together_they_use_the_share_and_no_more(count: int) -> None:
    account, quota = Account(count), Quota()
    sweepers = crowded(account, [2000 // count] * count)
    run(sweepers, quota)
    read = sorted(at for sweeper in sweepers for at in sweeper.read)
    assert all(sweeper.refused == [] for sweeper in sweepers)
    assert 0.95 * CHOSEN <= len(read) / (read[-1] - read[0]) <= 1.02 * CHOSEN
    for start in range(0, int(read[-1]), 10):  # each container that joins may make one call at once
        assert sum(start <= at < start + 10 for at in read) <= 10 * CHOSEN + 2 * count


def test_what_one_leaves_when_it_ends_is_for_the_others() -> None:
    account = Account(4)
    sweepers = crowded(account, [5000, 200, 200, 200])
    run(sweepers, Quota())
    assert max(sweeper.now for sweeper in sweepers) <= 5600 / CHOSEN / 0.95


def test_a_silence_that_one_was_asked_for_is_kept_by_all() -> None:
    account = Account(4)
    sweepers = crowded(account, [1000] * 4, retry_after=60.0)
    run(sweepers, RefusesOnce(100.0))
    ((refused,),) = ([*sweeper.refused] for sweeper in sweepers if sweeper.refused)
    heard = refused + PART + 1.0
    assert not [at for sweeper in sweepers for at in sweeper.read if heard < at < refused + 60.0]
    assert [at for sweeper in sweepers for at in sweeper.read if at > refused + 60.0]


# The mirror


@pytest.fixture
def two() -> World:
    azure = (
        "azure: {hub: /subscriptions/6b1ceacd-5731-4780-8f96-2078dd96fd96/resourceGroups/plant"
        "/providers/Microsoft.Devices/IotHubs/hub}"
    )
    aws = 'aws: {account: "123456789012", region: eu-central-1}'
    routes = load_routes(ROUTES.format(aws=aws, azure=azure), "routes")
    w = World(routes.routes[0], routes)
    for number in range(40):
        w.in_step(f"one-{number:02}", profile(sent=at_most(1)), group(sent=at_most(1)))
    w.effects.clear()
    return w


def swept(w: World, *, young: bool = False) -> float:
    """Seconds that a sweep of the first route took."""
    queue, clock = Queue(), Clock(w)
    before, parts = w.now, [Sweep("one")]
    if not young:
        note(w, "one", after="one")
        parts = [Sweep("one", "one")]
    while parts:
        w.seconds_left = 30.0
        told(clock.mirror().perform(parts.pop(), queue))
        parts, queue.sweeps = queue.sweeps, []
    return w.now - before


def note(w: World, route: str, **changes: Any) -> None:
    known = w.ledger.scope(route)
    progress = replace(Progress(w.now - 300.0, w.now, "two-07"), **changes)
    w.ledger.save_scope(replace(known, rev=known.rev + 1, sweeps={"local": progress}))


def test_only_routes_of_the_same_account_and_region_share(two: World) -> None:
    one, other, apart = two.routes.routes
    assert [beside(two.routes, each) for each in (one, other, apart)] == [[other], [one], []]


def test_a_sweep_that_nobody_is_beside_has_the_share_for_itself(two: World) -> None:
    assert swept(two) == pytest.approx(40 / CHOSEN, abs=1.0)


def test_a_sweep_that_has_just_begun_goes_as_slowly_as_if_all_had(two: World) -> None:
    assert swept(two, young=True) == pytest.approx(2 * 40 / CHOSEN, abs=1.0)


def test_a_sweep_beside_another_one_goes_half_as_fast(two: World) -> None:
    note(two, "two")
    assert swept(two) == pytest.approx(2 * 40 / CHOSEN, abs=1.0)


def test_a_route_with_an_account_for_itself_asks_for_nobody(two: World) -> None:
    two.seconds_left = 30.0
    told(Clock(two).mirror().perform(Sweep("apart"), Queue()))
    asked = [each.route for each in two.effects if isinstance(each, do.LoadScope)]
    assert set(asked) == {"apart"}


def test_an_edit_asks_for_nobody_either(two: World) -> None:
    told(Clock(two).mirror().perform(Reconcile("one", "one-01"), Queue()))
    assert not [each for each in two.effects if isinstance(each, do.LoadScope) and each.route != "one"]


def test_a_sweep_is_silent_as_long_as_another_one_of_the_account_was_asked_to_be(two: World) -> None:
    note(two, "two", quiet=two.now + 50.0)
    queue, clock = Queue(), Clock(two)
    two.seconds_left = 30.0
    assert told(clock.mirror().perform(Sweep("one"), queue)) == [("one/*", "sweep-stalled")]
    assert queue.sweeps == [Sweep("one", None, 1)]
    assert not [each for each in two.effects if isinstance(each, do.Read) and each.side is Side.AWS]


def test_a_sweep_that_was_asked_for_silence_notes_it_for_the_others(two: World) -> None:
    class Tired(FakeAws):
        def read(self, name: str, *, whole: bool = False) -> Found | None:
            if name == "one-20":
                raise Throttled("aws", "slow down", 90.0)
            return super().read(name, whole=whole)

    two.aws = Tired(writes=two.writes, stored=two.aws.stored)
    queue, clock = Queue(), Clock(two)
    parts: Iterator[Sweep] = iter([Sweep("one")])
    for asked in parts:
        two.seconds_left = 30.0
        told(clock.mirror().perform(asked, queue))
        if two.ledger.scope("one").sweeps["local"].quiet:
            break
        parts = iter(queue.sweeps)
    noted = two.ledger.scope("one").sweeps["local"].quiet
    assert noted == pytest.approx(two.now + 90.0, abs=5.0)


def test_a_look_that_a_sweep_asked_for_is_not_slowed_down(two: World) -> None:
    turns = Clock(two).quotas.turns(two.route, Manner.LOOK)
    pace = turns.paces[Side.AWS, Call.READ]
    before = two.now
    for _ in range(20):
        assert pace.wait(60.0) == 0.0
    assert two.now - before == pytest.approx(2.0, abs=0.2)
