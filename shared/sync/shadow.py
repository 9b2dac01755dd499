"""How shadows advance: only what is in step on both sides is remembered as such.

A field of a range, or a value of a list, that is in conflict, held, not yet written by another worker, or
waiting for approval keeps its old shadow on both sides. The next look then sees the same difference again, so
nothing has to be remembered about it and a crash at any point loses nothing.
"""

from __future__ import annotations

from shared.policy.atom import RANGE_FIELDS, AllowAtom, Atom, RangeAtom, with_field
from shared.policy.merge import WHOLE, Ends, Merge


def advance(shadow: Ends, merge: Merge, after: Ends, written: tuple[bool, bool]) -> Ends:
    """``after``: what both sides show now; ``written``: which of them were just written. A side that was
    written and shows something else has changed the value itself: that is its shadow, and no edit."""
    if WHOLE in merge.open_fields:
        return shadow
    atoms = (*shadow, *merge.want, *after)
    if all(isinstance(atom, AllowAtom) for atom in atoms) and not merge.open_fields:
        return _value_by_value(shadow, merge.want, after, written)
    if not all(isinstance(atom, RangeAtom) for atom in atoms):
        return after if not merge.open_fields and _settled(merge.want, after, written) else shadow
    left, right = shadow
    for field in RANGE_FIELDS:
        want = tuple(getattr(atom, field) for atom in merge.want)
        shown = tuple(getattr(atom, field) for atom in after)
        if field not in merge.open_fields and _settled(want, shown, written):
            left, right = _moved(left, field, shown[0]), _moved(right, field, shown[1])
    return Ends(left, right)


def _value_by_value(shadow: Ends, want: Ends, after: Ends, written: tuple[bool, bool]) -> Ends:
    was, wants, shows = ([_values(atom) for atom in ends] for ends in (shadow, want, after))
    left, right = set(was[0]), set(was[1])
    for value in frozenset().union(*was, *wants, *shows):
        shown = tuple(value in values for values in shows)
        if _settled(tuple(value in values for values in wants), shown, written):
            for values, there in zip((left, right), shown, strict=True):
                (values.add if there else values.discard)(value)
    return Ends(AllowAtom(frozenset(left)), AllowAtom(frozenset(right)))


def _values(atom: Atom | None) -> frozenset[str]:
    assert isinstance(atom, AllowAtom)
    return atom.values


def _settled(want: tuple[object, ...], shown: tuple[object, ...], written: tuple[bool, bool]) -> bool:
    return all(w == s or done for w, s, done in zip(want, shown, written, strict=True))


def _moved(atom: Atom | None, field: str, value: int | None) -> Atom:
    assert isinstance(atom, RangeAtom)
    return with_field(atom, field, value)
