"""Strictest: commutative, associative, idempotent; a rule in force beats none; and the order it makes."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.policy.atom import AllowAtom, Atom, RangeAtom
from shared.policy.strictness import Change, classify, strictest
from tests.laws.options import LISTS, RANGES

ranges = st.sampled_from((None, *RANGES))
lists = st.sampled_from((None, *LISTS))
pairs = st.one_of(st.tuples(ranges, ranges), st.tuples(lists, lists))
triples = st.one_of(st.tuples(ranges, ranges, ranges), st.tuples(lists, lists, lists))


@given(pairs)
@settings(settings.get_profile("laws"))
def test_strictest_is_commutative(pair: tuple[Atom | None, Atom | None]) -> None:
    a, b = pair
    assert strictest(a, b) == strictest(b, a)


@given(triples)
@settings(settings.get_profile("laws"))
def test_strictest_is_associative(triple: tuple[Atom | None, Atom | None, Atom | None]) -> None:
    a, b, c = triple
    assert strictest(strictest(a, b), c) == strictest(a, strictest(b, c))


@pytest.mark.parametrize("atom", [None, RANGES[0], RANGES[-1], LISTS[0], LISTS[-1]])
def test_strictest_is_idempotent_and_a_rule_in_force_beats_none(atom: Atom | None) -> None:
    assert strictest(atom, atom) == atom
    assert strictest(atom, None) == atom


def _admits(atom: Atom, value: int | str) -> bool:
    if isinstance(atom, AllowAtom):
        return value in atom.values
    return isinstance(value, int) and atom.lo <= value and (atom.hi is None or value <= atom.hi)


@given(pairs)
@settings(settings.get_profile("laws"))
def test_what_the_strictest_admits_both_admit(pair: tuple[Atom | None, Atom | None]) -> None:
    a, b = pair
    result = strictest(a, b)
    if result is not None and a is not None and b is not None:
        for value in (0, 1, 2, 5, 50, 1000, 2_147_483_646, "10.0.0.0/8", "0.0.0.0/0", "192.168.1.7/32"):
            assert _admits(result, value) == (_admits(a, value) and _admits(b, value))


@given(pairs)
@settings(settings.get_profile("laws"))
def test_a_change_and_its_reverse_are_never_both_tightenings(pair: tuple[Atom | None, Atom | None]) -> None:
    a, b = pair
    there, back = classify(a, b), classify(b, a)
    assert (there is Change.SAME) == (back is Change.SAME) == (a == b)
    assert a == b or Change.LOOSENING in {there, back}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (RangeAtom(1, 10, 300), RangeAtom(1, 11, 300)),
        (RangeAtom(1, 10, 300), RangeAtom(0, 10, 300)),
        (RangeAtom(1, 10, 300), RangeAtom(1, 10, 900)),
        (RangeAtom(1, 10, 300), RangeAtom(5, 11, 300)),
        (RangeAtom(1, 10, 300), RangeAtom(1, None, 300)),
        (RangeAtom(1, 10, 300), None),
        (AllowAtom(frozenset("a")), AllowAtom(frozenset("ab"))),
        (AllowAtom(frozenset("a")), AllowAtom(frozenset("b"))),
    ],
)
def test_looser_in_any_respect_is_a_loosening(before: Atom, after: Atom | None) -> None:
    assert classify(before, after) is Change.LOOSENING


def test_tighter_in_one_respect_and_looser_in_none_is_a_tightening() -> None:
    assert classify(RangeAtom(1, None, 900), RangeAtom(1, 10, 300)) is Change.TIGHTENING
    assert classify(None, RangeAtom(1, 10, 300)) is Change.TIGHTENING
    assert classify(AllowAtom(frozenset("ab")), AllowAtom(frozenset("a"))) is Change.TIGHTENING


def test_atoms_of_two_kinds_cannot_be_compared() -> None:
    for a, b in product(RANGES[:1], LISTS[:1]):
        with pytest.raises(TypeError, match="one kind of atom"):
            strictest(a, b)
