"""Counts what comes of deliveries, in the metrics of :mod:`shared.telemetry`."""

from __future__ import annotations

import threading
from collections.abc import Collection
from typing import TYPE_CHECKING

from shared import telemetry
from shared.errors import MirrorError, Throttled
from shared.operations.requests import Ignored, Sweep
from shared.telemetry import Measure, Metric, Sink
from shared.translation.side import Side

if TYPE_CHECKING:  # the engine loads with the first event that concerns it
    from shared.sync.effects import Effect
    from shared.sync.job import Outcome
    from shared.sync.link import Scope

_CALLS = {Side.AWS: telemetry.AWS_CALLS, Side.AZURE: telemetry.AZURE_CALLS}


class Counts:
    """What one invocation counts, handed to ``sink`` when it ends. Threads may share it."""

    def __init__(self, sink: Sink) -> None:
        self._sink = sink
        self._lock = threading.Lock()
        self._values: dict[Metric, list[float]] = {telemetry.COLD_START: [1]}

    def outcome(self, outcome: Outcome) -> None:
        from shared.sync.job import Kind

        self.add(telemetry.BY_NAME[str(outcome.kind)])
        if outcome.code == "frozen":
            self.add(telemetry.FROZEN)
        if outcome.kind is Kind.MIRRORED and outcome.swept:
            self.add(telemetry.REPAIRED)
        if outcome.kind is Kind.MIRRORED and outcome.lag is not None:
            self.add(telemetry.LAG, outcome.lag)

    def ignored(self, ignored: Ignored) -> None:
        self.add(telemetry.BY_NAME[f"ignored-{ignored.reason}"])

    def swept(self, scope: Scope) -> None:
        """A route's sweep came to its end."""
        self.add(telemetry.SWEPT)
        self.add(telemetry.LINKS, scope.known)
        self.add(telemetry.FROZEN, scope.frozen is not None)
        self.add(telemetry.ROUTES_DIFFER, len(set(scope.digests.values())) > 1)

    def sweep_ended(self, asked: Sweep, troubled: Collection[str]) -> None:
        """A sweep has been tried; ``troubled``: the routes whose sweep failed, or is late."""
        if asked.route is None:
            self.add(telemetry.SWEEP_COMPLETE, int(not troubled))
        for _ in troubled:
            self.add(telemetry.SWEEP_FAILED)

    def performed(self, effect: Effect, error: MirrorError | None) -> None:
        """The driver performed an effect, or the port raised."""
        from shared.sync import effects as do

        match effect:
            case do.Now() | do.TimeLeft():
                return
            case do.Read() | do.Census() | do.FirstNames() | do.ListPage():
                self.add(_CALLS[effect.side])
            case do.Create() | do.Update() | do.Delete():
                self.add(_CALLS[effect.side])
            case do.Audit():
                self.add(telemetry.AZURE_CALLS)
            case do.EnsureMetric():
                self.add(telemetry.AWS_CALLS)
            case _:
                self.add(telemetry.LEDGER_CALLS)
        if isinstance(error, Throttled):
            self.add(telemetry.THROTTLED)

    def noticed(self, sent: bool | None) -> None:
        """Whether a notice went out; None where there was nothing to tell."""
        if sent is not None:
            self.add(telemetry.NOTICES if sent else telemetry.NOTICES_FAILED)

    def add(self, metric: Metric, value: float = 1) -> None:
        with self._lock:
            self._values.setdefault(metric, []).append(value)

    def flush(self) -> None:
        with self._lock:
            counted, self._values = self._values, {}
        for metric, values in counted.items():
            self._sink(metric, _measured(metric, values))


def _measured(metric: Metric, values: list[float]) -> list[float]:
    match metric.measure:
        case Measure.SUM:
            return [sum(values)]
        case Measure.LAST:
            return [max(values)]
        case Measure.EACH:
            return values
