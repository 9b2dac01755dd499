"""One delivery of a trigger, whichever cloud's: what comes of it is told once, to log and metrics."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from shared import telemetry
from shared.errors import BadInput
from shared.operations.counting import Counts
from shared.operations.requests import Command, Ignored, Look, LookAgain, Reconcile, Request, Sweep
from shared.routes.mention import Unmentioned, undecided

if TYPE_CHECKING:  # the engine loads with the first event that concerns it
    from shared.operations.first_use import GetMirror
    from shared.operations.mirror import Enqueue, Mirror
    from shared.sync.job import Outcome

Line = dict[str, Any]


class Delivery:
    """``tell`` gets one line for each look; what concerns nobody is counted only. ``unmentioned`` may know
    that of a scope before there is a mirror."""

    def __init__(
        self,
        mirror: GetMirror,
        tell: Callable[[Line], None],
        counts: Counts,
        unmentioned: Unmentioned = undecided,
    ) -> None:
        self._mirror = mirror
        self._tell = tell
        self.counts = counts
        self._unmentioned = unmentioned

    def ready(self) -> Mirror:
        mirror = self._mirror()
        mirror.swept = self.counts.swept
        mirror.performed = self.counts.performed
        mirror.noticed = self.counts.noticed
        return mirror

    def perform(self, requests: Sequence[Request], enqueue: Enqueue | None = None) -> list[Line]:
        """The outcomes as lines. Raises LookAgain if the delivery should be repeated, BadInput if it is none
        that any trigger of ours sends: repeating that would help nobody. ``enqueue``: the platform's queue,
        where the mirror has none of its own."""
        told: list[Line] = []
        again: list[str] = []
        for request in requests:
            if isinstance(request, Command):
                raise BadInput("a command is typed by a person, and never comes as an event or from a queue")
            if isinstance(request, Look) and self._unmentioned(request.side, request.scope):
                told.append(self._ignored(Ignored("outside-routes")))
                continue
            if isinstance(request, Ignored):
                told.append(self._ignored(request))
                continue
            again += self._performed(request, enqueue, told)
        if again:
            raise LookAgain(again, told)
        return told

    def _performed(
        self, request: Look | Reconcile | Sweep, enqueue: Enqueue | None, told: list[Line]
    ) -> list[str]:
        """Adds to ``told``; returns the links that should be looked at again."""
        from shared.operations.mirror import unfinished
        from shared.operations.sweeping import sweep_trouble

        mirror = self.ready()
        queue = enqueue or mirror.enqueue
        again: list[str] = []
        troubled: set[str] = set()
        for outcome in mirror.perform(request, queue):
            told.append(self._looked(outcome))
            if unfinished(outcome, queue):
                again.append(str(told[-1]["link"]))
            if (route := sweep_trouble(outcome)) is not None:
                troubled.add(route)
        if isinstance(request, Sweep):
            self.counts.sweep_ended(request, troubled)
        return again

    def refused(self, error: BadInput) -> Line:
        """A delivery that is none: it must not come back for ever."""
        self.counts.add(telemetry.BAD_EVENT)
        return {"event": "refused", "code": error.code, "reason": str(error)}

    def _looked(self, outcome: Outcome | Ignored) -> Line:
        if isinstance(outcome, Ignored):
            return self._ignored(outcome)
        from shared.operations.summary import line

        summary = line(outcome)
        self.counts.outcome(outcome)
        self._tell(summary)
        return summary

    def _ignored(self, ignored: Ignored) -> Line:
        self.counts.ignored(ignored)
        return {"event": "ignored", "reason": ignored.reason}
