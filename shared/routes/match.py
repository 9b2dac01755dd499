"""Which routes a look at a policy or a scope concerns."""

from __future__ import annotations

from shared.routes.route import Route, Routes
from shared.translation.side import Side


def in_scope(route: Route, name: str) -> bool:
    """Whether ``route`` takes in a policy of this name."""
    return route.names.covers(name)


def routes_for(routes: Routes, side: Side, scope: str, name: str | None = None) -> list[Route]:
    """The routes that a change of policy ``name`` in ``scope`` on ``side`` concerns, in document order.

    Without a name: every route that follows changes in that scope. A one-way route follows only its source;
    an observing one follows both sides and writes neither. ``scope`` is spelt as in
    :class:`shared.operations.requests.Look`.
    """
    wanted = scope.rstrip("/").lower() if side is Side.AZURE else scope
    return [
        route
        for route in routes.routes
        if side in route.sources and route.scope(side) == wanted and (name is None or in_scope(route, name))
    ]
