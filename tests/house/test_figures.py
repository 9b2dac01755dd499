"""The figures that are shown were measured: by rows and against floors that are still there."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from functions.local.figures import bench_section
from tests.bench.__main__ import FIGURES
from tests.bench.measure import side_by_side, spread
from tests.bench.row import Row
from tests.bench.rows import ROWS

ROOT = Path(__file__).resolve().parents[2]
KEPT = {figure["name"]: figure for figure in json.loads(FIGURES.read_text(encoding="utf-8"))["rows"]}


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_every_row_is_kept_as_it_is_defined(row: Row) -> None:
    figure = KEPT[row.name]
    assert (figure["what"], figure["floor"], figure["most"]) == (row.what, row.floor, row.most)
    assert (figure["goal"], figure["unit"]) == (row.goal, row.unit)
    assert (ROOT / figure["program"]).is_file()
    assert figure["low"] <= figure["figure"] <= figure["high"]


def test_no_figure_outlives_its_row() -> None:
    assert set(KEPT) == {row.name for row in ROWS}


def test_what_misses_its_goal_is_shown_as_it_is() -> None:
    shown = {line.split("`")[1]: line for line in bench_section().splitlines() if line.startswith("| `")}
    assert set(shown) == set(KEPT)
    missed = {name for name, figure in KEPT.items() if figure["figure"] > figure["most"]}
    assert {name for name, line in shown.items() if ", missed |" in line} == missed


def test_two_programs_take_turns_and_the_first_round_does_not_count() -> None:
    order: list[str] = []

    def told(who: str, takes: float) -> float:
        order.append(who)
        return takes + len(order)

    pairs = side_by_side(lambda: told("a", 10), lambda: told("b", 0), 3)
    assert "".join(order) == "baabbaab"
    assert list(pairs.ours) == [13, 16, 17]
    assert list(pairs.floor) == [4, 5, 8]
    assert spread(pairs.beyond()) == (9.0, 9.0, 10.0)
