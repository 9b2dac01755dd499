"""How shadows advance, as sentences: only what is in step on both sides is remembered as such."""

from __future__ import annotations

from shared.policy.atom import AllowAtom, Atom, RangeAtom
from shared.policy.merge import Ends, merge
from shared.sync.shadow import advance

NOBODY, LEFT_ONLY, RIGHT_ONLY, BOTH = (False, False), (True, False), (False, True), (True, True)
OLD = RangeAtom(0, 100, 300)


def limits(lo: int, hi: int, window: int = 300) -> RangeAtom:
    return RangeAtom(lo, hi, window)


def values(*words: str) -> AllowAtom:
    return AllowAtom(frozenset(words))


def advanced(
    shadow: tuple[Atom | None, Atom | None],
    now: tuple[Atom | None, Atom | None],
    written: tuple[bool, bool],
    after: tuple[Atom | None, Atom | None] | None = None,
) -> tuple[Atom | None, Atom | None]:
    """``after`` what was merged from ``shadow`` and ``now``, unless another answer came."""
    merged = merge(Ends(*shadow), Ends(*now))
    shown = after
    if shown is None:
        shown = tuple(
            want if done else is_ for want, is_, done in zip(merged.want, now, written, strict=True)
        )  # type: ignore[assignment]
    assert shown is not None
    return tuple(advance(Ends(*shadow), merged, Ends(*shown), written))  # type: ignore[return-value]


def test_what_is_in_step_is_remembered() -> None:
    assert advanced((None, None), (OLD, OLD), NOBODY) == (OLD, OLD)


def test_what_was_written_is_remembered() -> None:
    new = limits(0, 60)
    assert advanced((OLD, OLD), (new, OLD), RIGHT_ONLY) == (new, new)


def test_what_another_worker_has_to_write_is_not() -> None:
    assert advanced((OLD, OLD), (OLD, limits(0, 60)), NOBODY) == (OLD, OLD)


def test_fields_go_one_by_one() -> None:
    """The upper limit went over to the right; the lower one waits for the worker of the left."""
    shadow = advanced((OLD, OLD), (limits(0, 60), limits(5, 100)), RIGHT_ONLY)
    assert shadow == (limits(0, 60), limits(0, 60))


def test_a_field_in_conflict_stays_behind_and_the_others_go_on() -> None:
    shadow = advanced((OLD, OLD), (limits(5, 60), limits(0, 70)), RIGHT_ONLY)
    assert shadow == (limits(5, 100), limits(5, 100))


def test_a_rule_in_conflict_as_a_whole_stays_behind() -> None:
    assert advanced((OLD, OLD), (None, limits(0, 60)), NOBODY) == (OLD, OLD)


def test_two_edits_that_make_an_impossible_rule_together_stay_behind() -> None:
    assert advanced((OLD, OLD), (limits(80, 100), limits(0, 60)), NOBODY) == (OLD, OLD)


def test_lists_meet_value_by_value() -> None:
    before, now = values("a", "b"), (values("a"), values("a", "b", "c"))
    assert advanced((before, before), now, BOTH) == (values("a", "c"), values("a", "c"))
    assert advanced((before, before), now, LEFT_ONLY) == (values("a", "b", "c"), values("a", "b", "c"))
    assert advanced((before, before), now, RIGHT_ONLY) == (values("a"), values("a"))


def test_a_list_in_conflict_stays_behind() -> None:
    """Two lists that were born apart have no base."""
    assert advanced((None, None), (values("a"), values("b")), NOBODY) == (None, None)


def test_a_value_that_the_cloud_changed_is_the_shadow_of_that_side_only() -> None:
    new, clamped = limits(0, 5000), limits(0, 1000)
    assert advanced((OLD, OLD), (new, OLD), RIGHT_ONLY, after=(new, clamped)) == (new, clamped)


def test_a_list_that_the_cloud_changed_likewise() -> None:
    old, new, kept = values("a"), values("a", "b"), values("b")
    assert advanced((old, old), (new, old), RIGHT_ONLY, after=(new, kept)) == (new, kept)


def test_a_rule_that_is_gone_on_both_sides_leaves_the_shadows() -> None:
    assert advanced((OLD, OLD), (None, None), NOBODY) == (None, None)


def test_a_rule_that_was_removed_on_the_other_side_too_leaves_the_shadows() -> None:
    assert advanced((OLD, OLD), (None, OLD), RIGHT_ONLY) == (None, None)


def test_a_rule_that_is_born_enters_them() -> None:
    assert advanced((None, None), (OLD, None), RIGHT_ONLY) == (OLD, OLD)


def test_half_a_birth_is_none() -> None:
    assert advanced((None, None), (OLD, None), NOBODY) == (None, None)
