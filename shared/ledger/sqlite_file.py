"""The file under the SQLite ledger: made private, shared between processes, and what its errors mean."""

from __future__ import annotations

import os
import sqlite3
import threading
from contextlib import suppress

from shared.errors import LedgerError, LedgerUnavailable

MEMORY = ":memory:"
SCHEMA_VERSION = 1
WAL_ATTEMPTS = 10
_SCHEMA = (
    "CREATE TABLE link (route TEXT NOT NULL, name TEXT NOT NULL, rev INTEGER NOT NULL, body BLOB NOT NULL,"
    " PRIMARY KEY (route, name))",
    "CREATE TABLE entry (route TEXT NOT NULL, name TEXT NOT NULL, seq INTEGER NOT NULL, body BLOB NOT NULL,"
    " PRIMARY KEY (route, name, seq))",
    "CREATE TABLE scope (route TEXT NOT NULL PRIMARY KEY, rev INTEGER NOT NULL, body BLOB NOT NULL)",
    f"PRAGMA user_version = {SCHEMA_VERSION}",
)

# What no waiting mends, and what does.
_WAYS_OUT = {
    sqlite3.SQLITE_NOTADB: "it is not a ledger; name another file",
    sqlite3.SQLITE_CORRUPT: "it is damaged; restore it from a copy",
    sqlite3.SQLITE_READONLY: "it cannot be written; see its permissions and those of its folder",
    sqlite3.SQLITE_CANTOPEN: "it cannot be opened; see its permissions and those of its folder",
    sqlite3.SQLITE_PERM: "it cannot be opened; see its permissions and those of its folder",
}

# One opening at a time in this process: closing any descriptor of a file drops the process's locks on it
# (POSIX), so the one that creates the file must be closed before SQLite takes a lock there.
_opening = threading.Lock()


def opened(path: str, busy_seconds: float) -> sqlite3.Connection:
    with _opening:
        _create_private(path)
        # Autocommit: transactions are begun by hand. Every use is under the ledger's lock.
        connection = sqlite3.connect(
            path, timeout=busy_seconds, isolation_level=None, check_same_thread=False
        )
        try:
            _prepare(connection, path)
        except BaseException:
            connection.close()
            raise
        return connection


def _create_private(path: str) -> None:
    """SQLite would make the file readable for all; its -wal and -shm files take over the mode found here."""
    if path == MEMORY:
        return
    try:
        with suppress(FileExistsError):
            os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    except OSError as error:
        raise LedgerError(
            f"ledger file {path} cannot be created: {error.strerror}. Its folder must exist and be writable"
        ) from error


def _prepare(connection: sqlite3.Connection, path: str) -> None:
    _use_wal(connection, path)
    connection.execute("PRAGMA synchronous = FULL")
    with connection:
        connection.execute("BEGIN IMMEDIATE")
        ((version,),) = connection.execute("PRAGMA user_version")
        if version > SCHEMA_VERSION:
            raise LedgerError(
                f"ledger file {path} has layout {version}, this version knows {SCHEMA_VERSION}: "
                "use the newer version, or another file"
            )
        if version == 0:
            for statement in _SCHEMA:
                connection.execute(statement)


def _use_wal(connection: sqlite3.Connection, path: str) -> None:
    """Several processes may do so to a new file at once. SQLite answers "locked" to this statement without
    waiting (seen with 3.40.1), so the wait is done with a transaction, which does."""
    for _ in range(WAL_ATTEMPTS):
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
                raise
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("ROLLBACK")
    raise LedgerUnavailable(f"ledger file {path}: locked by a program that does not use write-ahead logging")


def ledger_error(error: sqlite3.Error, path: str) -> LedgerError:
    code = getattr(error, "sqlite_errorcode", 0)
    way_out = _WAYS_OUT.get(code & 0xFF)
    if way_out:
        return LedgerError(f"ledger file {path}: {error}. As found, {way_out}")
    return LedgerUnavailable(f"ledger file {path}: {error}")
