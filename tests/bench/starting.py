"""Rows about a container that starts, and what it holds then."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from tests.bench.fresh import FLOORS, PROGRAMS, told_by
from tests.bench.measure import Pairs, side_by_side
from tests.bench.places import VARIABLES
from tests.bench.row import Row

OURS, BARE = PROGRAMS / "first_look.py", FLOORS / "bare_clients.py"


def _told(program: Path, which: str) -> Callable[[], float]:
    return lambda: float(told_by(program, environment=VARIABLES)[which])


def _cpu(rounds: int) -> Pairs:
    return side_by_side(_told(OURS, "cpu"), _told(BARE, "cpu"), rounds)


def _peak(rounds: int) -> Pairs:
    return side_by_side(_told(OURS, "peak"), _told(BARE, "peak"), rounds)


FLOOR = "the SDKs imported, and clients of IoT, DynamoDB, STS and ARM built"
ROWS = (
    Row(
        "start-cpu",
        "Lambda, cold: load the handler and build what a first look needs, short of its calls; CPU",
        FLOOR,
        "bare_clients",
        1.15,
        _cpu,
        rounds=9,
    ),
    Row(
        "start-memory",
        "Lambda: most memory held until then",
        FLOOR,
        "bare_clients",
        1.15,
        _peak,
        unit="MB",
        scale=1.0,
        rounds=5,
    ),
)
