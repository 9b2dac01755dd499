"""One WSGI application over TLS on loopback: azure-identity speaks to no sign-in address without it."""

from __future__ import annotations

import ipaddress
import ssl
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path
from socketserver import ThreadingMixIn
from typing import TYPE_CHECKING, Any, Self
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from functions.local.sandbox.serving import HOST

if TYPE_CHECKING:
    from functions.local.sandbox.serving import WsgiApp


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hangs up in the middle is nobody's error here."""


class _Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class names it so
        """Nothing: requests carry tokens."""


class TlsServer:
    """Serves ``app`` on a free port of 127.0.0.1 until ``close()``.

    ``authority`` is the PEM file that a client must trust; the key lies beside it in ``folder``.
    """

    def __init__(self, app: WsgiApp, folder: Path) -> None:
        self.authority = folder / "loopback.pem"
        key = folder / "loopback.key"
        _write_certificate(self.authority, key)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.authority, key)
        self._server = make_server(HOST, 0, app, server_class=_Server, handler_class=_Quiet)
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        self._loop = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05})
        self._loop.start()

    @property
    def url(self) -> str:
        return f"https://{HOST}:{self._server.server_port}"

    def close(self) -> None:
        self._server.shutdown()
        self._loop.join()
        self._server.server_close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _write_certificate(path: Path, key_path: Path) -> None:
    """A key, and a certificate that it signs for itself, for a day."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "policy-mirror sandbox")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(HOST))]), critical=False
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    key_path.touch(mode=0o600)
    key_path.write_bytes(secret)
    path.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
