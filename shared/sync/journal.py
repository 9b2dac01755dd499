"""The journal as a chain that shows tampering.

Each entry carries the hash of the one before, and the record of its link or route the hash of the last one.
An entry that is changed, taken out, put in or cut off at the end no longer fits. Somebody who may write the
whole ledger can also write the whole chain anew: keep an export, or a hash, where they cannot.

Entries of before the chain have no hash: they are a prefix that nothing vouches for. A store may let the
journal of a tombstone expire, entry by entry: what may be gone is remembered as ``lapsing``.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from typing import TypeVar

from msgspec import Struct
from msgspec.structs import replace

from shared.sync.link import Entry, Link, LinkKey, Scope, State

Record = TypeVar("Record", Link, Scope)

MOST_PROBLEMS = 20


def journal_key(record: Link | Scope) -> LinkKey:
    """A route has a journal of its own, under a name that no policy can have on AWS."""
    return record.key if isinstance(record, Link) else route_journal(record.route)


def route_journal(route: str) -> LinkKey:
    return LinkKey(route, "*")


def appended(record: Record, *entries: Entry) -> tuple[Record, tuple[Entry, ...]]:
    """``record`` with ``entries`` behind its journal, and the entries numbered and chained to it."""
    head, seq = record.head, record.entries
    chained: list[Entry] = []
    for entry in entries:
        seq += 1
        linked = replace(
            entry, key=journal_key(record), seq=seq, prev=head or first_hash(journal_key(record), seq)
        )
        head = entry_hash(linked)
        chained.append(linked)
    return replace(record, entries=seq, head=head), tuple(chained)


def chained(record: Link | Scope, entries: Sequence[Entry]) -> bool:
    """Whether ``entries`` may be stored with ``record``: once a journal is a chain, it stays one."""
    if not record.head:
        return not any(entry.prev for entry in entries)
    last = max(entries, key=lambda entry: entry.seq, default=None)
    return last is None or (last.seq == record.entries and entry_hash(last) == record.head)


def first_hash(key: LinkKey, seq: int) -> str:
    """What the first chained entry carries: there it begins, and nowhere else."""
    return _hash(["start", *key, seq])


def entry_hash(entry: Entry) -> str:
    """Equal for an entry and what a store makes of it."""
    return _hash(
        [
            *entry.key,
            entry.seq,
            float(entry.at),
            entry.actor,
            entry.decision,
            entry.side,
            entry.before,
            entry.after,
            entry.plan,
            entry.detail,
            entry.prev,
        ]
    )


def _hash(content: Sequence[object]) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


class Verdict(Struct):
    """``checked``: entries whose hash somebody vouches for; ``unchained``: of before the chain;
    ``lapsed``: let go with a tombstone. ``problems``: at most :data:`MOST_PROBLEMS` sentences."""

    checked: int = 0
    unchained: int = 0
    lapsed: int = 0
    problems: list[str] = []

    def found(self, problem: str) -> None:
        if len(self.problems) < MOST_PROBLEMS:
            self.problems.append(problem)


def verify(record: Link | Scope, entries: Iterable[Entry]) -> Verdict:
    """``entries``: the whole journal in the order of ``seq``, read after the record was."""
    verdict = Verdict()
    before: Entry | None = None
    for entry in entries:
        if entry.seq > record.entries:
            break  # written since the record was read, or put in: the next one to be written would fail
        _missing(verdict, record, 0 if before is None else before.seq, entry.seq)
        _check(verdict, before, entry)
        before = entry
    last = 0 if before is None else before.seq
    _missing(verdict, record, last, record.entries + 1)
    if before is not None and last == record.entries and record.head and entry_hash(before) != record.head:
        verdict.found(f"entry {last} is not what it was when it was written")
    return verdict


def _missing(verdict: Verdict, record: Link | Scope, last: int, next_: int) -> None:
    """Entries between ``last`` and ``next_``."""
    lapsing = _lapsing(record)
    lapsed = max(0, min(next_ - 1, lapsing) - last)
    verdict.lapsed += lapsed
    first = last + lapsed + 1
    if first < next_:
        what = f"entry {first} is" if first == next_ - 1 else f"entries {first} to {next_ - 1} are"
        verdict.found(f"{what} missing")


def _lapsing(record: Link | Scope) -> int:
    if isinstance(record, Scope):
        return 0
    return record.entries if record.state is State.TOMBSTONE else record.lapsing


def _check(verdict: Verdict, before: Entry | None, entry: Entry) -> None:
    follows = before is not None and before.seq == entry.seq - 1
    if not entry.prev:
        verdict.unchained += 1
        if before is not None and before.prev:
            verdict.found(f"entry {entry.seq} has no hash, and those before have")
        return
    verdict.checked += 1
    begins = entry.prev == first_hash(entry.key, entry.seq)
    if follows and before is not None and before.prev:
        if entry.prev != entry_hash(before):
            verdict.found(f"entry {before.seq} is not what it was when entry {entry.seq} was written")
    elif (follows or entry.seq == 1) and not begins:
        verdict.found(f"entry {entry.seq} does not begin the chain, and the one before is not in it")
