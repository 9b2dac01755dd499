"""One WSGI application over TLS on loopback: azure-identity speaks to no sign-in address without it."""

from __future__ import annotations

import ssl
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import trustme
from werkzeug.serving import WSGIRequestHandler, make_server

from functions.local.sandbox.serving import HOST

if TYPE_CHECKING:
    from functions.local.sandbox.serving import WsgiApp


class TlsServer:
    """Serves ``app`` on a free port of 127.0.0.1 until ``close()``.

    ``authority`` is the file, in ``folder``, of the signer that a client must trust.
    """

    def __init__(self, app: WsgiApp, folder: Path) -> None:
        signer = trustme.CA()
        self.authority = folder / "authority.pem"
        signer.cert_pem.write_to_path(self.authority)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        signer.issue_cert(HOST).configure_cert(context)
        self._server = make_server(HOST, 0, app, threaded=True, ssl_context=context, request_handler=_Quiet)
        self._loop = threading.Thread(target=self._server.serve_forever, name="sandbox-tls", daemon=True)
        self._loop.start()

    @property
    def url(self) -> str:
        return f"https://{HOST}:{self._server.port}"

    def close(self) -> None:
        self._server.shutdown()
        self._loop.join()
        self._server.server_close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class _Quiet(WSGIRequestHandler):
    def log(self, type: str, message: str, *args: Any) -> None:  # noqa: A002 - werkzeug's name
        """Werkzeug would print a line for each request, and its address is enough of a secret."""
