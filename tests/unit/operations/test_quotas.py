"""How the calls of one container share the clouds' quotas: whose turn it is, and what a refusal does."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from msgspec import structs
from msgspec.structs import replace

from shared.errors import MirrorError, Throttled, Unreachable
from shared.ledger.sqlite import SqliteLedger
from shared.operations.driver import ATTEMPTS, Driver
from shared.operations.pacing import COURTESY
from shared.operations.quotas import PATIENCE, RESERVE, Call, Manner, Quotas, Turns
from shared.operations.requests import NO_CAUSE, Cause, Reconcile, Sweep
from shared.sync import effects as do
from shared.sync.effects import Effect, Program
from shared.sync.job import Kind
from shared.sync.link import LinkKey
from shared.sync.ports import Cloud, Found
from shared.translation.side import Side
from tests.unit.operations.sleeping import Slept
from tests.unit.operations.test_mirror import Queue
from tests.unit.sync.clouds import FakeAws, FakeAzure
from tests.unit.sync.documents import at_most, group, profile
from tests.unit.sync.world import World, routes_of, world

AWS, AZURE = Side.AWS, Side.AZURE
READ = do.Read(AWS, "pumps")
ROUTE = routes_of().routes[0]
QUEUED = Cause(swept=True)


class Busy(FakeAws):
    """An AWS that refuses the next ``refusals`` calls of any kind."""

    refusals, retry_after, asked = 0, 2.0, 0

    def read(self, name: str, *, whole: bool = False) -> Found | None:
        self._refuse()
        return super().read(name, whole=whole)

    def update(self, *args: Any, **kwargs: Any) -> Any:
        self._refuse()
        return super().update(*args, **kwargs)

    def _refuse(self) -> None:
        self.asked += 1
        if self.refusals:
            self.refusals -= 1
            raise Throttled("aws", "slow down", self.retry_after)


@pytest.fixture
def slept() -> Slept:
    return Slept()


@pytest.fixture
def quotas(slept: Slept) -> Quotas:
    return Quotas(lambda: slept.now, slept, chance=lambda: 0.0)


@pytest.fixture
def aws() -> Busy:
    busy = Busy()
    busy.put("pumps", profile(sent=at_most(100)))
    return busy


@pytest.fixture
def driver(aws: Busy, quotas: Quotas, slept: Slept) -> Iterator[Driver]:
    with SqliteLedger(":memory:") as ledger, ThreadPoolExecutor(4) as pool:
        clouds: dict[Side, Cloud] = {AWS: aws, AZURE: FakeAzure()}
        turns = quotas.turns(ROUTE, Manner.AT_ONCE)
        yield Driver(clouds, ledger, lambda: slept.now, lambda: 30.0, pool, turns=turns)


def ask(*effects: Effect) -> Program[Any]:
    answer: Any = yield effects if len(effects) > 1 else effects[0]
    return answer


def drain(quotas: Quotas, side: Side = AWS, call: Call = Call.READ, calls: int = 8) -> None:
    for _ in range(calls):
        assert quotas.of(ROUTE)[side, call].wait(1.0) == 0.0


def test_routes_of_one_account_or_subscription_share_its_quotas_and_others_do_not(quotas: Quotas) -> None:
    elsewhere = structs.replace(ROUTE, aws=structs.replace(ROUTE.aws, region="us-east-1"))
    here, there = quotas.of(ROUTE), quotas.of(elsewhere)
    assert here[AZURE, Call.READ] is there[AZURE, Call.READ]
    assert here[AWS, Call.READ] is not there[AWS, Call.READ]
    assert quotas.of(ROUTE)[AWS, Call.READ] is here[AWS, Call.READ]


def test_a_refused_read_is_made_again_when_the_cloud_says(driver: Driver, aws: Busy, slept: Slept) -> None:
    aws.refusals = ATTEMPTS - 1
    found = driver.run(ask(READ))
    assert found.name == "pumps"
    assert (aws.asked, slept.passed) == (ATTEMPTS, 2 * 2.0)


def test_only_what_was_refused_is_asked_again(driver: Driver, aws: Busy, slept: Slept) -> None:
    aws.refusals = 1
    listed, one, other = driver.run(ask(do.Census(AWS), READ, READ))
    assert (list(listed), one.name, other.name) == (["pumps"], "pumps", "pumps")
    assert (aws.asked, slept.passed) == (3, 2.0)


def test_a_read_that_goes_on_being_refused_is_given_up(driver: Driver, aws: Busy) -> None:
    aws.refusals = 9
    with pytest.raises(Throttled):
        driver.run(ask(READ))
    assert aws.asked == ATTEMPTS


def test_a_refused_write_is_left_to_the_next_look(driver: Driver, aws: Busy, slept: Slept) -> None:
    base = driver.run(ask(READ))
    aws.refusals, aws.asked = 1, 0
    with pytest.raises(Throttled):
        driver.run(do.write(do.Update(AWS, "pumps", profile(), base)))
    assert (aws.asked, slept.passed) == (1, 0.0)
    with pytest.raises(Throttled, match="asked for 2 s without calls") as caught:
        driver.run(do.write(do.Update(AWS, "pumps", profile(), base)))
    assert (aws.asked, caught.value.retry_after) == (1, 2.0)
    slept(2.0)
    assert driver.run(do.write(do.Update(AWS, "pumps", profile(), base))).found is not None


def test_a_long_wait_is_left_to_the_queue_and_no_call_is_made_meanwhile(
    driver: Driver, aws: Busy, slept: Slept
) -> None:
    aws.refusals, aws.retry_after = 1, 17.0
    for left in (17.0, 16.0):
        with pytest.raises(Throttled) as caught:
            driver.run(ask(READ))
        assert caught.value.retry_after == left
        slept(1.0)
    assert aws.asked == 1


def test_nobody_waits_when_the_time_that_is_left_is_short(driver: Driver, aws: Busy, slept: Slept) -> None:
    aws.refusals = 1
    hasty = replace(driver, time_left=lambda: RESERVE + 1.0)
    with pytest.raises(Throttled):
        hasty.run(ask(READ))
    assert (aws.asked, slept.passed) == (1, 0.0)


def test_what_we_refuse_ourselves_is_not_counted_as_refused_by_the_cloud(driver: Driver, aws: Busy) -> None:
    told: list[MirrorError | None] = []
    counted = replace(driver, performed=lambda _, error: told.append(error))
    aws.refusals, aws.retry_after = 1, 60.0
    for _ in range(3):
        with pytest.raises(Throttled):
            counted.run(ask(READ))
    assert len(told) == 1


def test_a_refusal_holds_every_driver_that_shares_the_quota(
    driver: Driver, aws: Busy, quotas: Quotas
) -> None:
    aws.refusals, aws.retry_after = 1, 60.0
    with pytest.raises(Throttled):
        driver.run(ask(READ))
    other = replace(driver, turns=quotas.turns(ROUTE, Manner.LOOK))
    with pytest.raises(Throttled, match="asked for 60 s"):
        other.run(ask(READ))
    assert aws.asked == 1


def test_a_cloud_that_does_not_answer_has_not_asked_for_fewer_calls(driver: Driver, aws: Busy) -> None:
    class Gone(FakeAws):
        def read(self, name: str, *, whole: bool = False) -> Found | None:
            raise Unreachable("aws", "no answer")

    with pytest.raises(Unreachable):
        replace(driver, clouds={AWS: Gone(), AZURE: FakeAzure()}).run(ask(READ))
    assert driver.turns.paces[AWS, Call.READ].quiet() == 0.0
    assert driver.run(ask(READ)).name == "pumps"


@pytest.mark.parametrize(
    ("manner", "waits"), [(Manner.AT_ONCE, []), (Manner.LOOK, [0]), (Manner.SWEEP, [0, 1, 2])]
)
def test_edits_never_wait_looks_before_they_begin_and_sweeps_before_each_call(
    quotas: Quotas, slept: Slept, manner: Manner, waits: list[int]
) -> None:
    drain(quotas, calls=9)
    turns, waited = quotas.turns(ROUTE, manner), []
    for number in range(3):
        before = slept.now
        turns.take(READ, lambda: 30.0)
        waited += [number] if slept.now > before else []
    assert waited == waits


@pytest.mark.parametrize("manner", Manner)
def test_no_write_waits_for_a_share(quotas: Quotas, slept: Slept, manner: Manner) -> None:
    drain(quotas, call=Call.WRITE, calls=6)
    before = slept.now
    turns = quotas.turns(ROUTE, manner)
    for _ in range(5):
        turns.take(do.Create(AWS, "pumps", {}), lambda: 30.0)
    assert slept.now == before


def test_a_call_of_a_sweep_whose_turn_is_far_away_goes_back(quotas: Quotas, slept: Slept) -> None:
    for _ in range(1000):
        quotas.of(ROUTE)[AWS, Call.READ].hurry(0.0)
    before = slept.now
    with pytest.raises(Throttled, match="the sweep's share of the quota is taken") as caught:
        quotas.turns(ROUTE, Manner.LOOK).take(READ, lambda: RESERVE + PATIENCE - 1.0)
    assert (slept.now, caught.value.retry_after > 0.0) == (before, True)


def test_a_driver_without_quotas_waits_for_nothing() -> None:
    Turns().take(READ, lambda: 0.0)
    assert not Turns().again(READ, Throttled("aws", "slow down"), lambda: math.inf)


def in_step(slept: Slept, quotas: Quotas) -> tuple[World, Callable[..., Any]]:
    w = world()
    w.in_step("pumps", profile(sent=at_most(100)), group(sent=at_most(100)))
    w.seconds_left = 30.0
    mirror = w.mirror()
    mirror.quotas = quotas
    return w, mirror.perform


def test_a_look_that_a_sweep_asked_for_goes_back_to_the_queue_with_its_cause(
    slept: Slept, quotas: Quotas
) -> None:
    w, perform = in_step(slept, quotas)
    quotas.of(w.route)[AZURE, Call.READ].refused(40.0, slept.now)
    queue = Queue()
    (outcome,) = perform(Reconcile(w.route.id, "pumps", QUEUED), queue)
    assert (outcome.kind, outcome.code, outcome.retry_after) == (Kind.BUSY, "throttled", 40.0)
    assert queue.sent == [([f"{w.route.id}/pumps"], 40.0)]
    assert [cause.swept for cause in queue.causes] == [True]


def test_an_edit_does_not_wait_for_what_the_sweep_uses_up(slept: Slept, quotas: Quotas) -> None:
    w, perform = in_step(slept, quotas)
    for side in Side:
        drain(quotas, side, calls=20)
    before = slept.now
    w.aws.put("pumps", profile(sent=at_most(50)))
    (outcome,) = perform(Reconcile(w.route.id, "pumps"), Queue())
    assert (outcome.code, slept.now) == ("written", before)
    (outcome,) = perform(Reconcile(w.route.id, "pumps", QUEUED), Queue())
    assert (outcome.kind, slept.now > before) == (Kind.NO_OP, True)


def test_a_sweep_gives_way_while_an_edit_is_under_way(slept: Slept, quotas: Quotas) -> None:
    w, perform = in_step(slept, quotas)
    with quotas.edit(w.route):
        list(perform(Reconcile(w.route.id, "pumps"), Queue()))
        assert slept.passed == 0.0
        (outcome,) = perform(Reconcile(w.route.id, "pumps", QUEUED), Queue())
        assert (outcome.kind, slept.passed >= COURTESY) == (Kind.NO_OP, True)


def test_an_edit_is_under_way_as_long_as_its_look(slept: Slept, quotas: Quotas) -> None:
    w, perform = in_step(slept, quotas)
    waited: list[float] = []

    def sweep_meanwhile() -> None:
        quotas.of(w.route)[AWS, Call.READ].wait(60.0)
        waited.append(slept.passed)

    w.before(do.LoadLink, sweep_meanwhile)
    list(perform(Reconcile(w.route.id, "pumps"), Queue()))
    assert waited == [pytest.approx(COURTESY)]


def test_an_edit_that_is_done_is_given_way_to_no_longer(slept: Slept, quotas: Quotas) -> None:
    w, perform = in_step(slept, quotas)
    for cause in (NO_CAUSE, QUEUED):
        (outcome,) = perform(Reconcile(w.route.id, "pumps", cause), Queue())
        assert outcome.kind is Kind.NO_OP
    assert slept.passed < 1.0


def test_a_sweep_keeps_to_its_share_of_the_reads(slept: Slept, quotas: Quotas) -> None:
    w, perform = in_step(slept, quotas)
    for number in range(60):
        w.in_step(f"link-{number}", profile(sent=at_most(100)), group(sent=at_most(100)))
    before, queue = slept.now, Queue()
    assert len(list(perform(Sweep(), queue))) == 61
    assert queue.sent == []
    assert slept.now - before == pytest.approx(61 / 10, abs=0.2)


def test_a_lost_place_is_no_lost_link(slept: Slept, quotas: Quotas) -> None:
    """A key that comes back as often as its quota is taken is looked at in the end."""
    w, perform = in_step(slept, quotas)
    key, tries = LinkKey(w.route.id, "pumps"), 0
    quotas.of(w.route)[AWS, Call.READ].refused(100.0, slept.now)
    while True:
        tries += 1
        queue = Queue()
        (outcome,) = perform(Reconcile(key.route, key.name, QUEUED), queue)
        if outcome.kind is not Kind.BUSY:
            break
        slept(queue.sent[0][1])
    assert (outcome.kind, tries) == (Kind.NO_OP, 2)
