"""The sweep: what correctness rests on. Events only make it quicker.

It lists what both clouds and the ledger know, so that a policy is looked at whatever became of its events. A
link that was in step needs no more than AWS's document then: Azure's and the record came with the listings.
The first look of :func:`~shared.sync.reconcile.reconcile` says whether that is the end of it; every other
link is looked at for itself, from the start.

It goes through a route in the order of names, so that it can go on after any of them
(:mod:`shared.sync.progress`), and holds no more of it at once than :data:`MOST` names and one page of the
ledger. Neither cloud lists in the order of names, nor after one: each time it has to be asked for everything,
of which the first names that are wanted are kept. Where there is no time for everything, the listings go
first, page by page (:mod:`shared.sync.paging`), and each link needs both documents.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Final

from msgspec import Struct

from shared.routes.match import in_scope
from shared.routes.route import Route
from shared.sync import effects as do
from shared.sync.effects import Program
from shared.sync.job import Job, Kind, Outcome
from shared.sync.link import Link, LinkKey, State
from shared.sync.ports import Found, Names
from shared.sync.reconcile import reconcile
from shared.translation.side import Side

MOST: Final = 10_000
"""Names that are kept of one listing, with Azure's documents, compressed: some 5 MB. A longer one is listed
once for every so many."""

PAGE: Final = 256
"""Links that are read at once. A page that is read but not got through is read again by who goes on."""


class Listed(Struct, frozen=True):
    """What both clouds have after some name, ``end`` included; None: to the last one. ``names``: in their
    order, each once. ``azure``: None where no document is known."""

    after: str
    end: str | None
    names: Sequence[str]
    azure: Mapping[str, Found | None] | None

    def covers(self, after: str) -> bool:
        """Whether it tells what comes next after that name."""
        return self.after <= after and (self.end is None or after < self.end)

    def between(self, after: str, upto: str | None) -> Sequence[str]:
        last = len(self.names) if upto is None else bisect_right(self.names, upto)
        return self.names[bisect_right(self.names, after) : last]


READ_APART: Final = Listed("", None, (), None)
"""Where both listings were read page by page: the ledger knows all that was in them."""


class Window(Struct, frozen=True, dict=True):
    """Consecutive links of a route, ``upto`` that name; None: to the last one. ``keys``: those that are worth
    a look, in the order of names. ``links`` and ``azure`` as they were when they were read, by name; the
    latter as with :class:`Listed`."""

    keys: Sequence[LinkKey]
    links: Mapping[str, Link]
    azure: Mapping[str, Found | None] | None
    upto: str | None

    @cached_property
    def to_survey(self) -> list[LinkKey]:
        """Links that were in step, with the group that belongs to them: AWS's document alone is missing, or
        both are."""
        azure = self.azure
        return [key for key in self.keys if self._bound(key.name) and (azure is None or key.name in azure)]

    def split(self, size: int) -> Iterator[Window]:
        """The same in windows of so many keys, each with its links."""
        starts = range(0, len(self.keys), size) or range(1)
        links = list(self.links.values())
        begin = 0
        for start in starts:
            keys = self.keys[start : start + size]
            last = start + size >= len(self.keys)
            upto = self.upto if last else keys[-1].name
            end = len(links) if last or upto is None else bisect_right(links, upto, key=_name)
            yield Window(keys, {each.key.name: each for each in links[begin:end]}, self.azure, upto)
            begin = end

    def _bound(self, name: str) -> bool:
        return name in self.links and self.links[name].state is State.BOUND


def _name(link: Link) -> str:
    return link.key.name


def sweep_keys(route: Route) -> Program[list[LinkKey]]:
    """Every link that is worth a look, in the order of names. Raises CloudError if a listing fails."""
    keys: list[LinkKey] = []
    after: str | None = ""
    while after is not None:
        listed = yield from list_names(after)
        while after is not None and listed.covers(after):
            window = yield from next_window(route, listed, after)
            keys += window.keys
            after = window.upto
    return keys


def list_names(after: str, most: int = MOST) -> Program[Listed]:
    """Raises CloudError if a listing fails: half a listing is none."""
    told: tuple[Names, Names] = yield tuple(
        do.FirstNames(side, after, most) for side in (Side.AWS, Side.AZURE)
    )
    end = min((names.end for names in told if names.end is not None), default=None)
    names = sorted({name for each in told for name in each.found if end is None or name <= end})
    return Listed(after, end, names, told[1].found)


def next_window(route: Route, listed: Listed, after: str, size: int = PAGE) -> Program[Window]:
    """The links after that name: as many as the ledger gives in one page of ``size``, and what lies between
    them, but no more than that again."""
    links: list[Link] = yield do.RouteLinks(route.id, after, size)
    last = links[-1].key.name if len(links) == size else None
    upto = min((end for end in (listed.end, last) if end is not None), default=None)
    names = listed.between(after, upto)
    if len(names) > size:
        upto, names = names[size - 1], names[:size]
    here = {link.key.name: link for link in links if upto is None or link.key.name <= upto}
    wanted = {*names, *_alive(here.values())} - _taken_apart(here.values())
    keys = [LinkKey(route.id, name) for name in sorted(wanted) if in_scope(route, name)]
    return Window(keys, here, listed.azure, upto)


def survey(window: Window, job: Job) -> Program[Outcome | None]:
    """One of the links that are in step, by what was read. None for any other, whatever it is about it: it
    needs a look of its own, which reads both sides and the record anew.

    Azure's document and the record may be older than AWS's by as much as the sweep has lasted. An edit since
    then has an event of its own, as it would if it came just after any look.
    """
    name = job.key.name
    aws, azure = yield from _documents(window, name)
    look = reconcile(job)
    asked = next(look, None)
    if asked != (do.LoadLink(job.key), do.Read(Side.AWS, name), do.Read(Side.AZURE, name)):
        look.close()
        return None
    try:
        look.send((window.links[name], aws, azure))
    except StopIteration as stop:
        outcome: Outcome = stop.value
        return outcome if outcome.kind is Kind.NO_OP else None
    look.close()
    return None


def _documents(window: Window, name: str) -> Program[tuple[Found | None, Found | None]]:
    if window.azure is not None:
        return (yield from do.read(Side.AWS, name)), window.azure[name]
    both: tuple[Found | None, Found | None] = yield do.Read(Side.AWS, name), do.Read(Side.AZURE, name)
    return both


def _alive(links: Iterable[Link]) -> list[str]:
    """Less what is deleted on both sides, unless somebody was at it or wants it back."""
    return [
        link.key.name for link in links if link.state is not State.TOMBSTONE or link.intent or link.restore
    ]


def _taken_apart(links: Iterable[Link]) -> set[str]:
    return {link.key.name for link in links if link.state is State.UNLINKED}
