"""The Lambda handler.

One entry for everything: an EventBridge event (bare, or in SQS messages with partial batch failures), the
scheduler's sweep, a key that a sweep enqueued, and a command typed as JSON in the Lambda console.
"""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord

from functions.aws_lambda.counts import Counters, Counts
from functions.aws_lambda.events import requests_of
from shared import bootstrap
from shared.errors import BadInput, MirrorError
from shared.operations.actor import actor_label
from shared.operations.commands import run_command
from shared.operations.mirror import GetMirror, Mirror, once, unfinished
from shared.operations.requests import Command, Ignored, LookAgain, Request, Sweep
from shared.operations.summary import line
from shared.sync.job import Outcome
from shared.telemetry import NAMESPACE

Handler = Callable[[Any, Any], dict[str, Any]]


class Delivery:
    """Performs the requests of one delivery and tells each outcome once, to log and metrics."""

    def __init__(self, mirror: GetMirror, logger: Logger, counts: Counts) -> None:
        self._mirror = mirror
        self._logger = logger
        self._counts = counts
        self.time_left: Callable[[], float] = lambda: math.inf

    def answer(self, payload: Any, request_id: str) -> dict[str, Any]:
        """To one invocation: a command's own answer, or the outcomes. Whose ``request_id`` it was CloudTrail
        knows, where it records invocations; the payload may say, too."""
        requests = requests_of(payload)
        if len(requests) == 1 and isinstance(command := requests[0], Command):
            actor = actor_label(f"lambda {request_id}", command.actor)
            return run_command(self._ready(), replace(command, actor=actor))
        return {"outcomes": self.perform(requests)}

    def perform(self, requests: Sequence[Request]) -> list[dict[str, Any]]:
        """The outcomes as lines. Raises LookAgain if the delivery should be repeated, BadInput if it is none
        that any trigger of ours sends: repeating that would help nobody."""
        told: list[dict[str, Any]] = []
        again: list[str] = []
        for request in requests:
            if isinstance(request, Command):
                raise BadInput("a command is typed by a person, and never queued")
            if isinstance(request, Ignored):
                told.append(self._tell(request))
                continue
            mirror = self._ready()
            for outcome in mirror.perform(request):
                told.append(self._tell(outcome))
                if unfinished(outcome, mirror.enqueue):
                    again.append(str(told[-1]["link"]))
            if request == Sweep():
                self._counts.sweep_ended(mirror.routes)
        if again:
            raise LookAgain(again, told)
        return told

    def record(self, record: SQSRecord) -> None:
        """One SQS message. Nonsense is counted and dropped: it must not come back for ever."""
        try:
            self.perform(requests_of(record.body))
        except BadInput as error:
            self.refuse(error)

    def refuse(self, error: BadInput) -> None:
        self._counts.bad_event()
        self._logger.warning("refused", extra={"code": error.code, "problem": str(error)})

    def _ready(self) -> Mirror:
        mirror = self._mirror()
        mirror.time_left = self.time_left
        mirror.swept = self._counts.swept
        return mirror

    def _tell(self, outcome: Outcome | Ignored) -> dict[str, Any]:
        if isinstance(outcome, Ignored):
            self._counts.ignored(outcome)
            return {"event": "ignored", "reason": outcome.reason}
        summary = line(outcome)
        self._counts.outcome(outcome)
        self._logger.info("looked", extra={"outcome": summary})
        return summary


def create_handler(mirror: GetMirror, logger: Logger, metrics: Counters) -> Handler:
    """``mirror`` is asked on the first request that needs one, and once per container."""
    counts = Counts(metrics)
    delivery = Delivery(once(mirror), logger, counts)

    def handler(event: Any, context: Any) -> dict[str, Any]:
        delivery.time_left = partial(_seconds_left, context)
        try:
            if _is_batch(event):
                return _batch(delivery, event, context)
            return delivery.answer(event, str(getattr(context, "aws_request_id", "")))
        except BadInput as error:
            delivery.refuse(error)
            return {"error": {"code": error.code, "message": str(error)}}
        except MirrorError as error:
            if not _is_command(event):
                raise
            return {"error": {"code": error.code, "message": str(error)}}
        finally:
            counts.flush()

    return handler


def _batch(delivery: Delivery, event: Any, context: Any) -> dict[str, Any]:
    processor = BatchProcessor(event_type=EventType.SQS, raise_on_entire_batch_failure=False)
    answer = process_partial_response(event, delivery.record, processor, context)
    return {"batchItemFailures": list(answer["batchItemFailures"])}


def _seconds_left(context: Any) -> float:
    return float(context.get_remaining_time_in_millis()) / 1000


def _is_command(event: Any) -> bool:
    """Whoever typed it waits for an answer, and nobody would deliver it again."""
    return isinstance(event, dict) and "command" in event


def _is_batch(event: Any) -> bool:
    """Messages of SQS; other services send Records as well."""
    records = event.get("Records") if isinstance(event, dict) else None
    return isinstance(records, list) and bool(records) and all(map(_is_message, records))


def _is_message(record: Any) -> bool:
    return isinstance(record, dict) and all(isinstance(record.get(key), str) for key in ("messageId", "body"))


handler = create_handler(
    partial(bootstrap.aws_function, os.environ),
    Logger(service="policy-mirror"),
    Metrics(namespace=NAMESPACE),
)
