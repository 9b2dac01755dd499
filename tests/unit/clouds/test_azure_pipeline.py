"""What the environment says about the way to Azure: asked once, and heeded."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from shared.clouds.azure_arm import Arm, arm_client
from shared.clouds.azure_pipeline import surroundings
from tests.unit.clouds.conftest import Credential


class Asked(BaseHTTPRequestHandler):
    """Answers anything, and keeps what was asked for: a proxy is asked for whole addresses."""

    lines: list[tuple[str, str]]

    def do_GET(self) -> None:
        self.lines.append((self.path, self.headers["Authorization"]))
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None: ...


@pytest.fixture
def asked() -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """The address of a server that may be a proxy, and what it was asked for."""
    Asked.lines = []
    with HTTPServer(("127.0.0.1", 0), Asked) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}", Asked.lines
        server.shutdown()
        thread.join()


def get(base_url: str) -> int:
    arm = Arm(arm_client(Credential(), base_url=base_url))
    return arm.get(f"{base_url}/groups", "a group", "read", arm.deadline()).status_code


TOKEN = "Bearer token for https://management.azure.com/.default"


def test_a_proxy_of_the_environment_is_used(
    asked: tuple[str, list[tuple[str, str]]], monkeypatch: pytest.MonkeyPatch
) -> None:
    proxy, lines = asked
    monkeypatch.setenv("HTTP_PROXY", proxy)
    assert get("http://127.0.0.1:9") == 200
    assert lines == [("http://127.0.0.1:9/groups", TOKEN)]


def test_a_host_that_needs_no_proxy_gets_none(
    asked: tuple[str, list[tuple[str, str]]], monkeypatch: pytest.MonkeyPatch
) -> None:
    address, lines = asked
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    assert get(address) == 200
    assert lines == [("/groups", TOKEN)]


def test_a_password_of_the_machine_never_stands_in_for_the_token(
    asked: tuple[str, list[tuple[str, str]]], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    address, lines = asked
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login someone password sesame\n")
    monkeypatch.setenv("NETRC", str(netrc))
    assert get(address) == 200
    assert lines == [("/groups", TOKEN)]


def test_certificates_of_the_environment_are_trusted(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        monkeypatch.delenv(name, raising=False)
    assert surroundings("https://management.azure.com") == ({}, True)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/etc/ours.pem")
    assert surroundings("https://management.azure.com").verify == "/etc/ours.pem"
