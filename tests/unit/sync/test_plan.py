"""What a route lets through: its mode, first contact, approvals, imports, conflicts, and which worker."""

from __future__ import annotations

from typing import Any

import pytest

from shared.errors import BadInput
from shared.operations.commands import run_command
from shared.operations.requests import Command
from shared.sync.job import Kind
from shared.sync.link import State
from shared.translation.side import Side
from tests.unit.sync.documents import at_most, behavior, group, profile
from tests.unit.sync.world import FUNCTION, LAMBDA, World, world

AWS, AZURE = Side.AWS, Side.AZURE


def ask(w: World, command: str, **arguments: str) -> Any:
    return run_command(w.mirror(), Command(command, {"route": "fleet", "name": "pumps", **arguments}))


def bound(**settings: str) -> World:
    w = world(**settings)
    w.in_step("pumps", profile(sent=at_most(100)), group(sent=at_most(100)))
    return w


# One direction


def test_a_one_way_route_carries_its_direction() -> None:
    w = bound(mode="aws-to-azure")
    w.aws.put("pumps", profile(sent=at_most(60)))
    assert w.look().wrote == (AZURE,)
    w = bound(mode="azure-to-aws")
    w.azure.put("pumps", group(sent=at_most(60)))
    assert w.look().wrote == (AWS,)


@pytest.mark.parametrize("mode", ["aws-to-azure", "azure-to-aws"])
def test_an_edit_on_the_target_of_a_one_way_route_is_held_for_as_long_as_it_stands(mode: str) -> None:
    w = bound(mode=mode)
    if mode == "aws-to-azure":
        w.azure.put("pumps", group(sent=at_most(60)))
    else:
        w.aws.put("pumps", profile(sent=at_most(60)))
    for outcome in (w.look(), w.later(), w.later()):
        assert (outcome.kind, outcome.code) == (Kind.HELD, "one-way")
    assert w.took() == []


def test_the_other_rules_of_a_one_way_route_go_on_meanwhile() -> None:
    w = bound(mode="aws-to-azure")
    w.azure.put("pumps", group(sent=at_most(60)))
    w.look()
    w.aws.put("pumps", profile(sent=at_most(100), denied=at_most(5)))
    outcome = w.look()
    assert (outcome.code, outcome.wrote) == ("one-way", (AZURE,))
    assert w.azure.said() == {"sent": at_most(60), "denied": at_most(5)}
    assert w.look().code == "one-way"


def test_a_one_way_route_creates_in_its_direction_only() -> None:
    w = world(mode="aws-to-azure")
    w.azure.put("pumps", group(sent=at_most(60)))
    assert w.look().code == "one-way"
    w.aws.put("valves", profile(sent=at_most(60)))
    assert w.look("valves").wrote == (AZURE,)
    assert w.took() == [(AZURE, "create")]


def test_a_one_way_route_deletes_in_its_direction_only() -> None:
    w = bound(mode="aws-to-azure", delete="mirror")
    w.azure.remove("pumps")
    w.look()
    assert w.later().code == "one-way"
    assert w.took() == []
    w = bound(mode="aws-to-azure", delete="mirror")
    w.aws.remove("pumps")
    w.look()
    w.later()
    assert w.took() == [(AZURE, "delete")]


def test_a_one_way_route_may_say_a_window_in_another_way() -> None:
    w = world(mode="aws-to-azure")
    w.aws.put("pumps", profile(behavior("chatty", "aws:num-messages-sent", "less-than-equals", 100, 600)))
    outcome = w.look()
    assert w.azure.said() == {"sent": (0, 100, 1800)}
    assert ("window-approximated", "stronger") in [(loss.code, loss.effect) for loss in outcome.losses]
    assert w.look().code == "in-step"


# Looking only


def test_an_observing_route_says_what_it_would_do_and_touches_nothing() -> None:
    w = world(mode="observe")
    w.aws.put("pumps", profile(sent=at_most(60)))
    outcome = w.look()
    assert (outcome.kind, outcome.code, outcome.reason) == (
        Kind.OBSERVED,
        "would-write",
        "would write azure",
    )
    assert w.took() == []
    assert list(w.ledger.route_links("fleet")) == []


def test_an_observing_route_that_has_nothing_to_do_says_so() -> None:
    w = world(mode="observe")
    assert w.in_step("pumps", profile(sent=at_most(60)), group(sent=at_most(60))).code == "in-step"


def test_first_contact_observes_until_the_route_says_sync() -> None:
    w = world(first_contact="observe")
    w.aws.put("pumps", profile(sent=at_most(60)))
    assert w.look().kind is Kind.OBSERVED
    assert w.took() == []
    started = world(first_contact="sync")
    w.route = started.route
    assert w.look().wrote == (AZURE,)


def test_first_contact_does_not_hold_up_a_link_that_is_known() -> None:
    w = bound()
    w.route = world(first_contact="observe").route
    w.aws.put("pumps", profile(sent=at_most(60)))
    assert w.look().wrote == (AZURE,)


# Approvals


def test_tightening_needs_no_approval() -> None:
    w = bound(loosening="approve")
    w.aws.put("pumps", profile(sent=at_most(60)))
    assert w.look().wrote == (AZURE,)


@pytest.mark.parametrize(
    "looser",
    [
        profile(sent=at_most(200)),
        profile(sent=at_most(100, window=900)),
        profile(),
    ],
)
def test_loosening_waits_until_exactly_this_plan_is_approved(looser: Any) -> None:
    w = bound(loosening="approve")
    w.aws.put("pumps", looser)
    for outcome in (w.look(), w.later(), w.later()):
        assert (outcome.kind, outcome.code) == (Kind.HELD, "approval-wanted")
    assert w.took() == []
    digest = ask(w, "plan")["plan"]
    assert digest in outcome.reason
    assert ask(w, "approve", plan=digest)["outcomes"][0]["event"] == "mirrored"
    assert w.azure.said() == w.aws.said()


def test_an_approval_of_a_plan_that_changed_since_is_refused() -> None:
    w = bound(loosening="approve")
    w.aws.put("pumps", profile(sent=at_most(200)))
    stale = ask(w, "plan")["plan"]
    w.aws.put("pumps", profile(sent=at_most(300)))
    with pytest.raises(BadInput, match="review that one") as refused:
        ask(w, "approve", plan=stale)
    assert ask(w, "plan")["plan"] in str(refused.value)
    assert w.took() == []


def test_an_approval_does_not_outlive_its_plan() -> None:
    w = bound(loosening="approve")
    w.aws.put("pumps", profile(sent=at_most(200)))
    ask(w, "approve", plan=ask(w, "plan")["plan"])
    w.aws.put("pumps", profile(sent=at_most(100)))
    w.look()
    w.aws.put("pumps", profile(sent=at_most(200)))
    assert w.look().code == "approval-wanted"


def test_one_field_may_wait_for_approval_while_another_goes_over() -> None:
    w = world(loosening="approve")
    w.in_step("pumps", profile(sent=(5, 100, 300)), group(sent=(5, 100, 300)))
    w.aws.put("pumps", profile(sent=(5, 200, 300)))
    w.azure.put("pumps", group(sent=(10, 100, 300)))
    assert w.look().code == "approval-wanted"
    assert (w.aws.said(), w.azure.said()) == ({"sent": (10, 200, 300)}, {"sent": (10, 100, 300)})
    w.aws.put("pumps", profile(sent=(7, 200, 300)))  # and may be taken back
    w.look()
    ask(w, "approve", plan=ask(w, "plan")["plan"])
    assert w.aws.said() == w.azure.said() == {"sent": (7, 200, 300)}


def test_one_rule_may_wait_for_approval_while_another_of_its_side_goes_over() -> None:
    w = bound(loosening="approve")
    w.aws.put("pumps", profile(sent=at_most(200), denied=at_most(5)))
    assert (w.look().code, w.took()) == ("approval-wanted", [(AZURE, "update")])
    assert w.azure.said() == {"sent": at_most(100), "denied": at_most(5)}
    assert w.later().code == "approval-wanted"
    ask(w, "approve", plan=ask(w, "plan")["plan"])
    assert w.azure.said() == w.aws.said()


def test_a_deletion_is_the_loosest_change_of_all() -> None:
    w = bound(loosening="approve", delete="mirror")
    w.azure.remove("pumps")
    w.look()
    for outcome in (w.later(), w.later()):
        assert outcome.code == "approval-wanted"
    assert w.took() == []
    answer = ask(w, "plan")
    assert (answer["action"], answer["writes"]) == ("delete", {})
    assert ask(w, "approve", plan=answer["plan"])["outcomes"][0]["code"] == "look-again"
    assert w.later().code == "deleted"
    assert w.took() == [(AWS, "delete")]


# Two that were there before the route


def test_two_that_differ_at_first_contact_are_held() -> None:
    w = world()
    outcome = w.in_step("pumps", profile(sent=at_most(100)), group(sent=at_most(60)))
    assert (outcome.kind, outcome.code) == (Kind.HELD, "import-conflict")
    assert w.link().state is State.NEW
    assert w.later().code == "import-conflict"
    assert w.took() == []


@pytest.mark.parametrize(
    ("bootstrap", "said"),
    [
        ("prefer-aws", {"sent": (5, 100, 300), "denied": (0, 9, 300)}),
        ("prefer-azure", {"sent": (2, 60, 300), "denied": (0, 9, 300)}),
        ("strictest", {"sent": (5, 60, 300), "denied": (0, 9, 300)}),
    ],
)
@pytest.mark.parametrize("workers", [(LAMBDA, FUNCTION, LAMBDA), (FUNCTION, LAMBDA, FUNCTION)])
def test_a_bootstrap_policy_settles_an_import_whoever_looks_first(
    bootstrap: str, said: Any, workers: Any
) -> None:
    w = world(bootstrap=bootstrap)
    w.aws.put("pumps", profile(sent=(5, 100, 300), denied=at_most(9)))
    w.azure.put("pumps", group(sent=(2, 60, 300)))
    for worker in workers:
        w.look(worker=worker)
    assert w.aws.said() == w.azure.said() == said
    assert w.link().state is State.BOUND
    w.took()
    w.azure.put("pumps", group(sent=(2, 90, 300)))  # from here on it is a link like any other
    w.look()
    assert w.aws.said() == {"sent": (2, 90, 300)}


def test_a_person_may_settle_an_import_conflict() -> None:
    w = world()
    w.in_step("pumps", profile(sent=(5, 100, 300)), group(sent=(2, 60, 300)))
    ask(w, "resolve", take="azure")
    assert w.aws.said() == {"sent": (2, 60, 300)}
    assert w.link().state is State.BOUND
    assert w.link().resolution is None


# Conflicts


def conflicting(**settings: str) -> World:
    w = bound(**settings)
    w.aws.put("pumps", profile(sent=(5, 60, 300)))
    w.azure.put("pumps", group(sent=(0, 80, 300)))
    return w


def test_a_conflict_holds_only_its_own_field() -> None:
    w = conflicting()
    outcome = w.look()
    assert (outcome.kind, outcome.code, outcome.wrote) == (Kind.CONFLICT, "edited-on-both", (AZURE,))
    assert (w.aws.said(), w.azure.said()) == ({"sent": (5, 60, 300)}, {"sent": (5, 80, 300)})
    assert w.took() == [(AZURE, "update")]
    assert w.later().code == "edited-on-both"
    assert w.took() == []


@pytest.mark.parametrize(
    ("conflict", "hi"), [("strictest", 60), ("prefer-aws", 60), ("prefer-azure", 80), ("hold", None)]
)
def test_a_conflict_policy_settles_it_and_the_loser_is_in_the_journal(conflict: str, hi: int | None) -> None:
    w = conflicting(conflict=conflict)
    w.look()
    if hi is None:
        assert w.aws.said() != w.azure.said()
        return
    assert w.aws.said() == w.azure.said() == {"sent": (5, hi, 300)}
    (settled,) = {reason for entry in w.journal() for reason in entry.detail.get("settled", [])}
    assert settled == "hi was changed on both sides: 60 on AWS, 80 on Azure"


def test_newest_holds_because_azure_tells_no_time() -> None:
    w = conflicting(conflict="newest")
    assert w.look().kind is Kind.CONFLICT


def test_a_person_may_settle_it_whichever_worker_has_to_write() -> None:
    w = conflicting()
    w.look(worker=LAMBDA)
    answer = run_command(
        w.mirror(LAMBDA), Command("resolve", {"route": "fleet", "name": "pumps", "take": "azure"})
    )
    assert answer["outcomes"][0]["event"] == "pending"
    assert w.look(worker=FUNCTION).wrote == (AWS,)
    assert w.aws.said() == w.azure.said() == {"sent": (5, 80, 300)}
    assert w.link().resolution is None


def test_removed_here_and_edited_there_is_a_conflict_about_the_rule() -> None:
    w = bound()
    w.aws.put("pumps", profile())
    w.azure.put("pumps", group(sent=at_most(60)))
    outcome = w.look()
    assert outcome.kind is Kind.CONFLICT
    assert outcome.reason == "the rule was changed on both sides: nothing on AWS, 0 to 60 in 300 s on Azure"


def test_two_edits_that_make_an_impossible_rule_together_are_a_conflict() -> None:
    w = bound()
    w.aws.put("pumps", profile(sent=(80, 100, 300)))
    w.azure.put("pumps", group(sent=at_most(60)))
    for outcome in (w.look(), w.later()):
        assert outcome.kind is Kind.CONFLICT
        assert "80 to 100 in 300 s on AWS, 0 to 60 in 300 s on Azure" in outcome.reason
    assert w.took() == []


def test_the_same_edit_on_both_sides_is_no_conflict() -> None:
    w = bound()
    w.aws.put("pumps", profile(sent=at_most(60)))
    w.azure.put("pumps", group(sent=at_most(60)))
    assert w.look().code == "in-step"
    assert w.took() == []


# Two workers


def test_a_worker_leaves_what_only_the_other_may_write() -> None:
    w = bound()
    w.azure.put("pumps", group(sent=at_most(60)))
    outcome = w.look(worker=LAMBDA)
    assert (outcome.kind, outcome.code) == (Kind.PENDING, "other-worker")
    assert w.link().pending == {AWS}
    rev = w.link().rev
    assert w.look(worker=LAMBDA).kind is Kind.PENDING
    assert w.link().rev == rev
    assert w.look(worker=FUNCTION).wrote == (AWS,)
    assert w.link().pending == frozenset()


def test_a_worker_leaves_a_deletion_that_only_the_other_may_do() -> None:
    w = bound(delete="mirror")
    w.azure.remove("pumps")
    w.look(worker=LAMBDA)
    assert w.later(worker=LAMBDA).kind is Kind.PENDING
    assert w.link().pending == {AWS}
    assert w.look(worker=FUNCTION).code == "deleted"


def test_edits_on_both_sides_take_both_workers() -> None:
    w = bound()
    w.aws.put("pumps", profile(sent=(5, 100, 300)))
    w.azure.put("pumps", group(sent=at_most(60)))
    assert w.look(worker=LAMBDA).wrote == (AZURE,)
    assert w.look(worker=FUNCTION).wrote == (AWS,)
    assert w.aws.said() == w.azure.said() == {"sent": (5, 60, 300)}
    assert w.look(worker=LAMBDA).code == w.look(worker=FUNCTION).code == "in-step"
