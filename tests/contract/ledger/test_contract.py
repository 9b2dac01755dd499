"""What every ledger promises the engine: see shared.sync.ports.Ledger."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import islice
from typing import TypeVar

import pytest
from msgspec.structs import replace

from shared.errors import LedgerConflict, LedgerError
from shared.sync.journal import Verdict, appended, route_journal, verify
from shared.sync.link import Entry, Link, LinkKey, Scope, State
from shared.sync.ports import Ledger
from tests.contract.ledger.records import (
    KEY,
    RICH,
    entry,
    largest_link,
    largest_profile,
    link,
    noise,
)

Result = TypeVar("Result")
Open = Callable[[], Ledger]


def at_once(tasks: Sequence[Callable[[], Result]]) -> list[Result]:
    """Run every task in a thread of its own, none before all are there."""
    barrier = threading.Barrier(len(tasks))

    def run(task: Callable[[], Result]) -> Result:
        barrier.wait()
        return task()

    with ThreadPoolExecutor(len(tasks)) as pool:
        return list(pool.map(run, tasks))


def wins(ledger: Ledger, record: Link, entries: Sequence[Entry] = ()) -> bool:
    try:
        ledger.save(record, entries)
    except LedgerConflict:
        return False
    return True


# --- links


def test_a_link_that_was_never_saved_is_none(ledger: Ledger) -> None:
    assert ledger.link(KEY) is None
    assert list(ledger.journal(KEY)) == []
    assert list(ledger.route_links(KEY.route)) == []


def test_a_saved_link_comes_back_equal(ledger: Ledger) -> None:
    ledger.save(RICH)
    assert ledger.link(KEY) == RICH


def test_what_one_ledger_saved_the_next_one_reads_at_once(another: Open) -> None:
    first, second = another(), another()
    first.save(RICH, [entry(0)])
    assert second.link(KEY) == RICH
    assert list(second.journal(KEY)) == [entry(0)]


def test_a_link_as_large_as_aws_allows_its_documents_fits(ledger: Ledger) -> None:
    whole = entry(0, before=largest_profile(1), after=largest_profile(2))
    ledger.save(largest_link(), [whole])
    assert ledger.link(KEY) == largest_link()
    assert list(ledger.journal(KEY)) == [whole]


# --- revisions


def test_the_first_save_needs_an_empty_place(ledger: Ledger) -> None:
    ledger.save(link(token=1))
    with pytest.raises(LedgerConflict, match="'fleet/thermostats'"):
        ledger.save(link(token=2))
    assert ledger.link(KEY) == link(token=1)


def test_each_save_needs_the_revision_before_it(ledger: Ledger) -> None:
    for rev in (1, 2, 3):
        ledger.save(link(rev=rev))
    for rev in (0, 1, 2, 3, 5):
        with pytest.raises(LedgerConflict):
            ledger.save(link(rev=rev, token=99))
    assert ledger.link(KEY) == link(rev=3)
    ledger.save(link(rev=4))
    assert ledger.link(KEY) == link(rev=4)


@pytest.mark.parametrize("rev", [-1, 0, 2, 7])
def test_a_link_that_is_not_stored_is_only_saved_as_the_first(ledger: Ledger, rev: int) -> None:
    with pytest.raises(LedgerConflict):
        ledger.save(link(rev=rev), [entry(0)])
    assert ledger.link(KEY) is None
    assert list(ledger.journal(KEY)) == []


def test_the_revision_of_one_link_is_none_of_anothers(ledger: Ledger) -> None:
    ledger.save(link())
    ledger.save(link(LinkKey("fleet", "pumps")))
    ledger.save(link(LinkKey("other", "thermostats")))
    ledger.save(link(rev=2))
    assert [found.rev for found in ledger.route_links("fleet")] == [1, 2]


# --- journal


def test_entries_are_stored_with_their_link_and_read_in_order(ledger: Ledger) -> None:
    for rev in range(1, 14):
        lines = [entry(2 * rev + 1, side=None, before={"rev": rev}), entry(2 * rev, plan="p")]
        ledger.save(link(rev=rev, entries=2 * rev), lines)
    assert [line.seq for line in ledger.journal(KEY)] == list(range(2, 28))
    assert next(iter(ledger.journal(KEY))) == entry(2, plan="p")


def test_numbers_with_more_digits_come_later(ledger: Ledger) -> None:
    numbers = [0, 9, 10, 99, 100, 1_000_000_007]
    ledger.save(link(), [entry(number) for number in reversed(numbers)])
    assert [line.seq for line in ledger.journal(KEY)] == numbers


def test_a_refused_save_stores_no_entry(ledger: Ledger) -> None:
    ledger.save(link(), [entry(0)])
    with pytest.raises(LedgerConflict):
        ledger.save(link(token=5), [entry(1), entry(2)])
    assert list(ledger.journal(KEY)) == [entry(0)]


def test_an_entry_is_never_overwritten_and_its_link_is_not_saved_either(ledger: Ledger) -> None:
    ledger.save(link(), [entry(0), entry(1)])
    with pytest.raises(LedgerConflict, match="journal entry 1 of link 'fleet/thermostats'"):
        ledger.save(link(rev=2), [entry(2), entry(1, detail={"changed": True})])
    assert ledger.link(KEY) == link()
    assert list(ledger.journal(KEY)) == [entry(0), entry(1)]


def test_a_long_journal_is_read_to_its_end(ledger: Ledger) -> None:
    bulk = noise(6_000)
    for rev in range(1, 4):
        ledger.save(link(rev=rev), [entry(90 * rev + n, before={"x": bulk}) for n in range(90)])
    assert [line.seq for line in ledger.journal(KEY)] == list(range(90, 360))


def test_a_journal_is_read_from_any_entry_on(ledger: Ledger) -> None:
    ledger.save(link(), [entry(number) for number in (1, 2, 9, 10, 250)])
    assert [line.seq for line in ledger.journal(KEY, 2)] == [9, 10, 250]
    assert [line.seq for line in ledger.journal(KEY, 9)] == [10, 250]
    assert list(ledger.journal(KEY, 250)) == []


# --- the chain


def test_a_chained_journal_comes_back_whole(ledger: Ledger) -> None:
    record = link(rev=0)
    for n in range(5):
        record, lines = appended(replace(record, rev=record.rev + 1), *[entry(0, after={"n": n})] * 2)
        ledger.save(record, lines)
    stored = ledger.link(KEY)
    assert stored == record
    assert verify(record, ledger.journal(KEY)) == Verdict(checked=10)


def test_entries_that_do_not_continue_the_chain_are_refused(ledger: Ledger) -> None:
    record, lines = appended(link(), entry(0))
    ledger.save(record, lines)
    with pytest.raises(LedgerError, match="link 'fleet/thermostats': its new journal entries"):
        ledger.save(replace(record, rev=2, entries=2), [entry(2)])
    assert ledger.link(KEY) == record
    assert list(ledger.journal(KEY)) == list(lines)


def test_a_journal_of_before_the_chain_is_continued_as_one(ledger: Ledger) -> None:
    ledger.save(link(entries=2), [entry(1), entry(2)])
    record, lines = appended(link(rev=2, entries=2), entry(0))
    ledger.save(record, lines)
    assert verify(record, ledger.journal(KEY)) == Verdict(checked=1, unchained=2)


def test_a_route_has_a_journal_that_is_saved_with_its_scope(ledger: Ledger) -> None:
    scope, lines = appended(Scope("fleet", rev=1, frozen="x"), entry(0, decision="freeze"))
    ledger.save_scope(scope, lines)
    with pytest.raises(LedgerConflict):
        ledger.save_scope(*appended(scope, entry(0, decision="release")))
    assert ledger.scope("fleet") == scope
    assert list(ledger.journal(route_journal("fleet"))) == list(lines)
    assert list(ledger.route_links("fleet")) == []
    with pytest.raises(LedgerError, match="scope 'fleet': its new journal entries"):
        ledger.save_scope(replace(scope, rev=2), [entry(2, route_journal("fleet"))])


# --- many links


def test_a_route_is_listed_page_by_page_in_the_order_of_names(ledger: Ledger) -> None:
    names = [f"profile-{n}" for n in range(210)]
    random.Random(1).shuffle(names)
    for seed, name in enumerate(names):
        ledger.save(link(LinkKey("fleet", name), names={noise(6_000, seed): ()}))
    ledger.save(link(LinkKey("fleet-2", "elsewhere")))
    assert [found.key for found in ledger.route_links("fleet")] == [
        LinkKey("fleet", name) for name in sorted(names)
    ]


def test_a_route_is_listed_after_any_name_and_as_far_as_wanted(ledger: Ledger) -> None:
    names = [f"profile-{n:03}" for n in range(250)]
    for name in names:
        ledger.save(link(LinkKey("fleet", name)))

    def listed(after: str | None, most: int | None = None) -> list[str]:
        return [found.key.name for found in ledger.route_links("fleet", after, most)]

    assert listed("profile-100", 3) == names[101:104]
    assert listed("profile-1", 2) == names[100:102]  # a name that is not there
    assert listed(None, 230) == names[:230]
    assert listed("", 1) == names[:1]
    assert listed("profile-240", 99) == names[241:]
    assert (listed("profile-249"), listed("zz", 5), listed("a", 0)) == ([], [], [])


def test_a_route_can_be_changed_while_it_is_listed(ledger: Ledger) -> None:
    for name in "abc":
        ledger.save(link(LinkKey("fleet", name)))
    listed = []
    for found in ledger.route_links("fleet"):
        ledger.save(replace(found, rev=found.rev + 1))
        listed.append(found.key.name)
    assert listed == ["a", "b", "c"]


def test_links_are_read_in_batches_of_any_size(ledger: Ledger) -> None:
    keys = [LinkKey("fleet", f"profile-{n}") for n in range(230)]
    stored = [link(key, token=n) for n, key in enumerate(keys) if n % 2]
    for record in stored:
        ledger.save(record)
    assert ledger.links(iter([*keys, *keys[:50]])) == {record.key: record for record in stored}
    assert ledger.links([]) == {}


def test_large_links_are_read_in_batches_too(ledger: Ledger) -> None:
    stored = [largest_link(LinkKey("fleet", f"profile-{n}")) for n in range(24)]
    for record in stored:
        ledger.save(record)
    assert ledger.links([record.key for record in stored]) == {record.key: record for record in stored}
    assert [record.key for record in ledger.route_links("fleet")] == sorted(r.key for r in stored)


# --- names

NAMES = [
    "",
    " ",
    "#",
    "##",
    "1#a",
    "a",
    "A",
    "a#b",
    "b",
    "b#c",
    "c",
    "L#a",
    "S",
    "a/b",
    "a\x00",
    "a\x00b",
    "line\nbreak",
    "../../etc/passwd",
    "' OR 1=1 --",
    "%",
    "_",
    "caf\u00e9",
    "cafe\u0301",
    "\u540d\u524d",
    "\U0001f600",
    "\uffff",
    "\u202eevil",
    "x" * 255,
    "\U0001f600" * 255,
]


def test_any_name_is_its_own(ledger: Ledger) -> None:
    keys = [LinkKey("fleet", name) for name in NAMES]
    for n, key in enumerate(keys):
        ledger.save(link(key, token=n), [entry(n, key)])
    assert ledger.links(keys) == {key: link(key, token=n) for n, key in enumerate(keys)}
    assert [list(ledger.journal(key)) for key in keys] == [[entry(n, key)] for n, key in enumerate(keys)]


def test_names_are_ordered_by_code_point(ledger: Ledger) -> None:
    for name in NAMES:
        ledger.save(link(LinkKey("fleet", name)))
    assert [found.key.name for found in ledger.route_links("fleet")] == sorted(NAMES)


def test_no_route_and_name_are_taken_for_another_pair(ledger: Ledger) -> None:
    keys = [LinkKey(route, name) for route in NAMES[:9] for name in NAMES[:9]]
    for n, key in enumerate(keys):
        ledger.save(link(key, token=n), [entry(n, key)])
    assert ledger.links(keys) == {key: link(key, token=n) for n, key in enumerate(keys)}
    assert [list(ledger.journal(key)) for key in keys] == [[entry(n, key)] for n, key in enumerate(keys)]
    for route in NAMES[:9]:
        assert [found.key.name for found in ledger.route_links(route)] == sorted(NAMES[:9])


@pytest.mark.parametrize("key", [LinkKey("fleet", "\ud800"), LinkKey("\ud800", "x")], ids=["name", "route"])
def test_a_name_that_is_not_unicode_is_refused_by_every_method(ledger: Ledger, key: LinkKey) -> None:
    attempts: list[Callable[[], object]] = [
        lambda: ledger.link(key),
        lambda: ledger.links([KEY, key]),
        lambda: ledger.save(link(key)),
        lambda: list(ledger.journal(key)),
        lambda: list(ledger.route_links("".join(key))),
        lambda: ledger.scope("".join(key)),
        lambda: ledger.save_scope(Scope("".join(key), rev=1)),
    ]
    for attempt in attempts:
        with pytest.raises(LedgerError, match="lone surrogate"):
            attempt()


# --- tombstones


def test_a_tombstone_keeps_its_place_its_documents_and_its_journal(ledger: Ledger) -> None:
    grave = replace(RICH, state=State.TOMBSTONE, rev=2)
    ledger.save(RICH, [entry(0)])
    ledger.save(grave, [entry(1, before={"last": "document"})])
    assert ledger.link(KEY) == grave
    assert list(ledger.route_links("fleet")) == [grave]
    assert [line.seq for line in ledger.journal(KEY)] == [0, 1]


def test_a_tombstone_can_come_back_to_life(ledger: Ledger) -> None:
    ledger.save(link(), [entry(0)])
    ledger.save(link(rev=2, state=State.TOMBSTONE), [entry(1)])
    ledger.save(link(rev=3, state=State.BOUND), [entry(2)])
    assert ledger.link(KEY) == link(rev=3, state=State.BOUND)
    assert [line.seq for line in ledger.journal(KEY)] == [0, 1, 2]


def test_a_link_may_begin_as_a_tombstone(ledger: Ledger) -> None:
    ledger.save(link(state=State.TOMBSTONE), [entry(0)])
    assert ledger.link(KEY) == link(state=State.TOMBSTONE)


# --- scopes


def test_a_scope_that_was_never_saved_is_empty(ledger: Ledger) -> None:
    assert ledger.scope("fleet") == Scope("fleet")


def test_a_scope_is_saved_on_condition_of_its_revision(ledger: Ledger) -> None:
    ledger.save_scope(Scope("fleet", rev=1, frozen="hub is gone"))
    ledger.save_scope(Scope("fleet", rev=2, digests={"lambda": "d"}))
    for rev in (0, 1, 2, 4):
        with pytest.raises(LedgerConflict, match="scope 'fleet'"):
            ledger.save_scope(Scope("fleet", rev=rev))
    assert ledger.scope("fleet") == Scope("fleet", rev=2, digests={"lambda": "d"})


def test_a_scope_is_not_first_saved_as_the_second(ledger: Ledger) -> None:
    with pytest.raises(LedgerConflict):
        ledger.save_scope(Scope("fleet", rev=2))
    assert ledger.scope("fleet") == Scope("fleet")


def test_scopes_are_apart_from_each_other_and_from_links(ledger: Ledger) -> None:
    for name in NAMES:
        ledger.save_scope(Scope(name, rev=1, frozen=name))
    assert [ledger.scope(name).frozen for name in NAMES] == NAMES
    assert [list(ledger.route_links(name)) for name in NAMES] == [[] for _ in NAMES]


# --- at once


def test_of_two_that_save_at_once_exactly_one_wins(another: Open) -> None:
    first, second = another(), another()
    first.save(link())
    for rev in range(2, 22):
        lines = [entry(rev, actor=actor) for actor in ("one", "two")]
        won = at_once(
            [
                partial(wins, first, link(rev=rev, token=1), lines[:1]),
                partial(wins, second, link(rev=rev, token=2), lines[1:]),
            ]
        )
        assert sorted(won) == [False, True]
        winner = won.index(True)
        assert first.link(KEY) == link(rev=rev, token=winner + 1)
        assert [line for line in first.journal(KEY) if line.seq == rev] == [lines[winner]]


def test_of_many_first_saves_exactly_one_wins(another: Open) -> None:
    ledgers = [another() for _ in range(8)]
    won = at_once(
        [partial(wins, ledger, link(token=n), [entry(0, actor=str(n))]) for n, ledger in enumerate(ledgers)]
    )
    assert sum(won) == 1
    assert ledgers[0].link(KEY) == link(token=won.index(True))
    assert [line.actor for line in ledgers[0].journal(KEY)] == [str(won.index(True))]


def test_no_step_is_lost_when_many_count_on_one_scope(another: Open) -> None:
    ledgers = [another() for _ in range(4)]

    def count(ledger: Ledger) -> None:
        counted = 0
        while counted < 10:
            scope = ledger.scope("fleet")
            try:
                ledger.save_scope(replace(scope, rev=scope.rev + 1, known=scope.known + 1))
                counted += 1
            except LedgerConflict:
                continue

    at_once([partial(count, ledger) for ledger in ledgers])
    assert ledgers[0].scope("fleet").known == 40


def test_one_ledger_serves_many_threads(ledger: Ledger) -> None:
    def work(worker: int) -> list[Link]:
        for n in range(10):
            key = LinkKey("fleet", f"{worker}-{n}")
            ledger.save(link(key), [entry(0, key)])
            ledger.save(link(key, rev=2), [entry(1, key)])
        return list(islice(ledger.route_links("fleet"), 5))

    at_once([partial(work, worker) for worker in range(6)])
    assert [found.rev for found in ledger.route_links("fleet")] == [2] * 60
