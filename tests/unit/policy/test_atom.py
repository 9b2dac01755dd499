"""Which atoms can be stated, and how they are written down."""

from __future__ import annotations

import pytest

from shared.policy.atom import COUNT_MAX, AllowAtom, Atom, RangeAtom, atom_from_json, atom_to_json, with_field

STATABLE: list[Atom] = [
    RangeAtom(0, 0, 300),
    RangeAtom(5, 5, None),
    RangeAtom(1, None, 300),
    RangeAtom(COUNT_MAX, None, 300),
    RangeAtom(0, COUNT_MAX - 1, 300),
    AllowAtom(frozenset({"10.0.0.0/8"})),
]
UNSTATABLE: list[Atom] = [
    RangeAtom(0, None, 300),  # every count is normal
    RangeAtom(0, COUNT_MAX, 300),  # the same, said otherwise
    RangeAtom(6, 5, 300),  # nothing is normal
    RangeAtom(-1, 5, 300),
    RangeAtom(COUNT_MAX + 1, None, 300),
    AllowAtom(frozenset()),
]


@pytest.mark.parametrize("atom", STATABLE)
def test_an_atom_that_says_something_can_be_stated(atom: Atom) -> None:
    assert atom.statable


@pytest.mark.parametrize("atom", UNSTATABLE)
def test_an_atom_that_says_nothing_or_nonsense_cannot(atom: Atom) -> None:
    assert not atom.statable


@pytest.mark.parametrize("atom", STATABLE + UNSTATABLE)
def test_an_atom_is_read_back_as_it_was_written(atom: Atom) -> None:
    assert atom_from_json(atom_to_json(atom)) == atom


def test_values_are_written_in_order() -> None:
    assert atom_to_json(AllowAtom(frozenset("cab"))) == {"allow": ["a", "b", "c"]}


def test_one_field_moves_and_the_others_stay() -> None:
    assert with_field(RangeAtom(1, 9, 300), "hi", None) == RangeAtom(1, None, 300)
