"""The link or route that a command names: found within routes.yaml, and amended in ledger and journal."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from msgspec.structs import replace

from shared.errors import BadInput, LedgerConflict
from shared.operations.mirror import Mirror
from shared.operations.reader import Reader
from shared.routes.match import in_scope
from shared.sync.journal import appended, journal_key
from shared.sync.link import Entry, Link, LinkKey, Scope, State

ATTEMPTS = 5
"""Times that an amendment is made anew because somebody else moved the record."""


def key_of(mirror: Mirror | Reader, route: str, name: str) -> LinkKey:
    """A route's clouds are never asked for a name that it does not cover, whoever types it."""
    if not in_scope(mirror.route(route), name):
        raise BadInput(f"route {route} does not cover this name; see names in routes.yaml")
    return LinkKey(route, name)


def known(link: Link | None, key: LinkKey) -> Link:
    if link is None or link.state is State.TOMBSTONE:
        raise BadInput(f"link {key}: the ledger does not know it; see the command status")
    return link


def amend(
    mirror: Mirror,
    key: LinkKey,
    decision: str,
    change: Callable[[Link | None], Link],
    *,
    barge_in: bool = False,
    **detail: Any,
) -> Link:
    """Save what ``change`` makes of the link, with an entry that says who did so and why.

    Not while a worker is at the link, which would lose it the end of its look; unless ``barge_in``: its next
    save fails then, and the next look finds out what it did. Raises LedgerConflict, which passes.
    """
    for _ in range(ATTEMPTS):
        link, now = mirror.ledger.link(key), mirror.clock()
        if link is not None and link.lease is not None and link.lease.until > now and not barge_in:
            wait = link.lease.until - now
            raise LedgerConflict(
                f"link {key}: {link.lease.owner} is at it, for {wait:.0f} s at most: try again"
            )
        changed = change(link)
        amended = replace(changed, rev=changed.rev + 1)
        record, entries = appended(amended, _entry(mirror, amended, decision, now, detail))
        try:
            mirror.ledger.save(record, entries)
        except LedgerConflict:
            continue
        return record
    raise LedgerConflict(f"link {key}: others moved it {ATTEMPTS} times meanwhile: try again")


def amend_route(
    mirror: Mirror, route: str, decision: str, change: Callable[[Scope], Scope], **detail: Any
) -> Scope:
    """The same for a route; gives what it was before."""
    for _ in range(ATTEMPTS):
        scope = mirror.ledger.scope(mirror.route(route).id)
        amended = replace(change(scope), rev=scope.rev + 1)
        record, entries = appended(amended, _entry(mirror, amended, decision, mirror.clock(), detail))
        try:
            mirror.ledger.save_scope(record, entries)
        except LedgerConflict:
            continue
        return scope
    raise LedgerConflict(f"route {route}: others moved its record {ATTEMPTS} times meanwhile: try again")


def _entry(mirror: Mirror, record: Link | Scope, decision: str, now: float, detail: dict[str, Any]) -> Entry:
    told = {name: value for name, value in detail.items() if value is not None}
    plan = told.pop("plan", None)
    return Entry(journal_key(record), 0, now, mirror.actor, decision, plan=plan, detail=told)
