"""How shadows advance: only what is in step on both sides is remembered as such.

A field that is in conflict, held, not yet written by another worker, or waiting for approval keeps its old
shadow on both sides. The next look then sees the same difference again, so nothing has to be remembered about
it and a crash at any point loses nothing.
"""

from __future__ import annotations

from shared.policy.atom import RANGE_FIELDS, Atom, RangeAtom, with_field
from shared.policy.merge import WHOLE, Ends, Merge


def advance(shadow: Ends, merge: Merge, after: Ends, written: tuple[bool, bool]) -> Ends:
    """``after``: what both sides show now; ``written``: which of them were just written. A side that was
    written and shows something else has changed the value itself: that is its shadow, and no edit."""
    if WHOLE in merge.open_fields:
        return shadow
    if not all(isinstance(atom, RangeAtom) for atom in (*shadow, *merge.want, *after)):
        return after if not merge.open_fields and _settled(merge.want, after, written) else shadow
    left, right = shadow
    for field in RANGE_FIELDS:
        want = tuple(getattr(atom, field) for atom in merge.want)
        shown = tuple(getattr(atom, field) for atom in after)
        if field not in merge.open_fields and _settled(want, shown, written):
            left, right = _moved(left, field, shown[0]), _moved(right, field, shown[1])
    return Ends(left, right)


def _settled(want: tuple[object, ...], shown: tuple[object, ...], written: tuple[bool, bool]) -> bool:
    return all(w == s or done for w, s, done in zip(want, shown, written, strict=True))


def _moved(atom: Atom | None, field: str, value: int | None) -> Atom:
    assert isinstance(atom, RangeAtom)
    return with_field(atom, field, value)
