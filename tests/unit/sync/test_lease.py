"""One worker at a time: leases that are busy, expire, are taken over, and are given back."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from shared.errors import Denied, LedgerConflict, LedgerUnavailable, MirrorError, Throttled
from shared.sync import effects as do
from shared.sync.guards import LEASE_SECONDS
from shared.sync.job import Kind
from shared.sync.link import Lease
from shared.translation.side import Side
from tests.unit.sync.documents import at_most, group, profile
from tests.unit.sync.world import FUNCTION, LAMBDA, World, raising, world

AWS, AZURE = Side.AWS, Side.AZURE


def edited() -> World:
    """In step once, and AWS was edited since."""
    w = world()
    w.in_step("pumps", profile(sent=at_most(100)), group(sent=at_most(100)))
    w.aws.put("pumps", profile(sent=at_most(60)))
    return w


def lease(w: World, seconds: float) -> None:
    """Somebody else holds the link for so many seconds."""
    link = w.link()
    taken = Lease("somebody", link.token + 1, w.now + seconds)
    w.ledger.save(replace(link, rev=link.rev + 1, token=link.token + 1, lease=taken))


def test_a_leased_link_is_busy_and_is_looked_at_again_soon() -> None:
    w = edited()
    lease(w, LEASE_SECONDS)
    outcome = w.look()
    assert (outcome.kind, outcome.code, outcome.retry_after) == (Kind.BUSY, "leased", 2.0)
    assert "somebody" in outcome.reason
    assert w.took() == []


def test_the_longer_it_is_held_the_longer_others_wait() -> None:
    w = edited()
    lease(w, LEASE_SECONDS)
    waits = [w.later(seconds).retry_after or 0.0 for seconds in (1.0, 10.0, 30.0)]
    assert waits == sorted(waits)
    assert waits[0] < waits[-1] < LEASE_SECONDS


def test_a_lease_that_has_expired_is_taken_over() -> None:
    w = edited()
    lease(w, 60.0)
    token = w.link().token
    assert w.later(60.0).wrote == (AZURE,)
    assert w.link().token == token + 1


def test_what_is_in_step_needs_no_lease() -> None:
    w = edited()
    w.look()
    lease(w, 60.0)
    assert w.look().code == "in-step"


def test_of_two_that_take_it_in_the_same_moment_one_is_busy() -> None:
    w = edited()
    w.before(do.SaveLink, lambda: lease(w, 60.0))
    outcome = w.look()
    assert (outcome.kind, outcome.code) == (Kind.BUSY, "leased")
    assert w.took() == []


def test_a_lease_lasts_longer_than_a_worker_lives() -> None:
    w = edited()
    held: list[float] = []
    w.before(do.Update, lambda: held.append(_until(w) - w.now))
    w.look()
    assert held == [LEASE_SECONDS]
    assert 75.0 <= LEASE_SECONDS <= 90.0


def _until(w: World) -> float:
    taken = w.link().lease
    assert taken is not None
    return taken.until


def test_every_quiet_way_out_gives_the_lease_back() -> None:
    w = edited()
    w.look()
    assert w.link().lease is None


@pytest.mark.parametrize(
    "error",
    [
        Throttled("azure", "slow down", retry_after=17.0),
        Denied("azure", "no"),
        LedgerUnavailable("no answer"),
    ],
)
@pytest.mark.parametrize("kind", [do.Read, do.LoadScope])
def test_an_error_under_the_lease_gives_it_back(error: MirrorError, kind: type) -> None:
    w = edited()
    w.before(kind, raising(error), nth=3 if kind is do.Read else 1)
    assert w.look().code == error.code
    assert w.link().lease is None
    assert w.look().wrote == (AZURE,)


def test_a_worker_whose_lease_was_taken_over_commits_nothing() -> None:
    """It wrote to the cloud, slept too long, and finds that another worker has settled the link."""
    w = edited()

    def sleep() -> None:
        w.hooks.clear()
        w.later(LEASE_SECONDS + 1, worker=FUNCTION)

    w.after(do.Update, sleep)
    outcome = w.look(worker=LAMBDA)
    assert (outcome.kind, outcome.code) == (Kind.BUSY, "ledger-conflict")
    assert w.link().lease is None
    assert w.link().intent is None
    assert w.look().code == "in-step"
    assert w.took() == [(AZURE, "update")]


def test_a_worker_does_not_give_back_a_lease_that_is_no_longer_its_own() -> None:
    w = edited()

    def takeover() -> None:
        w.now += LEASE_SECONDS + 1
        lease(w, 60.0)
        raise Throttled("azure", "slow down")

    w.before(do.Update, takeover)
    w.look()
    taken = w.link().lease
    assert taken is not None
    assert taken.owner == "somebody"


def test_a_ledger_that_fails_while_the_lease_is_given_back_costs_only_time() -> None:
    w = edited()
    w.before(do.Update, raising(Throttled("azure", "slow down", retry_after=3.0)))
    w.before(do.SaveLink, raising(LedgerUnavailable("no answer")), nth=3)
    outcome = w.look()
    assert (outcome.code, outcome.retry_after) == ("throttled", 3.0)
    assert w.look().code == "leased"
    assert w.later(LEASE_SECONDS).wrote == (AZURE,)


def test_somebody_who_amends_the_link_meanwhile_is_not_overwritten() -> None:
    w = edited()
    w.before(do.Update, lambda: w.pause_link(True))
    outcome = w.look()
    assert (outcome.kind, outcome.code) == (Kind.BUSY, LedgerConflict.code)
    assert w.link().paused
    assert w.link().lease is None
