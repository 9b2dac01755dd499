"""What a reader makes of a page: its text, its elements, its headings."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = {"br", "hr", "input", "link", "meta", "wbr"}


@dataclass(eq=False)
class Element:
    tag: str
    attributes: dict[str, str | None]
    children: list[Element | str] = field(default_factory=list)

    @property
    def text(self) -> str:
        return " ".join(self.raw.split())

    @property
    def raw(self) -> str:
        """With every space."""
        return "".join(child if isinstance(child, str) else child.raw for child in self.children)

    def all(self, tag: str | None = None, class_: str | None = None, **attributes: str) -> list[Element]:
        """Below, in the order of the document."""
        found: list[Element] = []
        for child in self.children:
            if isinstance(child, Element):
                if child.matches(tag, class_, attributes):
                    found.append(child)
                found += child.all(tag, class_, **attributes)
        return found

    def one(self, tag: str | None = None, class_: str | None = None, **attributes: str) -> Element:
        (found,) = self.all(tag, class_, **attributes)
        return found

    def matches(self, tag: str | None, class_: str | None, attributes: dict[str, str]) -> bool:
        classes = (self.attributes.get("class") or "").split()
        return (
            tag in (None, self.tag)
            and (class_ is None or class_ in classes)
            and all(self.attributes.get(name) == value for name, value in attributes.items())
        )


class _Builder(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.root = Element("", {})
        self.open = [self.root]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, dict(attrs))
        self.open[-1].children.append(element)
        if tag not in VOID:
            self.open.append(element)

    def handle_endtag(self, tag: str) -> None:
        assert self.open[-1].tag == tag, f"</{tag}> closes <{self.open[-1].tag}>"
        self.open.pop()

    def handle_data(self, data: str) -> None:
        self.open[-1].children.append(data)


def read(html: str) -> Element:
    """The document; every element in it is closed where it was opened."""
    builder = _Builder()
    builder.feed(html)
    builder.close()
    assert builder.open == [builder.root], f"<{builder.open[-1].tag}> is never closed"
    return builder.root
