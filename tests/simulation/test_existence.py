"""The protocol's section 5, cell by cell, against a reference that only repeats the table."""

from __future__ import annotations

from itertools import product

import pytest

from shared.sync.existence import Action, Existence, decide
from shared.translation.side import Side

LOOKS = ("-", "o", "x")
"""Absent, equal to its shadow, different from it."""


def reference(known: bool, aws: str, azure: str, equal: bool) -> Existence:
    """The table, row by row, in its own words."""
    there = (aws != "-", azure != "-")
    table: dict[tuple[bool, bool, bool], Existence] = {
        (False, False, False): Existence(Action.NOTHING),
        (False, True, False): Existence(Action.CREATE, Side.AZURE),
        (False, False, True): Existence(Action.CREATE, Side.AWS),
        (False, True, True): Existence(Action.ADOPT if equal else Action.IMPORT),
        (True, True, True): Existence(Action.MERGE),
        (True, False, False): Existence(Action.TOMBSTONE),
        (True, True, False): Existence(Action.DELETE if aws == "o" else Action.HOLD_DELETED, Side.AWS),
        (True, False, True): Existence(Action.DELETE if azure == "o" else Action.HOLD_DELETED, Side.AZURE),
    }
    return table[known, *there]


@pytest.mark.parametrize(
    ("known", "aws", "azure", "equal"), list(product((False, True), LOOKS, LOOKS, (False, True)))
)
def test_every_cell_of_the_table(known: bool, aws: str, azure: str, equal: bool) -> None:
    present = frozenset(side for side, look in ((Side.AWS, aws), (Side.AZURE, azure)) if look != "-")
    shadowed = frozenset(side for side, look in ((Side.AWS, aws), (Side.AZURE, azure)) if look == "o")
    assert decide(known, present, shadowed, equal) == reference(known, aws, azure, equal)
