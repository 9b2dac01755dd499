"""A sweep in parts: whose turn it is, and what the ledger is told."""

from __future__ import annotations

import pytest

from shared.errors import LedgerConflict
from shared.sync import effects as do
from shared.sync.link import Progress
from shared.sync.progress import ATTEMPTS, LOST, Turn, finish_sweep, note_progress, take_turn
from tests.unit.sync.world import FUNCTION, LAMBDA, World, raising, world


def noted(w: World, before: Progress | None, now: Progress) -> bool:
    return w.run(note_progress(w.route, LAMBDA, before, now))


def turn(w: World, after: str | None = None) -> Turn:
    return w.run(take_turn(w.route, LAMBDA, after))


def test_whoever_begins_has_its_turn_where_nothing_goes_on() -> None:
    w = world()
    assert turn(w) == Turn(None, Progress(w.now, w.now))


def test_whoever_goes_on_has_its_turn_where_the_ledger_says_the_same() -> None:
    w = world()
    there = Progress(w.now, w.now, "pumps", (3, 2, 1))
    assert noted(w, None, there)
    assert turn(w, "pumps") == Turn(there, there)
    assert turn(w, "doors").begin is None
    assert turn(w, "").begin is None


def test_a_sweep_that_goes_on_is_left_alone_until_it_was_silent_for_too_long() -> None:
    w = world()
    there = Progress(w.now, w.now, "pumps")
    noted(w, None, there)
    w.now += LOST - 1.0
    assert turn(w) == Turn(there, None)
    w.now += 1.0
    assert turn(w) == Turn(there, Progress(w.now, w.now))


def test_the_two_workers_do_not_wait_for_each_other() -> None:
    w = world()
    noted(w, None, Progress(w.now, w.now, "pumps"))
    assert w.run(take_turn(w.route, FUNCTION, None)).begin is not None


def test_only_the_first_of_two_that_did_the_same_part_goes_on() -> None:
    w = world()
    first, second = Progress(w.now, w.now, "pumps"), Progress(w.now, w.now + 1, "valves")
    assert noted(w, None, first)
    assert not noted(w, None, second)
    assert w.scope().sweeps == {LAMBDA.name: first}


def test_it_is_noted_beside_others_who_move_the_record() -> None:
    w = world()
    w.before(do.SaveScope, lambda: w.freeze("just now"))
    assert noted(w, None, Progress(w.now, w.now, "pumps"))
    assert w.scope().frozen == "just now"


def test_and_given_up_when_the_record_never_stands_still() -> None:
    w = world()
    for nth in range(1, ATTEMPTS + 1):
        w.before(do.SaveScope, raising(LedgerConflict("moved")), nth)
    with pytest.raises(LedgerConflict, match="route fleet"):
        noted(w, None, Progress(w.now, w.now, "pumps"))


def test_the_end_of_a_sweep_takes_its_own_progress_away_and_nobody_elses() -> None:
    w = world()
    there = Progress(w.now, w.now, "pumps")
    noted(w, None, there)
    w.run(note_progress(w.route, FUNCTION, None, there))
    w.run(finish_sweep(w.route, LAMBDA, "digest", (5, 1, 0)))
    assert w.scope().sweeps == {FUNCTION.name: there}
    assert (w.scope().known, turn(w, "pumps").begin) == (5, None)
