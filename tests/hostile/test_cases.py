"""The number of cases is a promise: fewer would be a quieter test, not a better program."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.hostile.cases import AT_LEAST, PLANNED, SHARDS, run, source_of


def test_there_are_as_many_cases_as_promised() -> None:
    assert sum(PLANNED.values()) >= AT_LEAST


@pytest.mark.parametrize("kind", PLANNED)
def test_every_planned_case_runs_in_exactly_one_shard(kind: str) -> None:
    seen: Counter[int] = Counter()
    drawn = [run(kind, shard, lambda rng: seen.update([rng.getrandbits(64)])) for shard in SHARDS]
    assert sum(drawn) == PLANNED[kind] == len(seen)


def test_a_case_is_repeated_by_its_number() -> None:
    assert source_of("looks", 7).random() == source_of("looks", 7).random()


def test_a_failing_case_is_named() -> None:
    def fails(_: object) -> None:
        raise ValueError("broken")

    with pytest.raises(ValueError, match="broken") as caught:
        run("looks", 1, fails)
    assert caught.value.__notes__ == ["hostile case: 'looks', 1"]
