"""Charts: what is drawn is what is counted, for whoever sees it and for whoever reads it."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.operations.page.axes import MOST_BUCKETS, Span, log_share, nice, power_of_ten
from shared.operations.page.charts import HEIGHT, Series, bars, latencies, steps
from tests.page.estate import shown

TIMES = st.floats(0, 4e9)


@given(TIMES, st.floats(0, 1e9))
def test_every_moment_has_its_bucket(start: float, length: float) -> None:
    span = Span.between(start, start + length)
    assert 1 <= span.count <= MOST_BUCKETS + 1
    assert span.start <= start
    assert start + length <= span.end
    assert 0 <= span.bucket(start) <= span.bucket(start + length) < span.count


@given(st.floats(0, 1e12))
def test_a_scale_ends_at_a_round_number_above_all_values(value: float) -> None:
    assert nice(value) >= value
    assert re.fullmatch("[125]0*", str(nice(value)))


@given(st.floats(0, 1e9))
def test_a_time_is_somewhere_on_its_scale(value: float) -> None:
    assert 0 <= log_share(value, power_of_ten(value)) <= 1


def test_bars_stand_on_each_other_and_the_table_has_the_same_numbers() -> None:
    span = Span(0.0, 60.0, 2)
    figure = shown(
        bars("x", "Edits", "edit", span, [Series("A", "aws", [1, 0]), Series("B", "azure", [1, 2])])
    )
    drawn = [(r.attributes["class"], r.attributes["y"], r.attributes["height"]) for r in figure.all("rect")]
    assert drawn == [("aws", "70.0", "70.0"), ("azure", "0.0", "70.0"), ("azure", "0.0", "140.0")]
    assert [row.text for row in figure.all("tr")[1:]] == ["1970-01-01 00:00 UTC11", "1970-01-01 00:01 UTC02"]
    assert figure.one("desc").text == "4 edits since 1970-01-01 00:00 UTC, at most 2 in 1 min."


def test_a_chart_says_what_it_shows_without_being_seen() -> None:
    figure = shown(steps("held", "Held", "Told.", Span(0, 60, 2), [Series("held", "soft", [1, 2])]))
    svg = figure.one("svg")
    assert svg.attributes["role"] == "img"
    ids = (svg.attributes["aria-labelledby"] or "").split()
    assert [figure.one(id=each).text for each in ids] == ["Held", "Told."]
    assert figure.one("table").all("tr")


def test_steps_hold_their_value_to_the_next() -> None:
    figure = shown(steps("held", "Held", "", Span(0, 60, 2), [Series("held", "soft", [0, 1])]))
    assert figure.one("path").attributes["d"] == f"M0.0 {HEIGHT:.1f}h300.0L300.0 0.0h300.0"


def test_half_of_the_times_lie_at_or_below_the_line() -> None:
    figure = shown(latencies("l", "Latency", Span(0, 60, 2), [(0, 1.0), (30, 2.0), (61, 200.0)]))
    assert figure.one("desc").text == (
        "Half of 3 edits took 2.0 s or less (the line); the slowest took 3 min."
    )
    assert [row.text for row in figure.all("tr")[1:]] == [
        "1970-01-01 00:00 UTC21.5 s2.0 s",
        "1970-01-01 00:01 UTC13 min3 min",
    ]


@pytest.mark.parametrize("values", [[], [0.0], [0.0] * 5])
def test_a_chart_of_nothing_is_flat_and_no_error(values: list[float]) -> None:
    span = Span(0, 60, max(1, len(values)))
    assert not shown(bars("x", "X", "edit", span, [Series("A", "aws", values or [0.0])])).all("rect")
    assert shown(latencies("l", "L", span, [(0.0, value) for value in values])).all("svg")
