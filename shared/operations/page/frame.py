"""What every view needs besides its subject: the time, how links are made, and who may act."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from shared.operations.page.html import address
from shared.sync.link import LinkKey


@dataclass(frozen=True, slots=True)
class Frame:
    """``now``: seconds since the epoch. ``routes``: how many there are. ``carried``: query members that every
    link has to take along (the function key). ``person``: who is signed in and may act; else ``why_not`` says
    what is missing. ``anchors``: links that have a section of their own in this very document, which then
    leads nowhere else. ``within``: the id of the section that the view is a part of, if it is.
    """

    now: float
    routes: int = 1
    carried: Mapping[str, str] = field(default_factory=dict)
    person: str | None = None
    why_not: str = ""
    anchors: Mapping[LinkKey, str] | None = None
    within: str = ""

    @property
    def alone(self) -> bool:
        """Whether the document stands by itself: a file that nobody serves."""
        return self.anchors is not None

    def url(self, path: str, **query: str | int | None) -> str:
        return address(path, **{**query, **self.carried})

    def link(self, key: LinkKey) -> str | None:
        """Where a link is told in full; None in a file that has no room for it."""
        if self.anchors is None:
            return self.url("link", route=key.route, name=key.name)
        return f"#{self.anchors[key]}" if key in self.anchors else None
