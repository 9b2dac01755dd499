"""A foreign write of Azure within one of ours is told: by its event, or by the audit trail of the sweep."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from msgspec import structs
from msgspec.structs import replace

from shared.errors import LedgerConflict
from shared.sync import attempts
from shared.sync import effects as do
from shared.sync.job import Job, Kind, Outcome
from shared.sync.link import Attempt, Lease
from shared.sync.ports import Found, Touch
from shared.sync.races import find_races
from shared.sync.reconcile import reconcile
from shared.translation.side import Side
from tests.unit.sync.clouds import FakeAzure
from tests.unit.sync.documents import at_most, group, profile
from tests.unit.sync.world import ANYONE, FUNCTION, NOON, Watched, World, raising, world

AWS, AZURE = Side.AWS, Side.AZURE
BEGAN, ENDED = NOON + 100.0, NOON + 104.0
"""Our write of Azure, from the look before it to its answer, in Azure's time."""


@dataclass
class Dated(FakeAzure):
    """Tells when it answers."""

    now: float = ENDED

    def read(self, name: str, *, whole: bool = False) -> Found | None:
        found = super().read(name, whole=whole)
        return None if found is None else structs.replace(found, told_at=self.now)


def written() -> World:
    """In step at 60, which we wrote to Azure from BEGAN to ENDED."""
    w = world()
    w.in_step("pumps", profile(sent=at_most(60)), group(sent=at_most(60)))
    attempt = Attempt(AZURE, w.link().token, since=BEGAN, until=ENDED)
    w.ledger.save(structs.replace(w.link(), rev=w.link().rev + 1, attempts=(attempt,)))
    w.azure = Dated(stored=w.azure.stored, writes=w.writes)
    w.now = NOON + 110.0
    return w


def told(w: World, at: float, request: str | None = None, origin: Side | None = AZURE) -> Outcome:
    job = Job(w.link_key(), w.route, ANYONE, origin, Touch("pumps", at, request))
    return w.run(reconcile(job))


def noted(outcome: Outcome) -> list[str]:
    return [finding.code for finding in outcome.findings if finding.kind == "note"]


@pytest.mark.parametrize("at", [BEGAN - 1, BEGAN, ENDED, ENDED + 1])
def test_a_foreign_write_within_ours_is_held_up_for_a_person(at: float) -> None:
    w = written()
    outcome = told(w, at)
    assert (outcome.kind, outcome.code, noted(outcome)) == (
        Kind.HELD,
        "possible-overwrite",
        ["possible-overwrite"],
    )
    assert "please check this policy on Azure" in outcome.reason
    assert w.journal()[-1].decision == "race"
    assert w.took() == []


def test_a_profile_that_was_recreated_just_before_our_write_is_told_too() -> None:
    """Its versions begin anew: ours was on condition of version 1, and that is what it had."""
    w = world()
    w.in_step("pumps", profile(sent=at_most(60)), group(sent=at_most(60)))
    w.azure.put("pumps", group(sent=at_most(50)))

    def recreate() -> None:
        w.aws.remove("pumps")
        w.aws.put("pumps", profile(sent=at_most(70)))

    w.before(do.Update, recreate)
    outcome = w.look()
    assert (w.took(), noted(outcome)) == ([(AWS, "update")], ["possible-overwrite"])
    assert w.journal()[-1].detail["races"] == ["somebody deleted and recreated it in between"]


@pytest.mark.parametrize("at", [BEGAN - 1.1, ENDED + 1.1])
def test_a_foreign_write_before_or_after_ours_is_nothing(at: float) -> None:
    w = written()
    assert told(w, at).code == "in-step"
    assert w.link().attempts[0].raced == ""


def test_it_is_told_once_and_noted_as_long_as_it_is_remembered() -> None:
    w = written()
    told(w, ENDED)
    again = told(w, ENDED)
    assert (again.kind, noted(again)) == (Kind.NO_OP, ["possible-overwrite"])
    assert [entry.decision for entry in w.journal()].count("race") == 1
    w.now += attempts.KEPT
    w.aws.put("pumps", profile(sent=at_most(50)))
    assert noted(w.look()) == []


def test_our_own_write_is_known_by_its_request() -> None:
    w = written()
    assert told(w, ENDED, attempts.request_id(w.link_key(), w.link().token)).code == "in-step"
    assert told(w, ENDED, "somebody-elses").code == "possible-overwrite"


def test_a_foreign_write_of_aws_is_no_race_for_there_our_writes_are_conditional() -> None:
    assert told(written(), ENDED, origin=AWS).code == "in-step"


def test_a_link_that_is_leased_is_looked_at_again_and_not_marked_meanwhile() -> None:
    w = written()
    lease = Lease("somebody", 9, w.now + 60)
    w.ledger.save(structs.replace(w.link(), rev=w.link().rev + 1, lease=lease, findings=()))
    w.aws.put("pumps", profile(sent=at_most(50)))
    assert told(w, ENDED).code == "leased"
    assert w.link().attempts[0].raced == ""


def test_a_mark_that_somebody_else_was_quicker_to_write_over_costs_nothing() -> None:
    w = written()
    w.before(do.SaveLink, raising(LedgerConflict("moved")))
    assert told(w, ENDED).code == "in-step"


# The second after our answer, of which nobody knows on which side of our write it was


def seen_at_once() -> World:
    """Somebody's 70 is there, written within the second after our answer."""
    w = written()
    w.azure.put("pumps", group(sent=at_most(70)))
    return w


def test_a_foreign_write_that_azure_shows_was_not_overwritten() -> None:
    w = seen_at_once()
    outcome = told(w, ENDED + 0.5)
    assert (outcome.kind, noted(outcome)) == (Kind.MIRRORED, [])
    assert w.aws.said() == {"sent": at_most(70)}


def test_its_event_may_come_twice_and_its_record_in_the_audit_trail_as_well() -> None:
    w = seen_at_once()
    for request in (None, "theirs", "theirs"):
        told(w, ENDED + 0.5, request)
    assert w.link().attempts[0].raced == ""


def test_what_azure_shows_may_be_another_write_whose_event_then_tells() -> None:
    w = seen_at_once()
    told(w, ENDED + 0.5, "a")
    outcome = told(w, ENDED + 3.0, "b")
    assert noted(outcome) == ["possible-overwrite"]


def test_what_azure_shows_late_proves_nothing() -> None:
    w = seen_at_once()
    assert isinstance(w.azure, Dated)
    w.azure.now = ENDED + 0.5 + attempts.FRESH + 1
    assert noted(told(w, ENDED + 0.5)) == ["possible-overwrite"]


def test_nor_does_a_rule_that_is_held_there() -> None:
    """It differs from what was last in step, whoever wrote last."""
    w = written()
    w.azure.put("pumps", group(sent=(9, 5, 300)))
    assert told(w, ENDED + 0.5).code == "possible-overwrite"


def test_nor_does_what_waits_for_another_worker() -> None:
    w = written()
    w.azure.put("pumps", group(sent=at_most(70)))
    pending = frozenset({AWS})
    w.ledger.save(structs.replace(w.link(), rev=w.link().rev + 1, pending=pending))
    assert noted(told(w, ENDED + 0.5)) == ["possible-overwrite"]


# The audit trail


@dataclass
class Trail:
    touches: list[Touch]
    asked: list[float]

    def foreign_writes(self, since: float) -> list[Touch]:
        self.asked.append(since)
        return [touch for touch in self.touches if touch.at >= since]


def audited(w: World, *touches: Touch) -> tuple[list[str], list[float]]:
    trail = Trail(list(touches), [])
    driver = w.mirror().driver(w.route)
    assert isinstance(driver, Watched)
    marked = replace(driver, trail=trail).run(find_races(FUNCTION, w.ledger.route_links(w.route.id)))
    return [link.key.name for link in marked or ()], trail.asked


def test_the_audit_trail_is_asked_about_our_recent_writes_and_its_names_in_any_case() -> None:
    w = written()
    assert audited(w, Touch("PUMPS", ENDED), Touch("valves", ENDED)) == (["pumps"], [BEGAN - 1])
    outcome = w.look()
    assert (outcome.kind, outcome.code) == (Kind.HELD, "possible-overwrite")


def test_our_own_records_in_it_are_passed_over() -> None:
    w = written()
    own = Touch("pumps", ENDED, attempts.request_id(w.link_key(), w.link().token))
    assert audited(w, own)[0] == []


def test_nobody_is_asked_where_nothing_was_written_or_all_is_known() -> None:
    w = world()
    w.in_step("pumps", profile(sent=at_most(60)), group(sent=at_most(60)))
    assert audited(w, Touch("pumps", ENDED)) == ([], [])
    w = written()
    audited(w, Touch("pumps", ENDED))
    assert audited(w, Touch("pumps", ENDED)) == ([], [])


def test_nobody_is_asked_for_ever_about_a_write_of_long_ago() -> None:
    w = written()
    w.now += attempts.KEPT + attempts.LATE
    assert audited(w, Touch("pumps", ENDED)) == ([], [])


def test_a_write_that_its_event_cleared_is_not_marked_by_its_record() -> None:
    w = seen_at_once()
    told(w, ENDED + 0.5, "theirs")
    assert audited(w, Touch("pumps", ENDED + 0.7, "theirs"))[0] == []
    assert audited(w, Touch("pumps", ENDED + 0.7, "anothers"))[0] == ["pumps"]
