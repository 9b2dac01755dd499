"""The view of what happened: charts over the time that was read, and the timeline."""

from __future__ import annotations

from collections.abc import Iterator

from markupsafe import Markup

from shared.operations.page import words
from shared.operations.page.axes import Span
from shared.operations.page.changes import Change, Recent
from shared.operations.page.charts import Series, bars, latencies
from shared.operations.page.frame import Frame
from shared.operations.page.html import Child, el
from shared.operations.page.parts import section
from shared.operations.page.timeline import GetPairing, timeline
from shared.translation.side import Side

LONGEST = 14 * 86_400.0
"""Seconds that are shown at most."""
SHOWN = 100
LATEST = 6


def activity(frame: Frame, recent: Recent, pairing: GetPairing) -> Iterator[Child]:
    yield el("h1", "Activity")
    shown = recent.within(LONGEST, frame.now)
    if not shown.changes:
        yield el("p", "Nothing has been mirrored or decided yet.", class_="empty")
        return
    yield el("p", _reach(recent, shown), class_="lead")
    yield from charts(frame, shown)
    more = len(shown.changes) - SHOWN
    yield section(
        "timeline",
        "Timeline",
        timeline(frame, shown.changes[:SHOWN], pairing),
        el("p", f"And {more:,} more; policy-mirror history has each policy's own.") if more > 0 else None,
    )


def latest(frame: Frame, recent: Recent, pairing: GetPairing) -> Markup | None:
    """The last few changes, for the front page."""
    if not recent.changes:
        return None
    more = None if frame.alone else el("p", el("a", "All activity", href=frame.url("activity")))
    return section("latest", "What happened last", timeline(frame, recent.changes[:LATEST], pairing), more)


def charts(frame: Frame, recent: Recent) -> Iterator[Markup]:
    mirrored = [change for change in recent.changes if change.mirrored]
    first = min(change.at for change in recent.changes)
    span = Span.between(max(recent.since, first), frame.now)
    made = {side: [0.0] * span.count for side in Side}
    for change in mirrored:
        for side in change.wrote:
            made[side.other][span.bucket(change.at)] += 1
    series = [Series(f"made on {words.CLOUDS[side]}", str(side), values) for side, values in made.items()]
    edits = bars("edits", "Edits mirrored", "edit", span, series)
    yield section("charts", "In numbers", el("div", edits, _latency(span, mirrored), class_="charts"))


def _latency(span: Span, mirrored: list[Change]) -> Markup | None:
    points = [(change.at, took) for change in mirrored if (took := change.took) is not None]
    return latencies("latency", "From edit to mirror", span, points) if points else None


def _reach(recent: Recent, shown: Recent) -> str:
    if shown.since > recent.since:
        days = int(LONGEST // 86_400)
        return f"The last {days} days." if len(shown.changes) < len(recent.changes) else "Everything so far."
    return f"Everything since {words.moment(shown.since)}; what is older was not read."
