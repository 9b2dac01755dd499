"""Messages for a storage queue that are to be seen later.

An output binding of the Functions worker cannot say when (azure-functions 2.3): what it puts into a queue is
seen at once. So what has to wait is put there by a request of our own (Storage REST API, Put Message, 2026).
The app's identity may do that: it has the role that its queue trigger needs (Storage Queue Data Contributor).
"""

from __future__ import annotations

import math
import time
from base64 import b64encode
from collections.abc import Callable, Sequence
from email.utils import formatdate
from functools import cache
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from shared.clouds.azure_errors import asking, refusal
from shared.errors import BadInput

if TYPE_CHECKING:
    from azure.core import PipelineClient
    from azure.core.credentials import TokenCredential
    from azure.core.pipeline.transport import HttpTransport
    from azure.core.rest import HttpRequest, HttpResponse

SCOPE = "https://storage.azure.com/.default"
VERSION = "2021-12-02"
PUT = "Microsoft.Storage/storageAccounts/queueServices/queues/messages/write"
LONGEST = 6 * 24 * 3600
"""Seconds. Messages live for seven days."""

Send = Callable[[Sequence[str], float], None]
"""Messages, and after how many seconds they are to be seen. Raises CloudError where one was not taken."""


def sender(
    url: str,
    credential: Callable[[], TokenCredential],
    *,
    transport: HttpTransport[Any, Any] | None = None,
    clock: Callable[[], float] = time.time,
) -> Send:
    """``url``: ``https://ACCOUNT.queue.core.windows.net/QUEUE``. Raises BadInput for what is none."""
    parts = urlsplit(url)
    if parts.scheme != "https" or not parts.hostname or parts.query or not parts.path.strip("/"):
        raise BadInput("POLICY_MIRROR_STORAGE_QUEUE: https://ACCOUNT.queue.core.windows.net/QUEUE is wanted")
    address, where = url.rstrip("/"), f"storage queue {url}"

    @cache
    def client() -> PipelineClient[HttpRequest, HttpResponse]:
        from azure.core import PipelineClient
        from azure.core.pipeline.policies import BearerTokenCredentialPolicy, UserAgentPolicy

        policies = [
            UserAgentPolicy(base_user_agent="policy-mirror"),
            BearerTokenCredentialPolicy(credential(), SCOPE),
        ]
        options: dict[str, Any] = {"transport": transport} if transport else {}
        return PipelineClient(f"https://{parts.netloc}", policies=policies, **options)

    def send(messages: Sequence[str], delay: float) -> None:
        from azure.core.rest import HttpRequest

        seen_after = min(LONGEST, math.ceil(delay))
        for message in messages:
            request = HttpRequest(
                "POST",
                f"{address}/messages?visibilitytimeout={seen_after}",
                headers={
                    "Content-Type": "application/xml",
                    "x-ms-date": formatdate(clock(), usegmt=True),
                    "x-ms-version": VERSION,
                },
                content=_body(message),
            )
            with asking(where, PUT):
                response = client().send_request(request, connection_timeout=3, read_timeout=5)
            if response.status_code != 201:
                raise refusal(response, where, PUT)

    return send


def _body(message: str) -> str:
    """In base64, as the host expects it unless host.json says otherwise (queues, ``messageEncoding``)."""
    return f"<QueueMessage><MessageText>{b64encode(message.encode()).decode()}</MessageText></QueueMessage>"
