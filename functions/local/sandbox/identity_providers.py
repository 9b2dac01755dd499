"""Who vouches for the functions: Entra's token endpoint, over TLS as azure-identity insists, and the endpoint
that App Service gives a managed identity.

Entra takes a token that AWS signed for it and gives one for ARM. The signature is not looked at; audience and
expiry are. All clients and all federated credentials are known here.
"""

from __future__ import annotations

import base64
import json
import ssl
import tempfile
import threading
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Self

import trustme
from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server
from werkzeug.wrappers import Request, Response

from functions.local.sandbox.admin import json_response
from functions.local.sandbox.serving import HOST, LoopbackServer

EXCHANGE = "api://AzureADTokenExchange"
ARM = "https://management.azure.com"
HOUR = 3600
SECRET = "sandbox"
"""What App Service puts into IDENTITY_HEADER, to keep others on the machine out."""


class Entra:
    """``authority`` and ``certificate`` (of the authority that signed its own) are what a client has to know.
    A token for ``user`` is given to whoever brings a token that AWS signed."""

    def __init__(self, user: str) -> None:
        self._user = user
        with ExitStack() as stack:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="policy-mirror-entra-")))
            authority = trustme.CA()
            self.certificate = folder / "authority.pem"
            authority.cert_pem.write_to_path(self.certificate)
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            authority.issue_cert(HOST).configure_cert(context)
            server = make_server(
                HOST, 0, self._app, threaded=True, ssl_context=context, request_handler=_Quiet
            )
            self.authority = f"https://{HOST}:{server.port}"
            stack.callback(_serve(server))
            self._open = stack.pop_all()

    def close(self) -> None:
        self._open.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _app(self, environ: Any, start_response: Any) -> Any:
        return self._answer(Request(environ))(environ, start_response)

    def _answer(self, request: Request) -> Response:
        if not request.path.endswith("/oauth2/v2.0/token") or request.method != "POST":
            return json_response(404, {"error": "there is POST /TENANT/oauth2/v2.0/token"})
        problem = _assertion_problem(request.form.get("client_assertion", ""))
        if problem:
            told = {"error": "invalid_client", "error_description": f"AADSTS700213: {problem}"}
            return json_response(401, told)
        granted = {"access_token": f"user.{self._user}", "expires_in": HOUR, "token_type": "Bearer"}
        return json_response(200, granted)


class ManagedIdentity:
    """``endpoint`` is what IDENTITY_ENDPOINT says, SECRET what IDENTITY_HEADER says. For ARM the token names
    ``user``; for any other audience it is a JSON web token without a signature."""

    def __init__(self, user: str) -> None:
        self._user = user
        self._server = LoopbackServer(self._app)
        self.endpoint = f"{self._server.url}/msi/token"

    def close(self) -> None:
        self._server.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _app(self, environ: Any, start_response: Any) -> Any:
        return self._answer(Request(environ))(environ, start_response)

    def _answer(self, request: Request) -> Response:
        if request.headers.get("X-IDENTITY-HEADER") != SECRET:
            return json_response(401, {"error": "unauthorized"})
        resource = request.args.get("resource", "").rstrip("/")
        token = f"user.{self._user}" if resource == ARM else unsigned({"aud": resource, "sub": self._user})
        expires = str(int(time.time()) + HOUR)
        told = {"access_token": token, "expires_on": expires, "resource": resource, "token_type": "Bearer"}
        return json_response(200, told)


def unsigned(claims: dict[str, Any]) -> str:
    """A JSON web token as it looks, with an hour to live."""
    now = int(time.time())
    parts = ({"alg": "none", "typ": "JWT"}, {"iat": now, "exp": now + HOUR, **claims})
    return ".".join([*(_base64(json.dumps(part).encode()) for part in parts), ""])


def _assertion_problem(token: str) -> str | None:
    try:
        claims = json.loads(base64.urlsafe_b64decode(token.split(".")[1] + "=="))
        audience, expires = claims["aud"], claims["exp"]
    except (IndexError, KeyError, TypeError, ValueError):
        return "client_assertion is no JSON web token with an audience and an expiry"
    if audience != EXCHANGE:
        return f"the assertion's audience is not {EXCHANGE}"
    return "the assertion has expired" if expires < time.time() else None


def _base64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _serve(server: BaseWSGIServer) -> Any:
    """Serves on a thread; gives what stops it."""
    thread = threading.Thread(target=server.serve_forever, name="sandbox-entra", daemon=True)
    thread.start()

    def stop() -> None:
        server.shutdown()
        thread.join()
        server.server_close()

    return stop


class _Quiet(WSGIRequestHandler):
    def log(self, type: str, message: str, *args: Any) -> None:  # noqa: A002 - werkzeug's name
        """Werkzeug would print a line for each request."""
