"""Merge: symmetric, idempotent, made of inputs only; a one-sided edit is never lost; conflicts stay apart."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from shared.policy.atom import RANGE_FIELDS, AllowAtom, Atom, RangeAtom
from shared.policy.merge import WHOLE, Conflict, Ends, Merge, Resolution, merge
from tests.laws.options import LISTS, RANGES

RESOLUTIONS: tuple[Resolution, ...] = ("hold", "strictest", "prefer-left", "prefer-right")
SWAPPED: dict[Resolution, Resolution] = {"prefer-left": "prefer-right", "prefer-right": "prefer-left"}

Case = tuple[Ends, Ends]


def _cases(atoms: list[Any]) -> st.SearchStrategy[Case]:
    """Shadows that mostly agree, and what became of them; a few atoms, so that edits often meet."""
    few = st.sampled_from((None, *atoms[:: max(len(atoms) // 7, 1)]))

    def case(shadow: Any, lossy: Any, left: Any, right: Any, edited: int) -> Case:
        base = Ends(shadow, lossy if edited & 4 else shadow)
        return base, Ends(left if edited & 1 else base.left, right if edited & 2 else base.right)

    return st.builds(case, few, few, few, few, st.integers(0, 7))


cases = st.one_of(_cases(RANGES), _cases(LISTS))
resolutions = st.sampled_from(RESOLUTIONS)


def swapped(result: Merge) -> Merge:
    conflicts = tuple(Conflict(c.field, c.right, c.left, c.resolved) for c in result.conflicts)
    return Merge(Ends(result.want.right, result.want.left), conflicts)


@given(cases, resolutions)
@settings(settings.get_profile("laws"))
def test_merging_is_symmetric(case: Case, resolution: Resolution) -> None:
    shadow, now = case
    other_way = merge(Ends(*shadow[::-1]), Ends(*now[::-1]), SWAPPED.get(resolution, resolution))
    assert swapped(other_way) == merge(shadow, now, resolution)


@given(cases, resolutions)
@settings(settings.get_profile("laws"))
def test_merging_what_was_merged_changes_nothing(case: Case, resolution: Resolution) -> None:
    """Before the shadows advance, and after."""
    shadow, now = case
    result = merge(shadow, now, resolution)
    assert merge(shadow, result.want, resolution).want == result.want
    assert merge(result.want, result.want, resolution) == Merge(result.want)


@given(cases, resolutions)
@settings(settings.get_profile("laws"))
def test_every_merged_value_comes_from_an_input(case: Case, resolution: Resolution) -> None:
    shadow, now = case
    for atom in merge(shadow, now, resolution).want:
        assert atom is None or atom.statable
        if isinstance(atom, RangeAtom):
            for field in RANGE_FIELDS:
                assert getattr(atom, field) in [getattr(end, field) for end in now if end is not None]
        if isinstance(atom, AllowAtom):
            lists = [end.values for end in now if isinstance(end, AllowAtom)]
            assert atom.values <= frozenset().union(*lists)


@given(cases, resolutions)
@settings(settings.get_profile("laws"))
def test_an_edit_of_one_side_reaches_the_other(case: Case, resolution: Resolution) -> None:
    shadow, now = case
    result = merge(shadow, Ends(now.left, shadow.right), resolution)
    left, right = result.want
    if result.conflicts:  # it would leave the other side, which never was in step, with nonsense
        assert shadow.left != shadow.right
        assert [conflict.field for conflict in result.conflicts] == [WHOLE]
        return
    assert left == now.left
    if now.left != shadow.left and None in {now.left, shadow.left, shadow.right}:
        assert right == left
    for field in edited(shadow.left, now.left):
        assert getattr(right, field) == getattr(left, field)
    if isinstance(shadow.left, AllowAtom) and isinstance(left, AllowAtom) and isinstance(right, AllowAtom):
        assert left.values - shadow.left.values <= right.values
        assert not (shadow.left.values - left.values) & right.values


def edited(shadow: Atom | None, now: Atom | None) -> list[str]:
    if not isinstance(shadow, RangeAtom) or not isinstance(now, RangeAtom):
        return []
    return [field for field in RANGE_FIELDS if getattr(shadow, field) != getattr(now, field)]


@given(cases)
@settings(settings.get_profile("laws"))
def test_a_held_conflict_keeps_what_each_side_has_and_blocks_no_other_field(case: Case) -> None:
    shadow, now = case
    result = merge(shadow, now, "hold")
    assert WHOLE not in result.open_fields or result.want == now
    for conflict in result.conflicts:
        assert not conflict.resolved
        if conflict.field != WHOLE:
            kept = [getattr(atom, conflict.field) for atom in (*now, *result.want)]
            assert kept == [conflict.left, conflict.right] * 2
    if result.conflicts and WHOLE not in result.open_fields:
        changed = {field for ends in zip(shadow, now, strict=True) for field in edited(*ends)}
        for field in changed - result.open_fields:
            assert getattr(result.want.left, field) == getattr(result.want.right, field)


@given(cases, st.sampled_from(RESOLUTIONS[1:]))
@settings(settings.get_profile("laws"))
def test_a_winner_is_named_or_the_conflict_stays_open(case: Case, resolution: Resolution) -> None:
    """Open only where no side could state the outcome: an empty list, an inverted range."""
    shadow, now = case
    result = merge(shadow, now, resolution)
    for conflict in result.conflicts:
        if conflict.resolved:
            assert result.want.left == result.want.right or conflict.field != WHOLE
        else:
            assert (resolution, conflict.field) == ("strictest", WHOLE)
            assert result.want == now
