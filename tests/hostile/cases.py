"""How many hostile cases there are, in shards that run side by side, and one random source for each."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

PLANNED = {
    "aws-events": 52_000,
    "azure-events": 52_000,
    "aws-deliveries": 8_000,
    "azure-deliveries": 8_000,
    "json-text": 52_000,
    "aws-documents": 8_000,
    "azure-documents": 8_000,
    "commands": 14_000,
    "looks": 800,
}
AT_LEAST = 200_000
SHARDS = range(4)


def run(kind: str, shard: int, case: Callable[[Random], None]) -> int:
    """Every case of a shard; gives their number. A failure names its case, which ``case(source_of(kind, N))``
    repeats alone, unless it needs what came before it."""
    count = 0
    for number in range(shard, PLANNED[kind], len(SHARDS)):
        try:
            case(source_of(kind, number))
        except BaseException as error:
            error.add_note(f"hostile case: {kind!r}, {number}")
            raise
        count += 1
    return count


def source_of(kind: str, number: int) -> Random:
    return Random(f"{kind} {number}")
