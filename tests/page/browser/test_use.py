"""The page as it is used: by keyboard, with and without a script, and from a page that means ill."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser

from functions.local.sandbox.serving import LoopbackServer
from shared.operations.page.listing import PAGE
from tests.page.browser.scenes import thousands, three
from tests.page.browser.visit import Visit


def test_the_first_key_leads_past_everything_to_the_content(visit: Callable[..., Visit]) -> None:
    visited = visit(three())
    visited.page.keyboard.press("Tab")
    assert visited.focused() == "Skip to the content"
    assert visited.page.locator(".skip").is_visible()
    visited.page.keyboard.press("Enter")
    assert visited.page.evaluate("document.activeElement.id") == "content"


WHERE = """() => {
  const at = document.activeElement;
  if (at === document.body) return null;
  const box = at.getBoundingClientRect();
  return {
    what: at.textContent.trim().slice(0, 40),
    order: [...document.querySelectorAll("*")].indexOf(at),
    outline: getComputedStyle(at).outlineStyle,
    shown: box.width > 0 && box.height > 0,
  };
}"""


def test_everything_that_can_be_used_is_reached_by_key_and_shows_it(visit: Callable[..., Visit]) -> None:
    visited = visit(three())
    wanted = visited.page.locator("a:visible, button:visible, summary:visible, input:visible").count()
    reached: list[int] = []
    for _ in range(wanted + 5):
        visited.page.keyboard.press("Tab")
        at = visited.page.evaluate(WHERE)
        if at is None:
            break
        assert at["outline"] != "none", f"nobody sees that the keyboard is at {at}"
        assert at["shown"], at
        reached.append(at["order"])
    assert len(set(reached)) >= wanted
    assert reached == sorted(reached), "the order of keys is not that of the page"


def test_a_fold_opens_by_key(visit: Callable[..., Visit]) -> None:
    visited = visit(three())
    summary = visited.page.locator("summary").first
    summary.focus()
    visited.page.keyboard.press("Enter")
    assert summary.locator("..").evaluate("details => details.open")


def test_typing_narrows_the_rows_and_says_so(visit: Callable[..., Visit]) -> None:
    visited = visit(three())
    told = visited.page.locator("#count").inner_text()
    visited.page.locator("#q").fill("PUM")
    assert visited.page.locator("#rows tbody tr:visible").count() == 1
    assert visited.page.locator("#count").inner_text() == "1 of the 3 on this page match; Enter asks for all"
    visited.page.locator("#q").fill("")
    assert visited.page.locator("#rows tbody tr:visible").count() == 3
    assert visited.page.locator("#count").inner_text() == told


@pytest.mark.parametrize("script", [True, False], ids=["with-script", "without"])
def test_enter_asks_the_server_for_all_of_them(visit: Callable[..., Visit], script: bool) -> None:
    visited = visit(thousands(), java_script_enabled=script)
    rows = visited.page.locator("#rows tbody tr")
    assert rows.count() == PAGE
    visited.page.locator("#q").fill("chiller-west-0")
    visited.page.keyboard.press("Enter")
    visited.page.wait_for_url("**/?q=chiller-west-0*")
    assert 0 < rows.count() < PAGE
    assert "chiller-west-0" in rows.first.inner_text()


def test_without_a_script_a_conflict_is_settled_in_two_clicks(visit: Callable[..., Visit]) -> None:
    w = three()
    visited = visit(w, java_script_enabled=False)
    visited.page.get_by_role("link", name="Take AWS").first.click()
    assert (
        "at most" in visited.page.locator("main").inner_text()
        or "5 to 80" in visited.page.locator("main").inner_text()
    )
    visited.page.get_by_role("button", name="Yes, do it").click()
    assert visited.page.locator("h1").inner_text() == "Done"
    assert {entry.decision for entry in w.journal("pumps")} >= {"resolve", "committed"}


def test_who_may_only_read_sees_no_button(visit: Callable[..., Visit]) -> None:
    visited = visit(three(), may_act=False)
    assert visited.page.get_by_role("link", name="Take Azure").count() == 0
    visited.expected = ["403"]
    visited.go("confirm?command=pause&route=fleet")
    assert visited.page.locator("h1").inner_text() == "That needs a sign-in"


@pytest.fixture
def elsewhere() -> Iterator[Callable[[str], str]]:
    """A page on another origin, with what it is given as its body."""
    servers: list[LoopbackServer] = []

    def served(body: str) -> str:
        def app(environ: object, start: Callable[..., object]) -> list[bytes]:
            del environ
            start("200 OK", [("Content-Type", "text/html")])
            return [body.encode()]

        servers.append(LoopbackServer(app, threads=2))
        return servers[-1].url

    yield served
    for server in servers:
        server.close()


def test_a_page_elsewhere_cannot_act_with_my_cookies(
    visit: Callable[..., Visit], elsewhere: Callable[[str], str]
) -> None:
    w = three()
    visited = visit(w)
    visited.go("confirm?command=pause&route=fleet")
    csrf = visited.page.locator("input[name=csrf]").get_attribute("value")
    digest = visited.page.locator("input[name=digest]").get_attribute("value")
    url = elsewhere(
        f'<form method=post action="{visited.root}confirm"><input name=command value=pause>'
        f'<input name=route value=fleet><input name=csrf value="{csrf}"><input name=digest value="{digest}">'
        "<button>Win a prize</button></form>"
    )
    page = visited.page.context.new_page()
    page.goto(url)
    page.get_by_role("button").click()
    page.wait_for_url("**/confirm")
    assert (
        "policy-mirror page printed" in page.content()
        or "did not come from the confirmation" in page.content()
    )
    assert not w.scope().paused


def test_a_page_elsewhere_cannot_frame_it(
    browser: Browser, visit: Callable[..., Visit], elsewhere: Callable[[str], str]
) -> None:
    visited = visit(three())
    page = visited.page.context.new_page()
    page.goto(elsewhere(f'<iframe src="{visited.url}"></iframe>'))
    page.wait_for_timeout(200)
    assert all("policies need you" not in frame.content() for frame in page.frames)
