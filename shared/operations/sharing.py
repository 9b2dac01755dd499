"""What part of the chosen share of an account's quota one sweep takes, beside others of the same account.

A route is swept by one container at a time, so the sweep of an account and region that has one route has the
share for itself. Where there are more, the ledger knows who else is at it: each sweep notes how far it is
(:mod:`shared.sync.progress`), and reads what the others noted before each of its parts. Nothing is written
for that, and an edit pays nothing. Whoever is :data:`YOUNG` takes as small a part as if all routes were
swept: the schedule asks for all of them at once, and nobody has heard of the others yet. One that ended is
counted until the next part begins, and one that died no longer than :data:`HEARD`. After a silence that the
cloud asked for all are young again: nobody noted anything meanwhile.

The looks that a sweep asks for are not counted: they are few, or the queue's concurrency bounds them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from shared.routes.route import Route, Routes
from shared.sync import effects as do
from shared.sync.effects import Program
from shared.sync.job import Worker
from shared.sync.link import Progress, Scope

HEARD = 60.0
"""Seconds: a sweep that goes on notes something every ten to thirty."""

YOUNG = 30.0
"""Seconds after which a sweep has noted something, and all that began with it."""

MOST = 8
"""Sweeps that are counted: eight links are read at a time, and their turns must come in one invocation. More
of them than that come to equal rates by what the cloud refuses (:mod:`shared.operations.pacing`)."""


class Crowd(NamedTuple):
    """``part``: of the share. ``quiet``: until when the cloud asked one of the others for silence."""

    part: float = 1.0
    quiet: float = 0.0


ALONE = Crowd()


def beside(routes: Routes, route: Route) -> list[Route]:
    """The other routes of the same account and region."""
    return [each for each in routes.routes if each.aws.scope == route.aws.scope and each.id != route.id]


def crowd_of(others: Sequence[Route], worker: Worker, begin: Progress) -> Program[Crowd]:
    """``begin``: from where this part goes on."""
    if not others:
        return ALONE
    scopes: tuple[Scope, ...] = yield tuple(do.LoadScope(each.id) for each in others)
    time = yield from do.now()
    return crowd(scopes, worker, begin, time)


def crowd(scopes: Iterable[Scope], worker: Worker, begin: Progress, time: float) -> Crowd:
    """The other function has a share of its own; but who was asked for silence makes no difference."""
    scopes = list(scopes)
    quiet = max((each.quiet for scope in scopes for each in scope.sweeps.values()), default=0.0)
    if time < max(begin.began, begin.quiet, quiet) + YOUNG:
        count = len(scopes)
    else:
        known = (scope.sweeps.get(worker.name) for scope in scopes)
        count = sum(each is not None and each.at > time - HEARD for each in known)
    return Crowd(1.0 / min(1 + count, MOST), quiet)
