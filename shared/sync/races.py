"""Races on Azure, which has no conditional write: found afterwards, and told.

A foreign write between our last look and our PUT is overwritten unseen. Its event, or the audit trail that
the sweep reads, tells that it happened; the policy is then marked for a person to check.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

from msgspec import Struct
from msgspec.structs import replace

from shared.errors import CloudError, LedgerConflict
from shared.routes.route import Route
from shared.sync import attempts
from shared.sync import effects as do
from shared.sync.effects import Program
from shared.sync.job import Worker
from shared.sync.journal import appended
from shared.sync.link import Attempt, Entry, Link, LinkKey
from shared.sync.observation import RIGHT, Observation
from shared.sync.ports import Touch
from shared.translation.side import Side


def note_race(actor: str, link: Link, touch: Touch, visible: bool = False) -> Program[Link]:
    """The link, marked if a foreign write may have been overwritten. Not while it is leased: whoever was told
    comes back to it, and so does the sweep. ``visible``: see :func:`visible`."""
    if link.lease is not None or attempts.ours(link, touch.request):
        return link
    moment = datetime.fromtimestamp(touch.at, UTC).isoformat(timespec="seconds")
    judged = attempts.raced(link, touch, f"somebody else wrote it at {moment}, while we did", visible)
    if judged == link.attempts:
        return link
    marked, entries = appended(replace(link, rev=link.rev + 1, attempts=judged))
    if may_be_lost(marked) != may_be_lost(link):
        detail = {"races": [moment], "request": touch.request}
        entry = Entry(link.key, 0, touch.at, actor, "race", Side.AZURE, detail=detail)
        marked, entries = appended(marked, entry)
    try:
        yield do.SaveLink(marked, entries)
    except LedgerConflict:
        return link
    return marked


def may_be_lost(link: Link) -> int:
    """How many of our writes may have gone over somebody else's."""
    return sum(bool(attempt.raced) for attempt in link.attempts)


def visible(seen: Observation, at: float) -> bool:
    """Whether Azure shows what somebody wrote ``at`` that time: soon after, and not as we left it. Not where
    a conflict, a gate or another worker's turn makes it differ anyway."""
    link = seen.link
    if not seen.known or link.pending or any(f.kind in {"conflict", "gate"} for f in link.findings):
        return False
    return not seen.as_left(RIGHT) and seen.told_at is not None and seen.told_at - at <= attempts.FRESH


class Audited(Struct, frozen=True):
    """``marked``: links of which a write of ours may have gone over somebody else's. ``unread``: why the
    trail could not be read, the first time that it could not."""

    marked: tuple[LinkKey, ...] = ()
    unread: str | None = None


def audit(route: Route, worker: Worker, links: Iterable[Link]) -> Program[Audited]:
    """Look for races in the audit trail. Nothing else waits for it: where it cannot be read, that is told
    once, and the next sweep asks again."""
    try:
        found = yield from find_races(worker, links)
    except CloudError as error:
        return Audited(unread=(yield from _noted(route, str(error))))
    if found is not None:
        yield from _noted(route, None)
    return Audited(tuple(link.key for link in found or ()))


def _noted(route: Route, unread: str | None) -> Program[str | None]:
    """``unread`` if that is news."""
    for _ in range(5):
        scope = yield from do.load_scope(route.id)
        if (scope.unaudited is None) == (unread is None):
            return None
        try:
            yield do.SaveScope(replace(scope, rev=scope.rev + 1, unaudited=unread))
        except LedgerConflict:
            continue
        return unread
    return None


def find_races(worker: Worker, links: Iterable[Link]) -> Program[list[Link] | None]:
    """Ask the audit trail about every recent write of ours; the links that were marked. None where there was
    nothing to ask about."""
    oldest = (yield from do.now()) - attempts.KEPT - attempts.LATE
    before = {link.key.name.casefold(): link for link in links if _open(link, oldest)}
    if not before:
        return None
    since = min(attempt.since for link in before.values() for attempt in _open(link, oldest))
    touches: tuple[Touch, ...] = yield do.Audit(since - attempts.MARGIN)
    after = dict(before)
    for touch in sorted(touches, key=lambda touch: touch.at):
        name = touch.name.casefold()
        if name in after:
            after[name] = yield from note_race(worker.name, after[name], touch)
    return [link for name, link in after.items() if may_be_lost(link) != may_be_lost(before[name])]


def worth_asking(link: Link) -> bool:
    """Whether anybody but Azure's clock says that there is nothing to ask about."""
    return any(a.side is Side.AZURE and not a.raced for a in link.attempts)


def _open(link: Link, oldest: float) -> list[Attempt]:
    """Writes of Azure that nothing is known about yet. Nobody is asked about them for ever."""
    return [a for a in link.attempts if a.side is Side.AZURE and not a.raced and a.since > oldest]
