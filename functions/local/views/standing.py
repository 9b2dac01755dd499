"""``status``: where every route and link stands, and what to do about it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime

from functions.local.blocks import (
    Block,
    Span,
    Tone,
    code,
    count,
    faint,
    grid,
    item,
    line,
    strong,
    title,
    toned,
)
from functions.local.views.parts import Answer, going_on, ways_out

LEVELS = {"act": Tone.BAD, "wait": Tone.WARNING, "good": Tone.GOOD}
CONDITIONS = {
    "conflict": Tone.BAD,
    "approval-wanted": Tone.WARNING,
    "blocked": Tone.WARNING,
    "check": Tone.WARNING,
    "paused": Tone.INFO,
    "pending": Tone.INFO,
    "new": Tone.INFO,
    "in-step": Tone.GOOD,
}
SAID = {"act": "somebody has to act", "wait": "something is under way, or paused", "good": "all in step"}


def view(answer: Answer) -> Iterator[Block]:
    for route in answer["routes"]:
        yield from _route(route, answer["at"])
    yield from going_on(answer, "status")


def _route(route: Answer, now: float) -> Iterator[Block]:
    level = toned(SAID[route["level"]], LEVELS[route["level"]])
    yield title("Route ", code(route["route"]), f", {route['mode']}: ", level)
    swept = max(route["swept_at"].values(), default=None)
    counts = ", ".join(f"{number} {condition}" for condition, number in route["counts"].items())
    yield line(counts or "No link yet", faint(f"; {_ago(swept, now)}"))
    if route["todo"]:
        yield item([strong("The route")], *ways_out(route["todo"]))
    rows = [_row(link, now) for link in route["links"]]
    if rows:
        yield grid(("link", "stands", "held", "changed"), rows)
    for link in route["links"]:
        if link["todo"]:
            yield item([code(f"{route['route']}/{link['name']}")], *ways_out(link["todo"]))


def _row(link: Answer, now: float) -> tuple[Span, Span, str, Span]:
    kinds = Counter(finding["kind"] for finding in link["findings"])
    held = count(kinds["hold"], "thing") if kinds["hold"] else ""
    condition = toned(link["condition"], CONDITIONS.get(link["condition"], Tone.FAINT))
    return code(link["name"]), condition, held, faint(_since(link["updated_at"], now))


def _ago(swept: float | None, now: float) -> str:
    return "never swept" if swept is None else f"swept {_since(swept, now)}"


def _since(then: float, now: float) -> str:
    """``3 min ago``; the day for what is older than a week, nothing for what never was."""
    seconds = now - then
    if not then:
        return ""
    if seconds < 60:
        return "just now"
    for size, unit, most in ((60, "min", 60), (3600, "h", 48), (86400, "d", 7)):
        if seconds < size * most:
            return f"{seconds // size:.0f} {unit} ago"
    return datetime.fromtimestamp(then, UTC).date().isoformat()
