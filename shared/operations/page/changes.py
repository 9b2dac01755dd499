"""The journal read as what happened: an announced write and its end are one change."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from heapq import nlargest
from typing import NamedTuple

from shared.sync.journal import route_journal
from shared.sync.link import Entry, Link, LinkKey, Scope
from shared.sync.ports import ReadableLedger
from shared.translation.side import Side


@dataclass(frozen=True, slots=True)
class Change:
    """``intents``: what was about to be written, with both images; ``end``: the entry that says it was, or
    any other single entry (a person's decision, a race)."""

    key: LinkKey
    intents: tuple[Entry, ...] = ()
    end: Entry | None = None

    @property
    def last(self) -> Entry:
        return self.end or self.intents[-1]

    @property
    def at(self) -> float:
        return self.last.at

    @property
    def mirrored(self) -> bool:
        return bool(self.intents) and self.end is not None

    @property
    def wrote(self) -> tuple[Side, ...]:
        return tuple(sorted(entry.side for entry in self.intents if entry.side is not None))

    @property
    def took(self) -> float | None:
        """Seconds from the edit, as its event told, to the mirror; None where no event told."""
        told = [at for entry in self.intents if isinstance(at := entry.detail.get("event_at"), int | float)]
        return max(0.0, self.at - min(told)) if told and self.mirrored else None


def changes(entries: Iterable[Entry]) -> list[Change]:
    """Of one journal, in its order. An intent without an end was planned anew, or is under way."""
    return list(_changes(entries))


def _changes(entries: Iterable[Entry]) -> Iterator[Change]:
    opened: list[Entry] = []
    for entry in entries:
        again = opened and entry.plan != opened[0].plan
        if again and entry.decision in ("intent", "committed"):
            yield Change(entry.key, tuple(opened))
            opened = []
        if entry.decision == "intent":
            opened.append(entry)
        elif entry.decision == "committed":
            yield Change(entry.key, tuple(opened), entry)
            opened = []
        else:
            yield Change(entry.key, (), entry)
    if opened:
        yield Change(opened[0].key, tuple(opened))


@dataclass(frozen=True, slots=True)
class Recent:
    """``changes``: the newest first. ``since``: nothing that was journalled after it is missing; 0: nothing
    at all is."""

    changes: tuple[Change, ...] = ()
    since: float = 0.0

    def within(self, seconds: float, now: float) -> Recent:
        """No more than what happened lately."""
        start = max(self.since, now - seconds)
        return Recent(tuple(change for change in self.changes if change.at >= start), start)


@dataclass(frozen=True, slots=True)
class _Journal:
    """The end of one, to be read."""

    key: LinkKey
    entries: int
    changed: float

    @classmethod
    def of(cls, record: Link | Scope) -> _Journal:
        if isinstance(record, Link):
            return cls(record.key, record.entries, record.updated_at)
        return cls(route_journal(record.route), record.entries, max(record.swept_at.values(), default=0.0))


class Reach(NamedTuple):
    """How far back is read: the ends of as many journals, of as many entries each."""

    journals: int = 60
    entries: int = 40


def recent(
    ledger: ReadableLedger, pool: Executor, links: Iterable[Link], scopes: Sequence[Scope], reach: Reach
) -> Recent:
    """What happened last on those links and routes. The journals of the links that changed last are read side
    by side: every entry is at least as old as its link's last change, so nothing newer than the first link
    that was left out can be missing. Raises LedgerError."""
    chosen = nlargest(reach.journals + 1, map(_Journal.of, links), key=lambda each: each.changed)
    left_out = chosen[reach.journals :]
    wanted = [each for each in (*chosen[: reach.journals], *map(_Journal.of, scopes)) if each.entries]
    tails = [pool.submit(_tail, ledger, each, reach.entries) for each in wanted]
    since = max((each.changed for each in left_out), default=0.0)
    found: list[Change] = []
    for tail, each in zip(tails, wanted, strict=True):
        entries = tail.result()
        found += changes(entries)
        if each.entries > reach.entries and entries:
            since = max(since, entries[0].at)
    found.sort(key=lambda change: (change.at, change.key, change.last.seq), reverse=True)
    return Recent(tuple(change for change in found if change.at >= since), since)


def _tail(ledger: ReadableLedger, journal: _Journal, most: int) -> list[Entry]:
    return list(ledger.journal(journal.key, journal.entries - most))
