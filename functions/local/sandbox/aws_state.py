"""One account and region of AWS IoT, as far as security profiles reach."""

from __future__ import annotations

import base64
import binascii
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from functions.local.sandbox.aws_errors import invalid, not_found
from functions.local.sandbox.aws_rules import Surroundings
from functions.local.sandbox.identifiers import Clock

Params = dict[str, Any]
Operation = Callable[["IotState", Params], dict[str, Any]]

PROFILE, METRIC, DIMENSION = "securityprofile", "custommetric", "dimension"


@dataclass(frozen=True)
class AwsOptions:
    """Where the documentation leaves the service's answer open, which answer the sandbox gives.

    `accept_identical_create`: AWS's CloudFormation handler implies that an identical create may be repeated;
    the API reference does not say so, hence it is refused (409) unless asked for.
    """

    strict_custom_metrics: bool = True
    strict_dimensions: bool = False
    accept_identical_create: bool = False
    record_reads: bool = False
    page_size: int = 250


@dataclass
class Profile:
    """`members` are the native members besides name, version and dates; one that is not set is not there."""

    name: str
    created: datetime
    modified: datetime
    members: Params
    version: int = 1
    targets: list[str] = field(default_factory=list)


@dataclass
class CustomMetric:
    name: str
    kind: str
    token: str
    created: datetime
    modified: datetime
    display_name: str | None = None


@dataclass
class Dimension:
    name: str
    kind: str
    token: str
    values: list[str]
    created: datetime
    modified: datetime


@dataclass
class IotState:
    """Operations read and change it under `lock`; `tags` are kept by ARN, apart from what they describe."""

    account: str
    region: str
    now: Clock
    options: AwsOptions = field(default_factory=AwsOptions)
    profiles: dict[str, Profile] = field(default_factory=dict)
    metrics: dict[str, CustomMetric] = field(default_factory=dict)
    dimensions: dict[str, Dimension] = field(default_factory=dict)
    tags: dict[str, dict[str, str]] = field(default_factory=dict)
    lock: threading.RLock = field(default_factory=threading.RLock)

    def arn(self, kind: str, name: str) -> str:
        return f"arn:aws:iot:{self.region}:{self.account}:{kind}/{name}"

    def exists(self, arn: str) -> bool:
        kinds = ((PROFILE, self.profiles), (METRIC, self.metrics), (DIMENSION, self.dimensions))
        return any(arn == self.arn(kind, name) for kind, known in kinds for name in known)

    def profile(self, name: str) -> Profile:
        if name not in self.profiles:
            raise not_found("security profile", name)
        return self.profiles[name]

    def surroundings(self) -> Surroundings:
        return Surroundings(
            {metric.name: metric.kind for metric in self.metrics.values()},
            self.dimensions if self.options.strict_dimensions else None,
            self.options.strict_custom_metrics,
        )

    def page(self, key: str, items: Sequence[Any], params: Params) -> dict[str, Any]:
        """One page of `items` as `{key: [...], "nextToken": ...}`; the token is opaque to the caller."""
        start = _offset(params.get("nextToken"))
        most = self.options.page_size
        end = start + min(most, params.get("maxResults", most))
        answer: dict[str, Any] = {key: list(items[start:end])}
        if end < len(items):
            answer["nextToken"] = base64.urlsafe_b64encode(b"from:%d" % end).decode()
        return answer


def _offset(token: str | None) -> int:
    if token is None:
        return 0
    try:
        return int(base64.urlsafe_b64decode(token).removeprefix(b"from:"))
    except (ValueError, binascii.Error) as error:
        raise invalid("the nextToken was not given by this service") from error
