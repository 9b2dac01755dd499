"""What is SQLite's own: the file, its neighbours, and what its errors mean."""

from __future__ import annotations

import sqlite3
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from shared.errors import LedgerError, LedgerUnavailable
from shared.ledger.codec import encode
from shared.ledger.sqlite import SqliteLedger
from shared.sync.link import Scope
from tests.contract.ledger.records import KEY, entry, link


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "ledger.db"


@pytest.fixture
def ledger(path: Path) -> Iterator[SqliteLedger]:
    with SqliteLedger(path, busy_seconds=0) as ledger:
        yield ledger


@pytest.fixture
def intruder(path: Path, ledger: SqliteLedger) -> Iterator[sqlite3.Connection]:
    """Another program at the ledger's file."""
    ledger.save(link(), [entry(0)])
    connection = sqlite3.connect(path, isolation_level=None)
    yield connection
    connection.close()


def test_nothing_is_made_before_the_first_call(path: Path, ledger: SqliteLedger) -> None:
    assert not path.exists()
    assert ledger.link(KEY) is None
    assert path.exists()


def test_the_file_and_its_companions_are_their_owners_alone(path: Path, ledger: SqliteLedger) -> None:
    ledger.save(link())
    modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in path.parent.iterdir()}
    assert modes == {"ledger.db": 0o600, "ledger.db-shm": 0o600, "ledger.db-wal": 0o600}


def test_every_commit_is_synced_to_disk_before_it_counts(
    path: Path, intruder: sqlite3.Connection, ledger: SqliteLedger
) -> None:
    assert intruder.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    with ledger._connected() as connection:
        assert connection.execute("PRAGMA synchronous").fetchone() == (2,)  # FULL


def test_what_was_saved_is_there_after_closing(path: Path, ledger: SqliteLedger) -> None:
    ledger.save(link(), [entry(0)])
    ledger.save_scope(Scope("fleet", rev=1, frozen="x"))
    ledger.close()
    with SqliteLedger(path) as later:
        assert later.link(KEY) == link()
        assert list(later.journal(KEY)) == [entry(0)]
        assert later.scope("fleet").frozen == "x"


def test_closing_twice_or_unused_does_nothing(ledger: SqliteLedger) -> None:
    ledger.close()
    ledger.scope("fleet")
    ledger.close()
    ledger.close()
    assert ledger.scope("fleet") == Scope("fleet")


def test_a_reader_does_not_wait_for_a_writer(intruder: sqlite3.Connection, ledger: SqliteLedger) -> None:
    intruder.execute("BEGIN IMMEDIATE")
    assert ledger.link(KEY) == link()


def test_a_lock_that_lasts_is_unavailable_and_nothing_is_stored(
    path: Path, intruder: sqlite3.Connection, ledger: SqliteLedger
) -> None:
    intruder.execute("BEGIN IMMEDIATE")
    with pytest.raises(LedgerUnavailable, match=rf"ledger file {path}: database is locked") as caught:
        ledger.save(link(rev=2), [entry(1)])
    assert caught.value.transient
    intruder.execute("ROLLBACK")
    assert ledger.link(KEY) == link()
    ledger.save(link(rev=2), [entry(1)])
    assert ledger.link(KEY) == link(rev=2)


def test_a_file_that_another_program_keeps_from_write_ahead_logging_is_unavailable(path: Path) -> None:
    reader = sqlite3.connect(path, isolation_level=None)
    with closing(reader), SqliteLedger(path, busy_seconds=0) as ledger:
        reader.execute("CREATE TABLE other (x)")
        reader.execute("BEGIN")
        reader.execute("SELECT * FROM other")
        with pytest.raises(LedgerUnavailable, match="does not use write-ahead logging"):
            ledger.link(KEY)
        reader.execute("COMMIT")
        assert ledger.link(KEY) is None


def test_a_file_that_is_not_a_ledger_is_refused_for_good(path: Path, ledger: SqliteLedger) -> None:
    path.write_bytes(b"routes:\n" * 1000)
    with pytest.raises(LedgerError, match="it is not a ledger; name another file") as caught:
        ledger.link(KEY)
    assert not caught.value.transient
    assert path.read_bytes() == b"routes:\n" * 1000


def test_a_folder_that_is_missing_is_named(tmp_path: Path) -> None:
    with (
        SqliteLedger(tmp_path / "missing" / "ledger.db") as ledger,
        pytest.raises(LedgerError, match=r"missing/ledger\.db cannot be created: No such file or directory"),
    ):
        ledger.link(KEY)


def test_a_folder_in_place_of_the_file_is_refused_for_good(tmp_path: Path) -> None:
    with SqliteLedger(tmp_path) as ledger, pytest.raises(LedgerError, match="cannot be opened") as caught:
        ledger.link(KEY)
    assert not caught.value.transient


def test_a_file_of_a_later_layout_is_left_alone(
    path: Path, intruder: sqlite3.Connection, ledger: SqliteLedger
) -> None:
    intruder.execute("PRAGMA user_version = 2")
    with SqliteLedger(path) as earlier, pytest.raises(LedgerError, match="layout 2, this version knows 1"):
        earlier.link(KEY)


def test_a_damaged_record_is_named(intruder: sqlite3.Connection, ledger: SqliteLedger) -> None:
    intruder.execute("UPDATE link SET body = ?", (encode(link())[:-1],))
    intruder.execute("UPDATE entry SET body = ?", (b"",))
    with pytest.raises(LedgerError, match="link 'fleet/thermostats' is damaged"):
        ledger.link(KEY)
    with pytest.raises(LedgerError, match="journal entry 0 of link 'fleet/thermostats' is damaged"):
        list(ledger.journal(KEY))


COUNT = """
import sys
from msgspec.structs import replace
from shared.errors import LedgerConflict
from shared.ledger.sqlite import SqliteLedger

with SqliteLedger(sys.argv[1], busy_seconds=60) as ledger:
    print("ready", flush=True)
    sys.stdin.readline()
    counted = 0
    while counted < 25:
        scope = ledger.scope("fleet")
        try:
            ledger.save_scope(replace(scope, rev=scope.rev + 1, known=scope.known + 1))
            counted += 1
        except LedgerConflict:
            pass
"""


def test_processes_share_the_file_from_its_very_creation_and_lose_no_step(path: Path) -> None:
    root = Path(__file__).resolve().parents[3]
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", COUNT, str(path)],
            cwd=root,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(3)
    ]
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        process.communicate("go\n")
    assert [process.returncode for process in processes] == [0, 0, 0]
    with SqliteLedger(path) as ledger:
        assert ledger.scope("fleet").known == 75
