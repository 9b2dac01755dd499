"""The journal read as what happened."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from msgspec.structs import replace

from shared.ledger.sqlite import SqliteLedger
from shared.operations.page.changes import Change, Reach, changes, recent
from shared.sync.journal import appended
from shared.sync.link import Entry, Link, LinkKey, Scope
from shared.translation.side import Side
from tests.unit.sync.world import Inline

KEY = LinkKey("fleet", "pumps")
PLAN = "a" * 64


def entry(
    decision: str, at: float, plan: str | None = PLAN, side: Side | None = None, **detail: object
) -> Entry:
    return Entry(KEY, 0, at, "aws-lambda", decision, side, plan=plan, detail=dict(detail))


INTENT = entry("intent", 10.0, side=Side.AZURE, event_at=4.0)
END = entry("committed", 12.0)


def test_an_announced_write_and_its_end_are_one_change() -> None:
    (change,) = changes([INTENT, END])
    assert (change.mirrored, change.wrote, change.at, change.took) == (True, (Side.AZURE,), 12.0, 8.0)


def test_a_write_to_both_sides_is_one_change() -> None:
    (change,) = changes([INTENT, replace(INTENT, side=Side.AWS), END])
    assert change.wrote == (Side.AWS, Side.AZURE)


@pytest.mark.parametrize(
    "entries",
    [[INTENT], [INTENT, entry("intent", 20.0, "b" * 64, Side.AZURE), entry("committed", 22.0, "b" * 64)]],
)
def test_an_intent_that_was_planned_anew_was_not_mirrored(entries: list[Entry]) -> None:
    first, *rest = changes(entries)
    assert not first.mirrored
    assert first.took is None
    assert all(change.mirrored for change in rest)


def test_a_persons_decision_stands_for_itself_and_ends_nothing() -> None:
    told = changes([INTENT, entry("pause", 11.0, None), END])
    assert [(change.last.decision, change.mirrored) for change in told] == [
        ("pause", False),
        ("committed", True),
    ]


def test_an_end_whose_beginning_was_not_read_is_still_told() -> None:
    (change,) = changes([END])
    assert (change.mirrored, change.wrote, change.took) == (False, (), None)


@pytest.mark.parametrize("told", [None, "10", True])
def test_without_a_time_from_an_event_nobody_knows_how_long_it_took(told: object) -> None:
    first = replace(INTENT, detail={} if told is None else {"event_at": told})
    (change,) = changes([first, END])
    assert change.took is None or told is True


def test_a_clock_that_runs_ahead_makes_no_negative_time() -> None:
    (change,) = changes([replace(INTENT, detail={"event_at": 99.0}), END])
    assert change.took == 0.0


def journalled(ledger: SqliteLedger, name: str, times: Iterable[float]) -> Link:
    link = Link(LinkKey("fleet", name))
    for at in times:
        noted, entries = appended(replace(link, rev=link.rev + 1, updated_at=at), entry("pause", at, None))
        ledger.save(noted, entries)
        link = noted
    return link


def times(found: Iterable[Change]) -> list[float]:
    return [change.at for change in found]


def test_the_newest_comes_first_and_nothing_is_missing() -> None:
    with SqliteLedger(":memory:") as ledger:
        links = [journalled(ledger, "a", [1, 4]), journalled(ledger, "b", [2, 3])]
        seen = recent(ledger, Inline(), links, [], Reach())
    assert (times(seen.changes), seen.since) == ([4, 3, 2, 1], 0.0)


def test_of_too_many_journals_those_that_changed_last_are_read_and_since_when_is_told() -> None:
    with SqliteLedger(":memory:") as ledger:
        links = [journalled(ledger, name, [at, at + 10]) for at, name in enumerate("abcd")]
        seen = recent(ledger, Inline(), links, [], Reach(journals=2))
    assert (times(seen.changes), seen.since) == ([13, 12], 11)


def test_of_a_journal_that_is_longer_the_end_is_told_and_since_when_nothing_is_missing() -> None:
    with SqliteLedger(":memory:") as ledger:
        links = [journalled(ledger, "a", range(10)), journalled(ledger, "b", [3.5, 8.5])]
        seen = recent(ledger, Inline(), links, [], Reach(entries=3))
    assert (times(seen.changes), seen.since) == ([9, 8.5, 8, 7], 7)


def test_a_routes_own_decisions_are_told_too() -> None:
    with SqliteLedger(":memory:") as ledger:
        scope, entries = appended(Scope("fleet", rev=1), replace(entry("release", 5.0, None)))
        ledger.save_scope(scope, entries)
        seen = recent(ledger, Inline(), [], [scope], Reach())
    assert [(change.key, change.last.decision) for change in seen.changes] == [
        (LinkKey("fleet", "*"), "release")
    ]
