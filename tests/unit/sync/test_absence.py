"""When a missing document is believed to be gone, and when its parent looks suspicious instead."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from msgspec.structs import replace

from shared.errors import Denied, MirrorError, ScopeMissing, Throttled, Unreachable
from shared.sync import effects as do
from shared.sync.absence import SLOWEST
from shared.sync.guards import LOOK_AGAIN, TOMBSTONE_FRESH
from shared.sync.job import Kind
from shared.sync.link import State
from shared.sync.ports import Found
from shared.translation.side import Side
from tests.unit.sync.clouds import FakeAws
from tests.unit.sync.documents import at_most, group, profile
from tests.unit.sync.world import FUNCTION, LAMBDA, World, raising, world

AWS, AZURE = Side.AWS, Side.AZURE


@dataclass
class Dated(FakeAws):
    """Tells when it answers."""

    now: float = 0.0

    def read(self, name: str, *, whole: bool = False) -> Found | None:
        found = super().read(name, whole=whole)
        return None if found is None else replace(found, told_at=self.now)


def bound(*names: str) -> World:
    w = world(delete="mirror")
    for name in names:
        w.in_step(name, profile(sent=at_most(100)), group(sent=at_most(100)))
    return w


def test_one_look_is_not_believed() -> None:
    w = bound("pumps")
    w.azure.remove("pumps")
    outcome = w.look()
    assert (outcome.kind, outcome.code, outcome.retry_after) == (Kind.BUSY, "look-again", 60.0)
    assert w.took() == []
    assert w.link().lease is None


def test_a_second_look_within_a_minute_is_not_believed_either() -> None:
    w = bound("pumps")
    w.azure.remove("pumps")
    w.look()
    outcome = w.later(59.0)
    assert (outcome.code, outcome.retry_after) == ("look-again", 1.0)
    assert w.took() == []


def test_the_second_look_after_a_minute_is_believed() -> None:
    w = bound("pumps")
    w.azure.remove("pumps")
    w.look()
    w.later(60.0)
    assert w.took() == [(AWS, "delete")]


def test_two_looks_are_apart_by_the_clocks_of_the_clouds() -> None:
    """Those of two workers may differ by minutes, and one may stand still between its look and its deed."""
    w = bound("pumps")
    w.azure.remove("pumps")
    w.aws = Dated(stored=w.aws.stored, writes=w.writes)
    w.aws.now = 1000.0
    w.look()
    w.aws.now = 1000.0 + LOOK_AGAIN
    assert w.later(3600.0).code == "look-again", "the other read may have been answered somewhat later"
    w.aws.now += SLOWEST
    assert w.look().code == "deleted"


def test_a_policy_that_comes_back_just_before_its_twin_is_deleted_saves_it() -> None:
    w = bound("pumps")
    w.aws.remove("pumps")
    w.look()
    w.now += LOOK_AGAIN
    late = 5  # two reads before the lease, two under it, and the one before the DELETE
    w.before(do.Read, lambda: w.aws.put("pumps", profile(sent=at_most(70))), late)
    assert w.look().code == "written"
    assert w.took() == [(AZURE, "update")]


def test_what_came_back_in_between_has_to_be_missed_twice_again() -> None:
    w = bound("pumps")
    kept = w.azure.document()
    w.azure.remove("pumps")
    w.look()
    w.azure.put("pumps", kept)
    w.later(5.0)
    w.azure.remove("pumps")
    assert w.later(3600.0).code == "look-again"
    assert w.took() == []


def test_each_side_has_its_own_minute() -> None:
    w = bound("pumps")
    w.azure.remove("pumps")
    w.look()
    w.aws.remove("pumps")
    assert w.later(61.0).code == "look-again"
    assert w.link().state is State.BOUND
    w.later(61.0)
    assert w.link().state is State.TOMBSTONE


@pytest.mark.parametrize(
    "error",
    [
        Denied("hub", "no"),
        ScopeMissing("hub", "the provider was retired"),
        Unreachable("hub", "503"),
        Throttled("hub", "slow down"),
    ],
)
def test_an_error_is_no_absence(error: MirrorError) -> None:
    w = bound("pumps")
    w.azure.remove("pumps")
    for nth in (1, 2, 3, 4):
        w.before(do.Read, raising(error), nth)
    outcomes = [w.look(), w.later()]
    assert {outcome.code for outcome in outcomes} == {error.code}
    assert w.took() == []
    assert w.link().missing == {}


def test_a_listing_that_fails_is_no_proof() -> None:
    w = bound("pumps")
    w.azure.remove("pumps")
    w.look()
    w.before(do.Census, raising(ScopeMissing("hub", "gone")))
    assert w.later().code == "scope-missing"
    assert w.took() == []
    assert w.link().lease is None


def test_what_is_listed_is_not_missing() -> None:
    """The reads say not found, the listing shows it: an inconsistent moment, and no reason to delete."""
    w = bound("pumps")
    kept = w.azure.document()
    w.azure.remove("pumps")
    w.look()
    w.before(do.Census, lambda: w.azure.put("pumps", kept))
    outcome = w.later()
    assert (outcome.kind, outcome.code, outcome.retry_after) == (Kind.BUSY, "inconsistent", 60.0)
    assert w.took() == []
    assert w.look().code == "in-step"


@pytest.mark.parametrize("side", [AWS, AZURE])
def test_an_empty_listing_deletes_nothing_where_three_links_are_known(side: Side) -> None:
    w = bound("pumps", "valves", "doors")
    for name in ("pumps", "valves", "doors"):
        (w.aws if side is AWS else w.azure).remove(name)
    outcomes = [w.look(name) for name in ("pumps", "valves", "doors")]
    outcomes += [w.later(61.0, name) for name in ("pumps", "valves", "doors")]
    assert {(outcome.kind, outcome.code) for outcome in outcomes} == {(Kind.HELD, "scope-looks-empty")}
    assert w.took() == []


def test_an_empty_listing_on_both_sides_makes_no_tombstones_either() -> None:
    w = bound("pumps", "valves", "doors")
    for name in ("pumps", "valves", "doors"):
        w.aws.remove(name)
        w.azure.remove(name)
    w.look()
    assert w.later().code == "scope-looks-empty"
    assert w.link().state is State.BOUND


def test_with_two_links_an_empty_listing_is_plausible() -> None:
    w = bound("pumps", "valves")
    w.azure.remove("pumps")
    w.azure.remove("valves")
    w.look()
    assert w.later().code == "deleted"


def test_a_policy_that_reappears_after_a_fresh_tombstone_waits() -> None:
    w = bound("pumps")
    w.aws.remove("pumps")
    w.azure.remove("pumps")
    w.look()
    w.later()
    w.azure.put("pumps", group(sent=at_most(100)))
    outcome = w.later(100.0)
    assert (outcome.kind, outcome.code, outcome.retry_after) == (Kind.BUSY, "fresh-tombstone", 200.0)
    assert w.took() == []


def test_looks_of_a_worker_that_cannot_mirror_it_do_not_renew_the_tombstone() -> None:
    w = bound("pumps")
    w.aws.remove("pumps")
    w.azure.remove("pumps")
    w.look()
    w.later()
    w.azure.put("pumps", group(sent=at_most(50)))
    assert w.later(TOMBSTONE_FRESH, worker=LAMBDA).kind is Kind.PENDING
    assert w.later(1.0, worker=FUNCTION).code == "written"
    assert w.aws.said() == {"sent": at_most(50)}


def test_and_is_mirrored_when_the_tombstone_is_old_enough() -> None:
    w = bound("pumps")
    w.aws.remove("pumps")
    w.azure.remove("pumps")
    w.look()
    w.later()
    w.azure.put("pumps", group(sent=at_most(50)))
    w.later(100.0)
    assert w.later(200.0).code == "written"
    assert w.aws.said() == {"sent": at_most(50)}


def test_a_new_policy_is_not_merged_with_what_a_deleted_one_of_its_name_said() -> None:
    w = bound("pumps")
    w.aws.remove("pumps")
    w.azure.remove("pumps")
    w.look()
    w.later()
    w.now += 400.0
    w.in_step("pumps", profile(sent=at_most(10)), group(sent=at_most(20)))
    assert w.look().code == "import-conflict"


def test_a_name_that_differs_only_in_case_on_azure_is_held() -> None:
    w = world()
    w.azure.put("Pumps", group(sent=at_most(100)))
    w.aws.put("pumps", profile(sent=at_most(50)))
    outcome = w.look("pumps", origin=AWS)
    assert (outcome.kind, outcome.code) == (Kind.HELD, "name-case-differs")
    assert "'Pumps'" in outcome.reason
    assert w.took() == []


def test_a_name_that_differs_only_in_case_on_aws_is_held() -> None:
    w = world()
    w.aws.put("Pumps", profile(sent=at_most(50)))
    w.azure.put("pumps", group(sent=at_most(100)))
    assert w.look("pumps").code == "name-case-differs"
    assert w.took() == []


def test_an_azure_event_may_spell_the_name_in_any_case() -> None:
    w = world()
    w.azure.put("Pumps", group(sent=at_most(100)))
    outcome = w.mirror().reconcile(w.link_key("PUMPS"), AZURE)
    assert (str(outcome.key), outcome.code) == ("fleet/Pumps", "written")
    assert w.aws.said("Pumps") == {"sent": at_most(100)}


@pytest.mark.parametrize("name", ["two words", "größe", "a/b", "", "x" * 129])
def test_a_name_that_aws_cannot_spell_is_held_before_anything_is_read(name: str) -> None:
    w = world()
    outcome = w.look(name)
    assert (outcome.kind, outcome.code) == (Kind.HELD, "name-not-spellable")
    assert w.effects == []
