"""How a route stood, hour by hour: counted when a sweep ends, kept for a week, for whoever looks back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from shared.sync.link import Link, State

HOUR = 3600
KEPT = 7 * 24
"""Hours. A scope is read with every write to a cloud: a few kilobytes are what this is worth."""

WAITING = frozenset({"conflict", "gate"})
Count = tuple[int, int, int]
"""Links that are mirrored, rules and members that are held, links that wait for a person."""


def tallied(before: Mapping[int, Count], time: float, count: Count) -> dict[int, Count]:
    """``before`` with the count of this hour; the last one in an hour stands."""
    hour = int(time // HOUR)
    kept = {then: count for then, count in before.items() if then > hour - KEPT}
    return {**kept, hour: count}


def counted(links: Iterable[Link], before: Count = (0, 0, 0)) -> Count:
    """``before`` and those."""
    bound, held, waiting = before
    for link in links:
        if link.state is State.TOMBSTONE:
            continue
        kinds = [finding.kind for finding in link.findings]
        bound += link.state is State.BOUND
        held += kinds.count("hold")
        waiting += not WAITING.isdisjoint(kinds)
    return bound, held, waiting
