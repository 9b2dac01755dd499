"""What people are to hear of, posted as JSON to an Event Grid custom topic or a chat's incoming webhook."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from shared.clouds.azure_errors import asking, refusal
from shared.errors import Refused

if TYPE_CHECKING:
    from azure.core import PipelineClient
    from azure.core.credentials import TokenCredential
    from azure.core.pipeline.transport import HttpTransport
    from azure.core.rest import HttpRequest, HttpResponse

SCOPE = "https://eventgrid.azure.net/.default"
SEND = "Microsoft.EventGrid/events/send/action"
"""The data action of the built-in role EventGrid Data Sender (Azure built-in roles, 2026)."""

Post = Callable[[Mapping[str, Any]], None]
"""Posts one notice. Raises CloudError where it is not taken."""


def topic(
    endpoint: str,
    credential: Callable[[], TokenCredential],
    *,
    transport: HttpTransport[Any, Any] | None = None,
) -> Post:
    """``endpoint``: of a custom topic, ``https://NAME.REGION-1.eventgrid.azure.net/api/events`` (data plane
    API 2018-01-01). An event that goes out twice has the same id."""
    where = f"Event Grid topic {endpoint}"

    @cache
    def client() -> PipelineClient[HttpRequest, HttpResponse]:
        from azure.core.pipeline.policies import BearerTokenCredentialPolicy

        return _client(endpoint, transport, BearerTokenCredentialPolicy(credential(), SCOPE))

    def post(event: Mapping[str, Any]) -> None:
        response = _posted(client, f"{endpoint}?api-version=2018-01-01", [event], where)
        if response.status_code != 200:
            raise refusal(response, where, SEND)

    return post


def webhook(url: str, *, transport: HttpTransport[Any, Any] | None = None) -> Post:
    """``url`` is a secret, for whoever has it may post: messages name its host only."""
    host = urlsplit(url).hostname
    where = f"webhook at {host}"

    @cache
    def client() -> PipelineClient[HttpRequest, HttpResponse]:
        return _client(f"https://{host}", transport)

    def post(card: Mapping[str, Any]) -> None:
        response = _posted(client, url, card, where)
        status = response.status_code
        if status in {401, 403, 404, 410}:
            raise Refused(where, f"it answered with {status}: make a new webhook, and set its address")
        if not 200 <= status < 300:
            raise refusal(response, where, "the notice")

    return post


def _client(
    base: str, transport: HttpTransport[Any, Any] | None, *policies: Any
) -> PipelineClient[HttpRequest, HttpResponse]:
    """Sent once: the next look tries again. Redirects are not followed: they could lead a notice anywhere."""
    from azure.core import PipelineClient
    from azure.core.pipeline.policies import UserAgentPolicy

    chosen = [UserAgentPolicy(base_user_agent="policy-mirror"), *policies]
    options: dict[str, Any] = {"transport": transport} if transport else {}
    return PipelineClient(base, policies=chosen, **options)


def _posted(
    client: Callable[[], PipelineClient[HttpRequest, HttpResponse]], url: str, body: Any, where: str
) -> HttpResponse:
    from azure.core.rest import HttpRequest

    request = HttpRequest("POST", url, json=body)
    with asking(where, "the notice"):
        return client().send_request(request, connection_timeout=3, read_timeout=5)
