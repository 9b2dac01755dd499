"""HTML as values. Every text and every attribute is escaped where it enters, by MarkupSafe.

A builder of thirty lines rather than a template engine: the checker sees every element and argument, nothing
is compiled when a function starts cold, and MarkupSafe is in the bundle already (azure-functions brings it).
Tags and attribute names are only ever written in our code; what comes from outside is text or a value.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeAlias
from urllib.parse import urlencode

from markupsafe import Markup, escape

Child: TypeAlias = str | int | Iterable["Child"] | None
Value: TypeAlias = str | int | float | bool | None

VOID = frozenset({"br", "hr", "input", "link", "meta", "wbr"})


def el(tag: str, *children: Child, **attributes: Value) -> Markup:
    """``el("td", text, class_="name", aria_label=label)``: an underscore at the end is dropped, others become
    hyphens. An attribute that is None or False is left out, True stands without a value."""
    head = f"<{tag}{''.join(_attribute(name, value) for name, value in attributes.items())}>"
    if tag in VOID:
        return Markup(head)  # noqa: S704 - tag and names are ours, values are escaped
    return Markup(f"{head}{join(*children)}</{tag}>")  # noqa: S704 - likewise, and so are the children


def join(*children: Child) -> Markup:
    return Markup("".join(_pieces(children)))  # noqa: S704 - each piece is escaped or was built here


def _pieces(children: Iterable[Child]) -> Iterable[str]:
    for child in children:
        if isinstance(child, str):
            yield escape(child)
        elif isinstance(child, int):
            yield str(child)
        elif child is not None:
            yield from _pieces(child)


def _attribute(name: str, value: Value) -> str:
    if value is None or value is False:
        return ""
    spelt = name.removesuffix("_").replace("_", "-")
    return f" {spelt}" if value is True else f' {spelt}="{escape(value)}"'


def address(path: str, **query: str | int | None) -> str:
    """A URL relative to the page: ``path`` is ours, the query is percent-encoded. It has no scheme, whatever
    a policy is called."""
    given = {name: value for name, value in query.items() if value not in (None, "")}
    text = urlencode(given, errors="replace")
    return f"{path or './'}{'?' if text else ''}{text}"
