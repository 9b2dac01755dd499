"""What can go wrong at a cloud's front door, on demand."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from functions.local.sandbox.identifiers import Dice
from functions.local.sandbox.knobs import KnobError, Knobs
from functions.local.sandbox.quotas import Quotas

PROVIDER_STATES = ("registered", "unregistered", "retired")


@dataclass(kw_only=True)
class Faults(Knobs):
    """One cloud's faults; every field may be set while the server runs.

    `throttle_next`, `fail_next` count calls of any kind; `drop_answer_next` counts writes, which are applied
    and then answered by a closed connection. `not_found_all` and `down` hold until switched off. `quotas`:
    how much of what the cloud documents is taken, 1 for all of it; 0 takes every call.
    """

    throttle_next: int = 0
    throttle_rate: float = 0.0
    retry_after_s: int = 1
    fail_next: int = 0
    latency_ms: int = 0
    drop_answer_next: int = 0
    down: bool = False
    not_found_all: bool = False
    quotas: float = 0.0
    counted: Quotas = field(default_factory=Quotas, init=False, repr=False, compare=False)

    def throttled(self, dice: Dice) -> bool:
        return self.take("throttle_next") or dice.chance(self.throttle_rate)

    def delay(self, sleep: Callable[[float], object]) -> None:
        if self.latency_ms:
            sleep(self.latency_ms / 1000)


@dataclass(kw_only=True)
class AzureFaults(Faults):
    """ARM has four more: values it does not give back, thresholds it clamps, a provider that went away, and
    an Activity Log that nobody may read.

    `provider`: `registered`; `unregistered` answers 409 MissingSubscriptionRegistration; `retired` answers
    404 InvalidResourceNamespace while the hub itself still answers: it must never look like "all deleted".
    """

    hide_allowlist_values: bool = False
    clamp_max: int | None = None
    provider: str = "registered"
    deny_activity_log: bool = False

    def update(self, changes: Mapping[str, Any]) -> None:
        if changes.get("provider", "registered") not in PROVIDER_STATES:
            raise KnobError(f"provider takes one of {', '.join(PROVIDER_STATES)}")
        super().update(changes)
