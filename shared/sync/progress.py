"""How far a sweep is, where it takes more than one invocation.

The ledger knows it, and the message that asks for the next part only repeats which place that is: the name
after which to go on, or the number of a page (:mod:`shared.sync.paging`).
One that names another place than the ledger asks for nothing: it came twice, it is of a sweep that another
one has taken the place of, or nobody of ours sent it. So a sweep never becomes two, whatever the queue does.
A schedule that fires meanwhile leaves a sweep alone that goes on, or the later ones would never come to the
last names, and takes the place of one that was lost: nothing was heard of it for :data:`LOST`.
"""

from __future__ import annotations

from math import inf
from typing import NamedTuple

from msgspec.structs import replace

from shared.errors import LedgerConflict
from shared.routes.route import Route
from shared.sync import effects as do
from shared.sync.effects import Program
from shared.sync.job import Worker
from shared.sync.link import Progress, Scope
from shared.sync.tally import Count, tallied

LOST = 600.0
"""Seconds: a part takes at most 30, and may wait for its turn."""

LATE = 3 * 3600.0
"""Seconds after which a worker's last whole sweep is too long ago: one is due every hour or sooner."""

ATTEMPTS = 5


class Turn(NamedTuple):
    """``known``: what the ledger has of this worker's sweep. ``begin``: from where to go on; None where it is
    not its turn."""

    known: Progress | None
    begin: Progress | None


def take_turn(route: Route, worker: Worker, after: str | None, asked: float | None = None) -> Program[Turn]:
    """``after``: the place of a continuation, None for whoever begins. ``asked``: when that was asked for; a
    sweep that ended since has done it. Else sweeps would pile up where the schedule asks for more than there
    is time for."""
    scope = yield from do.load_scope(route.id)
    time = yield from do.now()
    known = scope.sweeps.get(worker.name)
    if after is not None:
        return Turn(known, known if known is not None and known.place == after else None)
    done = asked is not None and scope.swept_at.get(worker.name, -inf) >= asked
    return Turn(known, None if done or goes_on(known, time) else Progress(time, time))


def goes_on(known: Progress | None, time: float) -> bool:
    return known is not None and known.at > time - LOST


def note_progress(route: Route, worker: Worker, before: Progress | None, now: Progress) -> Program[bool]:
    """Note ``now`` in the place of ``before``. False where somebody else was there first: the sweep is
    theirs."""
    for _ in range(ATTEMPTS):
        scope = yield from do.load_scope(route.id)
        if scope.sweeps.get(worker.name) != before:
            return False
        try:
            yield do.SaveScope(replace(scope, rev=scope.rev + 1, sweeps=_with(scope, worker, now)))
        except LedgerConflict:
            continue
        return True
    raise LedgerConflict(f"route {route.id}: five other workers moved its record first")


def finish_sweep(route: Route, worker: Worker, digest: str, count: Count) -> Program[Scope]:
    """Note when this worker last swept the whole route, with which routes, and how many links there are."""
    for _ in range(ATTEMPTS):
        time = yield from do.now()
        scope = yield from do.load_scope(route.id)
        swept = replace(
            scope,
            rev=scope.rev + 1,
            known=count[0],
            tally=tallied(scope.tally, time, count),
            swept_at={**scope.swept_at, worker.name: time},
            sweeps=_with(scope, worker, None),
            digests={**scope.digests, worker.name: digest},
        )
        try:
            yield do.SaveScope(swept)
        except LedgerConflict:
            continue
        return swept
    raise LedgerConflict(f"route {route.id}: five other workers moved its record first")


def _with(scope: Scope, worker: Worker, progress: Progress | None) -> dict[str, Progress]:
    others = {name: each for name, each in scope.sweeps.items() if name != worker.name}
    return others if progress is None else {**others, worker.name: progress}
