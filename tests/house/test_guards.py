"""The guards of conftest.py hold: tests reach nothing but this machine, and nothing of the caller's cloud."""

from __future__ import annotations

import os
import socket

import pytest


def test_a_foreign_address_is_refused() -> None:
    with socket.socket() as client, pytest.raises(RuntimeError, match="only loopback"):
        client.connect(("192.0.2.1", 443))


def test_a_foreign_name_is_not_even_resolved() -> None:
    with pytest.raises(RuntimeError, match=r"management\.azure\.com"):
        socket.create_connection(("management.azure.com", 443))


def test_loopback_is_open() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        client = socket.create_connection(server.getsockname())
        accepted, _ = server.accept()
        with client, accepted:
            client.sendall(b"?")
            assert accepted.recv(1) == b"?"


def test_no_account_of_the_caller_is_visible() -> None:
    assert os.environ["AWS_ACCESS_KEY_ID"] == "testing"
    assert not {name for name in os.environ if name.startswith("AZURE_")}
    assert "AWS_PROFILE" not in os.environ
