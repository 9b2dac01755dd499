"""Whatever a policy is called or says: it is text on the page, and nothing else."""

from __future__ import annotations

import re

import pytest
from msgspec.structs import replace

from shared.operations.page.alone import standing_alone
from shared.operations.page.shell import content_policy
from shared.sync.journal import appended
from shared.sync.link import Entry, Finding, Link, LinkKey, State
from shared.translation.side import Side
from tests.page.asking import Browser
from tests.page.reading import Element, read
from tests.unit.sync.documents import at_most, behavior, group, profile
from tests.unit.sync.world import World, world

HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    "</style><script>alert(1)</script>",
    "</pre></td></table><svg onload=alert(1)>",
    "javascript:alert(1)",
    "<!--",
    "&lt;script&gt;",
    "]]><b>",
    "\u202eevil\u2066",
    "{{7*7}} ${7*7} {0}",
]
VIEWS = ("", "activity", "link", "drift", "confirm", "nowhere", "catalogue")


def estate(text: str) -> World:
    """``text`` wherever somebody else may have put some."""
    w = world()
    odd = behavior(text[:120] or "x", text, "less-than", 5)
    w.aws.put(
        "pumps", profile(odd, sent=at_most(60), own={"securityProfileDescription": text, "odd": {text: text}})
    )
    w.azure.put("pumps", {**group(sent=at_most(80)), text: text})
    w.aws.put(text, profile(sent=at_most(60)))
    finding = Finding("conflict", None, text, "edited-on-both", text, text)
    hold = Finding("hold", Side.AWS, text, text, text, text)
    link = Link(LinkKey("fleet", text), rev=1, state=State.BOUND, findings=(finding, hold), updated_at=w.now)
    entries = [
        Entry(
            link.key,
            0,
            w.now,
            text,
            decision,
            side,
            plan=text,
            detail={"reason": text, "races": [text], "settled": [text]},
        )
        for decision, side in ((text, None), ("intent", Side.AWS), ("committed", None))
    ]
    noted, chained = appended(link, *entries)
    w.ledger.save(noted, chained)
    w.ledger.save_scope(
        replace(w.scope(), rev=w.scope().rev + 1, frozen=text, swept_at={text: w.now}, digests={text: text})
    )
    return w


def page_of(view: str, text: str) -> Element:
    query = {"route": "fleet", "name": text, "command": "resolve", "take": "aws", "q": text, "after": text}
    return Browser(estate(text)).get(view, **query)


def bones(page: Element) -> list[tuple[str, frozenset[str]]]:
    """Every element and the names of its attributes: what a browser would obey."""
    return [(element.tag, frozenset(element.attributes)) for element in page.all()]


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("view", VIEWS)
def test_no_text_adds_an_element_or_an_attribute(view: str, text: str) -> None:
    """The page has the same bones as one in which everything is called by plain letters."""
    plain = re.sub(r"[^a-z]", "x", text.casefold())
    assert bones(page_of(view, text)) == bones(page_of(view, plain))


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("view", VIEWS)
def test_every_link_stays_on_the_page(view: str, text: str) -> None:
    for element in page_of(view, text).all():
        for name in ("href", "action", "src"):
            url = element.attributes.get(name)
            assert url is None or re.match(r"(\./|#|[a-z]+(\?|$|#))", url), url
        assert not [name for name in element.attributes if name.startswith("on") or name == "style"]


@pytest.mark.parametrize("text", HOSTILE)
def test_a_file_has_the_same_bones_too(text: str) -> None:
    plain = re.sub(r"[^a-z]", "x", text.casefold())
    files = [read(standing_alone(estate(each).mirror())) for each in (text, plain)]
    assert bones(files[0]) == bones(files[1])


@pytest.mark.parametrize("text", HOSTILE)
def test_it_is_shown_as_it_is_spelt(text: str) -> None:
    shown = " ".join(text.split())
    assert shown in page_of("link", text).one("h1").text
    assert shown in page_of("", text).one("table", id="rows").text


@pytest.mark.parametrize("view", VIEWS)
def test_nothing_but_our_own_style_and_script_may_run(view: str) -> None:
    browser = Browser(estate("x"))
    browser.get(view, route="fleet", name="x")
    policy = browser.reply.headers["Content-Security-Policy"]
    assert policy == content_policy()
    rules = dict(rule.split(" ", 1) for rule in policy.split("; "))
    assert rules["default-src"] == rules["base-uri"] == rules["frame-ancestors"] == "'none'"
    assert re.fullmatch("'sha256-[A-Za-z0-9+/]{43}='", rules["script-src"])
    assert re.fullmatch("'sha256-[A-Za-z0-9+/]{43}='", rules["style-src"])
    assert "unsafe" not in policy


@pytest.mark.parametrize("view", VIEWS)
def test_every_answer_has_its_locks_on(view: str) -> None:
    browser = Browser(estate("x"))
    browser.get(view, route="fleet", name="x")
    headers = browser.reply.headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["Cache-Control"] == "no-store"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Content-Type"] == "text/html; charset=utf-8"


def test_a_file_brings_its_policy_along() -> None:
    (meta,) = read(standing_alone(estate("x").mirror())).all(
        "meta", **{"http-equiv": "Content-Security-Policy"}
    )
    assert meta.attributes["content"] == content_policy(framed=False)
    assert "default-src 'none'" in content_policy(framed=False)
