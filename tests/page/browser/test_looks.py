"""The page in a real browser: every scene, light and dark, wide and on a phone."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Route, ViewportSize

from shared.operations.page.alone import standing_alone
from shared.operations.page.listing import PAGE
from tests.page.browser.scenes import SCENES, three
from tests.page.browser.visit import Visit
from tests.page.test_hostile import HOSTILE, estate

WIDE, PHONE = ViewportSize(width=1280, height=900), ViewportSize(width=320, height=640)
SCREENS: dict[str, dict[str, Any]] = {
    "wide-light": {"viewport": WIDE, "color_scheme": "light"},
    "phone-dark": {"viewport": PHONE, "color_scheme": "dark"},
}
VIEWS = {
    "overview": "",
    "link": "link?route=fleet&name=pumps",
    "activity": "activity",
    "catalogue": "catalogue",
    "drift": "drift?route=fleet",
    "confirm": "confirm?command=resolve&route=fleet&name=pumps&take=strictest",
    "missing": "nowhere",
}


@pytest.mark.parametrize("screen", SCREENS)
@pytest.mark.parametrize("scene", SCENES)
def test_every_scene_fits_and_can_be_used_by_everybody(
    visit: Callable[..., Visit], scene: str, screen: str
) -> None:
    visited = visit(SCENES[scene](), **SCREENS[screen])
    visited.shoot(f"overview-{scene}-{screen}")
    visited.must_fit()
    visited.must_be_accessible()


@pytest.mark.parametrize("screen", SCREENS)
@pytest.mark.parametrize("view", VIEWS)
def test_every_view_fits_and_can_be_used_by_everybody(
    visit: Callable[..., Visit], view: str, screen: str
) -> None:
    visited = visit(three(), **SCREENS[screen])
    if view == "missing":
        visited.expected = ["404"]
    visited.go(VIEWS[view])
    for summary in visited.page.locator("summary").all():
        summary.click()
    visited.shoot(f"{view}-{screen}")
    visited.must_fit()
    visited.must_be_accessible()


def test_dark_is_dark_and_light_is_light(visit: Callable[..., Visit]) -> None:
    seen = {}
    for colour in ("light", "dark"):
        page = visit(three(), color_scheme=colour).page
        seen[colour] = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert seen == {"light": "rgb(246, 247, 249)", "dark": "rgb(15, 18, 23)"}


def test_of_two_thousand_policies_a_page_holds_few_enough_to_open_at_once(
    visit: Callable[..., Visit],
) -> None:
    page = visit(SCENES["thousands"]()).page
    assert page.locator("#rows tbody tr").count() == PAGE
    assert page.evaluate("document.querySelectorAll('*').length") < 5000
    assert len(page.content()) < 300_000


def test_on_paper_nothing_is_there_to_click(visit: Callable[..., Visit]) -> None:
    visited = visit(three())
    visited.page.emulate_media(media="print")
    assert not visited.page.locator(".buttons:visible, .filters:visible, .banner nav:visible").count()
    visited.shoot("overview-print")


def test_with_colours_of_ones_own_badges_still_have_a_border(visit: Callable[..., Visit]) -> None:
    visited = visit(three(), forced_colors="active")
    width = visited.page.evaluate("getComputedStyle(document.querySelector('.badge')).borderTopWidth")
    assert width == "1px"
    visited.shoot("overview-forced-colours")


def test_larger_letters_still_fit(visit: Callable[..., Visit]) -> None:
    """Twice the size on a small screen, as WCAG 1.4.4 wants: every length is in the letters' own unit."""
    visited = visit(three(), viewport=ViewportSize(width=640, height=900))
    session = visited.page.context.new_cdp_session(visited.page)
    session.send("Page.enable")
    session.send("Page.setFontSizes", {"fontSizes": {"standard": 32, "fixed": 26}})
    visited.page.reload()
    assert visited.page.evaluate("getComputedStyle(document.documentElement).fontSize") == "32px"
    visited.must_fit()


def test_a_screen_reader_finds_landmarks_headings_and_a_table(visit: Callable[..., Visit]) -> None:
    visited = visit(three(), viewport=PHONE)
    told = visited.page.locator("body").aria_snapshot()
    for line in (
        "- banner:",
        '- navigation "Views":',
        "- main:",
        '- heading "2 policies need you." [level=1]',
        '- region "What to do":',
        '- table "Policies, the most urgent first":',
        '- rowheader "pumps":',
        "- contentinfo:",
    ):
        assert line in told, told


@pytest.mark.parametrize("view", ["", "link", "drift", "activity"])
def test_no_text_of_others_ever_runs(visit: Callable[..., Visit], view: str) -> None:
    for text in HOSTILE[:6]:
        visited = visit(estate(text))
        if view == "link":
            visited.page.locator("#rows a").first.click()
        elif view:
            visited.go(f"{view}?route=fleet")
        visited.must_be_clean()


SLIPPED = (
    "<script>document.title = 'ran'</script><img src=x onerror=\"document.title = 'ran'\">"
    "<style>body { display: none }</style><base href=//evil.example><p style='position: fixed'>"
)


def test_markup_that_slipped_in_would_stay_dead(visit: Callable[..., Visit]) -> None:
    """Were there a hole in the escaping, the content policy would still stand."""
    visited = visit(three())

    def slip(route: Route) -> None:
        answer = route.fetch()
        route.fulfill(response=answer, body=answer.text().replace("<main", f"{SLIPPED}<main", 1))

    visited.page.route("**/*", slip)
    visited.expected = ["script-src", "style-src", "img-src", "base-uri", "Content Security Policy"]
    visited.page.reload()
    refused = visited.page.evaluate("window.violations.map((line) => line.split(':')[0])")
    elements = {f"{kind}-src-elem" for kind in ("script", "style")}
    attributes = {f"{kind}-src-attr" for kind in ("script", "style")}
    assert set(refused) == elements | attributes | {"img-src", "base-uri"}
    assert visited.page.title() == "Overview · policy-mirror"
    assert visited.page.locator("main").is_visible()


def test_a_file_needs_nothing_but_itself(browser: Browser, shots: Path, tmp_path: Path) -> None:
    file = tmp_path / "standing.html"
    file.write_text(standing_alone(three().mirror()), encoding="utf-8")
    context = browser.new_context(viewport=WIDE)
    visited = Visit(context.new_page(), file.as_uri(), shots)
    assert visited.page.locator("#filter").is_visible()
    visited.page.locator("#q").fill("valv")
    assert visited.page.locator("#rows tbody tr:visible").count() == 1
    visited.must_fit()
    visited.must_be_accessible()
    visited.must_be_clean()
    visited.shoot("file")
    context.close()
