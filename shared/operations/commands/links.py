"""The link that a command names: found within its route, and amended in the ledger."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from shared.errors import BadInput
from shared.operations.mirror import Mirror
from shared.operations.reader import Reader
from shared.routes.match import in_scope
from shared.sync.link import Link, LinkKey, State


def key_of(mirror: Mirror | Reader, route: str, name: str) -> LinkKey:
    """A route's clouds are never asked for a name that it does not cover, whoever types it."""
    if not in_scope(mirror.route(route), name):
        raise BadInput(f"route {route} does not cover this name; see names in routes.yaml")
    return LinkKey(route, name)


def amend(mirror: Mirror, route: str, name: str, change: Callable[[Link], Link]) -> None:
    key = key_of(mirror, route, name)
    link = mirror.ledger.link(key)
    if link is None or link.state is State.TOMBSTONE:
        raise BadInput(f"link {key}: the ledger does not know it; see the command status")
    mirror.ledger.save(replace(change(link), rev=link.rev + 1))
