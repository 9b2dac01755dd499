"""What a check-up asks of each cloud beyond its policies. :mod:`shared.clouds` implements these."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Protocol

from msgspec import Struct

from shared.routes.route import Route


class Rule(Protocol):
    @property
    def name(self) -> str: ...
    @property
    def enabled(self) -> bool: ...
    @property
    def targets(self) -> int: ...


class Subscription(Protocol):
    @property
    def topic(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def state(self) -> str: ...
    @property
    def hears_groups(self) -> bool: ...


class AwsSetup(Protocol):
    """See :class:`shared.clouds.aws_setup.AwsSetup`."""

    def identity(self) -> tuple[str, str]: ...
    def allowed(self, principal: str, actions: Mapping[str, str]) -> Mapping[str, bool]: ...
    def logging_trails(self) -> Sequence[str]: ...
    def profile_rules(self) -> Sequence[Rule]: ...


class AzureSetup(Protocol):
    """See :class:`shared.clouds.azure_setup.AzureSetup`."""

    def provider_state(self, namespace: str) -> str: ...
    def allowed(self, actions: tuple[str, ...]) -> Mapping[str, bool]: ...
    def in_security_solution(self) -> bool: ...
    def event_subscriptions(self) -> Sequence[Subscription]: ...


class Prober(Protocol):
    """One cloud that can be asked. See :mod:`shared.clouds.aws_probe` and its twin."""

    @property
    def cloud(self) -> str: ...

    def answers(self, name: str) -> Iterator[tuple[str, str, str]]: ...


class Setups(Struct, frozen=True):
    """Of one route. None where there is no such thing to ask: the sandbox has no CloudTrail, for one."""

    aws: AwsSetup | None = None
    azure: AzureSetup | None = None


NO_SETUPS = Setups()


class Here(Struct, frozen=True):
    """A function that looks at itself: it has few rights but those of a look. ``ledger``: as ``--ledger``
    takes it; ``routes``: where they were read; ``identity``: account and ARN that it has on AWS for a route;
    ``waiting``: how many messages each of its queues has, None where a binding hides them."""

    ledger: str
    routes: str
    identity: Callable[[Route], tuple[str, str]]
    waiting: Callable[[], Mapping[str, int]] | None = None
