"""An Event Grid topic of one's own, where the Azure function sends what people are to hear of."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from werkzeug.wrappers import Request, Response

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

Take = Callable[[dict[str, Any]], object]
EVENT_GRID = "https://eventgrid.azure.net"
"""The audience of the token that a sender shows."""


class EventGridTopic:
    """Its endpoint, as a WSGI application that is to be served over TLS. ``take`` gets each notice as the
    sandbox's inbox keeps it. Whether there is a token is looked at, not what it says."""

    def __init__(self, take: Take) -> None:
        self._take = take

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        return self._answer(Request(environ))(environ, start_response)

    def _answer(self, request: Request) -> Response:
        if not request.headers.get("Authorization", "").startswith("Bearer "):
            return Response(status=401)
        for event in json.loads(request.get_data()):
            data = event["data"]
            steps = [step["typed"] for matter in data["matters"] for step in matter["steps"]]
            said = [matter["said"] for matter in data["matters"]]
            self._take(
                {
                    "kind": data["kind"],
                    "id": data["id"],
                    "subject": event["eventType"],
                    "text": "\n".join([*said, *steps]),
                }
            )
        return Response(status=200)
