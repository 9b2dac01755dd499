"""Rows about events that need no far cloud."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.bench.fresh import FLOORS, PROGRAMS, told_by
from tests.bench.measure import Pairs, side_by_side
from tests.bench.places import FOR_NOBODY, OUTSIDE, VARIABLES
from tests.bench.row import Row


def _seconds(program: Path, which: str, batches: list[Any]) -> Callable[[], float]:
    def sample() -> float:
        told = told_by(program, json.dumps(batches), environment=VARIABLES)
        seconds: float = told[which]
        return seconds

    return sample


def _row(name: str, which: str, batches: list[Any], what: str) -> Row:
    def run(rounds: int) -> Pairs:
        ours, floor = PROGRAMS / "ignored_events.py", FLOORS / "parse_and_log.py"
        return side_by_side(_seconds(ours, which, batches), _seconds(floor, which, batches), rounds)

    return Row(
        name=name,
        what=what,
        floor="Powertools' Logger, the JSON parsed, one line written",
        program="parse_and_log",
        most=1.3,
        run=run,
    )


ROWS = (
    _row(
        "ignored-cold", "cold", FOR_NOBODY, "Lambda, cold: an event of another service, of a failed call; CPU"
    ),
    _row("outside-cold", "cold", OUTSIDE, "Lambda, cold: an event that the routes say is nobody's; CPU"),
    _row("ignored-warm", "warm", [*FOR_NOBODY, *OUTSIDE], "Lambda, warm: one event that is nobody's; CPU"),
)
