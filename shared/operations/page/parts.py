"""Small parts that several views share."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from markupsafe import Markup

from shared.operations.page import words
from shared.operations.page.frame import Frame
from shared.operations.page.html import Child, el
from shared.operations.standing import LEVELS, Condition, Level
from shared.sync.link import LinkKey

SHAPES = {Level.ACT: "▲", Level.WAIT: "◆", Level.GOOD: "●"}
"""Told apart without colour too."""


def badge(condition: Condition) -> Markup:
    level = LEVELS[condition]
    shape = "○" if condition is Condition.GONE else SHAPES[level]
    kind = "gone" if condition is Condition.GONE else level
    return el("span", mark(shape), words.CONDITIONS[condition], class_=f"badge {kind}")


def mark(shape: str) -> Markup:
    """Decoration: the word beside it says the same."""
    return el("span", shape, class_="mark", aria_hidden="true")


def when(at: float, now: float) -> Markup:
    if not at:
        return el("span", "not yet", class_="soft")
    return el("time", words.ago(at, now), datetime=words.iso(at), title=words.moment(at))


def took(seconds: float) -> str:
    return f"{seconds:.1f} s" if 0 < seconds < 10 else words.lasting(seconds)


def policy(frame: Frame, key: LinkKey) -> Markup:
    """The policy's name, leading to where it is told in full; with its route, where there are several."""
    url = frame.link(key)
    name = el("bdi", key.name)
    shown = name if url is None else el("a", name, href=url)
    on = el("span", f" on {key.route}", class_="soft") if frame.routes > 1 else None
    return el("span", shown, on, class_="policy")


def section(id_: str, title: Child, *content: Child, lead: Child = None) -> Markup:
    """A landmark with its heading."""
    head = el("h2", title, id=id_)
    return el("section", head, el("p", lead, class_="lead") if lead else None, content, aria_labelledby=id_)


def part(frame: Frame, id_: str, title: str, *content: Child, lead: Child = None) -> Markup:
    """A section of what may itself be a section of a larger document, and is then no landmark."""
    if not frame.within:
        return section(id_, title, *content, lead=lead)
    head = el("h3", title, id=f"{frame.within}-{id_}")
    return el("div", head, el("p", lead, class_="lead") if lead else None, content, class_="part")


def table(caption: str, head: Sequence[str], rows: Iterable[Sequence[Child]], **attributes: str) -> Markup:
    """The first cell of each row is its header. On a narrow screen each row becomes a card, whose cells are
    told apart by ``data-label``; roles keep it a table for a screen reader all the same."""
    lines = (row(head_cell(first), *map(cell, head[1:], rest)) for first, *rest in rows)
    return grid(caption, head, lines, **attributes)


def grid(caption: str, head: Sequence[str], rows: Iterable[Markup], **attributes: str) -> Markup:
    columns = el("tr", (el("th", title, scope="col", role="columnheader") for title in head), role="row")
    return el(
        "table",
        el("caption", caption, class_="unseen"),
        el("thead", columns, role="rowgroup"),
        el("tbody", rows, role="rowgroup"),
        role="table",
        **attributes,
    )


def row(*cells: Child, **attributes: str) -> Markup:
    return el("tr", cells, role="row", **attributes)


def head_cell(*content: Child) -> Markup:
    return el("th", content, scope="row", role="rowheader")


def cell(label: str, *content: Child) -> Markup:
    return el("td", content, role="cell", data_label=label)
