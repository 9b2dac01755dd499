"""Rolling buckets that keep a mistake small: deletions, updates, and writes to one link.

They live in the ledger because deletions arrive one event at a time, and count by the minute, so that they
stay small however large the fleet is.
"""

from __future__ import annotations

from collections.abc import Mapping

from msgspec.structs import replace

from shared.sync.link import Link, Scope

HOUR = 60
TEN = 10  # minutes

LEASE_SECONDS = 80.0
"""Longer than a function lives (30 s) plus the longest call: a dead worker's last write lands before that,
but for one that was held up on its way (:mod:`shared.sync.attempts`)."""

LINK_WRITES = 10
"""Writes to one link in ten minutes: a breaker against a server that normalises in a way we do not know."""

LOOK_AGAIN = 60.0
"""Seconds between the two looks that make an absence believable."""

TOMBSTONE_FRESH = 300.0
"""Seconds in which a policy that reappears may be a stale read or a late write, not a new one."""

MANY_LINKS = 3
"""From so many links on, an empty listing means that something else is wrong."""


def recent(times: tuple[float, ...], now: float) -> tuple[float, ...]:
    """Those of the last ten minutes."""
    return tuple(time for time in times if time > now - TEN * 60)


def over_budget(link: Link, now: float) -> bool:
    return len(recent(link.writes, now)) >= LINK_WRITES


def most_deletes(scope: Scope) -> int:
    """In an hour: a tenth of the links, but two."""
    return max(2, scope.known // 10)


def most_updates(scope: Scope) -> int:
    """Links updated in ten minutes: three in ten, but ten."""
    return max(10, scope.known * 3 // 10)


def take_delete(scope: Scope, now: float) -> Scope | None:
    """The scope with one more deletion, or None if that were too many."""
    deletes = _take(scope.deletes, now, HOUR, most_deletes(scope))
    return None if deletes is None else replace(scope, rev=scope.rev + 1, deletes=deletes)


def take_update(scope: Scope, link: Link, now: float) -> Scope | None:
    """The scope with one more updated link, or None if those were too many. A link that was written lately is
    counted already: its own budget limits it."""
    if recent(link.writes, now):
        return scope
    updates = _take(scope.updates, now, TEN, most_updates(scope))
    return None if updates is None else replace(scope, rev=scope.rev + 1, updates=updates)


def _take(counts: Mapping[int, int], now: float, span: int, limit: int) -> dict[int, int] | None:
    minute = int(now // 60)
    kept = {when: count for when, count in counts.items() if when > minute - span}
    if sum(kept.values()) >= limit:
        return None
    return {**kept, minute: kept.get(minute, 0) + 1}


def freeze(scope: Scope, why: str, now: float) -> Scope:
    return replace(scope, rev=scope.rev + 1, frozen=why, frozen_at=now)
