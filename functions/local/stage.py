"""The third place the same core runs: both functions, on two clouds in a box.

The stage has the clouds and waits for them; how the functions are reached is a port of its own, so that the
same scenes play in this process and on the platforms' own runtimes.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

from functions.local.reach import GetFunctions, Line, Tell
from functions.local.sandbox.clouds import TwoClouds
from functions.local.sandbox.running import Running
from shared.routes.load import load_routes

A_MOMENT = 0.1
"""Seconds that :meth:`Stage.settle` waits before it looks at both clouds once more."""

DEFAULT_ROUTES = """\
version: 1
routes:
  - id: sandbox
    aws:
      account: "{account}"
      region: {region}
      role_arn: arn:aws:iam::{account}:role/policy-mirror
    azure:
      hub: {hub}
      tenant_id: 33333333-4444-4555-8666-777777777777
      client_id: 88888888-9999-4aaa-8bbb-cccccccccccc
    mode: two-way
    first_contact: sync
"""


class Stage:
    """Runs from construction to ``close``. ``tell`` gets one line per event and decision, from any thread.

    ``routes`` None: one two-way route over both sandbox clouds, all names, first contact syncs.
    ``functions`` starts both functions; they end with the stage. ``clock`` is the clouds' own.
    """

    def __init__(
        self,
        tell: Tell,
        functions: GetFunctions,
        *,
        routes: str | None = None,
        aws_port: int = 0,
        azure_port: int = 0,
        seed: int = 0,
        clock: Callable[[], float] = time.time,
    ) -> None:
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
            self.functions = functions(self.clouds, self._text, tell)
            # The clouds stop first: a delivery that is under way still needs its function.
            stack.callback(self.functions.close)
            stack.callback(self.clouds.close)
            self._open = stack.pop_all()

    # The clouds exist before the functions that they call: hence one step between.
    def _aws_event(self, event: Line) -> object:
        return self.functions.aws_event(event)

    def _azure_event(self, event: Line) -> object:
        return self.functions.azure_event(event)

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

    def running(self, ledger: str | Path) -> Running:
        """What another terminal has to know to work on the same two clouds and ledger."""
        aws, azure, path = self.clouds.aws, self.clouds.azure, str(Path(ledger).resolve())
        return Running(os.getpid(), aws.endpoint, aws.region, azure.endpoint, azure.hub, path, self._text)

    def sweep(self) -> None:
        """Both functions' schedules fire once. Errors are told, as everything else is."""
        self.functions.sweep()

    def settle(self, timeout: float = 20.0) -> bool:
        """Waits until no event is under way and nothing is to be looked at again."""
        deadline = time.monotonic() + timeout
        while (left := deadline - time.monotonic()) > 0:
            if not self.clouds.settle(left):
                return False
            before = self.clouds.scheduled()
            self.functions.hurry()
            if (
                self.functions.idle(min(left, A_MOMENT))
                and self.clouds.settle(A_MOMENT)
                and self.clouds.scheduled() == before
            ):
                return True
        return False

    def close(self) -> None:
        self._open.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
