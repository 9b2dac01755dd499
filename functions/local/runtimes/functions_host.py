"""What the Functions host does around the worker: bindings, the storage queue with its poison, the timer.

Not played: cron expressions, function keys, routes with parameters, the Event Grid handshake.
"""

from __future__ import annotations

import base64
import json
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from functions.local.later import Later
from functions.local.runtimes.functions_worker import Answer, FunctionFailed, FunctionsWorker, Message


@dataclass(frozen=True)
class QueueLimits:
    """host.json's ``extensions.queues``, seconds and deliveries."""

    visibility: float
    dequeues: int


class FunctionsHost:
    """``later`` delivers what is in the queue. ``failed`` hears of each invocation that raised."""

    def __init__(
        self,
        worker: FunctionsWorker,
        limits: QueueLimits,
        later: Later,
        *,
        failed: Callable[[FunctionFailed], object],
    ) -> None:
        self._worker = worker
        self._limits = limits
        self._later = later
        self._failed = failed
        self.poison: list[str] = []

    def event(self, event: Any) -> None:
        """One event from Event Grid. Raises FunctionFailed: it has to come again."""
        self._invoke("eventGridTrigger", {"json": json.dumps(event)})

    def timer(self) -> None:
        """The schedule is due. What fails now is left to its next time."""
        told = {"Schedule": {"AdjustForDST": True}, "ScheduleStatus": None, "IsPastDue": False}
        try:
            self._invoke("timerTrigger", {"json": json.dumps(told)})
        except FunctionFailed as failed:
            self._failed(failed)

    def http(self, method: str, route: str, body: bytes = b"") -> tuple[int, bytes]:
        """Status and body. ``route`` is spelt as the function's own."""
        text = base64.b64encode(body).decode()
        request = {"method": method, "url": f"http://localhost/{route}", "body": {"bytes": text}}
        answer = self._invoke("httpTrigger", {"http": request}, route=route).returned["http"]
        return int(answer["statusCode"]), base64.b64decode(answer["body"]["bytes"])

    def enqueue(self, text: str, delay: float = 0.0, deliveries: int = 0) -> None:
        self._later.call(delay, lambda: self._dequeue(text, deliveries + 1))

    def settle(self, timeout: float) -> bool:
        """Waits until the queue is empty; False when ``timeout`` seconds pass first."""
        return self._later.idle(timeout)

    def _dequeue(self, text: str, count: int) -> None:
        try:
            self._invoke("queueTrigger", {"string": text}, _queue_metadata(count))
        except FunctionFailed as failed:
            self._failed(failed)
            if count < self._limits.dequeues:
                self.enqueue(text, self._limits.visibility, count)
            else:
                self.poison.append(text)

    def _invoke(
        self, trigger: str, data: Message, metadata: Message | None = None, route: str | None = None
    ) -> Answer:
        """Runs the one function that has this trigger, and sends what its queue outputs were set to."""
        name, parameter = self._find(trigger, route)
        answer = self._worker.invoke(name, {parameter: data}, metadata)
        for output in answer.outputs.values():
            for message in output if isinstance(output, list) else [output]:
                self.enqueue(message)
        return answer

    def _find(self, trigger: str, route: str | None) -> tuple[str, str]:
        ((name, parameter),) = [
            (name, binding["name"])
            for name, bindings in self._worker.functions.items()
            for binding in bindings
            if binding["type"] == trigger and binding.get("route") == route
        ]
        return name, parameter


def queue_limits(host_json: str) -> QueueLimits:
    queues = json.loads(host_json)["extensions"]["queues"]
    hours, minutes, seconds = map(float, queues["visibilityTimeout"].split(":"))
    return QueueLimits(hours * 3600 + minutes * 60 + seconds, queues["maxDequeueCount"])


def _queue_metadata(count: int) -> dict[str, Any]:
    now = datetime.now(UTC).isoformat()
    told = {"DequeueCount": count, "Id": str(uuid.uuid4()), "InsertionTime": now, "NextVisibleTime": now}
    return {name: {"json": json.dumps(value)} for name, value in told.items()}
