"""One visit to the page: what the browser says while it is there."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

_LISTEN = """
window.violations = [];
document.addEventListener("securitypolicyviolation", (event) => {
  window.violations.push(`${event.violatedDirective}: ${event.blockedURI} ${event.sample}`);
});
"""


class Visit:
    def __init__(self, page: Page, url: str, shots: Path) -> None:
        self.page = page
        self.url = url
        self.root = url.partition("?")[0]
        self.expected: list[str] = []
        self._shots = shots
        self._said: list[str] = []
        self._requests: list[str] = []
        page.add_init_script(_LISTEN)
        page.on("console", lambda message: self._said.append(f"{message.type}: {message.text}"))
        page.on("pageerror", lambda error: self._said.append(f"error: {error}"))
        page.on("dialog", self._dialog)
        page.on("request", lambda request: self._requests.append(request.url))
        page.goto(url)

    def go(self, path: str) -> None:
        self.page.goto(self.root + path)

    def shoot(self, name: str) -> None:
        self.page.screenshot(path=self._shots / f"{name}.png", full_page=True)

    def must_be_clean(self) -> None:
        """No error, no refused script or style, no request to anywhere but here."""
        violations: list[str] = self.page.evaluate("window.violations ?? []")
        told = [
            line for line in [*self._said, *violations] if not any(each in line for each in self.expected)
        ]
        assert told == []
        here = urlsplit(self.root).netloc
        assert [url for url in self._requests if urlsplit(url).netloc not in (here, "")] == []

    def must_be_accessible(self) -> None:
        """By every rule of axe-core, best practices among them."""
        found = Axe().run(self.page).response["violations"]
        assert found == [], [_told(each) for each in found]

    def must_fit(self) -> None:
        """Nothing stands out to the right."""
        width, room = self.page.evaluate(
            "[document.documentElement.scrollWidth, document.documentElement.clientWidth]"
        )
        assert width <= room, f"{width} px of content in {room}"

    def focused(self) -> str:
        """The text of what the keyboard is at."""
        text: str = self.page.evaluate("document.activeElement.innerText.trim()")
        return text

    def _dialog(self, dialog: Any) -> None:
        self._said.append(f"dialog: {dialog.message}")
        dialog.dismiss()


def _told(violation: dict[str, Any]) -> str:
    nodes = [f"{node['html'][:120]} {node['failureSummary'][:200]}" for node in violation["nodes"][:3]]
    return f"{violation['id']}: {violation['help']}: {nodes}"
