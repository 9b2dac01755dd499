"""A real browser, and the page served to it as ``policy-mirror page`` serves it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from functions.local.page_server import PageServer
from shared.operations.page.gate import LocalGate
from tests.page.browser.visit import Visit
from tests.unit.sync.world import World

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
HOW_TO = (
    "the page's browser tests need Chromium: apt-get install -y chromium (Debian, Ubuntu), or set CHROMIUM "
    "to the path of a Chromium or Chrome"
)
ARGUMENTS = [
    "--no-sandbox",  # as root, in a container
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def chromium() -> str:
    """Fails where it is required and not there; a bare pytest goes without."""
    for name in (os.environ.get("CHROMIUM"), *NAMES):
        if name and (path := shutil.which(name)):
            return path
    if os.environ.get("REQUIRE_CHROMIUM"):
        pytest.fail(HOW_TO)
    pytest.skip(HOW_TO)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    path = chromium()
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield launched
        launched.close()


@pytest.fixture
def visit(browser: Browser, shots: Path) -> Iterator[Callable[..., Visit]]:
    """Opens the page of a small world; whatever goes wrong in the browser fails the test at its end."""
    with ExitStack() as stack:

        def opened(w: World, *, may_act: bool = True, **settings: object) -> Visit:
            server = PageServer(w.mirror, LocalGate("ada", may_act=may_act), "t" * 24)
            stack.callback(server.close)
            context = browser.new_context(**settings)  # type: ignore[arg-type]
            stack.callback(context.close)
            visited = Visit(context.new_page(), server.url, shots)
            stack.callback(visited.must_be_clean)
            return visited

        yield opened


@pytest.fixture(scope="session")
def shots(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where screenshots go: ``PAGE_SHOTS``, to look at them, or a folder that pytest forgets."""
    folder = os.environ.get("PAGE_SHOTS")
    if folder is None:
        return tmp_path_factory.mktemp("shots")
    Path(folder).mkdir(parents=True, exist_ok=True)
    return Path(folder)
