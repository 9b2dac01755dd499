"""Both functions in this process: the handlers that ship, on whatever clouds the stage has.

The Lambda's handler takes an EventBridge event, the function's an Event Grid event. Each writes only the
other cloud, and both share one SQLite ledger, as they share one table when deployed.
"""

from __future__ import annotations

import logging
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any

from functions.local.later import Later
from functions.local.reach import Line, Tell
from functions.local.sandbox.clients import activity_trail, cloud_ports
from functions.local.sandbox.clouds import TwoClouds
from shared.bootstrap.assembly import once_per_route
from shared.bootstrap.workers import AWS_WORKER, AZURE_WORKER
from shared.errors import BadInput, MirrorError
from shared.ledger.sqlite import SqliteLedger
from shared.operations import notice_cards as cards
from shared.operations.counting import Counts
from shared.operations.delivery import Delivery
from shared.operations.mirror import Mirror
from shared.operations.notices import Announcer, Notice
from shared.operations.payload import message
from shared.operations.quotas import Quotas
from shared.operations.requests import NO_CAUSE, Cause, LookAgain, Sweep
from shared.routes.load import load_routes
from shared.routes.route import Route
from shared.sync.job import Worker
from shared.sync.link import LinkKey
from shared.sync.ports import AuditTrail, Cloud
from shared.translation.side import Side

Deliver = Callable[[Any], list[Line]]
GetPorts = Callable[[Worker, Route], Mapping[Side, Cloud]]


class InProcess:
    """The :class:`~functions.local.reach.Functions` on one SQLite file.

    ``skip`` moves a ``clock`` that stands still by so many seconds: :meth:`hurry` has it moved, and calls
    that wait for their turns. ``ports``: another way from a worker to both clouds than straight to them.
    """

    def __init__(
        self,
        clouds: TwoClouds,
        routes: str,
        tell: Tell,
        *,
        ledger: str | Path,
        clock: Callable[[], float] = time.time,
        skip: Callable[[float], object] | None = None,
        ports: GetPorts | None = None,
    ) -> None:
        self._clouds = clouds
        self._tell = tell
        self._clock = clock
        self._sleep = skip or time.sleep
        self._ports = ports or self._straight
        self._routes = load_routes(routes, "routes.yaml")
        with ExitStack() as stack:
            self._ledger = stack.enter_context(SqliteLedger(ledger))
            self._pool = stack.enter_context(ThreadPoolExecutor(8, thread_name_prefix="stage"))
            self._later = stack.enter_context(Later(clock, skip))
            self._aws_mirror = self._mirror(AWS_WORKER, self._to_lambda_later)
            self._azure_mirror = self._mirror(AZURE_WORKER, self._to_function_later)
            self._lambda = self._telling(self._lambda_handler(), "lambda")
            self._function = self._telling(self._function_handler(), "function")
            self._open = stack.pop_all()

    def aws_event(self, event: Line) -> object:
        return self._lambda(event)

    def azure_event(self, event: Line) -> object:
        return self._function(event)

    def to_lambda(self, payload: Any) -> list[Line]:
        return self._lambda(payload)

    def to_function(self, payload: Any) -> list[Line]:
        return self._function(payload)

    def sweep(self) -> None:
        for deliver in (self._lambda, self._function):
            try:
                deliver({"sweep": True})
            except LookAgain:
                continue  # told already, line by line
            except MirrorError as error:
                self._tell({"event": "error", "code": error.code, "reason": str(error)})

    def hurry(self) -> None:
        self._later.hurry()

    def idle(self, timeout: float) -> bool:
        return self._later.idle(timeout)

    def close(self) -> None:
        self._open.close()

    def _mirror(self, worker: Worker, later: Callable[[str], None]) -> Mirror:
        def enqueue(asked: Sequence[LinkKey | Sweep], delay: float, cause: Cause = NO_CAUSE) -> None:
            for each in asked:
                self._later.call(delay, partial(later, message(each, cause)))

        def send(notice: Notice) -> None:
            kind = {"kind": str(notice.kind), "id": notice.id}
            self._clouds.inbox.put({**kind, "subject": cards.subject(notice), "text": cards.text(notice)})
            self._tell({"event": "notice", "link": notice.where, "code": str(notice.kind), **_said(notice)})

        return Mirror(
            routes=self._routes,
            worker=worker,
            ledger=self._ledger,
            clouds=once_per_route(partial(self._ports, worker)),
            trail=once_per_route(self._trail) if worker is AZURE_WORKER else lambda _: None,
            clock=self._clock,
            time_left=lambda: 30.0,
            pool=self._pool,
            enqueue=enqueue,
            announcer=Announcer(send, worker, self._ledger, self._clock),
            new_trace=lambda: uuid.uuid4().hex,
            quotas=Quotas(self._clock, self._sleep),
        )

    def _straight(self, worker: Worker, route: Route) -> dict[Side, Cloud]:
        return cloud_ports(self._clouds.aws.endpoint, self._clouds.azure.endpoint, route, user=worker.name)

    def _trail(self, route: Route) -> AuditTrail:
        return activity_trail(self._clouds.azure.endpoint, route, user=AZURE_WORKER.name)

    def _lambda_handler(self) -> Deliver:
        from aws_lambda_powertools import Logger

        from functions.aws_lambda.app import create_handler

        logger = Logger(service="policy-mirror-sandbox", level=logging.CRITICAL)
        handler = create_handler(lambda: self._aws_mirror, logger, _NoMetrics())

        def deliver(event: Any) -> list[Line]:
            told = handler(event, _Context())
            if "error" in told:
                return [{"event": "refused", **told["error"]}]
            lines: list[Line] = told.get("outcomes", [{"event": "answer", **told}])
            return lines

        return deliver

    def _function_handler(self) -> Deliver:
        from functions.azure_app.app import receive

        delivery = Delivery(lambda: self._azure_mirror, lambda _: None, Counts(lambda *_: None))

        def deliver(event: Any) -> list[Line]:
            return receive(delivery, event, self._azure_mirror.enqueue)

        return deliver

    def _telling(self, deliver: Deliver, where: str) -> Deliver:
        """``deliver``, with every line told as it comes; a delivery that must be repeated raises."""

        def telling(event: Any) -> list[Line]:
            try:
                lines = deliver(event)
            except LookAgain as again:
                for line in again.told:
                    self._tell({**line, "function": where})
                raise
            for line in lines:
                self._tell({**line, "function": where})
            return lines

        return telling

    def _to_lambda_later(self, message: str) -> None:
        self._again(self._lambda, message)

    def _to_function_later(self, message: str) -> None:
        self._again(self._function, message)

    def _again(self, deliver: Deliver, message: str) -> None:
        """A key from the queue, as its platform delivers it."""
        try:
            deliver(message)
        except LookAgain:
            return
        except BadInput as error:
            self._tell({"event": "error", "code": error.code, "reason": str(error)})


def _said(notice: Notice) -> Line:
    """What a line tells of a notice: its gravest matter and the first way out."""
    if not notice.matters:
        return {"reason": f"no longer: {', '.join(notice.passed)}"}
    first = notice.matters[0]
    way_out = f"; {first.remedy.steps[0].typed()}" if first.remedy.steps else ""
    return {"reason": f"{first.said}{way_out}"}


class _NoMetrics:
    """The sandbox tells outcomes itself; a metric line on stdout would be in the way."""

    def add_metric(self, name: str, unit: Any, value: float) -> None:
        del name, unit, value

    def flush_metrics(self, raise_on_empty_metrics: bool = False) -> None:
        del raise_on_empty_metrics


class _Context:
    """What the handler reads of a Lambda context."""

    def get_remaining_time_in_millis(self) -> int:
        return 30_000
