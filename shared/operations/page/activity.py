"""The view of what happened: charts over the time that was read, and the timeline."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from markupsafe import Markup

from shared.operations.page import words
from shared.operations.page.axes import Span
from shared.operations.page.changes import Change, Recent
from shared.operations.page.charts import Series, bars, latencies, steps
from shared.operations.page.frame import Frame
from shared.operations.page.html import Child, el
from shared.operations.page.parts import section
from shared.operations.page.timeline import GetPairing, timeline
from shared.sync.link import Scope
from shared.sync.tally import HOUR
from shared.translation.side import Side

LONGEST = 14 * 86_400.0
"""Seconds that are shown at most."""
SHOWN = 100
LATEST = 6


def activity(frame: Frame, recent: Recent, scopes: Sequence[Scope], pairing: GetPairing) -> Iterator[Child]:
    yield el("h1", "Activity")
    shown = recent.within(LONGEST, frame.now)
    if not shown.changes:
        yield el("p", "Nothing has been mirrored or decided yet.", class_="empty")
    else:
        yield el("p", _reach(recent, shown), class_="lead")
    yield charts(frame, shown, scopes)
    if not shown.changes:
        return
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


def charts(frame: Frame, recent: Recent, scopes: Sequence[Scope]) -> Markup | None:
    """None where there is nothing to draw."""
    drawn = [_held(frame, scopes)]
    if recent.changes:
        mirrored = [change for change in recent.changes if change.mirrored]
        span = Span.between(max(recent.since, min(change.at for change in recent.changes)), frame.now)
        drawn = [_edits(span, mirrored), _latency(span, mirrored), *drawn]
    return section("charts", "In numbers", el("div", drawn, class_="charts")) if any(drawn) else None


def _edits(span: Span, mirrored: Sequence[Change]) -> Markup:
    """One that wrote both sides came from here, as an import does, or put edits of both together."""
    made = {side: [0.0] * span.count for side in Side}
    both = [0.0] * span.count
    for change in mirrored:
        counted = made[change.wrote[0].other] if len(set(change.wrote)) == 1 else both
        counted[span.bucket(change.at)] += 1
    series = [Series(f"made on {side.cloud}", str(side), values) for side, values in made.items()]
    series += [Series("made on both, or from here", "soft", both)] if any(both) else []
    return bars("edits", "Edits mirrored", "edit", span, series)


def _held(frame: Frame, scopes: Sequence[Scope]) -> Markup | None:
    """What the sweeps counted, hour by hour; an hour without one is as the hour before."""
    hours = sorted({hour for scope in scopes for hour in scope.tally})
    if not hours:
        return None
    span = Span(hours[0] * HOUR, float(HOUR), max(hours[-1], int(frame.now // HOUR)) - hours[0] + 1)
    held, waiting = [0.0] * span.count, [0.0] * span.count
    for scope in scopes:
        count = (0, 0, 0)
        for number in range(span.count):
            count = scope.tally.get(hours[0] + number, count)
            held[number] += count[1]
            waiting[number] += count[2]
    told = f"{held[-1]:,.0f} held and {waiting[-1]:,.0f} waiting when last swept."
    series = [Series("rules held", "soft", held), Series("policies that wait for a person", "act", waiting)]
    return steps("holds", "Held, and waiting", told, span, series)


def _latency(span: Span, mirrored: Sequence[Change]) -> Markup | None:
    points = [(change.at, took) for change in mirrored if (took := change.took) is not None]
    return latencies("latency", "From edit to mirror", span, points) if points else None


def _reach(recent: Recent, shown: Recent) -> str:
    if shown.since > recent.since:
        days = int(LONGEST // 86_400)
        return f"The last {days} days." if len(shown.changes) < len(recent.changes) else "Everything so far."
    return f"Everything since {words.moment(shown.since)}; what is older was not read."
