"""Answers that are lists: link by link in the order of routes.yaml and names, page by page."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from shared.errors import BadInput, MirrorError
from shared.operations.commands.links import key_of
from shared.operations.reader import Reader
from shared.operations.rehearsal import Rehearsal
from shared.routes.route import Route
from shared.sync.link import LinkKey

SECONDS_SPARED = 8.0
"""An answer that came so far is told before the platform ends the worker."""

BATCH = 25
"""Links whose documents are read side by side."""


@dataclass(slots=True)
class Page:
    """``next``: what the following page has to be asked for with, None behind the last link."""

    links: list[dict[str, Any]] = field(default_factory=list)
    looked: int = 0
    next: str | None = None

    def to_json(self) -> dict[str, Any]:
        return {"links": self.links, "looked_at": self.looked, "next": self.next}


def key_behind(after: str | None) -> LinkKey | None:
    """Raises BadInput for what is no ROUTE/NAME."""
    if after is None:
        return None
    route, slash, name = after.partition("/")
    if not slash or not route or not name:
        raise BadInput("after: ROUTE/NAME is wanted, as the answer before said next")
    return LinkKey(route, name)


def routes_from(reader: Reader, route: str | None, after: LinkKey | None) -> list[Route]:
    """One route or all, from that of ``after`` on."""
    routes = list(reader.routes.routes) if route is None else [reader.route(route)]
    if after is None:
        return routes
    ids = [each.id for each in routes]
    if after.route not in ids:
        raise BadInput(f"after: route {after.route[:64]!r} is not among those that are asked for")
    return routes[ids.index(after.route) :]


def rehearsed(
    reader: Reader, route: str | None, name: str | None, after: str | None
) -> Iterator[tuple[Rehearsal, LinkKey]]:
    """Every link that is asked for, with the rehearsal of its route. Documents are read ahead in batches."""
    if name is not None:
        if route is None:
            raise BadInput("name: it needs its route")
        key = key_of(reader, route, name)
        yield Rehearsal(reader, reader.route(route)), key
        return
    behind = key_behind(after)
    for each in routes_from(reader, route, behind):
        rehearsal = Rehearsal(reader, each)
        keys = [key for key in rehearsal.every_link() if behind is None or _behind(key, behind)]
        for first in range(0, len(keys), BATCH):
            reader.progress(first, len(keys))
            batch = keys[first : first + BATCH]
            rehearsal.prefetch(batch)
            for key in batch:
                yield rehearsal, key


def _behind(key: LinkKey, after: LinkKey) -> bool:
    """On the route of ``after``; the routes before it are left out altogether."""
    return key.route != after.route or key > after


def error_of(error: MirrorError) -> dict[str, Any]:
    return {"code": error.code, "message": str(error)}
