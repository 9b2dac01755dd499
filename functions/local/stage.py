"""The third place the same core runs: both functions, on two clouds in a box.

The real handlers receive what the sandbox clouds emit: the Lambda's an EventBridge event, the function's an
Event Grid event. Each writes only the other cloud, and both share one SQLite ledger, as they share one table
when deployed.
"""

from __future__ import annotations

import json
import logging
import os
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, Self

from functions.local.later import Later
from functions.local.sandbox.clients import cloud_ports
from functions.local.sandbox.clouds import TwoClouds
from functions.local.sandbox.running import Running
from shared.bootstrap import AWS_WORKER, AZURE_WORKER, once_per_route
from shared.errors import BadInput, MirrorError
from shared.ledger.sqlite import SqliteLedger
from shared.operations.mirror import Mirror
from shared.operations.requests import LookAgain
from shared.routes.load import load_routes
from shared.routes.route import Route
from shared.sync.job import Worker
from shared.sync.link import LinkKey
from shared.sync.ports import Cloud
from shared.translation.side import Side

Tell = Callable[[dict[str, Any]], None]
Deliver = Callable[[Any], list[dict[str, Any]]]
GetPorts = Callable[[Worker, Route], Mapping[Side, Cloud]]

A_MOMENT = 0.1
"""Seconds that :meth:`Stage.settle` waits before it looks at both clouds once more."""

DEFAULT_ROUTES = """\
version: 1
routes:
  - id: sandbox
    aws: {{account: "{account}", region: {region}}}
    azure: {{hub: {hub}}}
    mode: two-way
    first_contact: sync
"""


class Stage:
    """Runs from construction to ``close``. ``tell`` gets one line per event and decision, from any thread.

    ``routes`` None: one two-way route over both sandbox clouds, all names, first contact syncs. The clouds
    tell time by the same ``clock`` as the functions. ``skip``
    moves a ``clock`` that stands still by so many seconds: then :meth:`settle` waits for nothing due later.
    ``ports``: another way from a worker to both clouds than straight to the sandbox.
    """

    def __init__(  # noqa: PLR0913 - every one of them is a choice of the caller's
        self,
        tell: Tell,
        *,
        routes: str | None,
        ledger: str,
        aws_port: int,
        azure_port: int,
        seed: int = 0,
        clock: Callable[[], float] = time.time,
        skip: Callable[[float], object] | None = None,
        ports: GetPorts | None = None,
    ) -> None:
        self._tell = tell
        self._ledger = ledger
        self._clock = clock
        self._ports = ports or self._straight
        with ExitStack() as stack:
            self.clouds = stack.enter_context(
                TwoClouds(
                    aws_port=aws_port,
                    azure_port=azure_port,
                    seed=seed,
                    on_aws_event=self._aws_event,
                    on_azure_event=self._azure_event,
                    now=lambda: datetime.fromtimestamp(clock(), UTC),
                    workers=4,
                )
            )
            self._text = routes or self._default_routes()
            self.routes = load_routes(self._text, "routes.yaml")
            self.ledger = stack.enter_context(SqliteLedger(ledger))
            self._pool = stack.enter_context(ThreadPoolExecutor(8, thread_name_prefix="stage"))
            self._later = stack.enter_context(Later(clock, skip))
            self.aws_mirror = self._mirror(AWS_WORKER, self._to_lambda_later)
            self.azure_mirror = self._mirror(AZURE_WORKER, self._to_function_later)
            self.to_lambda = self._telling(self._lambda(), "lambda")
            self.to_function = self._telling(self._function(), "function")
            self._open = stack.pop_all()

    # The clouds exist before the functions that they call: hence one step between.
    def _aws_event(self, event: dict[str, Any]) -> None:
        self.to_lambda(event)

    def _azure_event(self, event: dict[str, Any]) -> None:
        self.to_function(event)

    def _default_routes(self) -> str:
        aws, azure = self.clouds.aws, self.clouds.azure
        return DEFAULT_ROUTES.format(account=aws.account, region=aws.region, hub=azure.hub)

    def ready(self) -> dict[str, Any]:
        """The sandbox's first line: where the two clouds are."""
        aws, azure = self.clouds.aws, self.clouds.azure
        return {
            "event": "ready",
            "aws": {"endpoint": aws.endpoint, "region": aws.region, "account": aws.account},
            "azure": {"endpoint": azure.endpoint, "subscription": azure.subscription, "hub": azure.hub},
            "routes": [route.id for route in self.routes.routes],
        }

    def running(self) -> Running:
        """What another terminal has to know to work on the same two clouds."""
        aws, azure = self.clouds.aws.endpoint, self.clouds.azure.endpoint
        return Running(os.getpid(), aws, azure, str(Path(self._ledger).resolve()), self._text)

    def sweep(self) -> None:
        """Both functions' schedules fire once. Errors are told, as everything else is."""
        for deliver, payload in ((self.to_lambda, {"sweep": True}), (self.to_function, {"sweep": True})):
            try:
                deliver(payload)
            except LookAgain:
                continue  # told already, line by line
            except MirrorError as error:
                self._tell({"event": "error", "code": error.code, "reason": str(error)})

    def settle(self, timeout: float = 20.0) -> bool:
        """Waits until no event is under way and nothing is to be looked at again."""
        deadline = time.monotonic() + timeout
        while (left := deadline - time.monotonic()) > 0:
            if not self.clouds.settle(left):
                return False
            self._later.hurry()
            if self._later.idle(min(left, A_MOMENT)) and self.clouds.settle(A_MOMENT):
                return True
        return False

    def close(self) -> None:
        self._open.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _mirror(self, worker: Worker, later: Callable[[LinkKey], None]) -> Mirror:
        def enqueue(keys: Sequence[LinkKey], delay: float) -> None:
            for key in keys:
                self._later.call(delay, lambda key=key: later(key))  # type: ignore[misc]

        return Mirror(
            routes=self.routes,
            worker=worker,
            ledger=self.ledger,
            clouds=once_per_route(partial(self._ports, worker)),
            clock=self._clock,
            time_left=lambda: 30.0,
            pool=self._pool,
            enqueue=enqueue,
        )

    def _straight(self, worker: Worker, route: Route) -> dict[Side, Cloud]:
        return cloud_ports(self.clouds.aws.endpoint, self.clouds.azure.endpoint, route, user=worker.name)

    def _lambda(self) -> Deliver:
        from aws_lambda_powertools import Logger

        from functions.aws_lambda.app import create_handler

        logger = Logger(service="policy-mirror-sandbox", level=logging.CRITICAL)
        handler = create_handler(lambda: self.aws_mirror, logger, _NoMetrics())

        def deliver(event: Any) -> list[dict[str, Any]]:
            told = handler(event, _Context())
            if "error" in told:
                return [{"event": "refused", **told["error"]}]
            lines: list[dict[str, Any]] = told.get("outcomes", [{"event": "answer", **told}])
            return lines

        return deliver

    def _function(self) -> Deliver:
        from functions.azure_app.app import receive

        def deliver(event: Any) -> list[dict[str, Any]]:
            return receive(lambda: self.azure_mirror, event, self.azure_mirror.enqueue)

        return deliver

    def _telling(self, deliver: Deliver, where: str) -> Deliver:
        """``deliver``, with every line told as it comes; a delivery that must be repeated raises."""

        def telling(event: Any) -> list[dict[str, Any]]:
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

    def _to_lambda_later(self, key: LinkKey) -> None:
        self._again(self.to_lambda, key)

    def _to_function_later(self, key: LinkKey) -> None:
        self._again(self.to_function, key)

    def _again(self, deliver: Deliver, key: LinkKey) -> None:
        """A key from the queue, as its platform delivers it."""
        try:
            deliver(json.dumps({"route": key.route, "name": key.name}))
        except LookAgain:
            return
        except BadInput as error:
            self._tell({"event": "error", "code": error.code, "reason": str(error)})


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
