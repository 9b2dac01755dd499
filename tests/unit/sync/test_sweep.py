"""The sweep lists what either cloud or the ledger knows, and says when it was through."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from shared.errors import LedgerConflict, Unreachable
from shared.sync import effects as do
from shared.sync.job import Worker
from shared.sync.link import Intent
from shared.sync.progress import finish_sweep
from shared.sync.sweep import Window, list_names, next_window, sweep_keys
from shared.sync.tally import HOUR, KEPT, counted
from shared.translation.side import Side
from tests.unit.sync.documents import LEARNED, at_most, group, profile
from tests.unit.sync.world import FUNCTION, LAMBDA, World, raising, world


def names(w: World) -> list[str]:
    return [key.name for key in w.run(sweep_keys(w.route))]


def finish(w: World, worker: Worker, digest: str = "digest") -> None:
    w.run(finish_sweep(w.route, worker, digest, counted(w.ledger.route_links(w.route.id))))


def test_it_lists_what_either_side_or_the_ledger_knows_once_and_in_order() -> None:
    w = world()
    w.in_step("both", profile(), group())
    w.in_step("gone", profile(), group())
    w.aws.remove("gone")
    w.azure.remove("gone")
    w.aws.put("on-aws", profile())
    w.azure.put("on-azure", group())
    assert names(w) == ["both", "gone", "on-aws", "on-azure"]


def walked(w: World, most: int, size: int) -> list[Window]:
    """Every window of a route, with listings of so many names and pages of so many links."""
    windows: list[Window] = []
    after: str | None = ""
    while after is not None:
        listed = w.run(list_names(after, most))
        while after is not None and listed.covers(after):
            windows.append(w.run(next_window(w.route, listed, after, size)))
            after = windows[-1].upto
    return windows


@pytest.mark.parametrize(("most", "size"), [(1, 1), (2, 3), (3, 2), (4, 9), (9, 1), (99, 99)])
def test_however_little_is_held_at_once_every_link_comes_once_with_all_that_is_known(
    most: int, size: int
) -> None:
    w = world()
    for name in ("a", "c", "d", "g", "m"):
        w.in_step(name, profile(), group())
    for name in ("b", "e", "f", "h", "i", "j"):
        w.aws.put(name, profile())
    w.azure.put("k", group())
    windows = walked(w, most, size)
    assert [key.name for window in windows for key in window.keys] == list("abcdefghijkm")
    assert [name for window in windows for name in window.links] == list("acdgm")
    assert [key.name for window in windows for key in window.to_survey] == list("acdgm")
    assert all(len(window.keys) <= 2 * size for window in windows)
    halves = [half for window in windows for half in window.split(1)]
    assert [name for half in halves for name in half.links] == list("acdgm")


def test_names_outside_the_route_are_left_out() -> None:
    w = world(names="{include: ['plant-*'], exclude: ['*-draft']}")
    for name in ("plant-a", "plant-b-draft", "office", "default"):
        w.aws.put(name, profile())
    assert names(w) == ["plant-a"]


def test_a_tombstone_is_left_out_unless_an_intent_still_stands() -> None:
    w = world()
    w.in_step("pumps", profile(), group())
    w.aws.remove("pumps")
    w.azure.remove("pumps")
    w.look()
    w.later()
    assert names(w) == []
    link = w.link()
    w.ledger.save(replace(link, rev=link.rev + 1, intent=Intent(1, w.now, frozenset({Side.AWS}), "x", 1)))
    assert names(w) == ["pumps"]


@pytest.mark.parametrize("nth", [1, 2])
def test_half_a_sweep_is_none(nth: int) -> None:
    w = world()
    w.before(do.FirstNames, raising(Unreachable("azure", "503")), nth)
    with pytest.raises(Unreachable):
        names(w)


def test_when_it_is_through_it_notes_time_routes_and_links() -> None:
    w = world()
    for name in ("pumps", "valves"):
        w.in_step(name, profile(sent=at_most(1)), group(sent=at_most(1)))
    finish(w, LAMBDA, "digest-1")
    w.now += 60.0
    finish(w, FUNCTION, "digest-2")
    scope = w.scope()
    assert scope.known == 2
    assert scope.swept_at == {"aws-lambda": w.now - 60.0, "azure-function": w.now}
    assert scope.digests == {"aws-lambda": "digest-1", "azure-function": "digest-2"}


def test_it_notes_that_beside_others_who_move_the_record() -> None:
    w = world()
    w.before(do.SaveScope, lambda: w.freeze("just now"))
    finish(w, LAMBDA, "digest")
    assert w.scope().frozen == "just now"
    assert w.scope().swept_at == {"aws-lambda": w.now}


def test_and_gives_up_when_the_record_never_stands_still() -> None:
    w = world()
    for nth in range(1, 6):
        w.before(do.SaveScope, raising(LedgerConflict("moved")), nth)
    with pytest.raises(LedgerConflict, match="route fleet"):
        finish(w, LAMBDA, "digest")


def test_it_counts_what_is_held_and_what_waits_hour_by_hour_for_a_week() -> None:
    w = world()
    w.in_step("pumps", profile(LEARNED, sent=at_most(100)), group(sent=at_most(100)))
    w.in_step("valves", profile(sent=at_most(100)), group(sent=at_most(100)))
    hour = int(w.now // HOUR)
    finish(w, LAMBDA, "digest")
    assert w.scope().tally == {hour: (2, 1, 0)}
    w.aws.put("valves", profile(sent=at_most(60)))
    w.azure.put("valves", group(sent=at_most(80)))
    w.look("valves")
    finish(w, FUNCTION, "digest")
    assert w.scope().tally == {hour: (2, 1, 1)}
    w.now += (KEPT - 1) * HOUR
    finish(w, LAMBDA, "digest")
    assert w.scope().tally == {hour: (2, 1, 1), hour + KEPT - 1: (2, 1, 1)}
    w.now += HOUR
    finish(w, LAMBDA, "digest")
    assert w.scope().tally == {hour + KEPT - 1: (2, 1, 1), hour + KEPT: (2, 1, 1)}
