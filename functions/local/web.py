"""Blocks as one HTML document that needs no server, in the dress of the operator's page."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby

from functions.local.blocks import BREAK, Block, Command, Grid, Item, Line, Span, Title, Tone, Verbatim, Words
from shared.operations.page.frame import Frame
from shared.operations.page.html import Child, el
from shared.operations.page.shell import document

BADGES = {Tone.GOOD: "badge good", Tone.WARNING: "badge wait", Tone.BAD: "badge act", Tone.FAINT: "soft"}


def web_page(title: str, lead: str, blocks: Iterable[Block], now: float) -> str:
    """``now``: seconds since the epoch, for the foot of the page."""
    frame = Frame(now, anchors={}, why_not="A file: what it shows is as old as it is.")
    return document(frame, title, "", [el("h1", title), el("p", lead, class_="lead"), *_sections(blocks)])


def _sections(blocks: Iterable[Block]) -> Iterator[Child]:
    """Each title begins one; items that follow each other are one list."""
    section: list[Child] = []
    for is_item, run in groupby(blocks, lambda block: isinstance(block, Item)):
        if is_item:
            section.append(el("ul", *map(_drawn, run), class_="items"))
            continue
        for block in run:
            if isinstance(block, Title) and section:
                yield el("section", section)
                section = []
            section.append(_drawn(block))
    yield el("section", section)


def _drawn(block: Block) -> Child:
    match block:
        case Title(words):
            return el("h2", _words(words))
        case Line(words):
            return el("p", _words(words))
        case Item(head, lines):
            return el("li", _words(head), *(el("p", _words(words)) for words in lines))
        case Grid(head, rows):
            names = el("tr", *(el("th", name, scope="col") for name in head))
            cells = (el("tr", *(el("td", _words(cell)) for cell in row)) for row in rows)
            return el("table", el("thead", names), el("tbody", *cells))
        case Command(text) | Verbatim(text):
            return el("pre", el("code", text))


def _words(words: Words) -> list[Child]:
    return [_span(span) for span in words]


def _span(span: Span) -> Child:
    if span is BREAK:
        return el("br")
    if span.tone is Tone.CODE:
        return el("code", span.text)
    if span.tone is Tone.STRONG:
        return el("strong", span.text)
    if span.tone in BADGES:
        return el("span", span.text, class_=BADGES[span.tone])
    return span.text
