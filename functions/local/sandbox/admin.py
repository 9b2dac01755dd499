"""`/_sandbox/...`: the knobs of one endpoint over HTTP, for scripts and other languages.

GET or PUT `/_sandbox/faults` and `/_sandbox/bus` (a PUT names only what changes), GET `/_sandbox/notices`,
and POST `/_sandbox/bus/replay` with `{"count": 100, "shuffle": true}`.
"""

from __future__ import annotations

import json
from typing import Any

from werkzeug.wrappers import Request, Response

from functions.local.sandbox.bus import EventBus
from functions.local.sandbox.faults import Faults
from functions.local.sandbox.inbox import Inbox
from functions.local.sandbox.knobs import KnobError

PREFIX = "/_sandbox/"


class Admin:
    """Answers 200 with the state after the call, 400 with `{"error": why}`, 404 for another path."""

    def __init__(self, faults: Faults, bus: EventBus, inbox: Inbox) -> None:
        self._faults = faults
        self._bus = bus
        self._inbox = inbox

    def answer(self, request: Request) -> Response:
        try:
            state = self._dispatch(request.method, request.path.removeprefix(PREFIX), request)
        except (KnobError, ValueError, RecursionError) as error:
            return json_response(400, {"error": str(error)})
        if state is None:
            return json_response(
                404, {"error": "there are GET and PUT faults, GET and PUT bus, GET notices, POST bus/replay"}
            )
        return json_response(200, state)

    def _dispatch(self, method: str, what: str, request: Request) -> dict[str, Any] | None:
        match method, what:
            case "PUT", "faults":
                self._faults.update(_body(request))
            case "PUT", "bus":
                self._bus.set_knobs(_body(request))
            case "POST", "bus/replay":
                return {"queued": self._replay(_body(request))}
            case "GET", "notices":
                return {"notices": self._inbox.all()}
            case "GET", "faults" | "bus":
                pass
            case _:
                return None
        return self._faults.as_dict() if what == "faults" else self._bus.state()

    def _replay(self, body: dict[str, Any]) -> int:
        count, shuffle = body.get("count", 100), body.get("shuffle", True)
        if not isinstance(count, int) or not isinstance(shuffle, bool) or not 0 <= count <= 10_000:
            raise KnobError("replay takes count (0 to 10000) and shuffle (true or false)")
        return self._bus.replay(count, shuffle=shuffle)


def json_response(status: int, body: Any, headers: dict[str, str] | None = None) -> Response:
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    return Response(text, status, headers, content_type="application/json; charset=utf-8")


def _body(request: Request) -> dict[str, Any]:
    body = json.loads(request.get_data() or b"{}")
    if not isinstance(body, dict):
        raise KnobError(f"the body must be a JSON object, not {type(body).__name__}")
    return body
