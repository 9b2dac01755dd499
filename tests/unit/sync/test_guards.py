"""Buckets that keep a mistake small: deletions, updates, writes to one link; and the freeze."""

from __future__ import annotations

import pytest

from shared.errors import LedgerConflict, Throttled
from shared.operations.commands import run_command
from shared.operations.requests import Command
from shared.sync import effects as do
from shared.sync import guards
from shared.sync.job import Kind
from shared.sync.journal import route_journal, verify
from shared.sync.link import Link, LinkKey, Scope
from shared.translation.side import Side
from tests.unit.sync.documents import at_most, group, profile
from tests.unit.sync.world import ANYONE, FUNCTION, LAMBDA, NOON, World, raising, world

AWS, AZURE = Side.AWS, Side.AZURE


def deletions(scope: Scope, times: int, now: float = NOON) -> Scope | None:
    for _ in range(times):
        taken = guards.take_delete(scope, now)
        if taken is None:
            return None
        scope = taken
    return scope


def updates(scope: Scope, times: int, now: float = NOON) -> Scope | None:
    for number in range(times):
        taken = guards.take_update(scope, Link(LinkKey("fleet", str(number))), now)
        if taken is None:
            return None
        scope = taken
    return scope


def test_a_small_fleet_may_lose_two_links_an_hour() -> None:
    assert deletions(Scope("fleet", known=3), 2) is not None
    assert deletions(Scope("fleet", known=3), 3) is None


def test_a_large_fleet_may_lose_a_tenth_an_hour() -> None:
    assert deletions(Scope("fleet", known=500), 50) is not None
    assert deletions(Scope("fleet", known=500), 51) is None


def test_deletions_are_forgotten_after_an_hour_minute_by_minute() -> None:
    full = deletions(Scope("fleet"), 2)
    assert full is not None
    assert guards.take_delete(full, NOON + 59 * 60) is None
    again = guards.take_delete(full, NOON + 60 * 60)
    assert again is not None
    assert again.deletes == {int(NOON // 60) + 60: 1}


def test_a_small_fleet_may_have_ten_links_updated_in_ten_minutes() -> None:
    assert updates(Scope("fleet", known=3), 10) is not None
    assert updates(Scope("fleet", known=3), 11) is None


def test_a_large_fleet_may_have_three_in_ten_updated() -> None:
    assert updates(Scope("fleet", known=1000), 300) is not None
    assert updates(Scope("fleet", known=1000), 301) is None


def test_updates_are_forgotten_after_ten_minutes() -> None:
    full = updates(Scope("fleet"), 10)
    assert full is not None
    link = Link(LinkKey("fleet", "another"))
    assert guards.take_update(full, link, NOON + 9 * 60) is None
    assert guards.take_update(full, link, NOON + 10 * 60) is not None


def test_counts_of_one_minute_share_an_entry() -> None:
    scope = updates(Scope("fleet"), 7)
    assert scope is not None
    assert scope.updates == {int(NOON // 60): 7}
    assert scope.rev == 7


def test_a_link_that_was_written_lately_is_counted_already() -> None:
    scope = Scope("fleet")
    lately = Link(LinkKey("fleet", "pumps"), writes=(NOON - 30,))
    assert guards.take_update(scope, lately, NOON) is scope


def test_ten_writes_in_ten_minutes_are_a_links_budget() -> None:
    link = Link(LinkKey("fleet", "pumps"), writes=tuple(NOON + n for n in range(10)))
    assert guards.over_budget(link, NOON + 599)
    assert not guards.over_budget(link, NOON + 600)


def fleet(*names: str, **settings: str) -> World:
    w = world(**({"delete": "mirror"} | settings))
    for name in names:
        w.in_step(name, profile(sent=at_most(100)), group(sent=at_most(100)))
    return w


def test_deleting_three_of_three_trips_and_freezes_the_route() -> None:
    w = fleet("pumps", "valves", "doors")
    w.azure.put("outside", group())  # the listing is not empty: nothing looks suspicious
    for name in ("pumps", "valves", "doors"):
        w.azure.remove(name)
        w.look(name)
    codes = [w.later(61.0, name).code for name in ("pumps", "valves", "doors")]
    assert codes == ["deleted", "deleted", "frozen"]
    assert w.took() == [(AWS, "delete"), (AWS, "delete")]
    assert w.scope().frozen is not None
    assert w.scope().frozen_at == w.now
    (entry,) = w.ledger.journal(route_journal("fleet"))
    assert (entry.decision, entry.actor, entry.detail["reason"]) == ("freeze", "local", w.scope().frozen)
    assert verify(w.scope(), [entry]).problems == []
    assert w.link("doors").lease is None


def test_a_frozen_route_writes_nothing_until_somebody_releases_it() -> None:
    w = fleet("pumps", "valves", "doors")
    w.freeze("too much at once")
    w.aws.put("pumps", profile(sent=at_most(60)))
    outcome = w.look()
    assert (outcome.kind, outcome.code, outcome.reason) == (Kind.HELD, "frozen", "too much at once")
    assert w.took() == []
    assert run_command(w.mirror(), Command("release", {"route": "fleet"}))["was_frozen"] == "too much at once"
    assert w.look().wrote == (AZURE,)


def test_what_is_in_step_is_not_held_on_a_frozen_route() -> None:
    w = fleet("pumps")
    w.freeze("too much at once")
    assert w.look().code == "in-step"


def test_a_route_that_freezes_between_lease_and_write_is_noticed() -> None:
    w = fleet("pumps")
    w.aws.put("pumps", profile(sent=at_most(60)))
    w.before(do.SaveScope, lambda: w.freeze("just now"))
    assert w.look().code == "frozen"
    assert w.took() == []
    assert w.link().lease is None


def test_a_paused_route_and_a_paused_link_are_held() -> None:
    w = fleet("pumps")
    w.aws.put("pumps", profile(sent=at_most(60)))
    w.pause_route(True)
    assert w.look().code == "paused"
    w.pause_route(False)
    w.pause_link(True)
    assert w.look().code == "paused"
    assert w.took() == []
    w.pause_link(False)
    assert w.look().wrote == (AZURE,)


def test_the_eleventh_link_in_ten_minutes_freezes_the_route() -> None:
    names = [f"line-{number:02}" for number in range(11)]
    w = fleet(*names)
    for name in names:
        w.aws.put(name, profile(sent=at_most(60)))
    codes = [w.look(name).code for name in names]
    assert codes == ["written"] * 10 + ["frozen"]
    assert w.scope().frozen == (
        "more than 10 links updated in ten minutes: nothing is written until somebody releases route fleet"
    )


def test_creations_are_no_updates_and_are_counted_as_known() -> None:
    w = world()
    for number in range(15):
        w.aws.put(f"line-{number}", profile(sent=at_most(60)))
        assert w.look(f"line-{number}").code == "written"
    assert w.scope().known == 15


def test_two_workers_that_take_a_token_at_once_both_get_one() -> None:
    w = fleet("pumps")
    w.aws.put("pumps", profile(sent=at_most(60)))
    w.before(do.SaveScope, lambda: w.pause_route(False))  # somebody else moves the record
    assert w.look().wrote == (AZURE,)
    assert sum(w.scope().updates.values()) == 1


def test_a_record_that_never_stands_still_means_try_later() -> None:
    w = fleet("pumps")
    w.aws.put("pumps", profile(sent=at_most(60)))
    for nth in range(1, 7):
        w.before(do.SaveScope, raising(LedgerConflict("moved")), nth)
    outcome = w.look()
    assert (outcome.kind, outcome.code) == (Kind.BUSY, "ledger-conflict")
    assert w.took() == []
    assert w.link().lease is None


def test_a_deletion_that_has_to_be_tried_again_takes_one_token() -> None:
    w = fleet("pumps")
    w.azure.remove("pumps")
    w.look()
    for nth in (1, 2, 3):
        w.before(do.Delete, raising(Throttled("aws", "slow down")), nth)
    assert [w.later().code for _ in range(4)] == ["throttled", "throttled", "throttled", "deleted"]
    assert sum(w.scope().deletes.values()) == 1
    assert w.scope().frozen is None


def test_the_eleventh_write_to_one_link_has_to_wait() -> None:
    w = fleet("pumps")
    for number in range(10):
        w.aws.put("pumps", profile(sent=at_most(10 + number)))
        assert w.later(5.0).wrote == (AZURE,)
    w.aws.put("pumps", profile(sent=at_most(99)))
    outcome = w.later(5.0)
    assert (outcome.kind, outcome.code) == (Kind.HELD, "write-budget")
    assert w.azure.said() == {"sent": at_most(19)}
    assert w.later(600.0).wrote == (AZURE,)
    assert w.azure.said() == {"sent": at_most(99)}


def test_a_server_that_never_keeps_what_it_is_told_is_written_ten_times_at_most() -> None:
    """It answers with what was sent and shows something else at the next look, each time anew."""
    w = fleet("pumps")
    w.aws.put("pumps", profile(sent=at_most(1)))
    for number in range(20):
        w.look()
        w.azure.put("pumps", group(sent=at_most(1000 + number)))
    assert len(w.took()) == 10


# Pauses


def pausing(w: World, what: str) -> None:
    w.pause_route(True) if what == "route" else w.pause_link(True)


@pytest.mark.parametrize("what", ["route", "link"])
@pytest.mark.parametrize("change", ["edit", "creation", "deletion"])
def test_whatever_a_paused_route_or_link_would_write_is_not_written(what: str, change: str) -> None:
    w = fleet("pumps", "canary")
    if change == "edit":
        w.aws.put("pumps", profile(sent=at_most(60)))
    elif change == "deletion":
        w.azure.remove("pumps")
        w.look()
        w.now += 61.0
    else:
        w = world()
        w.aws.put("pumps", profile(sent=at_most(60)))
        w.ledger.save(Link(LinkKey("fleet", "pumps"), rev=1))
    pausing(w, what)
    for worker in (ANYONE, LAMBDA, FUNCTION):
        assert w.look(worker=worker).code == "paused"
    assert w.took() == []
    assert w.link().lease is None


def test_a_paused_link_in_step_says_so_on_the_fast_path_and_a_paused_route_writes_no_record() -> None:
    w = fleet("pumps")
    rev = w.link().rev
    w.pause_route(True)
    assert w.look().code == "in-step"
    assert w.link().rev == rev
    w.pause_link(True)
    w.effects.clear()
    assert w.look().code == "paused"
    assert not [effect for effect in w.effects if isinstance(effect, do.SaveLink)]


@pytest.mark.parametrize("counted", [False, True])
def test_a_route_that_is_paused_between_lease_and_write_is_noticed(counted: bool) -> None:
    """Also where the link is counted as updated already, and takes no token."""
    w = fleet("pumps")
    if counted:
        w.aws.put("pumps", profile(sent=at_most(90)))
        w.look()
        w.took()
    w.aws.put("pumps", profile(sent=at_most(60)))
    w.before(do.LoadScope if counted else do.SaveScope, lambda: w.pause_route(True), 2 if counted else 1)
    assert w.look().code == "paused"
    assert w.took() == []
    assert (w.link().lease, w.link().intent) == (None, None)


def test_the_intent_stands_while_a_token_is_taken_once_more() -> None:
    w = fleet("pumps")
    w.aws.put("pumps", profile(sent=at_most(60)))
    w.before(do.SaveScope, lambda: w.pause_route(False))
    w.before(do.SaveScope, lambda: w.freeze("just now"), nth=2)
    assert w.look().code == "frozen"
    assert w.took() == []
    assert [entry.decision for entry in w.journal()].count("intent") == 1


@pytest.mark.parametrize("nth", [1, 2])
def test_a_link_that_is_paused_before_its_write_was_announced_is_not_written(nth: int) -> None:
    """Before the lease, and between lease and intent: whoever holds it finds its record moved."""
    w = fleet("pumps")
    w.aws.put("pumps", profile(sent=at_most(60)))
    w.before(do.SaveLink, lambda: w.pause_link(True), nth)
    assert w.look().kind is Kind.BUSY
    assert w.took() == []
    assert w.look().code == "paused"


def test_what_was_paused_goes_on_with_what_waited() -> None:
    w = fleet("pumps")
    w.pause_route(True)
    w.aws.put("pumps", profile(sent=at_most(60)))
    w.look()
    w.pause_route(False)
    assert w.look().wrote == (AZURE,)
