"""A small run of every profile. ``make simulate SEEDS=1000`` runs a thousand seeds of each."""

from __future__ import annotations

import pytest

from tests.simulation.judge import Fate, judge
from tests.simulation.profiles import PROFILES
from tests.simulation.report import Row, total
from tests.simulation.run import main
from tests.simulation.world import played

SEEDS = range(1000, 1006)
BUSY = range(1005, 1013)  # long enough for the rarest fault, a write that lands late


@pytest.fixture(scope="module", params=sorted(PROFILES))
def row(request: pytest.FixtureRequest) -> Row:
    profile = PROFILES[request.param]
    results = [judge(played(profile, seed)) for seed in SEEDS]
    for one in results:
        assert (one.silent, one.broken) == ((), ()), f"seed {one.seed}"
    return total(profile.name, results, 0.0)


def test_nothing_is_lost_and_no_invariant_is_broken(row: Row) -> None:
    assert row.edits > 100
    assert row.fates[Fate.SILENT] == 0
    assert (row.wrong_deletes, row.broken) == (0, 0)


def test_an_edit_costs_one_write_at_most(row: Row) -> None:
    assert 0.3 < row.counts["writes"] / row.edits <= 1.0


def test_the_faults_of_the_busiest_profile_were_really_injected() -> None:
    counts = total("", [judge(played(PROFILES["everything"], seed)) for seed in BUSY], 0.0).counts
    wanted = {
        "answers lost", "crashes", "events delayed", "events forged", "events lost", "failed", "late writes",
        "ledger answers lost", "ledger conditions refused", "ledger throttled", "outages",
        "stale reads", "stalls", "throttled",
    }  # fmt: skip
    assert wanted <= counts.keys()


def test_the_command_prints_the_table(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--profile", "calm", "--seed", "1", "--workers", "1"]) == 0
    told = capsys.readouterr().out
    assert "silent/1000" in told
    assert "calm" in told


def test_the_command_tells_a_run_line_by_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--profile", "calm", "--seed", "1", "--trace"]) == 0
    told = capsys.readouterr().out
    assert "-- quiet tail" in told
    assert "user 4 on" in told
