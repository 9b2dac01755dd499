"""Three-way merge of one rule with one base *per side*.

With a single common base a cloud that hides or clamps a value would look as if somebody had edited it, and
the other cloud would be rewritten. Each side is therefore compared with what that same side looked like when
it was last in step (its shadow), and only its changes are laid over the other.

Only a field that both sides changed, to different values, is a conflict. It keeps what each side has, unless
the resolver names a winner; the other fields of the rule go on.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal, NamedTuple

from msgspec import Struct
from msgspec.structs import replace

from shared.policy.atom import RANGE_FIELDS, AllowAtom, Atom, RangeAtom, with_field
from shared.policy.strictness import strictest

Resolution = Literal["hold", "strictest", "prefer-left", "prefer-right"]
WHOLE = "rule"
"""The field of a conflict about the rule as a whole: removed here and edited there, or an impossible sum."""


class Ends(NamedTuple):
    """One rule as it stands on both sides, or as it stood; None is no rule in force."""

    left: Atom | None
    right: Atom | None


class Conflict(Struct, frozen=True):
    field: str
    left: Any
    right: Any
    resolved: bool


class Merge(Struct, frozen=True):
    """``want``: what each side should show. Equal to what it shows where nothing has to be written."""

    want: Ends
    conflicts: tuple[Conflict, ...] = ()

    @property
    def open_fields(self) -> frozenset[str]:
        return frozenset(conflict.field for conflict in self.conflicts if not conflict.resolved)


def merge(
    shadow: Ends, now: Ends, resolution: Resolution | Atom = "hold", disputed: frozenset[str] = frozenset()
) -> Merge:
    """What both sides should show, given what they showed when last in step and what they show now. A rule as
    ``resolution`` stands in place of a rule that is in conflict, and of no other.

    ``disputed``: fields that were in conflict before. They stay so until both sides say the same: whoever
    goes back to what once was in step has edited all the same, and knows nothing of the other's edit.
    """
    if isinstance(resolution, RangeAtom | AllowAtom):
        held = merge(shadow, now, disputed=disputed)
        settled = tuple(replace(conflict, resolved=True) for conflict in held.conflicts)
        return Merge(Ends(resolution, resolution), settled) if settled else held
    left_changed, right_changed = now.left != shadow.left, now.right != shadow.right
    if now.left == now.right or not (left_changed or right_changed or disputed):
        return Merge(now)
    if disputed or (left_changed and right_changed):
        return _both(shadow, now, resolution, disputed)
    if left_changed:
        return _one_sided(now, resolution, Ends(now.left, _overlay(shadow.left, now.left, now.right)))
    return _one_sided(now, resolution, Ends(_overlay(shadow.right, now.right, now.left), now.right))


def _one_sided(now: Ends, resolution: Resolution, want: Ends) -> Merge:
    return Merge(want) if _possible(want) else _whole(now, resolution)


def _possible(want: Ends) -> bool:
    return all(atom is None or atom.statable for atom in want)


def _overlay(shadow: Atom | None, edited: Atom | None, onto: Atom | None) -> Atom | None:
    """``onto`` with the changes from ``shadow`` to ``edited``: only the fields that were edited move."""
    if edited is None or onto is None or shadow is None:
        return edited
    if isinstance(edited, RangeAtom) and isinstance(shadow, RangeAtom) and isinstance(onto, RangeAtom):
        for field in RANGE_FIELDS:
            value = getattr(edited, field)
            if value != getattr(shadow, field):
                onto = with_field(onto, field, value)
        return onto
    assert isinstance(onto, AllowAtom)
    added, removed = _delta(shadow, edited)
    return AllowAtom((onto.values | added) - removed)


def _both(shadow: Ends, now: Ends, resolution: Resolution, disputed: frozenset[str]) -> Merge:
    if now.left is None or now.right is None or WHOLE in disputed:
        return _whole(now, resolution)
    if isinstance(now.left, RangeAtom) and isinstance(now.right, RangeAtom):
        return _both_ranges(shadow, now.left, now.right, resolution, disputed)
    return _both_lists(shadow, now, resolution)


def _both_ranges(
    shadow: Ends, left: RangeAtom, right: RangeAtom, resolution: Resolution, disputed: frozenset[str]
) -> Merge:
    want_left, want_right = left, right
    conflicts: list[Conflict] = []
    for field in RANGE_FIELDS:
        mine, theirs = getattr(left, field), getattr(right, field)
        left_edit = field in disputed or _edited(shadow.left, left, field)
        right_edit = field in disputed or _edited(shadow.right, right, field)
        if left_edit and right_edit and mine != theirs:
            conflicts.append(Conflict(field, mine, theirs, resolved=resolution != "hold"))
            if resolution != "hold":
                value = _winner(field, left, right, resolution)
                want_left, want_right = (
                    with_field(want_left, field, value),
                    with_field(want_right, field, value),
                )
        elif left_edit:
            want_right = with_field(want_right, field, mine)
        elif right_edit:
            want_left = with_field(want_left, field, theirs)
    want = Ends(want_left, want_right)
    return Merge(want, tuple(conflicts)) if _possible(want) else _whole(Ends(left, right), resolution)


def _edited(shadow: Atom | None, now: RangeAtom, field: str) -> bool:
    return shadow is None or getattr(shadow, field) != getattr(now, field)


def _winner(field: str, left: RangeAtom, right: RangeAtom, resolution: Resolution) -> int | None:
    if resolution == "strictest":
        chosen: Any = strictest(left, right)
    else:
        chosen = left if resolution == "prefer-left" else right
    value: int | None = getattr(chosen, field)
    return value


def _both_lists(shadow: Ends, now: Ends, resolution: Resolution) -> Merge:
    """Element by element. Two lists that were born apart have no base: they agree or they conflict."""
    if shadow.left is None or shadow.right is None:
        return _whole(now, resolution)
    added, removed = zip(_delta(shadow.left, now.left), _delta(shadow.right, now.right), strict=True)
    want = Ends(_overlay(shadow.right, now.right, now.left), _overlay(shadow.left, now.left, now.right))
    contradiction = (added[0] & removed[1]) | (added[1] & removed[0])
    return Merge(want) if _possible(want) and not contradiction else _whole(now, resolution)


def _delta(before: Atom | None, after: Atom | None) -> tuple[frozenset[str], frozenset[str]]:
    assert isinstance(before, AllowAtom)
    assert isinstance(after, AllowAtom)
    return after.values - before.values, before.values - after.values


def _whole(now: Ends, resolution: Resolution) -> Merge:
    """The rule as a whole is in conflict; a resolution that says nothing or nonsense leaves it open."""
    choices: dict[str, Callable[[], Atom | None]] = {
        "strictest": lambda: strictest(now.left, now.right),
        "prefer-left": lambda: now.left,
        "prefer-right": lambda: now.right,
    }
    chosen = choices[resolution]() if resolution in choices else None
    resolved = resolution in choices and (chosen is None or chosen.statable)
    want = Ends(chosen, chosen) if resolved else now
    return Merge(want, (Conflict(WHOLE, now.left, now.right, resolved),))
