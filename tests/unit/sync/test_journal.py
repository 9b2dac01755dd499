"""The journal is a chain: whatever is done to it afterwards shows."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from msgspec.structs import replace

from shared.ledger.codec import decode_entry, encode
from shared.sync.journal import Verdict, appended, chained, entry_hash, route_journal, verify
from shared.sync.link import Entry, Link, LinkKey, Scope, State
from tests.contract.ledger.records import KEY, any_record, entry
from tests.unit.sync.documents import at_most, group, profile
from tests.unit.sync.world import world


def told(count: int, link: Link | None = None) -> tuple[Link, list[Entry]]:
    """A link after ``count`` saves with an entry each, and its journal."""
    link = link or Link(KEY, rev=1)
    journal: list[Entry] = []
    for n in range(count):
        link, new = appended(link, entry(0, before={"n": n}))
        journal += new
    return link, journal


def test_entries_are_numbered_and_each_carries_the_hash_of_the_one_before() -> None:
    link, journal = told(3)
    assert [each.seq for each in journal] == [1, 2, 3]
    assert [each.prev for each in journal[1:]] == [entry_hash(each) for each in journal[:2]]
    assert (link.entries, link.head) == (3, entry_hash(journal[2]))
    assert verify(link, journal) == Verdict(checked=3)


def test_entries_of_one_save_are_chained_to_each_other() -> None:
    link, journal = told(1)
    link, more = appended(link, entry(0), entry(0, actor="second"))
    assert verify(link, [*journal, *more]) == Verdict(checked=3)


def test_a_journal_that_was_never_written_is_whole() -> None:
    assert verify(Link(KEY), []) == Verdict()


TAMPERING: list[tuple[str, Callable[[list[Entry]], list[Entry]], str]] = [
    ("a document", lambda j: [j[0], replace(j[1], before={"n": 9}), *j[2:]], "entry 2 is not what it was"),
    ("an actor", lambda j: [replace(j[0], actor="nobody"), *j[1:]], "entry 1 is not what it was"),
    ("the last entry", lambda j: [*j[:3], replace(j[3], at=1.0)], "entry 4 is not what it was"),
    ("its place", lambda j: [j[0], replace(j[2], seq=2), replace(j[1], seq=3), j[3]], "entry 1 is not what"),
    ("one out", lambda j: [j[0], *j[2:]], "entry 2 is missing"),
    ("the first out", lambda j: j[1:], "entry 1 is missing"),
    ("the end cut off", lambda j: j[:2], "entries 3 to 4 are missing"),
    ("all of it", lambda j: [], "entries 1 to 4 are missing"),
    ("a hash taken away", lambda j: [*j[:2], replace(j[2], prev=""), j[3]], "entry 3 has no hash"),
    (
        "all hashes taken away",
        lambda j: [replace(each, prev="", actor="nobody") for each in j],
        "entry 4 is not what it was",
    ),
    (
        "a new beginning",
        lambda j: [replace(j[0], prev=""), *j[1:]],
        "entry 2 does not begin the chain, and the one before is not in it",
    ),
    (
        "a journal of another link",
        lambda _: told(4, Link(LinkKey("fleet", "pumps")))[1],
        "entry 4 is not what it was",
    ),
]


@pytest.mark.parametrize(("what", "tamper", "said"), TAMPERING, ids=[name for name, _, _ in TAMPERING])
def test_tampering_shows(what: str, tamper: Callable[[list[Entry]], list[Entry]], said: str) -> None:
    link, journal = told(4)
    problems = verify(link, tamper(journal)).problems
    assert any(problem.startswith(said) for problem in problems), problems


def test_a_record_that_was_set_back_leaves_entries_that_the_next_save_would_meet() -> None:
    """What comes after the record's last entry is nobody's word: the ledger refuses to write over it."""
    earlier, _ = told(2)
    _, journal = told(3)
    assert verify(earlier, journal) == Verdict(checked=2)


def test_entries_of_before_the_chain_are_told_apart_and_not_complained_of() -> None:
    old = [entry(seq) for seq in (1, 2)]
    link, new = appended(Link(KEY, rev=1, entries=2), entry(0))
    assert verify(link, [*old, *new]) == Verdict(checked=1, unchained=2)
    assert verify(Link(KEY, entries=2), old) == Verdict(unchained=2)
    assert verify(link, new).problems == ["entries 1 to 2 are missing"]


def test_a_tombstone_may_lose_any_of_its_entries() -> None:
    link, journal = told(3)
    grave = replace(link, state=State.TOMBSTONE)
    assert verify(grave, [journal[1]]) == Verdict(checked=1, lapsed=2)
    assert verify(grave, []) == Verdict(lapsed=3)


def test_a_link_that_came_back_may_lose_what_its_tombstone_had_and_nothing_after() -> None:
    link, journal = told(3)
    alive, more = told(2, replace(link, lapsing=3))
    assert verify(alive, [journal[2], *more]) == Verdict(checked=3, lapsed=2)
    assert verify(alive, more) == Verdict(checked=2, lapsed=3)
    assert verify(alive, [journal[0], more[1]]).problems == ["entry 4 is missing"]


def test_a_route_has_a_chain_of_its_own() -> None:
    scope, journal = appended(Scope("fleet"), entry(0, decision="freeze"))
    assert journal[0].key == route_journal("fleet") == LinkKey("fleet", "*")
    assert verify(scope, journal) == Verdict(checked=1)
    assert verify(scope, []).problems == ["entry 1 is missing"]


def test_problems_are_told_up_to_a_limit() -> None:
    link, journal = told(120)
    assert len(verify(link, journal[::2]).problems) == 20


def test_a_chain_that_is_not_continued_is_noticed_before_it_is_stored() -> None:
    link, _ = told(1)
    assert chained(link, [])
    assert not chained(link, [entry(2)])
    assert not chained(Link(KEY), told(1)[1])
    assert chained(Link(KEY), [entry(1)]), "an older version writes no hash"


@given(any_record(Entry))
def test_an_entry_has_the_same_hash_before_and_after_it_was_stored(record: Entry) -> None:
    assert entry_hash(decode_entry(encode(record), record.key, record.seq)) == entry_hash(record)


def test_everything_that_the_engine_writes_is_in_the_chain() -> None:
    w = world(delete="mirror")
    w.in_step("pumps", profile(sent=at_most(100)), group(sent=at_most(100)))
    for limit in (60, 40):
        w.aws.put("pumps", profile(sent=at_most(limit)))
        w.later()
    w.azure.remove("pumps")
    w.later()
    w.later()
    assert w.link().state is State.TOMBSTONE
    w.aws.put("pumps", profile(sent=at_most(20)))
    w.later(400)
    link, journal = w.link(), w.journal()
    assert link.state is State.BOUND
    assert verify(link, journal) == Verdict(checked=len(journal))
    assert link.lapsing == len(journal) - 1, "what the ledger let expire with the tombstone"
    assert verify(link, journal[-1:]).problems == []
