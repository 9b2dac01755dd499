"""The figures that are shown were measured: by rows and against floors that are still there."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from functions.local.figures import bench_section
from tests.bench import terraform
from tests.bench.__main__ import FIGURES, merged
from tests.bench.measure import side_by_side, spread
from tests.bench.row import Row
from tests.bench.rows import ROWS

ROOT = Path(__file__).resolve().parents[2]
TOLD = json.loads(FIGURES.read_text(encoding="utf-8"))
KEPT = {figure["name"]: figure for figure in TOLD["rows"]}
UNMEASURED = {each["name"] for each in TOLD["unmeasured"]}


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_every_row_is_kept_as_it_is_defined_or_told_to_be_unmeasured(row: Row) -> None:
    if row.name in UNMEASURED - set(KEPT):
        return
    figure = KEPT[row.name]
    assert (figure["what"], figure["floor"], figure["most"]) == (row.what, row.floor, row.most)
    assert (figure["goal"], figure["unit"]) == (row.goal, row.unit)
    assert (ROOT / figure["program"]).is_file()
    assert figure["low"] <= figure["figure"] <= figure["high"]


def test_no_figure_outlives_its_row() -> None:
    assert set(KEPT) | UNMEASURED == {row.name for row in ROWS} | {terraform.NAME}


def test_a_row_that_cannot_be_measured_here_keeps_its_figure_and_its_date_and_says_why(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(terraform, "missing", lambda: "it is not at hand")
    one, other = ROWS[0].name, ROWS[1].name
    old = {"rows": [{"name": one, "date": "then"}, {"name": other, "date": "then"}], "unmeasured": []}
    told = merged(old, {other: {"name": other, "date": "now"}}, {one: "no Python 3.13"}, "now")
    assert told["rows"] == [{"name": one, "date": "then"}, {"name": other, "date": "now"}]
    assert [(each["name"], each["reason"], each["date"]) for each in told["unmeasured"]] == [
        (one, "no Python 3.13", "now"),
        (terraform.NAME, "it is not at hand", "now"),
    ]
    again = merged(told, {one: {"name": one, "date": "later"}}, {}, "later")
    assert [each["name"] for each in again["unmeasured"]] == [terraform.NAME]


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
