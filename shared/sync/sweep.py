"""The sweep: what correctness rests on. Events only make it quicker.

It lists what both clouds and the ledger know, so that a policy is looked at whatever became of its events. A
link that was in step needs no more than AWS's document then: Azure's and the record came with the listings.
The first look of :func:`~shared.sync.reconcile.reconcile` says whether that is the end of it; every other
link is looked at for itself, from the start.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from msgspec import Struct
from msgspec.structs import replace

from shared.errors import LedgerConflict
from shared.routes.match import in_scope
from shared.routes.route import Route
from shared.sync import effects as do
from shared.sync.effects import Program
from shared.sync.job import Job, Kind, Outcome, Worker
from shared.sync.link import Link, LinkKey, Scope, State
from shared.sync.ports import Found
from shared.sync.reconcile import reconcile
from shared.sync.tally import tallied
from shared.translation.side import Side


class Listed(Struct, frozen=True):
    """``keys``: every link that is worth a look, in the order of names. ``links`` and ``azure`` as they were
    when the sweep began, by name."""

    keys: tuple[LinkKey, ...]
    links: Mapping[str, Link]
    azure: Mapping[str, Found | None]

    def to_survey(self) -> list[LinkKey]:
        """Links that were in step, with the group that belongs to them: AWS's document alone is missing."""
        return [key for key in self.keys if self._bound(key.name) and self.azure.get(key.name) is not None]

    def _bound(self, name: str) -> bool:
        return name in self.links and self.links[name].state is State.BOUND


def sweep_keys(route: Route) -> Program[list[LinkKey]]:
    listed = yield from list_route(route)
    return list(listed.keys)


def list_route(route: Route) -> Program[Listed]:
    """Raises CloudError if a listing fails: half a sweep is none."""
    aws, azure, links = yield (do.Census(Side.AWS), do.Census(Side.AZURE), do.RouteLinks(route.id))
    links = list(links)
    names = {*aws, *azure, *_alive(links)} - _taken_apart(links)
    keys = tuple(LinkKey(route.id, name) for name in sorted(names) if in_scope(route, name))
    return Listed(keys, {link.key.name: link for link in links}, azure)


def survey(listed: Listed, jobs: Iterable[Job]) -> Program[list[Outcome]]:
    """The links that are in step, by what was read. The others are left out, whatever it is about them: they
    need a look of their own, which reads both sides and the record anew.

    Azure's document and the record are older than AWS's by as much as the sweep has lasted. An edit since
    then has an event of its own, as it would if it came just after any look.
    """
    jobs = list(jobs)
    profiles = yield tuple(do.Read(Side.AWS, job.key.name) for job in jobs)
    looked = (_looked(job, listed, aws) for job, aws in zip(jobs, profiles, strict=True))
    return [outcome for outcome in looked if outcome is not None]


def _looked(job: Job, listed: Listed, aws: Found | None) -> Outcome | None:
    """The engine's own first look, given what it asks for. None as soon as it asks for anything else."""
    name = job.key.name
    look = reconcile(job)
    asked = next(look, None)
    if asked != (do.LoadLink(job.key), do.Read(Side.AWS, name), do.Read(Side.AZURE, name)):
        look.close()
        return None
    try:
        look.send((listed.links[name], aws, listed.azure[name]))
    except StopIteration as stop:
        outcome: Outcome = stop.value
        return outcome if outcome.kind is Kind.NO_OP else None
    look.close()
    return None


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
