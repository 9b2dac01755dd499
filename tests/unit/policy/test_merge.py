"""Merging one rule: who changed what since both were in step (sync protocol, sections 2 and 6)."""

from __future__ import annotations

import pytest

from shared.policy.atom import AllowAtom, Atom, RangeAtom
from shared.policy.merge import WHOLE, Conflict, Ends, Merge, Resolution, merge

BASE = RangeAtom(1, 100, 300)


def both(atom: Atom | None) -> Ends:
    return Ends(atom, atom)


def allow(*values: str) -> AllowAtom:
    return AllowAtom(frozenset(values))


def test_nobody_changed_anything() -> None:
    assert merge(both(BASE), both(BASE)) == Merge(both(BASE))


def test_one_side_changed_a_bound_and_the_other_follows() -> None:
    edited = RangeAtom(1, 50, 300)
    assert merge(both(BASE), Ends(edited, BASE)) == Merge(both(edited))
    assert merge(both(BASE), Ends(BASE, edited)) == Merge(both(edited))


def test_each_side_changed_another_field_and_both_changes_stand() -> None:
    result = merge(both(BASE), Ends(RangeAtom(1, 50, 300), RangeAtom(5, 100, 900)))
    assert result == Merge(both(RangeAtom(5, 50, 900)))


def test_both_made_the_same_change() -> None:
    edited = RangeAtom(1, 50, 300)
    assert merge(both(BASE), both(edited)) == Merge(both(edited))


def test_both_changed_one_bound_and_only_that_is_held() -> None:
    result = merge(both(BASE), Ends(RangeAtom(5, 50, 300), RangeAtom(1, 70, 300)))
    assert result.want == Ends(RangeAtom(5, 50, 300), RangeAtom(5, 70, 300))
    assert result.conflicts == (Conflict("hi", 50, 70, resolved=False),)


@pytest.mark.parametrize(("resolution", "hi"), [("strictest", 50), ("prefer-left", 50), ("prefer-right", 70)])
def test_a_policy_names_the_winner_of_that_bound(resolution: Resolution, hi: int) -> None:
    result = merge(both(BASE), Ends(RangeAtom(5, 50, 300), RangeAtom(1, 70, 300)), resolution)
    assert result.want == both(RangeAtom(5, hi, 300))
    assert result.open_fields == frozenset()


def test_a_value_that_one_cloud_clamps_is_no_edit() -> None:
    """The clamped side still equals its own shadow; a single common base would rewrite the richer cloud."""
    clamped = RangeAtom(1, 90, 300)
    assert merge(Ends(BASE, clamped), Ends(BASE, clamped)) == Merge(Ends(BASE, clamped))
    edited = RangeAtom(7, 100, 300)
    assert merge(Ends(BASE, clamped), Ends(edited, clamped)) == Merge(Ends(edited, RangeAtom(7, 90, 300)))


def test_an_edit_that_would_leave_a_clamped_side_inverted_is_a_conflict_about_the_whole_rule() -> None:
    now = Ends(RangeAtom(95, 100, 300), RangeAtom(1, 90, 300))
    result = merge(Ends(BASE, RangeAtom(1, 90, 300)), now)
    assert result == Merge(now, (Conflict(WHOLE, *now, resolved=False),))


def test_two_edits_that_make_nonsense_together_are_a_conflict_about_the_whole_rule() -> None:
    now = Ends(RangeAtom(80, 100, 300), RangeAtom(1, 20, 300))
    assert merge(both(BASE), now) == Merge(now, (Conflict(WHOLE, *now, resolved=False),))
    assert merge(both(BASE), now, "strictest") == Merge(now, (Conflict(WHOLE, *now, resolved=False),))
    assert merge(both(BASE), now, "prefer-left").want == both(now.left)


def test_removed_here_and_edited_there_is_a_conflict_about_the_whole_rule() -> None:
    now = Ends(None, RangeAtom(1, 50, 300))
    assert merge(both(BASE), now).open_fields == {WHOLE}
    assert merge(both(BASE), now, "strictest").want == both(now.right)
    assert merge(both(BASE), now, "prefer-left").want == both(None)


def test_removed_here_and_untouched_there_is_removed() -> None:
    assert merge(both(BASE), Ends(None, BASE)) == Merge(both(None))


def test_born_on_one_side_is_born_on_the_other() -> None:
    assert merge(both(None), Ends(None, BASE)) == Merge(both(BASE))


def test_born_apart_with_different_bounds_conflicts_in_those_bounds() -> None:
    now = Ends(BASE, RangeAtom(1, 50, 300))
    assert merge(both(None), now).conflicts == (Conflict("hi", 100, 50, resolved=False),)


def test_elements_of_a_list_are_merged_one_by_one() -> None:
    result = merge(both(allow("a", "b")), Ends(allow("a", "b", "c"), allow("b", "d")))
    assert result == Merge(both(allow("b", "c", "d")))


def test_lists_that_were_born_apart_agree_or_conflict() -> None:
    now = Ends(allow("a", "b"), allow("b", "c"))
    assert merge(both(None), now).open_fields == {WHOLE}
    assert merge(both(None), now, "strictest").want == both(allow("b"))


def test_lists_that_nothing_would_be_left_of_are_held_even_by_strictest() -> None:
    now = Ends(allow("a"), allow("b"))
    assert merge(both(allow("a", "b")), now) == Merge(now, (Conflict(WHOLE, *now, resolved=False),))
    assert merge(both(allow("a", "b")), now, "strictest").open_fields == {WHOLE}


def test_an_element_that_one_side_put_in_and_the_other_took_out_is_a_conflict() -> None:
    shadow = Ends(allow("a"), allow("a", "x"))
    now = Ends(allow("a", "x"), allow("a", "y"))
    assert merge(shadow, now).open_fields == {WHOLE}
