"""Pages put to the small world, and what a reader makes of the answers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from shared.operations.page.exchange import Ask, Reply
from shared.operations.page.gate import Gate, LocalGate
from shared.operations.page.respond import respond
from tests.page.reading import Element, read
from tests.unit.sync.world import ANYONE, World

WHERE = {"route": "fleet", "name": "pumps"}


def secrets() -> Iterator[str]:
    return (f"secret-{number}" for number in count())


@dataclass
class Browser:
    """Keeps cookies, follows links and sends forms, as a browser would from a page of ours."""

    w: World
    gate: Gate = field(default_factory=lambda: LocalGate("ada", draw=secrets().__next__))
    worker: Any = ANYONE
    cookies: dict[str, str] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=lambda: {"sec-fetch-site": "same-origin"})
    reply: Reply = field(init=False)

    def get(self, path: str = "", **query: str) -> Element:
        return self._ask("GET", path, query)

    def follow(self, page: Element, text: str) -> Element:
        """The first link that says so."""
        link = next(a for a in page.all("a") if a.text == text)
        url = urlsplit(link.attributes["href"] or "")
        return self._ask("GET", url.path, dict(parse_qsl(url.query)))

    def send(self, page: Element, **changes: str) -> Element:
        """The form of a page, with some of it changed on the way."""
        form = page.one("form", method="post")
        fields = {i.attributes["name"] or "": i.attributes["value"] or "" for i in form.all("input")}
        body = urlencode({**fields, **changes}).encode()
        return self._ask("POST", urlsplit(form.attributes["action"] or "").path, {}, body)

    def _ask(self, method: str, path: str, query: dict[str, str], body: bytes = b"") -> Element:
        cookie = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        headers = {**self.headers, "cookie": cookie}
        self.reply = respond(self.w.mirror(self.worker), self.gate, Ask(method, path, query, headers, body))
        name, _, value = self.reply.headers.get("Set-Cookie", "").partition(";")[0].partition("=")
        if name:
            self.cookies[name] = value
        return read(self.reply.body)
