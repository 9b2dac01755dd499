"""Two clouds in a box: an AWS IoT and an ARM endpoint on 127.0.0.1, each with its event bus."""

from __future__ import annotations

import random
import time
from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any, Self

from functions.local.sandbox.aws_app import AwsIotSandbox
from functions.local.sandbox.aws_state import AwsOptions, IotState
from functions.local.sandbox.azure_app import AzureArmSandbox
from functions.local.sandbox.azure_ids import HubId
from functions.local.sandbox.azure_state import ArmState, AzureOptions
from functions.local.sandbox.bus import Deliver, Event, EventBus
from functions.local.sandbox.faults import AzureFaults, Faults
from functions.local.sandbox.identifiers import Clock, Dice, utc_now
from functions.local.sandbox.inbox import Inbox
from functions.local.sandbox.serving import LoopbackServer

DEFAULT_SUBSCRIPTION = "11111111-2222-4333-8444-555555555555"


@dataclass(frozen=True)
class AwsPlace:
    endpoint: str
    region: str
    account: str


@dataclass(frozen=True)
class AzurePlace:
    """`hub` is the full resource id of the first hub, `hubs` those of all."""

    endpoint: str
    subscription: str
    hub: str
    hubs: tuple[str, ...] = field(default=())


def _ignore(_: Event) -> None:
    """The listener of a cloud that nobody listens to."""


class TwoClouds:
    """Starts on construction, stops on `close()` or at the end of a `with` block; port 0 picks a free one.

    Listeners get one event at a time, on a bus's own thread, as a dict of their own; with more `workers`
    several at once. All ids and dice come from `seed`; `now` must give aware times. `hubs` replaces `hub`.
    """

    def __init__(  # noqa: PLR0913 - every one of them is a choice of the caller's
        self,
        *,
        aws_port: int = 0,
        azure_port: int = 0,
        region: str = "eu-central-1",
        account: str = "123456789012",
        subscription: str = DEFAULT_SUBSCRIPTION,
        resource_group: str = "sandbox",
        hub: str = "sandbox-hub",
        hubs: Iterable[str] | None = None,
        seed: int = 0,
        on_aws_event: Deliver = _ignore,
        on_azure_event: Deliver = _ignore,
        now: Clock = utc_now,
        aws_options: AwsOptions | None = None,
        azure_options: AzureOptions | None = None,
        workers: int = 1,
    ) -> None:
        aws_dice, azure_dice = Dice(random.Random(f"aws{seed}")), Dice(random.Random(f"azure{seed}"))
        self.aws_faults, self.azure_faults = Faults(), AzureFaults()
        self.inbox = Inbox()
        self.aws_bus = EventBus(on_aws_event, dice=aws_dice, workers=workers)
        self.azure_bus = EventBus(on_azure_event, dice=azure_dice, workers=workers)

        self.aws_state = IotState(account, region, now, aws_options or AwsOptions())
        self.azure_state = ArmState(now, azure_dice, self.azure_bus, azure_options or AzureOptions())
        hub_ids = [HubId(subscription, resource_group, name) for name in (hubs or [hub])]
        for hub_id in hub_ids:
            self.azure_state.declare(hub_id)

        aws = AwsIotSandbox(
            self.aws_state, faults=self.aws_faults, bus=self.aws_bus, dice=aws_dice, inbox=self.inbox
        )
        azure = AzureArmSandbox(
            self.azure_state, faults=self.azure_faults, bus=self.azure_bus, dice=azure_dice, inbox=self.inbox
        )
        with ExitStack() as stack:
            stack.callback(self._stop_buses)
            aws_server = stack.enter_context(LoopbackServer(aws, port=aws_port))
            azure_server = stack.enter_context(LoopbackServer(azure, port=azure_port))
            # Once more, to come first at the end: a delivery that is under way may still call the servers.
            stack.callback(self._stop_buses)
            self._open = stack.pop_all()
        self.aws = AwsPlace(aws_server.url, region, account)
        self.azure = AzurePlace(azure_server.url, subscription, str(hub_ids[0]), tuple(map(str, hub_ids)))

    def aws_client_kwargs(self) -> dict[str, Any]:
        """What `boto3.client("iot", **...)` needs to talk to the sandbox."""
        return {
            "endpoint_url": self.aws.endpoint,
            "region_name": self.aws.region,
            "aws_access_key_id": "AKIASANDBOX",
            "aws_secret_access_key": "sandbox",
        }

    def settle(self, timeout: float = 10.0) -> bool:
        """Waits until both buses are at rest at the same time, each having seen what the other caused."""
        deadline = time.monotonic() + timeout
        while (left := deadline - time.monotonic()) > 0:
            before = self.scheduled()
            if not (self.aws_bus.drain(left) and self.azure_bus.drain(max(0.0, deadline - time.monotonic()))):
                return False
            if self.scheduled() == before:
                return True
        return False

    def close(self) -> None:
        """Ends the deliveries that are under way, forgets the rest, then closes both ports."""
        self._open.close()

    def scheduled(self) -> tuple[int, int]:
        """Deliveries so far on AWS's bus and on Azure's: between two looks it tells whether any came."""
        return self.aws_bus.counts.scheduled, self.azure_bus.counts.scheduled

    def _stop_buses(self) -> None:
        self.aws_bus.stop()
        self.azure_bus.stop()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
