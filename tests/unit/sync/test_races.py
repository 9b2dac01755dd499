"""What happens between plan and commit: edits by others, lost answers, throttling, a failing ledger."""

from __future__ import annotations

import pytest

from shared.errors import (
    LedgerUnavailable,
    MirrorError,
    RevisionConflict,
    Throttled,
    Unanswered,
    Unreachable,
)
from shared.sync import effects as do
from shared.sync.guards import LEASE_SECONDS
from shared.sync.job import Kind
from shared.sync.reconcile import ATTEMPTS
from shared.translation.side import Side
from tests.unit.sync.documents import at_most, group, profile
from tests.unit.sync.world import FUNCTION, LAMBDA, World, raising, world

AWS, AZURE = Side.AWS, Side.AZURE


def edited(side: Side, **settings: str) -> World:
    """In step at 100, and ``side`` says 60 by now."""
    w = world(**settings)
    w.in_step("pumps", profile(sent=at_most(100)), group(sent=at_most(100)))
    if side is AWS:
        w.aws.put("pumps", profile(sent=at_most(60)))
    else:
        w.azure.put("pumps", group(sent=at_most(60)))
    return w


# Somebody else writes


def test_azure_changed_between_plan_and_put_is_planned_anew() -> None:
    w = edited(AWS)
    late = 5  # two reads before the lease, two under it, and the one before the PUT
    w.before(do.Read, lambda: w.azure.put("pumps", group(sent=(5, 100, 300), denied=at_most(3))), late)
    assert w.look().wrote == (AWS, AZURE)
    assert w.aws.said() == w.azure.said() == {"sent": (5, 60, 300), "denied": at_most(3)}


def test_azure_changed_to_what_was_planned_needs_no_write() -> None:
    w = edited(AWS)
    w.before(do.Read, lambda: w.azure.put("pumps", group(sent=at_most(60))), 5)
    assert w.look().code == "in-step"
    assert w.took() == []
    assert w.link().intent is None


def test_azure_deleted_between_plan_and_put_is_not_created_again() -> None:
    w = edited(AWS)
    w.before(do.Read, lambda: w.azure.remove("pumps"), 5)
    assert w.look().code == "deleted-there-edited-here"
    assert w.took() == []


def test_azure_created_between_plan_and_put_is_an_import_conflict() -> None:
    w = world()
    w.aws.put("pumps", profile(sent=at_most(60)))
    w.before(do.Read, lambda: w.azure.put("pumps", group(sent=at_most(80))), 5)
    assert w.look().code == "import-conflict"
    assert w.took() == []


def test_an_aws_version_that_moved_on_is_planned_anew() -> None:
    w = edited(AZURE)
    w.before(do.Update, lambda: w.aws.put("pumps", profile(sent=at_most(100), denied=at_most(3))))
    assert w.look().wrote == (AWS, AZURE)
    assert w.aws.said() == w.azure.said() == {"sent": at_most(60), "denied": at_most(3)}


def test_a_profile_that_was_created_in_between_is_an_import_conflict() -> None:
    w = world()
    w.azure.put("pumps", group(sent=at_most(60)))
    w.before(do.Create, lambda: w.aws.put("pumps", profile(sent=at_most(80))))
    assert w.look().code == "import-conflict"
    assert w.took() == []


def test_a_profile_that_was_edited_while_it_was_to_be_deleted_is_kept() -> None:
    w = world(delete="mirror")
    w.in_step("pumps", profile(sent=at_most(100)), group(sent=at_most(100)))
    w.azure.remove("pumps")
    w.look()
    w.before(do.Delete, lambda: w.aws.put("pumps", profile(sent=at_most(60))))
    assert w.later().code == "deleted-there-edited-here"
    assert w.took() == []


def test_contention_gives_up_after_three_plans_and_looks_again_later() -> None:
    w = edited(AWS)
    edits = iter(range(1, 9))
    for attempt in range(ATTEMPTS):
        before_put = 5 + 3 * attempt
        w.before(
            do.Read,
            lambda: w.azure.put("pumps", group(sent=at_most(100), denied=at_most(next(edits)))),
            before_put,
        )
    outcome = w.look(worker=LAMBDA)
    assert (outcome.kind, outcome.code, outcome.retry_after) == (Kind.BUSY, "contended", 5.0)
    assert w.took() == []
    assert w.link().lease is None
    assert w.look().wrote == (AWS, AZURE)
    assert w.aws.said() == w.azure.said() == {"sent": at_most(60), "denied": at_most(ATTEMPTS)}


def test_contention_on_aws_gives_up_likewise_and_writes_nothing() -> None:
    w = edited(AZURE)
    for attempt in range(ATTEMPTS):
        w.before(do.Update, raising(RevisionConflict("aws", "its version has changed")), attempt + 1)
    assert w.look().code == "contended"
    assert w.took() == []
    assert w.link().lease is None


def test_an_overwrite_that_the_answer_gives_away_is_reported() -> None:
    """Azure answers 201 to an update: the group had been deleted in between."""
    w = edited(AWS)
    w.before(do.Update, lambda: w.azure.remove("pumps"))
    outcome = w.look()
    (note,) = [finding for finding in outcome.findings if finding.kind == "note"]
    assert (note.code, note.side) == ("possible-overwrite", AZURE)
    assert "please check" in note.reason


# Lost answers


def test_a_write_that_was_not_answered_keeps_its_lease_until_it_cannot_land_any_more() -> None:
    w = edited(AWS)
    w.before(do.Update, raising(Unanswered("azure", "no answer")))
    outcome = w.look()
    assert (outcome.kind, outcome.code) == (Kind.BUSY, "unanswered")
    assert w.link().intent is not None
    assert w.later(LEASE_SECONDS - 1).code == "leased"
    assert w.took() == []


def test_and_is_settled_by_what_is_there_when_it_was_applied() -> None:
    w = edited(AWS)
    w.after(do.Update, raising(Unanswered("azure", "no answer")))
    w.look()
    assert w.later(LEASE_SECONDS).code == "in-step"
    assert w.took() == [(AZURE, "update")]
    assert w.link().intent is None
    w.aws.put("pumps", profile(sent=at_most(50)))  # the shadow is the new one: an edit is an edit
    w.look()
    assert w.azure.said() == {"sent": at_most(50)}


def test_and_is_written_again_when_it_was_not() -> None:
    w = edited(AWS)
    w.before(do.Update, raising(Unanswered("azure", "no answer")))
    w.look()
    assert w.later(LEASE_SECONDS).wrote == (AZURE,)
    assert w.took() == [(AZURE, "update")]


@pytest.mark.parametrize("landed", [True, False])
def test_an_edit_that_waits_for_the_other_worker_survives_an_unanswered_write_beside_it(landed: bool) -> None:
    """AWS was edited and waits for Azure's writer, while what Azure says is being written to AWS."""
    w = edited(AWS)
    w.azure.put("pumps", group(sent=(5, 100, 300)))
    (w.after if landed else w.before)(do.Update, raising(Unanswered("aws", "no answer")))
    w.look(worker=FUNCTION)
    for worker in (LAMBDA, FUNCTION):
        w.later(LEASE_SECONDS, worker=worker)
    assert w.aws.said() == w.azure.said() == {"sent": (5, 60, 300)}


def test_a_create_that_was_not_answered_is_adopted_when_it_landed() -> None:
    w = world()
    w.aws.put("pumps", profile(sent=at_most(60)))
    w.after(do.Create, raising(Unanswered("azure", "no answer")))
    w.look()
    assert w.later(LEASE_SECONDS).code == "adopted"
    assert w.took() == [(AZURE, "create")]


def test_a_delete_that_was_not_answered_becomes_a_tombstone_when_it_landed() -> None:
    w = world(delete="mirror")
    w.in_step("pumps", profile(sent=at_most(100)), group(sent=at_most(100)))
    w.azure.remove("pumps")
    w.look()
    w.after(do.Delete, raising(Unanswered("aws", "no answer")))
    w.later()
    assert w.later(LEASE_SECONDS).code == "look-again"
    w.later()
    assert w.took() == [(AWS, "delete")]
    assert w.link().state == "tombstone"


def test_a_deletion_that_was_declared_and_never_sent_is_not_expected_later() -> None:
    """A deletion by a user would pass for it, and be undone."""
    w = world(delete="mirror")
    w.in_step("pumps", profile(sent=at_most(100)), group(sent=at_most(100)))
    w.azure.remove("pumps")
    w.look()
    w.seconds_left = 5.0
    assert w.later().code == "out-of-time"
    w.seconds_left = 100.0
    w.azure.put("pumps", group(sent=at_most(100)))
    w.look()
    w.aws.remove("pumps")
    w.look()
    assert w.later().code == "deleted"
    assert w.took() == [(AZURE, "delete")]


def test_what_was_written_before_the_commit_failed_is_still_known_as_ours() -> None:
    w = edited(AZURE)
    commit = 3  # after those that take the lease and declare the intent
    w.before(do.SaveLink, raising(LedgerUnavailable("ledger: throttled")), commit)
    assert w.look().code == "ledger-unavailable"
    w.azure.put("pumps", group(sent=at_most(70)))
    assert w.look().wrote == (AWS,), "else AWS would seem to be edited too"
    assert w.aws.said() == {"sent": at_most(70)}


# Throttling and no answer to reads


@pytest.mark.parametrize("nth", range(1, 6))
def test_a_throttled_read_means_look_again_when_the_cloud_says(nth: int) -> None:
    w = edited(AWS)
    w.before(do.Read, raising(Throttled("azure", "slow down", retry_after=17.0)), nth)
    outcome = w.look()
    assert (outcome.kind, outcome.code, outcome.retry_after) == (Kind.BUSY, "throttled", 17.0)
    assert w.took() == []
    assert w.link().lease is None
    assert w.look().wrote == (AZURE,)


def test_a_throttled_write_releases_the_lease_and_is_tried_again() -> None:
    w = edited(AWS)
    w.before(do.Update, raising(Throttled("azure", "slow down", retry_after=17.0)))
    outcome = w.look()
    assert (outcome.kind, outcome.retry_after) == (Kind.BUSY, 17.0)
    assert w.link().lease is None
    assert w.look().wrote == (AZURE,)


def test_an_unreachable_cloud_changes_nothing_on_the_other() -> None:
    w = edited(AWS)
    for nth in range(1, 9):
        w.before(do.Read, raising(Unreachable("azure", "503")), nth)
    assert {w.look().code for _ in range(4)} == {"unreachable"}
    assert w.took() == []


def test_a_worker_without_time_left_begins_no_write() -> None:
    w = edited(AWS)
    w.seconds_left = 9.0
    outcome = w.look()
    assert (outcome.kind, outcome.code) == (Kind.BUSY, "out-of-time")
    assert w.took() == []
    assert w.link().lease is None
    w.seconds_left = 10.0
    assert w.look().wrote == (AZURE,)


# A ledger that fails


def test_without_an_intent_in_the_ledger_nothing_is_written() -> None:
    w = edited(AWS)
    w.before(do.SaveLink, raising(LedgerUnavailable("no answer")), nth=2)
    outcome = w.look()
    assert (outcome.kind, outcome.code) == (Kind.BUSY, "ledger-unavailable")
    assert w.took() == []
    assert w.journal() == []


@pytest.mark.parametrize("error", [LedgerUnavailable("no answer"), LedgerUnavailable("throttled")])
def test_a_commit_that_fails_is_made_up_for_without_another_write(error: MirrorError) -> None:
    w = edited(AWS)
    w.before(do.SaveLink, raising(error), nth=3)
    outcome = w.look()
    assert (outcome.kind, outcome.code) == (Kind.BUSY, "ledger-unavailable")
    assert w.took() == [(AZURE, "update")]
    assert w.look().code == "in-step"
    assert w.link().intent is None
    assert w.took() == []
    assert w.look().code == "in-step"


def test_a_commit_whose_answer_is_lost_is_no_second_commit() -> None:
    w = edited(AWS)
    w.after(do.SaveLink, raising(LedgerUnavailable("no answer")), nth=3)
    w.look()
    assert w.look().code == "in-step"
    assert [entry.decision for entry in w.journal()] == ["intent", "committed"]
    assert w.took() == [(AZURE, "update")]


def test_a_last_look_that_takes_too_long_leaves_no_time_for_the_write() -> None:
    w = edited(AWS)
    w.after(do.Read, lambda: setattr(w, "seconds_left", 5.0), 5)
    assert w.look().code == "out-of-time"
    assert w.took() == []


def test_between_two_writes_the_time_may_run_out() -> None:
    """AWS is written, Azure not yet: the next look carries on."""
    w = edited(AWS)
    w.azure.put("pumps", group(sent=(5, 100, 300)))
    w.after(do.Update, lambda: setattr(w, "seconds_left", 5.0))
    assert w.look().code == "out-of-time"
    assert w.took() == [(AWS, "update")]
    w.seconds_left = 100.0
    assert w.look(worker=LAMBDA).wrote == (AZURE,)
    assert w.aws.said() == w.azure.said() == {"sent": (5, 60, 300)}


def test_the_journal_has_what_was_there_before_and_what_came_of_it() -> None:
    w = edited(AWS)
    before = w.azure.read("pumps")
    w.look()
    intent, committed = w.journal()
    assert before is not None
    assert (intent.decision, intent.side, intent.before) == ("intent", AZURE, before.document)
    assert (committed.decision, committed.detail) == ("committed", {"wrote": ["azure"], "state": "bound"})
    assert intent.plan == committed.plan
    assert (intent.seq, committed.seq) == (1, 2)
