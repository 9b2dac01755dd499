"""Requests to Azure Resource Manager and their answers, whatever resource they are about."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

from msgspec import Struct

from shared.clouds.azure_errors import asking, refusal
from shared.clouds.azure_pipeline import policies, surroundings
from shared.clouds.replies import READ_SECONDS, http_date
from shared.errors import Unreachable

if TYPE_CHECKING:
    from azure.core.credentials import TokenCredential
    from azure.core.pipeline.transport import HttpTransport
    from azure.core.rest import HttpRequest, HttpResponse
    from azure.mgmt.security.v2019_08_01 import SecurityCenter

ARM = "https://management.azure.com"
CONNECT_SECONDS = 3.0


def arm_client(
    credential: TokenCredential,
    *,
    base_url: str | None = None,
    user_agent: str = "policy-mirror",
    transport: HttpTransport[Any, Any] | None = None,
    read_timeout: float = 5,
    clock: Callable[[], float] = time.monotonic,
) -> SecurityCenter:
    """Attempts take at most 3 s to connect and ``read_timeout`` to answer. Threads may share it.

    ``base_url``: only for a place that stands in for ARM; plain HTTP is spoken to this machine alone.
    ``transport``: in place of the usual one over requests. ``clock``: that of :class:`Arm`.
    """
    from azure.core.pipeline.transport import RequestsTransport
    from azure.mgmt.security.v2019_08_01 import SecurityCenter

    base = base_url or ARM
    around = surroundings(base)
    return SecurityCenter(
        credential,
        "-",  # each address names its own subscription
        base,
        policies=policies(
            credential,
            base_url=base,
            user_agent=user_agent,
            limits=(CONNECT_SECONDS, read_timeout),
            clock=clock,
            proxies=around.proxies,
        ),
        transport=transport
        or RequestsTransport(
            use_env_settings=False,
            connection_verify=around.verify,
            connection_timeout=CONNECT_SECONDS,
            read_timeout=read_timeout,
        ),
    )


class Arm(Struct, frozen=True):
    """``clock``: seconds, of no particular beginning."""

    client: SecurityCenter
    clock: Callable[[], float] = time.monotonic

    def deadline(self) -> float:
        """Until when a read that begins now may take, with everything that it asks on the way."""
        return self.clock() + READ_SECONDS

    def get(self, url: str, where: str, action: str, until: float) -> HttpResponse:
        """Tried up to three times, as long as there is time."""
        from azure.core.rest import HttpRequest

        if self.clock() >= until:
            raise Unreachable(where, f"no answer within {READ_SECONDS:.0f} s")
        with asking(where, action):
            return self._send(HttpRequest("GET", url), until=until)

    def write(self, request: HttpRequest, where: str, action: str) -> HttpResponse:
        """Sent once: it may have been applied though nobody said so."""
        with asking(where, action, write=True):
            return self._send(request, retry_total=0)

    def page(self, url: str, where: str, action: str, until: float) -> tuple[list[Any], str | None]:
        """Its items, and the address of the next page. That is one of our own ARM, whatever host the link
        names: the token goes nowhere else."""
        response = self.get(url, where, action, until)
        if response.status_code != 200:
            raise refusal(response, where, action)
        page = body_of(response)
        if not isinstance(page, dict) or not isinstance(page.get("value"), list):
            raise Unreachable(where, "the listing has no list in it")
        return page["value"], _following(page.get("nextLink"))

    def pages(self, url: str, where: str, action: str) -> Iterator[list[Any]]:
        """Each page's items; each page has a read's time by itself."""
        following: str | None = url
        seen: set[str] = set()
        while following is not None:
            if following in seen:
                raise Unreachable(where, "the listing leads back to a page that was read already")
            seen.add(following)
            items, following = self.page(following, where, action, self.deadline())
            yield items

    def _send(self, request: Any, **options: Any) -> HttpResponse:
        # The generated client's way for a request of one's own (azure-sdk docs, "send_request").
        return self.client._send_request(request, **options)  # noqa: SLF001 - see above


def body_of(response: HttpResponse) -> Any:
    """None where the answer is no JSON."""
    try:
        return response.json()
    except (RecursionError, ValueError):
        return None


def told_at(response: HttpResponse) -> float | None:
    return http_date(response.headers.get("Date"))


def _following(link: Any) -> str | None:
    if not isinstance(link, str) or not link:
        return None
    parts = urlsplit(link)
    return quote(f"{parts.path}?{parts.query}", safe="/?&=%$,;:@+!*'()~")
