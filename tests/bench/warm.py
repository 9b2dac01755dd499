"""Rows about a container that is warm."""

from __future__ import annotations

import time

from tests.bench.estate import Estate
from tests.bench.measure import Pairs, cpu, side_by_side, wall
from tests.bench.row import Row

ADDED = 0.025
"""Seconds, to every call: about what lies between a region of either cloud and the other's."""

TIMES = 20


def _processor(rounds: int) -> Pairs:
    with Estate() as estate:
        return side_by_side(cpu(estate.event, TIMES), cpu(estate.bare.look, TIMES), rounds)


def _no_op(rounds: int) -> Pairs:
    with Estate(ADDED) as estate:
        return side_by_side(wall(estate.event), wall(estate.bare.look), rounds)


def _mirror(rounds: int) -> Pairs:
    with Estate(ADDED) as estate:
        body = {"properties": estate.bare.get_group()["properties"]}

        def mirrored() -> float:
            estate.edit()
            began = time.perf_counter()
            estate.event()
            took = time.perf_counter() - began
            assert estate.mirrored
            return took

        return side_by_side(mirrored, wall(lambda: estate.bare.mirror(body)), rounds)


ROWS = (
    Row(
        "no-op-cpu",
        "warm, an event that changes nothing: CPU beyond the calls of the SDKs",
        "the SDKs' calls alone: one describe, one GET",
        "bare_calls",
        2.0,
        _processor,
        goal="beyond",
    ),
    Row(
        "no-op-cpu-share",
        "the same CPU, against that of the SDKs' calls",
        "the SDKs' calls alone: one describe, one GET",
        "bare_calls",
        1.25,
        _processor,
    ),
    Row(
        "no-op-25ms",
        "warm, an event that changes nothing; 25 ms added to every call",
        "one round trip: the ledger, AWS and Azure read side by side",
        "bare_calls",
        1.2,
        _no_op,
        rounds=30,
    ),
    Row(
        "mirror-25ms",
        "warm, an event that mirrors an edit; 25 ms added to every call",
        "the protocol's six round trips: look; lease and observe; intent; Azure once more; write; commit",
        "bare_calls",
        1.15,
        _mirror,
        rounds=20,
    ),
)
