"""``history`` and ``show``: the journal of a link, or of a route itself."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from shared.errors import BadInput
from shared.operations.commands.links import key_of
from shared.operations.commands.registry import Answer
from shared.operations.commands.schema.fields import Exit
from shared.operations.commands.schema.undoing import History, Show
from shared.operations.mirror import Mirror
from shared.operations.reader import Reader
from shared.sync.journal import entry_hash, journal_key, verify
from shared.sync.link import Entry, Link, LinkKey, Scope

MOST_CHANGES = 200
"""Of one entry; the count is always told."""

READ_BACK = 200
"""Entries that are read in one go, newest first, until enough of them are what is asked for."""


def history(reader: Reader, asked: History) -> Answer:
    record = _record(reader, asked.route, asked.name)
    key = journal_key(record)
    found: list[Entry] = []
    for entry in _asked_for(reader, key, record.entries, asked):
        if _wanted(entry, asked):
            found.append(entry)
        if len(found) > asked.limit:
            break
    more = len(found) > asked.limit
    answer: Answer = {
        "link": str(key),
        "entries": [entry_json(entry, whole=asked.documents) for entry in found[: asked.limit]],
        "total": record.entries,
        "next": _next(found[asked.limit - 1].seq, asked) if more else None,
    }
    return answer | (verified(reader, record) if asked.verify else {})


def show(reader: Reader, asked: Show) -> Answer:
    entry = entry_at(reader, journal_key(_record(reader, asked.route, asked.name)), asked.rev)
    changes = list(differences(entry.before, entry.after))
    return {
        "link": str(entry.key),
        **entry_json(entry, whole=True),
        "changes": changes[:MOST_CHANGES],
        "change_count": len(changes),
    }


def entry_at(reader: Reader | Mirror, key: LinkKey, rev: int) -> Entry:
    """Raises BadInput where there is none."""
    for entry in reader.ledger.journal(key, rev - 1):
        if entry.seq == rev:
            return entry
        break
    raise BadInput(f"link {key}: its journal has no entry {rev}; see the command history")


def entry_json(entry: Entry, *, whole: bool) -> dict[str, Any]:
    """Its ``hash`` is what the next entry carries. ``seconds`` is its time without rounding, as it is hashed
    (:func:`shared.sync.journal.entry_hash`)."""
    told: dict[str, Any] = {
        "rev": entry.seq,
        "at": datetime.fromtimestamp(entry.at, UTC).isoformat(timespec="seconds"),
        "actor": entry.actor,
        "decision": entry.decision,
        "side": None if entry.side is None else str(entry.side),
        "plan": entry.plan,
        "detail": entry.detail,
    }
    if not whole:
        return told | {"restorable": entry.side is not None and entry.before is not None}
    hashes = {"prev": entry.prev or None, "hash": entry_hash(entry) if entry.prev else None}
    return told | {"before": entry.before, "after": entry.after, "seconds": entry.at, **hashes}


def differences(before: Any, after: Any, path: str = "") -> Iterator[dict[str, Any]]:
    """Members and elements that differ, by path; a list that has other elements differs as a whole."""
    if before == after:
        return
    if isinstance(before, dict) and isinstance(after, dict):
        for member in sorted(before.keys() | after.keys()):
            yield from differences(
                before.get(member), after.get(member), f"{path}.{member}" if path else member
            )
    elif isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        for index, (old, new) in enumerate(zip(before, after, strict=True)):
            yield from differences(old, new, f"{path}[{index}]")
    else:
        yield {"path": path, "before": before, "after": after}


def _record(reader: Reader, route: str, name: str | None) -> Link | Scope:
    if name is None:
        return reader.ledger.scope(reader.route(route).id)
    key = key_of(reader, route, name)
    link = reader.ledger.link(key)
    if link is None:
        raise BadInput(f"link {key}: the ledger does not know it; see the command status")
    return link


def _asked_for(reader: Reader, key: LinkKey, last: int, asked: History) -> Iterator[Entry]:
    if asked.since is not None and asked.before is not None:
        raise BadInput("history: since goes forward and before goes back: choose one")
    if asked.since is not None:
        return reader.ledger.journal(key, asked.since - 1)
    return _newest_first(reader, key, last if asked.before is None else asked.before - 1)


def _next(last: int, asked: History) -> int:
    """What ``before``, or ``since``, has to say for the page that follows."""
    return last if asked.since is None else last + 1


def _newest_first(reader: Reader, key: LinkKey, last: int) -> Iterator[Entry]:
    while last > 0:
        first = max(0, last - READ_BACK)
        read: list[Entry] = []
        for entry in reader.ledger.journal(key, first):
            if entry.seq > last:
                break
            read.append(entry)
        yield from reversed(read)
        last = first


def _wanted(entry: Entry, asked: History) -> bool:
    by = asked.actor is None or asked.actor.casefold() in entry.actor.casefold()
    return by and asked.decision in (None, entry.decision)


def verified(reader: Reader, record: Link | Scope) -> Answer:
    """Whether the journal is as it was written, entry by entry."""
    verdict = verify(record, reader.ledger.journal(journal_key(record)))
    return {
        "exit_code": int(Exit.TAMPERED if verdict.problems else Exit.DONE),
        "verified": {
            "intact": not verdict.problems,
            "checked": verdict.checked,
            "unchained": verdict.unchained,
            "lapsed": verdict.lapsed,
            "problems": verdict.problems,
            "head": record.head or None,
        },
    }
