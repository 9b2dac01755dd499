"""The sweep: what correctness rests on. Events only make it quicker.

It lists what both clouds and the ledger know, so that a policy is looked at whatever became of its events. It
does not look itself: the keys go to a queue, or are looked at one by one where there is none.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from shared.errors import LedgerConflict
from shared.routes.match import in_scope
from shared.routes.route import Route
from shared.sync import effects as do
from shared.sync.effects import Program
from shared.sync.job import Worker
from shared.sync.link import Link, LinkKey, Scope, State
from shared.sync.tally import tallied
from shared.translation.side import Side


def sweep_keys(route: Route) -> Program[list[LinkKey]]:
    """Every link of ``route`` that is worth a look, in the order of names. Raises CloudError if a listing
    fails: half a sweep is none."""
    aws, azure, links = yield (do.Census(Side.AWS), do.Census(Side.AZURE), do.RouteLinks(route.id))
    links = list(links)
    names = {*aws, *azure, *_alive(links)} - _taken_apart(links)
    return [LinkKey(route.id, name) for name in sorted(names) if in_scope(route, name)]


def _alive(links: Iterable[Link]) -> list[str]:
    """Less what is deleted on both sides, unless somebody was at it or wants it back."""
    return [
        link.key.name for link in links if link.state is not State.TOMBSTONE or link.intent or link.restore
    ]


def _taken_apart(links: Iterable[Link]) -> set[str]:
    return {link.key.name for link in links if link.state is State.UNLINKED}


def finish_sweep(route: Route, worker: Worker, digest: str) -> Program[Scope]:
    """Note when this worker last swept the whole route, with which routes, and how many links there are."""
    links: list[Link] = yield do.RouteLinks(route.id)
    known = sum(link.state is State.BOUND for link in links)
    for _ in range(5):
        time = yield from do.now()
        scope = yield from do.load_scope(route.id)
        swept = replace(
            scope,
            rev=scope.rev + 1,
            known=known,
            tally=tallied(scope.tally, time, links),
            swept_at={**scope.swept_at, worker.name: time},
            digests={**scope.digests, worker.name: digest},
        )
        try:
            yield do.SaveScope(swept)
        except LedgerConflict:
            continue
        return swept
    raise LedgerConflict(f"route {route.id}: five other workers moved its record first")
