"""The existence table, row by row, with the edits that make the difference."""

from __future__ import annotations

import pytest

from shared.sync.existence import Action, Existence, decide
from shared.sync.job import Kind
from shared.sync.link import State
from shared.translation.side import Side
from tests.unit.sync.documents import LEARNED, at_most, group, profile
from tests.unit.sync.world import World, world

AWS, AZURE = Side.AWS, Side.AZURE
BOTH: frozenset[Side] = frozenset(Side)
NONE: frozenset[Side] = frozenset()


@pytest.mark.parametrize(
    ("known", "present", "as_shadowed", "equal", "action", "side"),
    [
        (False, NONE, NONE, False, Action.NOTHING, None),
        (False, {AWS}, NONE, False, Action.CREATE, AZURE),
        (False, {AZURE}, NONE, False, Action.CREATE, AWS),
        (False, BOTH, NONE, True, Action.ADOPT, None),
        (False, BOTH, NONE, False, Action.IMPORT, None),
        (True, {AWS}, BOTH, False, Action.DELETE, AWS),
        (True, {AZURE}, BOTH, False, Action.DELETE, AZURE),
        (True, {AWS}, {AZURE}, False, Action.HOLD_DELETED, AWS),
        (True, {AZURE}, {AWS}, False, Action.HOLD_DELETED, AZURE),
        (True, BOTH, BOTH, True, Action.MERGE, None),
        (True, BOTH, NONE, False, Action.MERGE, None),
        (True, NONE, BOTH, True, Action.TOMBSTONE, None),
    ],
)
def test_the_table(
    known: bool,
    present: frozenset[Side],
    as_shadowed: frozenset[Side],
    equal: bool,
    action: Action,
    side: Side | None,
) -> None:
    assert decide(known, frozenset(present), frozenset(as_shadowed), equal) == Existence(action, side)


def bound(**settings: str) -> World:
    """Both sides say ``sent`` at most 100, and the ledger knows."""
    w = world(**settings)
    assert w.in_step("pumps", profile(sent=at_most(100)), group(sent=at_most(100))).code == "adopted"
    assert w.took() == []
    return w


def test_nothing_anywhere_is_nothing_to_do() -> None:
    w = world()
    outcome = w.look()
    assert (outcome.kind, outcome.code) == (Kind.NO_OP, "in-step")
    assert list(w.ledger.route_links("fleet")) == []


def test_a_profile_that_nobody_knew_becomes_a_group() -> None:
    w = world()
    w.aws.put("pumps", profile(LEARNED, sent=(5, 100, 300), peers=["10.0.0.0/8"]))
    outcome = w.look()
    assert (outcome.kind, outcome.wrote) == (Kind.MIRRORED, (AZURE,))
    assert w.azure.said() == {"sent": (5, 100, 300), "peers": ["10.0.0.0/8"]}
    assert w.link().state is State.BOUND
    assert ("hold", "learned") in w.codes()


def test_a_group_that_nobody_knew_becomes_a_profile() -> None:
    w = world()
    w.azure.put("pumps", group(sent=(5, 100, 300)))
    assert w.look().wrote == (AWS,)
    assert w.aws.said() == {"sent": (5, 100, 300)}


def test_a_policy_without_any_shared_rule_is_created_all_the_same() -> None:
    w = world()
    w.aws.put("pumps", profile(LEARNED))
    assert w.look().wrote == (AZURE,)
    assert w.azure.said() == {}
    assert w.link().state is State.BOUND


def test_two_that_say_the_same_are_adopted_without_a_write() -> None:
    w = bound()
    assert w.link().state is State.BOUND
    assert w.look().code == "in-step"


def test_two_that_share_no_rule_are_adopted_too() -> None:
    """Else the deletion of one of them would look like a new policy on the other side."""
    w = world()
    w.in_step("pumps", profile(), group())
    assert w.link().state is State.BOUND


def test_a_deleted_group_takes_its_profile_with_it_where_the_route_mirrors_deletions() -> None:
    w = bound(delete="mirror")
    w.azure.remove("pumps")
    assert w.look().code == "look-again"
    outcome = w.later()
    assert (outcome.kind, outcome.code) == (Kind.MIRRORED, "deleted")
    assert w.took() == [(AWS, "delete")]
    assert w.link().state is State.TOMBSTONE


def test_a_deleted_profile_takes_its_group_with_it_likewise() -> None:
    w = bound(delete="mirror")
    w.aws.remove("pumps")
    w.look()
    w.later()
    assert w.took() == [(AZURE, "delete")]


@pytest.mark.parametrize("side", [AWS, AZURE])
def test_a_deletion_is_held_unless_the_route_says_otherwise(side: Side) -> None:
    w = bound()
    (w.aws if side is AWS else w.azure).remove("pumps")
    for outcome in (w.look(), w.later(), w.later(4000)):
        assert (outcome.kind, outcome.code) == (Kind.HELD, "deletion-held")
    assert w.took() == []


@pytest.mark.parametrize("delete", ["hold", "mirror"])
def test_deleted_there_and_edited_here_is_held(delete: str) -> None:
    w = bound(delete=delete)
    w.azure.remove("pumps")
    w.aws.put("pumps", profile(sent=at_most(60)))
    w.look()
    outcome = w.later()
    assert (outcome.kind, outcome.code) == (Kind.HELD, "deleted-there-edited-here")
    assert w.took() == []


def test_an_edit_into_something_that_cannot_be_shared_is_an_edit_as_well() -> None:
    """The rule is held now; deleting it for the other side's sake would lose what was edited."""
    w = bound(delete="mirror")
    w.azure.remove("pumps")
    w.aws.put("pumps", profile(sent=at_most(100, window=3600)))
    w.look()
    assert w.later().code == "deleted-there-edited-here"
    assert w.took() == []


def test_a_deletion_that_is_held_becomes_a_tombstone_when_the_other_side_follows() -> None:
    w = bound()
    w.azure.remove("pumps")
    w.look()
    w.aws.remove("pumps")
    assert w.later().code == "look-again"
    w.later()
    assert w.link().state is State.TOMBSTONE
    assert w.took() == []


def test_a_group_that_comes_back_ends_the_held_deletion() -> None:
    w = bound()
    w.azure.remove("pumps")
    w.look()
    w.azure.put("pumps", group(sent=at_most(100)))
    outcome = w.later()
    assert (outcome.kind, outcome.code) == (Kind.NO_OP, "in-step")
    assert w.codes() == []


def test_one_edited_side_is_written_to_the_other() -> None:
    w = bound()
    w.aws.put("pumps", profile(sent=at_most(60)))
    assert w.look().wrote == (AZURE,)
    assert w.azure.said() == {"sent": at_most(60)}
    w.azure.put("pumps", group(sent=at_most(70)))
    assert w.look().wrote == (AWS,)
    assert w.aws.said() == {"sent": at_most(70)}


def test_edits_of_different_fields_on_both_sides_meet() -> None:
    w = bound()
    w.aws.put("pumps", profile(sent=(5, 100, 300)))
    w.azure.put("pumps", group(sent=at_most(60)))
    assert w.look().wrote == (AWS, AZURE)
    assert w.aws.said() == w.azure.said() == {"sent": (5, 60, 300)}


def test_a_rule_that_is_removed_on_aws_is_parked_on_azure() -> None:
    w = bound()
    w.aws.put("pumps", profile())
    w.look()
    (parked,) = w.azure.document()["properties"]["timeWindowRules"]
    assert (parked["isEnabled"], parked["maxThreshold"]) == (False, 100)


def test_a_rule_that_is_disabled_on_azure_goes_to_the_graveyard_and_comes_back_as_it_was() -> None:
    w = world()
    loud = profile(sent=at_most(100))
    loud["behaviors"][0]["criteria"]["consecutiveDatapointsToAlarm"] = 3
    w.in_step("pumps", loud, group(sent=at_most(100)))
    w.azure.put("pumps", group())
    w.look()
    assert w.aws.said() == {}
    w.azure.put("pumps", group(sent=at_most(100)))
    w.look()
    assert w.aws.document()["behaviors"] == loud["behaviors"]


def test_both_gone_is_a_tombstone_after_two_looks() -> None:
    w = bound()
    w.aws.remove("pumps")
    w.azure.remove("pumps")
    assert w.look().code == "look-again"
    assert w.link().state is State.BOUND
    w.later()
    assert w.link().state is State.TOMBSTONE
    assert w.took() == []


def test_a_tombstone_is_left_in_peace() -> None:
    w = bound()
    w.aws.remove("pumps")
    w.azure.remove("pumps")
    w.look()
    w.later()
    rev = w.link().rev
    assert w.later().code == "in-step"
    assert w.link().rev == rev
