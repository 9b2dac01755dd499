"""The way a request to ARM takes: azure-core's policies, chosen one by one.

Two that azure-mgmt-security would put in are left out on purpose: one registers a missing resource provider
in the subscription of its own accord and polls every 10 s without end (azure-mgmt-core 1.6.0,
ARMAutoResourceProviderRegistrationPolicy), the other follows redirects with a write in hand.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from azure.core.credentials import TokenCredential
    from azure.core.pipeline import PipelineRequest, PipelineResponse

TOKEN_SCOPE = "https://management.azure.com/.default"  # noqa: S105 - a scope, not a secret
LONGEST_WAIT = 5.0
"""Seconds that a read waits at most because Azure asks for it. A longer wait is the caller's to plan."""


def policies(credential: TokenCredential, *, base_url: str, user_agent: str) -> list[Any]:
    """Each request gets an ``x-ms-client-request-id``, which Azure's Activity Log records."""
    from azure.core.pipeline.policies import ProxyPolicy, RequestIdPolicy, UserAgentPolicy
    from azure.mgmt.core.policies import ARMChallengeAuthenticationPolicy

    chosen: list[Any] = [
        RequestIdPolicy(),
        UserAgentPolicy(base_user_agent=user_agent),
        ProxyPolicy(),
        _retries(),
        ARMChallengeAuthenticationPolicy(credential, TOKEN_SCOPE),
    ]
    return [_plain_http(), *chosen] if _is_local(base_url) else chosen


def _retries() -> Any:
    """For reads; a write switches it off for itself."""
    from azure.core.pipeline.policies import RetryPolicy

    class BriefRetry(RetryPolicy[Any, Any]):
        def is_retry(self, settings: dict[str, Any], response: PipelineResponse[Any, Any]) -> bool:
            wait = self.get_retry_after(response)
            return (wait is None or wait <= LONGEST_WAIT) and bool(super().is_retry(settings, response))

    return BriefRetry(retry_total=2, retry_backoff_factor=0.3, retry_backoff_max=LONGEST_WAIT)


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
