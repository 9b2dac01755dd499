"""The way a request to ARM takes: azure-core's policies, chosen one by one.

Two that azure-mgmt-security would put in are left out on purpose: one registers a missing resource provider
in the subscription of its own accord and polls every 10 s without end (azure-mgmt-core 1.6.0,
ARMAutoResourceProviderRegistrationPolicy), the other follows redirects with a write in hand.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from azure.core.credentials import TokenCredential
    from azure.core.pipeline import PipelineRequest, PipelineResponse

TOKEN_SCOPE = "https://management.azure.com/.default"  # noqa: S105 - a scope, not a secret
LONGEST_WAIT = 5.0
"""Seconds that a read waits at most because Azure asks for it. A longer wait is the caller's to plan."""

SHORTEST = 1.0
"""Seconds that must be left for one more attempt."""

UNTIL = "until"
"""Option of a request: by which instant of the clock its last attempt has to be over."""


def policies(
    credential: TokenCredential,
    *,
    base_url: str,
    user_agent: str,
    limits: tuple[float, float],
    clock: Callable[[], float] = time.monotonic,
    proxies: dict[str, str] | None = None,
) -> list[Any]:
    """Each request gets an ``x-ms-client-request-id``, which Azure's Activity Log records, unless it has one.
    ``limits``: seconds to connect and to answer, less where a request's own time runs out before."""
    from azure.core.pipeline.policies import ProxyPolicy, RequestIdPolicy, UserAgentPolicy
    from azure.mgmt.core.policies import ARMChallengeAuthenticationPolicy

    chosen: list[Any] = [
        RequestIdPolicy(),
        UserAgentPolicy(base_user_agent=user_agent),
        ProxyPolicy(proxies),
        _retries(clock),
        _hurry(clock, *limits),
        ARMChallengeAuthenticationPolicy(credential, TOKEN_SCOPE),
    ]
    return [_plain_http(), *chosen] if _is_local(base_url) else chosen


class Surroundings(NamedTuple):
    """What requests finds about an address in the environment. ``verify``: a file of certificates, or True
    for those that it brings along."""

    proxies: dict[str, str]
    verify: str | bool


def surroundings(url: str) -> Surroundings:
    """Found once: requests looks anew for every request otherwise, which is a tenth of what it costs
    (2.34, 2026-11), and takes a password of ``.netrc`` in place of our token."""
    from requests import Session

    with Session() as session:
        found = session.merge_environment_settings(url, {}, None, True, None)
    return Surroundings(dict(found["proxies"]), found["verify"])


def _retries(clock: Callable[[], float]) -> Any:
    """For reads; a write switches it off for itself."""
    from azure.core.pipeline.policies import RetryPolicy

    class BriefRetry(RetryPolicy[Any, Any]):
        def send(self, request: PipelineRequest[Any]) -> PipelineResponse[Any, Any]:
            request.context[UNTIL] = request.context.options.get(UNTIL, math.inf)
            return super().send(request)

        def configure_retries(self, options: dict[str, Any]) -> dict[str, Any]:
            until = options.pop(UNTIL, math.inf)
            return {**super().configure_retries(options), UNTIL: until}

        def is_retry(self, settings: dict[str, Any], response: PipelineResponse[Any, Any]) -> bool:
            if response.http_response.status_code == 429:
                return False  # whoever keeps the quota waits: the refusal is for all who share it
            wait = self.get_retry_after(response) or 0.0
            enough = wait <= min(LONGEST_WAIT, settings[UNTIL] - clock() - SHORTEST)
            return enough and bool(super().is_retry(settings, response))

        def increment(self, settings: dict[str, Any], response: Any = None, error: Any = None) -> bool:
            enough = settings[UNTIL] - clock() >= SHORTEST
            return bool(super().increment(settings, response, error)) and enough

    return BriefRetry(retry_total=2, retry_backoff_factor=0.3, retry_backoff_max=LONGEST_WAIT)


def _hurry(clock: Callable[[], float], connect: float, answer: float) -> Any:
    """No attempt of a read may take longer than its time allows."""
    from azure.core.pipeline.policies import SansIOHTTPPolicy

    class Hurry(SansIOHTTPPolicy[Any, Any]):
        def on_request(self, request: PipelineRequest[Any]) -> None:
            left = request.context[UNTIL] - clock()
            share = max(0.1, left) / (connect + answer)
            if share < 1.0:
                request.context.options["connection_timeout"] = connect * share
                request.context.options["read_timeout"] = answer * share

    return Hurry()


def _plain_http() -> Any:
    """azure-core sends no token over plain HTTP unless each single call allows it."""
    from azure.core.pipeline.policies import SansIOHTTPPolicy

    class PlainHttp(SansIOHTTPPolicy[Any, Any]):
        def on_request(self, request: PipelineRequest[Any]) -> None:
            request.context.options.setdefault("enforce_https", False)

    return PlainHttp()


def _is_local(base_url: str) -> bool:
    parts = urlsplit(base_url)
    return parts.scheme == "http" and parts.hostname in {"127.0.0.1", "::1", "localhost"}
