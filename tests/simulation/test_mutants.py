"""A simulator that lets a weakened engine pass would prove nothing about the real one."""

from __future__ import annotations

import pytest

from tests.simulation.hunt import caught_at, losses, table
from tests.simulation.mutants import MUTANTS, Mutant
from tests.simulation.profiles import PROFILES

SEEDS = 12


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_the_simulator_catches(mutant: Mutant) -> None:
    assert caught_at(mutant, SEEDS) is not None


def test_no_other_design_loses_less_than_the_engine() -> None:
    rows = losses(PROFILES["races"], 1)
    engine, *others = rows
    assert engine.silent == 0.0
    assert all(other.silent > 0.0 or other.broken for other in others[:5])
    assert "the engine" in table(rows)
