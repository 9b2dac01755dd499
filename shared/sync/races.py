"""Races on Azure, which has no conditional write: found afterwards, and told.

A foreign write between our last look and our PUT is overwritten unseen. Its event, or the audit trail that
the sweep reads, tells that it happened; the policy is then marked for a person to check.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from shared.errors import LedgerConflict
from shared.routes.route import Route
from shared.sync import attempts
from shared.sync import effects as do
from shared.sync.effects import Program
from shared.sync.job import Worker
from shared.sync.journal import appended
from shared.sync.link import Entry, Link
from shared.sync.ports import Touch
from shared.translation.side import Side


def note_race(actor: str, link: Link, at: float) -> Program[Link]:
    """The link, marked if a foreign write ``at`` that time may have been overwritten. Not while it is leased:
    the sweep comes back to it."""
    moment = datetime.fromtimestamp(at, UTC).isoformat(timespec="seconds")
    hit = attempts.raced(link, at, f"somebody else wrote it at {moment}, while we did")
    if hit is None or link.lease is not None:
        return link
    entry = Entry(link.key, 0, at, actor, "race", Side.AZURE, detail={"races": [moment]})
    marked, entries = appended(replace(link, rev=link.rev + 1, attempts=hit), entry)
    try:
        yield do.SaveLink(marked, entries)
    except LedgerConflict:
        return link
    return marked


def find_races(route: Route, worker: Worker) -> Program[int]:
    """Ask the audit trail about every recent write of ours; how many links were marked."""
    links: list[Link] = yield do.RouteLinks(route.id)
    concerned = {link.key.name.casefold(): link for link in links if link.attempts}
    if not concerned:
        return 0
    since = min(attempt.since for link in concerned.values() for attempt in link.attempts)
    touches: tuple[Touch, ...] = yield do.Audit(since - attempts.MARGIN)
    marked = 0
    for touch in touches:
        name = touch.name.casefold()
        if name in concerned:
            before = concerned[name]
            concerned[name] = yield from note_race(worker.name, before, touch.at)
            marked += concerned[name] is not before
    return marked
