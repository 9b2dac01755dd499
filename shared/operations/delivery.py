"""One delivery of a trigger, whichever cloud's: what comes of it is told once, to log and metrics."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from shared import telemetry
from shared.errors import BadInput
from shared.operations.counting import Counts
from shared.operations.mirror import Enqueue, GetMirror, Mirror, unfinished
from shared.operations.requests import Command, Ignored, LookAgain, Request, Sweep
from shared.operations.summary import line
from shared.sync.job import Outcome

Line = dict[str, Any]


class Delivery:
    """``tell`` gets one line for each look; what concerns nobody is counted only."""

    def __init__(self, mirror: GetMirror, tell: Callable[[Line], None], counts: Counts) -> None:
        self._mirror = mirror
        self._tell = tell
        self.counts = counts

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
            if isinstance(request, Ignored):
                told.append(self._ignored(request))
                continue
            mirror = self.ready()
            queue = enqueue or mirror.enqueue
            for outcome in mirror.perform(request, queue):
                told.append(self._looked(outcome))
                if unfinished(outcome, queue):
                    again.append(str(told[-1]["link"]))
            if request == Sweep():
                self.counts.sweep_ended(mirror.routes)
        if again:
            raise LookAgain(again, told)
        return told

    def refused(self, error: BadInput) -> Line:
        """A delivery that is none: it must not come back for ever."""
        self.counts.add(telemetry.BAD_EVENT)
        return {"event": "refused", "code": error.code, "reason": str(error)}

    def _looked(self, outcome: Outcome | Ignored) -> Line:
        if isinstance(outcome, Ignored):
            return self._ignored(outcome)
        summary = line(outcome)
        self.counts.outcome(outcome)
        self._tell(summary)
        return summary

    def _ignored(self, ignored: Ignored) -> Line:
        self.counts.ignored(ignored)
        return {"event": "ignored", "reason": ignored.reason}
