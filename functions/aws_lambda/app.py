"""The Lambda handler.

One entry for everything: an EventBridge event (bare, or in SQS messages with partial batch failures), the
scheduler's sweep, a key that a sweep enqueued, and a command typed as JSON in the Lambda console.
"""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit

from functions.aws_lambda.events import requests_of
from functions.aws_lambda.snapshot import prepared
from shared.errors import BadInput, MirrorError
from shared.operations.actor import actor_label
from shared.operations.commands import run_command
from shared.operations.counting import Counts
from shared.operations.delivery import Delivery, Line
from shared.operations.first_use import GetMirror, once
from shared.operations.requests import Command, LookAgain
from shared.routes.mention import Unmentioned, undecided, unmentioned_in
from shared.telemetry import NAMESPACE, Metric

if TYPE_CHECKING:
    from shared.operations.mirror import Mirror

Handler = Callable[[Any, Any], dict[str, Any]]


class Counters(Protocol):
    """What is used of Powertools Metrics."""

    def add_metric(self, name: str, unit: MetricUnit, value: float) -> None: ...

    def flush_metrics(self, raise_on_empty_metrics: bool = False) -> None: ...


class Invocation:
    """One delivery after the other; ``time_left`` is that of the invocation that is under way."""

    def __init__(
        self, mirror: GetMirror, logger: Logger, counters: Counters, unmentioned: Unmentioned
    ) -> None:
        self._mirror = once(mirror)
        self._logger = logger
        self._counters = counters
        self._counted = False
        self._delivery = Delivery(self._ready, self._told, Counts(self._count), unmentioned)
        self.time_left: Callable[[], float] = lambda: math.inf

    def answer(self, payload: Any, request_id: str) -> dict[str, Any]:
        """To one invocation: a command's own answer, or the outcomes. Whose ``request_id`` it was CloudTrail
        knows, where it records invocations; the payload may say, too."""
        requests = requests_of(payload)
        if len(requests) == 1 and isinstance(command := requests[0], Command):
            actor = actor_label(f"lambda {request_id}", command.actor)
            return run_command(self._delivery.ready(), command._replace(actor=actor))
        return {"outcomes": self._delivery.perform(requests)}

    def take(self, body: str) -> bool:
        """One SQS message: whether it is done with. Nonsense is counted and dropped: it must not come back
        for ever. Any other failure is logged here: a batch only names the messages that have to come again.
        """
        try:
            self._delivery.perform(requests_of(body))
        except BadInput as error:
            self.refuse(error)
        except LookAgain:
            return False  # each of its outcomes is in the log
        except Exception as error:
            code = error.code if isinstance(error, MirrorError) else "fault"
            self._logger.exception("failed", extra={"code": code})
            return False
        return True

    def refuse(self, error: BadInput) -> None:
        refused = self._delivery.refused(error)
        self._logger.warning("refused", extra={"code": refused["code"], "problem": refused["reason"]})

    def flush(self) -> None:
        """Writes what was counted; with nothing counted Powertools would warn, in every command's log."""
        self._delivery.counts.flush()
        if self._counted:
            self._counters.flush_metrics()
            self._counted = False

    def _ready(self) -> Mirror:
        mirror = self._mirror()
        mirror.time_left = self.time_left
        return mirror

    def _told(self, line: Line) -> None:
        self._logger.info("looked", extra={"outcome": line})

    def _count(self, metric: Metric, values: Sequence[float]) -> None:
        for value in values:
            self._counters.add_metric(metric.name, MetricUnit(metric.unit), value)
        self._counted = True


def create_handler(
    mirror: GetMirror, logger: Logger, metrics: Counters, unmentioned: Unmentioned = undecided
) -> Handler:
    """``mirror`` is asked on the first request that needs one, and once per container."""
    invocation = Invocation(mirror, logger, metrics, unmentioned)

    def handler(event: Any, context: Any) -> dict[str, Any]:
        invocation.time_left = partial(_seconds_left, context)
        try:
            if _is_batch(event):
                return _batch(invocation, event["Records"])
            return invocation.answer(event, str(getattr(context, "aws_request_id", "")))
        except BadInput as error:
            invocation.refuse(error)
            return {"error": {"code": error.code, "message": str(error)}}
        except MirrorError as error:
            if not _is_command(event):
                raise
            return {"error": {"code": error.code, "message": str(error)}}
        finally:
            invocation.flush()

    return handler


def _batch(invocation: Invocation, records: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Not Powertools' batches: they load asyncio, the classes of 40 services and, where pydantic is there,
    its parser. That was more than half of the CPU of a cold event that concerns nobody (3.37, 2026-11)."""
    again = [record["messageId"] for record in records if not invocation.take(record["body"])]
    return {"batchItemFailures": [{"itemIdentifier": each} for each in again]}


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


def build() -> Mirror:
    from shared.bootstrap.workers import aws_function

    return aws_function(os.environ)


handler = create_handler(
    prepared(build, os.environ),
    Logger(service="policy-mirror"),
    Metrics(namespace=NAMESPACE),
    unmentioned_in(os.environ),
)
