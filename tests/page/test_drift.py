"""What a sweep would do now: read from both clouds, some links at a time."""

from __future__ import annotations

import re

import pytest

from shared.errors import Unreachable
from shared.operations.page.drift import LINKS
from tests.page.asking import Browser
from tests.page.reading import Element
from tests.unit.operations.asking import bound, conflicting
from tests.unit.sync.documents import at_most, group, profile
from tests.unit.sync.world import World, world


def drift(w: World, **query: str) -> Element:
    return Browser(w).get("drift", route="fleet", **query)


def test_a_route_in_step_says_so() -> None:
    page = drift(bound())
    assert "All of them are in step." in page.text
    assert not page.all("table")


def test_what_differs_is_told_with_what_would_be_done_about_it() -> None:
    w = conflicting()
    w.aws.put("valves", profile(sent=at_most(5)))
    lines = {row.one("th").text: row.all("td")[0].text for row in drift(w).all("tr")[1:]}
    assert lines == {"pumps": "in conflict", "valves": "create on Azure"}
    assert w.took() == []


def test_a_digest_leaves_room_for_the_words() -> None:
    w = bound(loosening="approve")
    w.aws.put("pumps", profile(sent=at_most(5000)))
    told = drift(w).one("tbody").text
    assert "approve plan" in told
    assert not re.search("[0-9a-f]{13}", told)


def test_a_route_that_only_observes_shows_what_it_would_do() -> None:
    w = world(mode="observe")
    w.aws.put("pumps", profile(sent=at_most(5)))
    page = drift(w)
    assert "pumps" in page.one("tbody").text
    assert w.took() == []


def test_a_few_at_a_time_and_all_in_the_end() -> None:
    w = world()
    for number in range(LINKS + 2):
        w.azure.put(f"p{number:02}", group(sent=at_most(5)))
    browser = Browser(w)
    first = browser.get("drift", route="fleet")
    names = [row.one("th").text for row in first.all("tr")[1:]]
    rest = browser.follow(first, f"The next {LINKS}")
    names += [row.one("th").text for row in rest.all("tr")[1:]]
    assert names == [f"p{number:02}" for number in range(LINKS + 2)]


def test_a_cloud_that_cannot_be_listed_may_be_asked_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    w = bound()

    def census() -> None:
        raise Unreachable("azure", "no answer in 8 s")

    monkeypatch.setattr(w.azure, "census", census)
    browser = Browser(w)
    page = browser.get("drift", route="fleet")
    assert browser.reply.status == 503
    assert "no answer in 8 s" in page.text


def test_an_unknown_route_is_told() -> None:
    browser = Browser(bound())
    assert "not in routes.yaml" in browser.get("drift", route="nowhere").text
    assert browser.reply.status == 400
