"""Counts what comes of deliveries, in the metrics of :mod:`shared.telemetry`."""

from __future__ import annotations

from typing import Protocol

from aws_lambda_powertools.metrics import MetricUnit

from shared import telemetry
from shared.operations.requests import Ignored
from shared.routes.route import Routes
from shared.sync.job import Outcome
from shared.sync.link import Scope
from shared.telemetry import Metric


class Counters(Protocol):
    """What is used of Powertools Metrics."""

    def add_metric(self, name: str, unit: MetricUnit, value: float) -> None: ...

    def flush_metrics(self, raise_on_empty_metrics: bool = False) -> None: ...


class Counts:
    def __init__(self, counters: Counters) -> None:
        self._counters = counters
        self._swept: set[str] = set()
        self._any = False

    def outcome(self, outcome: Outcome) -> None:
        self._add(str(outcome.kind))
        if outcome.code == "frozen":
            self._set(telemetry.FROZEN, True)

    def ignored(self, ignored: Ignored) -> None:
        self._add(f"ignored-{ignored.reason}")

    def bad_event(self) -> None:
        self._add(telemetry.BAD_EVENT.name)

    def swept(self, scope: Scope) -> None:
        """A route's sweep came to its end."""
        self._swept.add(scope.route)
        self._add(telemetry.SWEPT.name)
        self._add(telemetry.LINKS.name, scope.known)
        self._set(telemetry.FROZEN, scope.frozen is not None)
        self._set(telemetry.ROUTES_DIFFER, len(set(scope.digests.values())) > 1)

    def sweep_ended(self, routes: Routes) -> None:
        """A sweep of every route has been tried."""
        left = {route.id for route in routes.routes} - self._swept
        self._swept.clear()
        self._set(telemetry.SWEEP_COMPLETE, not left)
        for _ in left:
            self._add(telemetry.SWEEP_FAILED.name)

    def flush(self) -> None:
        """Writes what was counted; with nothing counted Powertools would warn, in every command's log."""
        if self._any:
            self._counters.flush_metrics()
            self._any = False

    def _add(self, name: str, value: float = 1) -> None:
        self._counters.add_metric(name, MetricUnit.Count, value)
        self._any = True

    def _set(self, metric: Metric, on: bool) -> None:
        self._add(metric.name, int(on))
