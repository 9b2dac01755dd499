"""Answers to what no document tells, got from the clouds themselves on throw-away objects.

The answers are what the catalogue's rows may cite: they have a date, a place, and stable slugs.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from statistics import median
from typing import Any

from shared.operations.mirror import Mirror
from shared.routes.names import PROBES
from shared.routes.route import Route
from shared.sync.link import Entry, State

LATEST = 50
"""Links whose journals tell how long events take."""


def probed(mirror: Mirror, route: Route) -> dict[str, Any]:
    """Writes on both clouds of the route: one object each, under a name that no route ever takes in, which is
    deleted again whatever happens."""
    now = mirror.clock()
    name = f"{PROBES}{mirror.new_trace()[:8]}"
    answers = [
        {"cloud": prober.cloud, "slug": slug, "question": question, "answer": answer}
        for prober in mirror.probes(route)
        for slug, question, answer in prober.answers(name)
    ]
    answers.append(_latency(mirror, route))
    return {
        "date": datetime.fromtimestamp(now, UTC).date().isoformat(),
        "route": route.id,
        "aws": f"{route.aws.account}/{route.aws.region}",
        "hub": route.azure.hub,
        "object": name,
        "answers": answers,
    }


def _latency(mirror: Mirror, route: Route) -> dict[str, str]:
    """From the journal, not by waiting: how long mirrored edits took, from event to intent."""
    links = [link for link in mirror.ledger.route_links(route.id) if link.state is State.BOUND]
    links.sort(key=lambda link: -link.updated_at)
    lags = [lag for link in links[:LATEST] for lag in _lags(mirror.ledger.journal(link.key))]
    said = "nothing was mirrored by an event yet"
    if lags:
        said = f"{median(lags):.1f} s in the middle, {max(lags):.1f} s at most, of {len(lags)} edits"
    question = "how long does an event take to bring an edit?"
    return {"cloud": "both", "slug": "event-latency", "question": question, "answer": said}


def _lags(entries: Iterable[Entry]) -> Iterator[float]:
    for entry in entries:
        at = entry.detail.get("event_at")
        if entry.decision == "intent" and isinstance(at, int | float):
            yield max(0.0, entry.at - at)
