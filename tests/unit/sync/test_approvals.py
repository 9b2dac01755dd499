"""One approval carries both halves of a plan, whichever worker writes which; a changed plan is refused."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from msgspec.structs import replace

from shared.errors import Throttled, Unanswered
from shared.sync import effects as do
from shared.sync.guards import LEASE_SECONDS
from shared.sync.job import Worker
from shared.translation.side import Side
from tests.unit.sync.documents import at_most, group, profile
from tests.unit.sync.world import ANYONE, FUNCTION, LAMBDA, World, raising, world

AWS, AZURE = Side.AWS, Side.AZURE
BOTH = {"sent": at_most(200), "denied": at_most(20)}


def loosened(**settings: str) -> World:
    """Each side loosened a rule of its own: the plan writes both, and waits for approval."""
    w = world(**({"loosening": "approve"} | settings))
    w.in_step(
        "pumps",
        profile(sent=at_most(100), denied=at_most(10)),
        group(sent=at_most(100), denied=at_most(10)),
    )
    w.aws.put("pumps", profile(sent=at_most(200), denied=at_most(10)))
    w.azure.put("pumps", group(sent=at_most(100), denied=at_most(20)))
    assert w.look().code == "approval-wanted"
    assert w.took() == []
    return w


def approved(w: World, digest: str | None = None) -> None:
    link = w.link()
    plan = digest or w.look().plan
    w.ledger.save(replace(link, rev=w.link().rev + 1, approved=plan))


@pytest.mark.parametrize("order", [(LAMBDA, FUNCTION), (FUNCTION, LAMBDA)])
def test_both_workers_write_their_half_by_one_approval(order: tuple[Worker, Worker]) -> None:
    w = loosened()
    approved(w)
    first, second = (w.later(worker=worker) for worker in order)
    assert (first.code, second.code) == ("written", "written")
    assert w.aws.said() == w.azure.said() == BOTH
    assert (w.link().approved, w.link().approved_rest) == (None, None)


def test_a_worker_that_may_write_both_does() -> None:
    w = loosened()
    approved(w)
    assert w.look().wrote == (AWS, AZURE)
    assert w.link().approved is None


@pytest.mark.parametrize("order", [(LAMBDA, FUNCTION), (FUNCTION, LAMBDA)])
@pytest.mark.parametrize("landed", [True, False])
def test_a_half_that_was_not_answered_needs_no_second_approval(
    order: tuple[Worker, Worker], landed: bool
) -> None:
    w = loosened()
    approved(w)
    (w.after if landed else w.before)(do.Update, raising(Unanswered("a cloud", "no answer")))
    w.look(worker=order[0])
    for worker in (*order, *order):
        w.later(LEASE_SECONDS, worker=worker)
    assert w.aws.said() == w.azure.said() == BOTH


def test_between_the_two_writes_of_one_worker_the_first_half_may_be_all_that_was_done() -> None:
    w = loosened()
    approved(w)
    w.before(do.Update, raising(Throttled("azure", "slow down")), 2)
    assert w.look().code == "throttled"
    assert w.took() == [(AWS, "update")]
    assert w.later().wrote == (AZURE,)
    assert w.aws.said() == w.azure.said() == BOTH


Change = Callable[[World], None]
CHANGES: list[Change] = [
    lambda w: w.aws.put("pumps", profile(sent=at_most(300), denied=at_most(10))),
    lambda w: w.azure.put("pumps", group(sent=at_most(200), denied=at_most(30))),
    lambda w: w.aws.put("pumps", profile(sent=at_most(200), denied=at_most(10), received=at_most(5))),
]


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_between_the_halves_asks_again(change: Change) -> None:
    w = loosened()
    approved(w)
    w.later(worker=LAMBDA)
    assert w.took() == [(AZURE, "update")]
    change(w)
    outcome = w.later(worker=FUNCTION)
    assert outcome.code == "approval-wanted"
    assert w.aws.said()["denied"] == at_most(10)


def test_an_approval_of_something_else_lets_nothing_through() -> None:
    w = loosened()
    approved(w, "0" * 64)
    for worker in (LAMBDA, FUNCTION, ANYONE):
        assert w.later(worker=worker).code == "approval-wanted"
    assert w.took() == []


def test_what_was_done_by_one_approval_needs_another_when_it_comes_up_again() -> None:
    w = loosened()
    approved(w)
    for worker in (LAMBDA, FUNCTION):
        w.later(worker=worker)
    w.aws.put("pumps", profile(sent=at_most(100), denied=at_most(10)))
    w.look()
    assert w.azure.said() == {"sent": at_most(100), "denied": at_most(10)}
    w.aws.put("pumps", profile(sent=at_most(200), denied=at_most(10)))
    w.azure.put("pumps", group(sent=at_most(100), denied=at_most(20)))
    assert w.look().code == "approval-wanted"


@pytest.mark.parametrize("bootstrap", ["prefer-aws", "strictest"])
def test_an_import_is_approved_once_as_well(bootstrap: str) -> None:
    """Each side has the looser of one rule."""
    w = world(loosening="approve", bootstrap=bootstrap)
    w.aws.put("pumps", profile(sent=at_most(200), denied=at_most(10)))
    w.azure.put("pumps", group(sent=at_most(100), denied=at_most(20)))
    w.look()
    approved(w)
    for worker in (LAMBDA, FUNCTION, LAMBDA):
        w.later(worker=worker)
    assert w.aws.said() == w.azure.said()
    assert w.link().state == "bound"
