"""Ports without a method that writes: what a command that only looks is given.

A dry run is trusted because it cannot write, not because it does not: there is nothing to call.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Executor

from msgspec import Struct

from shared.operations.doctor.setups import NO_SETUPS, Here, Setups
from shared.routes.match import route_named
from shared.routes.route import Route, Routes
from shared.sync.job import Worker
from shared.sync.link import Entry, Link, LinkKey, Scope
from shared.sync.ports import Found, Page, ReadableCloud, ReadableLedger
from shared.translation.side import Side

Progress = Callable[[int, int], None]
"""Told now and then how many of how many are done, by what takes long."""


def unwatched(done: int, total: int) -> None:
    """Nobody watches."""


class ReadOnlyCloud:
    """A :class:`~shared.sync.ports.ReadableCloud` over any cloud."""

    __slots__ = ("__cloud",)

    def __init__(self, cloud: ReadableCloud) -> None:
        self.__cloud = cloud

    def read(self, name: str, *, whole: bool = False) -> Found | None:
        return self.__cloud.read(name, whole=whole)

    def census(self) -> Mapping[str, Found | None]:
        return self.__cloud.census()

    def page(self, at: str | None = None) -> Page:
        return self.__cloud.page(at)


class ReadOnlyLedger:
    """A :class:`~shared.sync.ports.ReadableLedger` over any ledger."""

    __slots__ = ("__ledger",)

    def __init__(self, ledger: ReadableLedger) -> None:
        self.__ledger = ledger

    def link(self, key: LinkKey) -> Link | None:
        return self.__ledger.link(key)

    def links(self, keys: Iterable[LinkKey]) -> Mapping[LinkKey, Link]:
        return self.__ledger.links(keys)

    def route_links(self, route: str, after: str | None = None, most: int | None = None) -> Iterator[Link]:
        return self.__ledger.route_links(route, after, most)

    def scope(self, route: str) -> Scope:
        return self.__ledger.scope(route)

    def journal(self, key: LinkKey, after: int = -1) -> Iterator[Entry]:
        return self.__ledger.journal(key, after)


class Reader(Struct, frozen=True):
    """A mirror that can only look: see :class:`shared.operations.mirror.Mirror` for its members."""

    routes: Routes
    worker: Worker
    ledger: ReadOnlyLedger
    clouds: Callable[[Route], Mapping[Side, ReadOnlyCloud]]
    clock: Callable[[], float]
    time_left: Callable[[], float]
    pool: Executor
    progress: Progress = unwatched
    setups: Callable[[Route], Setups] = lambda _: NO_SETUPS
    here: Here | None = None

    def route(self, route_id: str) -> Route:
        """Raises BadInput for a route that is not in routes.yaml."""
        return route_named(self.routes, route_id)
