"""One mirror: every route of one worker, above one engine. Triggers, consoles and the sandbox come here."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import cached_property

from shared.errors import BadInput, MirrorError
from shared.operations.driver import Driver
from shared.operations.requests import Ignored, Look, Reconcile, Sweep
from shared.routes.match import routes_for
from shared.routes.route import Route, Routes
from shared.sync.job import Job, Kind, Outcome, Worker
from shared.sync.link import LinkKey, Scope
from shared.sync.ports import Cloud, Ledger
from shared.sync.reconcile import reconcile
from shared.sync.sweep import finish_sweep, sweep_keys
from shared.translation.side import Side


@dataclass
class Mirror:
    """``clouds`` gives the two ports of a route and may build them when first asked.

    ``enqueue`` takes the keys of a sweep to the platform's queue; without one they are looked at right away.
    """

    routes: Routes
    worker: Worker
    ledger: Ledger
    clouds: Callable[[Route], Mapping[Side, Cloud]]
    clock: Callable[[], float]
    time_left: Callable[[], float]
    pool: Executor
    enqueue: Callable[[Sequence[LinkKey]], None] | None = None

    @cached_property
    def _by_id(self) -> dict[str, Route]:
        return {route.id: route for route in self.routes.routes}

    def route(self, route_id: str) -> Route:
        """Raises BadInput for a route that is not in routes.yaml."""
        if route_id not in self._by_id:
            known = ", ".join(sorted(self._by_id))
            raise BadInput(f"route {route_id[:64]!r} is not in routes.yaml; it has: {known}")
        return self._by_id[route_id]

    def driver(self, route: Route) -> Driver:
        return Driver(self.clouds(route), self.ledger, self.clock, self.time_left, self.pool)

    def perform(self, request: Look | Reconcile | Sweep | Ignored) -> Iterator[Outcome | Ignored]:
        """What came of a request, outcome by outcome. Errors are outcomes; BadInput is raised."""
        match request:
            case Ignored():
                yield request
            case Reconcile(route, name):
                yield self.reconcile(LinkKey(route, name))
            case Look():
                yield from self._look(request)
            case Sweep(None):
                for route_id in self._by_id:
                    yield from self.sweep(route_id)
            case Sweep(str() as route):
                yield from self.sweep(route)

    def _look(self, look: Look) -> Iterator[Outcome | Ignored]:
        """A name or scope that no route covers changes nothing, whatever the event says."""
        routes = routes_for(self.routes, look.side, look.scope, look.name)
        if not routes:
            yield Ignored("outside-routes")
        for route in routes:
            if look.name is None:
                yield from self.sweep(route.id)
            else:
                yield self.reconcile(LinkKey(route.id, look.name), look.side)

    def reconcile(self, key: LinkKey, origin: Side | None = None) -> Outcome:
        """One look at one link. A name outside the route's names is refused by the route, not looked at."""
        route = self.route(key.route)
        if not route.names.covers(key.name):
            return Outcome(
                key, Kind.HELD, code="outside-routes", reason=f"route {route.id} does not cover it"
            )
        try:
            outcome = self.driver(route).run(reconcile(Job(key, route, self.worker, origin)))
        except MirrorError as error:  # a port that could not even be built: credentials, settings
            return Outcome(key, Kind.ERROR, code=error.code, reason=str(error))
        if outcome.respelt is not None:
            return self.reconcile(key._replace(name=outcome.respelt))
        return outcome

    def sweep(self, route_id: str) -> Iterator[Outcome]:
        route = self.route(route_id)
        try:
            keys = self.driver(route).run(sweep_keys(route))
        except MirrorError as error:
            yield Outcome(LinkKey(route_id, "*"), Kind.ERROR, code=error.code, reason=str(error))
            return
        if self.enqueue is not None:
            self.enqueue(keys)
        else:
            for key in keys:
                yield self.reconcile(key)
        self._swept(route)

    def _swept(self, route: Route) -> Scope:
        return self.driver(route).run(finish_sweep(route, self.worker, self.routes.digest()))
