"""The rules of merging, written down as naively as can be: what the merge is held against."""

from __future__ import annotations

from typing import Any, NamedTuple

from shared.policy.atom import AllowAtom, Atom, RangeAtom
from shared.policy.merge import WHOLE, Ends, Resolution

FIELDS = ("lo", "hi", "window")


class Naive(NamedTuple):
    left: Atom | None
    right: Atom | None
    conflicts: dict[str, bool]  # field -> resolved


def naive(shadow: Ends, now: Ends, resolution: Resolution) -> Naive:
    left_edited, right_edited = now.left != shadow.left, now.right != shadow.right
    if now.left == now.right or not (left_edited or right_edited):
        return Naive(*now, {})
    if left_edited and right_edited:
        if None in now:
            return whole(now, resolution)
    else:
        was, edited, other = (shadow[0], *now) if left_edited else (shadow[1], *now[::-1])
        if None in (was, edited, other):
            return Naive(edited, edited, {})
    combine = ranges if isinstance(now.left, RangeAtom) else lists
    return combine(shadow, now, resolution) or whole(now, resolution)


def ranges(shadow: Ends, now: Ends, resolution: Resolution) -> Naive | None:
    left, right = ({field: getattr(atom, field) for field in FIELDS} for atom in now)
    conflicts = {}
    for field in FIELDS:
        mine, theirs = getattr(now.left, field), getattr(now.right, field)
        i_did = now.left != shadow.left and mine != getattr(shadow.left, field, "no rule")
        they_did = now.right != shadow.right and theirs != getattr(shadow.right, field, "no rule")
        if i_did and they_did and mine != theirs:
            conflicts[field] = resolution != "hold"
            if resolution != "hold":
                left[field] = right[field] = winner(field, mine, theirs, resolution)
        elif i_did:
            right[field] = mine
        elif they_did:
            left[field] = theirs
    if any(sides["hi"] is not None and sides["lo"] > sides["hi"] for sides in (left, right)):
        return None
    if any(sides["hi"] is None and sides["lo"] == 0 for sides in (left, right)):
        return None
    return Naive(RangeAtom(**left), RangeAtom(**right), conflicts)


def winner(field: str, mine: Any, theirs: Any, resolution: Resolution) -> Any:
    if resolution != "strictest":
        return mine if resolution == "prefer-left" else theirs
    limits = [value for value in (mine, theirs) if value is not None]
    return max(limits) if field == "lo" else min(limits)


def lists(shadow: Ends, now: Ends, resolution: Resolution) -> Naive | None:
    """Element by element: each side keeps what it has, but for what the other side put in or took out."""
    del resolution
    if None in shadow:
        return None
    before, after = [_values(atom) for atom in shadow], [_values(atom) for atom in now]
    want: tuple[set[str], set[str]] = (set(), set())
    for value in sorted(frozenset().union(*before, *after)):
        moved = [(value in before[side]) != (value in after[side]) for side in (0, 1)]
        if all(moved) and (value in after[0]) != (value in after[1]):
            return None
        for side in (0, 1):
            if value in after[1 - side if moved[1 - side] else side]:
                want[side].add(value)
    left, right = (AllowAtom(frozenset(values)) for values in want)
    return Naive(left, right, {}) if left.values and right.values else None


def _values(atom: Any) -> frozenset[str]:
    return frozenset(atom.values)


def whole(now: Ends, resolution: Resolution) -> Naive:
    if resolution == "hold":
        return Naive(*now, {WHOLE: False})
    if resolution != "strictest":
        chosen = now.left if resolution == "prefer-left" else now.right
        return Naive(chosen, chosen, {WHOLE: True})
    if None in now:
        chosen = now.left or now.right
        return Naive(chosen, chosen, {WHOLE: True})
    strict = stricter(*now)
    return Naive(*now, {WHOLE: False}) if strict is None else Naive(strict, strict, {WHOLE: True})


def _least(*limits: int | None) -> int | None:
    return min((limit for limit in limits if limit is not None), default=None)


def stricter(left: Any, right: Any) -> Atom | None:
    """None where nothing would be normal any more."""
    if isinstance(left, AllowAtom):
        both = left.values & right.values
        return AllowAtom(both) if both else None
    lo, hi = max(left.lo, right.lo), _least(left.hi, right.hi)
    window = _least(left.window, right.window)
    return None if hi is not None and lo > hi else RangeAtom(lo, hi, window)
