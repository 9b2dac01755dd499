"""The row about a container that Lambda starts from a snapshot."""

from __future__ import annotations

import json

from tests.bench.fresh import FLOORS, PROGRAMS, told_by, tools
from tests.bench.measure import Pairs, side_by_side
from tests.bench.row import Row
from tests.bench.scene import EVENT, scene


def _restored(rounds: int) -> Pairs:
    with scene() as (at, _, _):
        environment = {
            **at.settings.environment(),
            "AWS_LAMBDA_INITIALIZATION_TYPE": "snap-start",
            "FLOOR_CALLS": json.dumps(at.calls),
        }

        def ours() -> float:
            program = PROGRAMS / "restored_first.py"
            told = told_by(program, tools().lambda_runtime, json.dumps(EVENT), environment=environment)
            return float(told["cpu"])

        def floor() -> float:
            told = told_by(FLOORS / "restored_calls.py", FLOORS, environment=environment)
            return float(told["cpu"])

        return side_by_side(ours, floor, rounds)


ROWS = (
    Row(
        "restored-first",
        "Lambda, restored from a snapshot: its first event, which changes nothing; CPU",
        "the same calls, on clients of the SDKs that have made them before; new tokens, new connections",
        "restored_calls",
        1.15,
        _restored,
        rounds=9,
    ),
)
