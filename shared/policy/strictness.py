"""The strictness order: which of two rules lets less pass without an alarm.

``strictest`` is commutative, associative and idempotent; its result may be unstatable (an empty list, an
inverted range), which the caller must hold.
"""

from __future__ import annotations

from enum import StrEnum

from shared.policy.atom import AllowAtom, Atom, RangeAtom


class Change(StrEnum):
    SAME = "same"
    TIGHTENING = "tightening"
    LOOSENING = "loosening"  # in any respect: what a person may want to see first


def strictest(a: Atom | None, b: Atom | None) -> Atom | None:
    """Max of mins, min of maxes, shortest window, intersection of lists; a rule in force beats none."""
    if a is None or b is None:
        return b if a is None else a
    if isinstance(a, RangeAtom) and isinstance(b, RangeAtom):
        return RangeAtom(max(a.lo, b.lo), least(a.hi, b.hi), least(a.window, b.window))
    if isinstance(a, AllowAtom) and isinstance(b, AllowAtom):
        return AllowAtom(a.values & b.values)
    raise TypeError("one signal has one kind of atom")


def least(a: int | None, b: int | None) -> int | None:
    """The smaller of two upper limits, where None limits nothing."""
    if a is None or b is None:
        return b if a is None else a
    return min(a, b)


def classify(before: Atom | None, after: Atom | None) -> Change:
    """A change that is looser in any respect is a loosening, whatever else it tightens."""
    if before == after:
        return Change.SAME
    return Change.TIGHTENING if strictest(before, after) == after else Change.LOOSENING
