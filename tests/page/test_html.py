"""The builder: what comes from outside is text, wherever it stands."""

from __future__ import annotations

from html.parser import HTMLParser

from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup

from shared.operations.page.html import address, el, join

ANY_TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00\r"))


class Parsed(HTMLParser):
    """What a reader of the page makes of it."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


@given(ANY_TEXT)
def test_text_stays_text(text: str) -> None:
    parsed = Parsed(el("p", text))
    assert (parsed.text, [tag for tag, _ in parsed.tags]) == (text, ["p"])


@given(ANY_TEXT)
def test_a_value_stays_in_its_attribute(text: str) -> None:
    assert Parsed(el("p", title=text)).tags == [("p", {"title": text})]


@given(ANY_TEXT)
def test_an_address_has_no_scheme_and_no_second_attribute(text: str) -> None:
    url = address("link", route="r", name=text)
    assert url.startswith("link?route=r")
    assert Parsed(el("a", href=url)).tags == [("a", {"href": url})]


def test_names_are_spelt_as_html_spells_them() -> None:
    html = el("label", "x", for_="box", class_="wide", aria_label="y", hidden=True, title=None, lang=False)
    assert html == '<label for="box" class="wide" aria-label="y" hidden>x</label>'


def test_an_element_in_an_element_is_not_escaped_twice() -> None:
    assert el("p", el("b", "<")) == "<p><b>&lt;</b></p>"


def test_children_may_be_nested_missing_and_numbers() -> None:
    assert el("p", ["a", [None, 1]], None, (part for part in "bc")) == "<p>a1bc</p>"
    assert join() == Markup("")


def test_a_void_element_has_no_end() -> None:
    assert el("input", type="text", required=True) == '<input type="text" required>'


def test_an_address_leaves_out_what_is_empty() -> None:
    assert address("", code=None, q="") == "./"
    assert address("", q="a b&c") == "./?q=a+b%26c"
