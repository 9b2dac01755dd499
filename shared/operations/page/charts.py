"""Simple charts: SVG made here, with a title, a description and a table of the same numbers.

Only shapes are in the SVG, which stretches; what is written stands beside it in the page's own type, so that
it can be read on a phone.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median

from markupsafe import Markup

from shared.operations.page import words
from shared.operations.page.axes import Span, log_share, nice, power_of_ten
from shared.operations.page.html import Child, el
from shared.operations.page.parts import table, took

WIDTH, HEIGHT = 600, 140


@dataclass(frozen=True, slots=True)
class Series:
    """``values``: one a bucket. ``kind`` is its colour: aws, azure, act, wait or soft."""

    name: str
    kind: str
    values: Sequence[float]


@dataclass(frozen=True, slots=True)
class Chart:
    """``told``: what it shows, in a sentence. ``top``: what the upper edge stands for."""

    id: str
    title: str
    told: str
    span: Span
    top: str
    shapes: Iterable[Markup]
    legend: Sequence[Series]
    head: Sequence[str]
    rows: Iterable[Sequence[Child]]


def bars(id_: str, title: str, what: str, span: Span, series: Sequence[Series]) -> Markup:
    """Stacked, in the order of ``series``; ``what`` is counted, in the singular."""
    totals = [sum(values) for values in zip(*(each.values for each in series), strict=True)]
    top, step = nice(max(totals, default=0)), WIDTH / span.count
    shapes: list[Markup] = []
    for number in range(span.count):
        foot = float(HEIGHT)
        for each in series:
            tall = each.values[number] / top * HEIGHT
            foot -= tall
            if tall:
                x, width = number * step + step * 0.1, step * 0.8
                shapes.append(_rect(x, foot, width, tall, each.kind))
    most = f"at most {max(totals, default=0):,.0f} in {words.lasting(span.size)}"
    told = f"{words.count(int(sum(totals)), what)} since {words.moment(span.start)}, {most}."
    return figure(Chart(id_, title, told, span, f"{top:,}", shapes, series, *_table(span, series)))


def steps(id_: str, title: str, told: str, span: Span, series: Sequence[Series]) -> Markup:
    """A value holds until the next one."""
    top, step = nice(max((value for each in series for value in each.values), default=0)), WIDTH / span.count
    shapes = [
        el(
            "path",
            d="".join(_level(n, step, value, top) for n, value in enumerate(each.values)),
            class_=f"line {each.kind}",
        )
        for each in series
    ]
    return figure(Chart(id_, title, told, span, f"{top:,}", shapes, series, *_table(span, series)))


def latencies(id_: str, title: str, span: Span, points: Sequence[tuple[float, float]]) -> Markup:
    """(when, seconds) of each, on a scale of powers of ten."""
    values = sorted(value for _, value in points)
    middle, slowest = (median(values), values[-1]) if values else (0.0, 0.0)
    top = power_of_ten(slowest)
    shapes = [
        el("path", d=f"M{span.share(at) * WIDTH:.1f} {_height(value, top):.1f}h.01", class_="dot")
        for at, value in points
    ]
    if values:
        shapes.append(el("path", d=f"M0 {_height(middle, top):.1f}H{WIDTH}", class_="line soft"))
    many = words.count(len(values), "edit")
    told = f"Half of {many} took {took(middle)} or less (the line); the slowest took {took(slowest)}."
    buckets: dict[int, list[float]] = {}
    for at, value in points:
        buckets.setdefault(span.bucket(at), []).append(value)
    rows = [
        (words.moment(span.start + number * span.size), len(found), took(median(found)), took(max(found)))
        for number, found in sorted(buckets.items())
    ]
    head = ("From", "Edits", "Half took at most", "Slowest")
    return figure(Chart(id_, title, told, span, took(top), shapes, (), head, rows))


def figure(chart: Chart) -> Markup:
    """With its name for a screen reader, a legend in words, and the numbers below."""
    svg = el(
        "svg",
        el("title", chart.title, id=f"{chart.id}-title"),
        el("desc", chart.told, id=f"{chart.id}-told"),
        chart.shapes,
        viewBox=f"0 0 {WIDTH} {HEIGHT}",
        preserveAspectRatio="none",
        role="img",
        aria_labelledby=f"{chart.id}-title {chart.id}-told",
        focusable="false",
    )
    legend = [
        el("li", el("span", "■", class_=f"key {each.kind}", aria_hidden="true"), each.name)
        for each in chart.legend
    ]
    scale = [el("span", chart.top), el("span", "0")]
    ends = [el("span", words.moment(chart.span.start)), el("span", words.moment(chart.span.end))]
    return el(
        "figure",
        el("figcaption", el("h3", chart.title), el("p", chart.told, class_="soft")),
        el("ul", legend, class_="legend") if len(legend) > 1 else None,
        el("div", el("div", scale, class_="scale", aria_hidden="true"), svg, class_="plot"),
        el("div", ends, class_="ends", aria_hidden="true"),
        el("details", el("summary", "The numbers"), table(chart.title, chart.head, chart.rows)),
        class_="chart",
    )


def _rect(x: float, y: float, width: float, height: float, kind: str) -> Markup:
    return el("rect", x=f"{x:.1f}", y=f"{y:.1f}", width=f"{width:.1f}", height=f"{height:.1f}", class_=kind)


def _level(number: int, step: float, value: float, top: float) -> str:
    y = HEIGHT - value / top * HEIGHT
    return f"{'L' if number else 'M'}{number * step:.1f} {y:.1f}h{step:.1f}"


def _height(value: float, top: float) -> float:
    return HEIGHT * (1 - log_share(value, top))


def _table(span: Span, series: Sequence[Series]) -> tuple[Sequence[str], Iterable[Sequence[Child]]]:
    """Buckets in which there is something."""
    head = ("From", *(each.name for each in series))
    rows = [
        (words.moment(span.start + number * span.size), *(f"{value:,.0f}" for value in values))
        for number, values in enumerate(zip(*(each.values for each in series), strict=True))
        if any(values)
    ]
    return head, rows
