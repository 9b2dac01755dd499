"""A simulator that lets a weakened engine pass would prove nothing about the real one."""

from __future__ import annotations

import pytest

from tests.simulation.hunt import caught_at, losses, table
from tests.simulation.mutants import MUTANTS, Mutant
from tests.simulation.profiles import PROFILES

SEEDS = 64
INVARIANTS = set(range(1, 15))


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_the_simulator_catches(mutant: Mutant) -> None:
    """And for what it is: it breaks the invariants that its precaution stood for."""
    missing, seeds = caught_at(mutant, SEEDS)
    assert missing == set(), f"not within {SEEDS} seeds"
    assert seeds <= SEEDS


def test_no_invariant_is_checked_in_vain() -> None:
    """Each is broken by a mutant, which the test above sees."""
    assert {number for mutant in MUTANTS for number in mutant.breaks} == INVARIANTS


def test_no_other_design_loses_less_than_the_engine() -> None:
    rows = losses(PROFILES["races"], 1)
    engine, *others = rows
    assert engine.silent == 0.0
    assert all(other.silent > 0.0 or other.broken for other in others[:5])
    assert "the engine" in table(rows)
