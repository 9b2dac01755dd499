"""Routes and links to complete, from what lies on this machine: no cloud is asked when a key is pressed."""

from __future__ import annotations

import os
from collections.abc import Iterator
from itertools import islice

import click
from click.shell_completion import CompletionItem

from functions.local.place import Place, mirror_at
from shared.errors import MirrorError
from shared.ledger.sqlite import SqliteLedger

MOST = 200


def routes_and_links(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """``ROUTE/`` first; behind the slash, the links that an SQLite ledger knows."""
    del param
    given = ctx.params
    place = Place(bool(given.get("sandbox")), given.get("routes"), given.get("ledger"))
    try:
        return [CompletionItem(found) for found in islice(_found(place, incomplete), MOST)]
    except (MirrorError, OSError):
        return []  # what is wrong is told when the command runs


def _found(place: Place, incomplete: str) -> Iterator[str]:
    route, slash, _ = incomplete.partition("/")
    with mirror_at(place, os.environ) as mirror:
        ids = [each.id for each in mirror.routes.routes]
        if not slash:
            yield from (each for each in ids if each.startswith(route))
        elif route in ids and isinstance(mirror.ledger, SqliteLedger):
            names = (str(link.key) for link in mirror.ledger.route_links(route))
            yield from (name for name in names if name.startswith(incomplete))
