"""The page on this machine: 127.0.0.1 only, and only for whoever has the run's own token.

Other people on the machine reach the port, and so do web pages that somebody has open: hence the token, which
becomes a cookie, and the check that the request was made to this very address (DNS rebinding).
"""

from __future__ import annotations

import hmac
from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import TYPE_CHECKING

from functions.local.sandbox.serving import HOST, LoopbackServer
from shared.operations.mirror import Mirror
from shared.operations.page.exchange import LARGEST_FORM, Ask, Reply, fields
from shared.operations.page.gate import Gate
from shared.operations.page.respond import respond
from shared.operations.page.shell import headers

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

TOKEN = "token"
_PLAIN = {"Content-Type": "text/plain; charset=utf-8"}


class PageServer:
    """From construction until ``close``. ``token``: the run's secret, at least 16 characters."""

    def __init__(self, mirror: Callable[[], Mirror], gate: Gate, token: str, port: int = 0) -> None:
        self._mirror, self._gate, self._token = mirror, gate, token
        self._server = LoopbackServer(self._answer, port=port, threads=4)

    @property
    def url(self) -> str:
        """Where to begin: it has the token, and must not be shared."""
        return f"{self._server.url}/?{TOKEN}={self._token}"

    @property
    def _cookie(self) -> str:
        """A name for each port: cookies do not tell ports apart."""
        return f"policy-mirror-{self._server.port}"

    def close(self) -> None:
        self._server.close()

    def _answer(self, environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        reply = self._reply(ask_of(environ))
        body = reply.body.encode()
        status = HTTPStatus(reply.status)
        start(f"{status.value} {status.phrase}", [*reply.headers.items(), ("Content-Length", str(len(body)))])
        return [body]

    def _reply(self, ask: Ask) -> Reply:
        own = {f"{HOST}:{self._server.port}", f"localhost:{self._server.port}"}
        if ask.headers.get("host") not in own:
            return _refused(421, "Only 127.0.0.1 is answered here.")
        if TOKEN in ask.query:
            return self._welcome(ask.query[TOKEN])
        if not self._known(ask.cookie(self._cookie)):
            return _refused(403, "Open the address that policy-mirror page printed: it has this run's token.")
        return respond(self._mirror(), self._gate, ask)

    def _welcome(self, token: str) -> Reply:
        """The token leaves the address line at once, and lives on as a cookie."""
        if not self._known(token):
            return _refused(403, "That token is of another run. Open the address that was printed last.")
        cookie = f"{self._cookie}={self._token}; Path=/; HttpOnly; SameSite=Strict"
        return Reply(303, "", {**headers(), "Location": "./", "Set-Cookie": cookie})

    def _known(self, token: str | None) -> bool:
        return token is not None and hmac.compare_digest(token.encode(), self._token.encode())


def ask_of(environ: WSGIEnvironment) -> Ask:
    given = {
        name.removeprefix("HTTP_").replace("_", "-").lower(): value
        for name, value in environ.items()
        if name.startswith("HTTP_")
    }
    length = environ.get("CONTENT_LENGTH") or "0"
    body = environ["wsgi.input"].read(min(int(length), LARGEST_FORM + 1)) if length.isdigit() else b""
    return Ask(
        method=environ["REQUEST_METHOD"],
        path=environ.get("PATH_INFO", "/").removeprefix("/"),
        query=fields(environ.get("QUERY_STRING", "")),
        headers=given,
        body=body,
    )


def _refused(status: int, why: str) -> Reply:
    return Reply(status, f"{why}\n", {**headers(), **_PLAIN})
