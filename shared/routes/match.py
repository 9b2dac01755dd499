"""Which routes a look at a policy or a scope concerns."""

from __future__ import annotations

from shared.errors import BadInput
from shared.routes.route import Route, Routes
from shared.translation.side import Side


def route_named(routes: Routes, route_id: str) -> Route:
    """Raises BadInput that names the routes there are."""
    for route in routes.routes:
        if route.id == route_id:
            return route
    known = ", ".join(sorted(route.id for route in routes.routes)[:_MOST_NAMED])
    more = f" and {len(routes.routes) - _MOST_NAMED} more" if len(routes.routes) > _MOST_NAMED else ""
    raise BadInput(f"route {route_id[:64]!r} is not in routes.yaml; it has: {known}{more}")


_MOST_NAMED = 20


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
