"""The page on this machine: loopback, and the run's own token."""

from __future__ import annotations

import http.client
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from functions.local.page_server import PageServer
from shared.operations.page.gate import LocalGate
from tests.unit.sync.world import world

TOKEN = "t" * 24


@pytest.fixture
def server() -> Iterator[PageServer]:
    w = world()
    served = PageServer(w.mirror, LocalGate("ada"), TOKEN)
    yield served
    served.close()


class Browser:
    """Keeps a cookie, and says which host it means."""

    def __init__(self, server: PageServer) -> None:
        self.place = urlsplit(server.url).netloc
        self.cookie = ""

    def get(self, path: str, host: str | None = None) -> http.client.HTTPResponse:
        connection = http.client.HTTPConnection(self.place, timeout=10)
        connection.request("GET", path, headers={"Host": host or self.place, "Cookie": self.cookie})
        response = connection.getresponse()
        self.body = response.read().decode()
        connection.close()
        return response


def test_the_address_that_is_printed_leads_to_the_page(server: PageServer) -> None:
    browser = Browser(server)
    assert server.url.startswith("http://127.0.0.1:")
    welcome = browser.get(f"/?token={TOKEN}")
    assert (welcome.status, welcome.getheader("Location")) == (303, "./")
    cookie = str(welcome.getheader("Set-Cookie"))
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie
    browser.cookie = cookie.partition(";")[0]
    assert browser.get("/").status == 200
    assert "policy-mirror" in browser.body


@pytest.mark.parametrize("path", ["/", "/link", "/?token=", "/?token=wrong", "/?token=%ff"])
def test_nothing_is_shown_without_the_token(server: PageServer, path: str) -> None:
    browser = Browser(server)
    answer = browser.get(path)
    assert answer.status == 403
    assert "sandbox" not in browser.body
    assert answer.getheader("Content-Security-Policy")


def test_a_cookie_of_another_run_is_worth_nothing(server: PageServer) -> None:
    browser = Browser(server)
    browser.cookie = f"policy-mirror-{browser.place.partition(':')[2]}=old"
    assert browser.get("/").status == 403


def test_another_name_for_this_machine_is_refused(server: PageServer) -> None:
    """DNS rebinding: a page on the net that calls itself by a name which leads here."""
    assert Browser(server).get(f"/?token={TOKEN}", host="evil.example").status == 421
