"""Writes of ours that were never answered and land late: what they bring is no edit, and no edit is taken for
what they bring."""

from __future__ import annotations

from dataclasses import replace

import pytest

from shared.errors import Unanswered
from shared.sync import effects as do
from shared.sync.attempts import LATE
from shared.sync.guards import LEASE_SECONDS
from shared.sync.job import Kind
from shared.translation.side import Side
from tests.unit.sync.documents import at_most, group, profile
from tests.unit.sync.test_overwrites import ENDED, Dated, noted, told, written
from tests.unit.sync.world import FUNCTION, LAMBDA, NOON, World, raising, world

AWS, AZURE = Side.AWS, Side.AZURE


def dated(**settings: str) -> World:
    """Azure tells the time of its answers, as clouds do."""
    w = world(**settings)
    w.azure = Dated(writes=w.writes, now=NOON)
    return w


def unanswered() -> World:
    """In step at 100; then 60 on AWS, sent to Azure and never answered."""
    w = dated()
    w.in_step("pumps", profile(sent=at_most(100)), group(sent=at_most(100)))
    w.aws.put("pumps", profile(sent=at_most(60)))
    w.before(do.Update, raising(Unanswered("azure", "no answer")))
    assert w.look().code == "unanswered"
    return w


def passes(w: World, seconds: float) -> None:
    assert isinstance(w.azure, Dated)
    w.now += seconds
    w.azure.now = w.now


def tried_again() -> World:
    """The same, mirrored by a second write; then 40 on AWS, mirrored as well."""
    w = unanswered()
    passes(w, LEASE_SECONDS)
    w.look()
    w.aws.put("pumps", profile(sent=at_most(40)))
    passes(w, 60)
    assert w.look().wrote == (AZURE,)
    return w


def test_what_a_late_write_brings_back_is_no_edit() -> None:
    w = tried_again()
    w.azure.put("pumps", group(sent=at_most(60)))
    passes(w, 60)
    assert w.look().wrote == (AZURE,)
    assert w.aws.said() == w.azure.said() == {"sent": at_most(40)}


def test_long_after_it_may_be_an_edit_or_not_and_a_person_decides() -> None:
    w = tried_again()
    w.azure.put("pumps", group(sent=at_most(60)))
    passes(w, LATE)
    assert w.look().kind is Kind.CONFLICT
    assert w.aws.said() == {"sent": at_most(40)}
    assert w.azure.said() == {"sent": at_most(60)}


def test_once_a_look_has_shown_that_it_did_not_come_it_is_forgotten() -> None:
    w = tried_again()
    passes(w, LATE)
    assert w.look().code == "in-step"
    w.azure.put("pumps", group(sent=at_most(60)))
    passes(w, 60)
    assert w.look().wrote == (AWS,)


def test_an_edit_that_it_carried_along_is_its_own_once_both_sides_have_shown_it() -> None:
    """A user enables a rule on Azure, and we replace the group with it, unanswered. Mirrored and disabled
    again, the rule comes back with that write."""
    w = dated()
    w.in_step("pumps", profile(sent=at_most(100)), group(sent=at_most(100)))
    w.aws.put("pumps", profile(sent=at_most(60)))
    w.azure.put("pumps", group(sent=at_most(100), denied=at_most(3)))
    w.before(do.Update, raising(Unanswered("azure", "no answer")))
    w.look(worker=LAMBDA)
    passes(w, LEASE_SECONDS)
    w.look()
    assert w.aws.said() == w.azure.said() == {"sent": at_most(60), "denied": at_most(3)}
    w.aws.put("pumps", profile(sent=at_most(60)))
    passes(w, 60)
    w.look()
    assert w.aws.said() == w.azure.said() == {"sent": at_most(60)}
    w.azure.put("pumps", group(sent=at_most(60), denied=at_most(3)))
    passes(w, 60)
    w.look()
    assert w.aws.said() == w.azure.said() == {"sent": at_most(60)}


def deletion_unanswered() -> World:
    """Deleted on Azure, and our deletion on AWS was never answered."""
    w = dated(delete="mirror")
    w.in_step("pumps", profile(sent=at_most(100)), group(sent=at_most(100)))
    w.azure.remove("pumps")
    w.look()
    w.before(do.Delete, raising(Unanswered("aws", "no answer")))
    assert w.later().code == "unanswered"
    return w


def test_a_policy_that_was_recreated_under_a_deletion_of_ours_is_marked() -> None:
    w = deletion_unanswered()
    w.aws.remove("pumps")
    w.aws.put("pumps", profile(sent=at_most(60)))
    assert w.later(LEASE_SECONDS).code == "deleted-there-edited-here"
    assert ("note", "possible-overwrite") in w.codes()
    w.aws.remove("pumps")  # our deletion, late
    w.later()
    assert ("note", "possible-overwrite") in w.codes()


def test_one_that_nobody_touched_is_deleted_as_it_should_be() -> None:
    w = deletion_unanswered()
    assert w.later(LEASE_SECONDS).code == "deleted"
    assert w.codes() == []


@pytest.mark.parametrize("values_told", [True, False])
def test_a_group_that_only_a_late_write_made_is_not_taken_for_a_new_one(values_told: bool) -> None:
    w = dated(delete="mirror")
    w.azure.hides = not values_told
    w.aws.put("pumps", profile(sent=at_most(100), peers=["10.0.0.0/8"]))
    w.before(do.Create, raising(Unanswered("azure", "no answer")))
    w.look()
    w.aws.remove("pumps")
    w.azure.put("pumps", group(sent=at_most(100), peers=["10.0.0.0/8"]))
    outcome = w.later(LEASE_SECONDS)
    assert "late-creation" in {finding.code for finding in outcome.findings}
    assert w.aws.has() is False


# Two sides, two workers


def settled_on_aws() -> World:
    """Both sides enabled a rule, and the stricter of each limit wins: AWS was written, Azure waits."""
    w = world(conflict="strictest")
    w.in_step("pumps", profile(sent=at_most(100)), group(sent=at_most(100)))
    w.aws.put("pumps", profile(sent=at_most(100), denied=(2, 9, 300)))
    w.azure.put("pumps", group(sent=at_most(100), denied=(1, 8, 300)))
    assert w.look(worker=FUNCTION).wrote == (AWS,)
    assert w.aws.said()["denied"] == (2, 8, 300)
    return w


def test_what_waits_is_written_and_told_as_settled() -> None:
    w = settled_on_aws()
    assert w.look(worker=LAMBDA).wrote == (AZURE,)
    assert w.aws.said() == w.azure.said()
    (told,) = [e.detail["settled"] for e in w.journal() if e.decision == "intent" and e.side is AZURE]
    assert told == ["lo was changed on both sides: 2 on AWS, 1 on Azure"]
    assert w.link().settling == frozenset()


def test_a_rule_that_is_taken_away_while_it_waits_is_not_brought_back_unsaid() -> None:
    w = settled_on_aws()
    w.azure.put("pumps", group(sent=at_most(100)))
    w.look(worker=FUNCTION)
    assert w.look(worker=LAMBDA).wrote == (AZURE,)
    (told,) = [e.detail["settled"] for e in w.journal() if e.decision == "intent" and e.side is AZURE]
    assert told == ["the rule was changed on both sides: 2 to 8 in 300 s on AWS, nothing on Azure"]


def test_a_policy_that_was_back_between_two_plans_has_to_be_missed_twice_anew() -> None:
    w = world(delete="mirror")
    w.in_step("pumps", profile(sent=at_most(100)), group(sent=at_most(100)))
    w.azure.remove("pumps")
    w.look()
    back = group(sent=at_most(60))
    late = 5  # two reads before the lease, two under it, and the one before the deletion
    w.before(do.Read, lambda: w.azure.put("pumps", back), late)
    w.before(do.Read, lambda: w.azure.remove("pumps"), late + 1)
    outcome = w.later()
    assert outcome.code == "look-again"
    assert w.took() == []


def test_so_has_one_that_was_there_when_the_look_began() -> None:
    w = world(delete="mirror")
    w.in_step("pumps", profile(sent=at_most(100)), group(sent=at_most(100)))
    w.azure.remove("pumps")
    w.look()
    w.azure.put("pumps", group(sent=at_most(60)))
    w.before(do.SaveLink, lambda: w.azure.remove("pumps"))
    assert w.later().code == "look-again"
    assert w.took() == []


def test_a_lagging_read_does_not_clear_a_write_that_ours_went_over() -> None:
    w = written()
    ours = w.azure.stored["pumps"]
    theirs = replace(ours, document=group(sent=at_most(70)))
    w.before(do.Read, lambda: w.azure.stored.update(pumps=theirs), 2)
    w.after(do.Read, lambda: w.azure.stored.update(pumps=ours), 2)
    assert noted(told(w, ENDED + 0.5)) == ["possible-overwrite"]


def test_a_list_that_azure_does_not_tell_is_written_once_more_when_an_old_one_may_have_come_late() -> None:
    w = dated()
    w.azure.hides = True
    w.aws.put("pumps", profile(peers=["10.0.0.0/8"]))
    w.look()
    w.aws.put("pumps", profile(peers=["10.1.0.0/16"]))
    w.before(do.Update, raising(Unanswered("azure", "no answer")))
    w.look()
    w.aws.put("pumps", profile(peers=["10.2.0.0/16"]))
    passes(w, LEASE_SECONDS)
    assert w.look().wrote == (AZURE,)
    w.azure.put("pumps", group(peers=["10.1.0.0/16"]))  # the first one, late; nobody can see it
    passes(w, 60)
    assert w.look().code == "in-step"
    passes(w, LATE)
    assert w.look().wrote == (AZURE,)
    assert w.azure.said() == {"peers": ["10.2.0.0/16"]}
    assert w.later().code == "in-step"


def test_an_edit_of_what_a_late_write_brought_back_is_a_conflict() -> None:
    w = tried_again()
    w.azure.put("pumps", group(sent=at_most(70)))  # who made it 70 saw the 60 that came late, and no 40
    passes(w, 60)
    assert w.look().kind is Kind.CONFLICT
    assert (w.aws.said(), w.azure.said()) == ({"sent": at_most(40)}, {"sent": at_most(70)})


def test_a_write_on_aws_may_land_once_more_where_the_profile_was_recreated() -> None:
    """Versions start anew: the write that was conditional on the first one finds a first one again."""
    w = dated()
    w.in_step("pumps", profile(sent=at_most(100)), group(sent=at_most(100)))
    w.azure.put("pumps", group(sent=at_most(60)))
    w.before(do.Update, raising(Unanswered("aws", "no answer")))
    w.look()
    passes(w, LEASE_SECONDS)
    assert w.look().wrote == (AWS,)
    assert w.aws.stored["pumps"].version == 2
    w.aws.remove("pumps")
    w.aws.put("pumps", profile(sent=at_most(40)))
    passes(w, 60)
    assert w.look().wrote == (AZURE,)
    w.aws.put("pumps", profile(sent=at_most(60)))  # the first write of all, late
    passes(w, 60)
    assert w.look().wrote == (AWS,)
    assert w.aws.said() == w.azure.said() == {"sent": at_most(40)}
