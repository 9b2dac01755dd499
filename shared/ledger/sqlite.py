"""The ledger in one SQLite file: the embedded default, for one machine.

Several threads share one connection under a lock (a query takes microseconds, and ``:memory:`` has only one);
several processes share the file, through WAL. It is synced to disk at every commit: an intent must not be
forgotten once its cloud write has been sent. Nothing expires here.
"""

from __future__ import annotations

import math
import sqlite3
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from shared.errors import LedgerConflict
from shared.ledger.codec import (
    decode_entry,
    decode_link,
    decode_scope,
    encode,
    entry_label,
    link_label,
    require_chained,
    require_text,
    scope_label,
)
from shared.ledger.sqlite_file import ledger_error, opened
from shared.sync.link import Entry, Link, LinkKey, Scope

PAGE = 200


class SqliteLedger:
    """A :class:`shared.sync.ports.Ledger` in ``path``, or in memory for ``":memory:"``.

    The file is made with mode 0600 at the first call, never before. A lock that another process holds is
    waited for ``busy_seconds`` at most, then LedgerUnavailable. Names are in the order of their code points.
    """

    def __init__(self, path: str | Path, *, busy_seconds: float = 5.0) -> None:
        self._path = str(path)
        self._busy_seconds = busy_seconds
        self._lock = threading.RLock()
        self._connection: sqlite3.Connection | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Give the file back. The next call would open it again; what was in memory is gone."""
        with self._lock:
            if self._connection is not None:
                self._connection.close()
                self._connection = None

    def link(self, key: LinkKey) -> Link | None:
        return self.links([key]).get(key)

    def links(self, keys: Iterable[LinkKey]) -> Mapping[LinkKey, Link]:
        found: dict[LinkKey, Link] = {}
        # One query a key is the fast way here: there is no round trip (sqlite.org/np1queryprob.html).
        for key in dict.fromkeys(keys):
            require_text(link_label(key), *key)
            for (body,) in self._rows("SELECT body FROM link WHERE route = ? AND name = ?", key):
                found[key] = decode_link(body, key)
        return found

    def route_links(self, route: str, after: str | None = None, most: int | None = None) -> Iterator[Link]:
        require_text(scope_label(route), route, after or "")
        query = "SELECT name, body FROM link WHERE route = ? AND (name > ? OR ?) ORDER BY name LIMIT ?"
        left = math.inf if most is None else most
        while left > 0 and (page := self._rows(query, (route, after, after is None, min(left, PAGE)))):
            for name, body in page:
                yield decode_link(body, LinkKey(route, name))
            after = page[-1][0]
            left -= len(page)

    def scope(self, route: str) -> Scope:
        require_text(scope_label(route), route)
        for (body,) in self._rows("SELECT body FROM scope WHERE route = ?", (route,)):
            return decode_scope(body, route)
        return Scope(route)

    def journal(self, key: LinkKey, after: int = -1) -> Iterator[Entry]:
        require_text(link_label(key), *key)
        query = "SELECT seq, body FROM entry WHERE route = ? AND name = ? AND seq > ? ORDER BY seq LIMIT ?"
        while page := self._rows(query, (*key, after, PAGE)):
            for seq, body in page:
                yield decode_entry(body, key, seq)
            after = page[-1][0]

    def save(self, link: Link, entries: Sequence[Entry] = ()) -> None:
        require_chained(link, entries)
        body, lines = encode(link), [(entry, encode(entry)) for entry in entries]
        with self._transaction() as connection:
            if link.rev == 1:
                moved = connection.execute(
                    "INSERT INTO link (route, name, rev, body) VALUES (?, ?, 1, ?) ON CONFLICT DO NOTHING",
                    (*link.key, body),
                )
            else:
                moved = connection.execute(
                    "UPDATE link SET rev = ?, body = ? WHERE route = ? AND name = ? AND rev = ?",
                    (link.rev, body, *link.key, link.rev - 1),
                )
            _require_moved(moved, link_label(link.key), link.rev)
            for entry, line in lines:
                _append(connection, entry, line)

    def save_scope(self, scope: Scope, entries: Sequence[Entry] = ()) -> None:
        require_chained(scope, entries)
        body, lines = encode(scope), [(entry, encode(entry)) for entry in entries]
        with self._transaction() as connection:
            if scope.rev == 1:
                moved = connection.execute(
                    "INSERT INTO scope (route, rev, body) VALUES (?, 1, ?) ON CONFLICT DO NOTHING",
                    (scope.route, body),
                )
            else:
                moved = connection.execute(
                    "UPDATE scope SET rev = ?, body = ? WHERE route = ? AND rev = ?",
                    (scope.rev, body, scope.route, scope.rev - 1),
                )
            _require_moved(moved, scope_label(scope.route), scope.rev)
            for entry, line in lines:
                _append(connection, entry, line)

    def _rows(self, query: str, values: tuple[Any, ...]) -> list[Any]:
        with self._connected() as connection:
            return connection.execute(query, values).fetchall()

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        """Committed at the end, rolled back on any exception."""
        with self._connected() as connection, connection:
            connection.execute("BEGIN IMMEDIATE")
            yield connection

    @contextmanager
    def _connected(self) -> Iterator[sqlite3.Connection]:
        with self._lock:
            try:
                if self._connection is None:
                    self._connection = opened(self._path, self._busy_seconds)
                yield self._connection
            except sqlite3.Error as error:
                raise ledger_error(error, self._path) from error


def _require_moved(cursor: sqlite3.Cursor, label: str, rev: int) -> None:
    if cursor.rowcount != 1:
        raise LedgerConflict(f"{label} is not at revision {rev - 1}: somebody else moved it")


def _append(connection: sqlite3.Connection, entry: Entry, body: bytes) -> None:
    try:
        connection.execute(
            "INSERT INTO entry (route, name, seq, body) VALUES (?, ?, ?, ?)", (*entry.key, entry.seq, body)
        )
    except sqlite3.IntegrityError:
        raise LedgerConflict(f"{entry_label(entry.key, entry.seq)} exists already") from None
