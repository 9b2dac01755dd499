"""Listings that take more than one invocation, page by page.

An account with so many policies that they cannot be listed in one go is not held in memory either. Its pages
are read for one purpose: a name that the ledger does not know is handed on for a look of its own. All others
follow in the order of the ledger, each with a read of both clouds (:func:`shared.sync.sweep.survey`).

So no page is ever taken for a whole listing, and nothing is gone because no page has it: what was deleted is
found by the read of its own link, and believed as any look believes it (:mod:`shared.sync.absence`). A cloud
that does not know its own words for a page any more is listed from the start; names that were handed on
before are known by then.
"""

from __future__ import annotations

from collections.abc import Mapping

from msgspec.structs import replace

from shared.errors import StalePage, Unreachable
from shared.routes.match import in_scope
from shared.routes.route import Route
from shared.sync import effects as do
from shared.sync.effects import Program
from shared.sync.link import Link, LinkKey, Paging, State
from shared.sync.ports import Page
from shared.translation.side import Side

MOST_LOST = 5
"""So often one sweep begins a listing anew; then it is tried again as whatever fails."""

MOST_PAGES = 50_000
"""Some millions of names. A cloud with more of them goes in circles."""

LONGEST = 8192
"""Characters of a cloud's words for a page. They lie in the route's record, which each write reads."""


def next_page(route: Route, paging: Paging) -> Program[tuple[list[LinkKey], Paging]]:
    """Links that the ledger does not know, and how far the listings are then. Raises CloudError."""
    assert paging.side is not None
    try:
        page: Page = yield do.ListPage(paging.side, paging.at)
    except StalePage:
        if paging.at is None or paging.lost >= MOST_LOST:
            raise
        return [], replace(paging, at=None, read=paging.read + 1, lost=paging.lost + 1)
    keys = tuple(LinkKey(route.id, name) for name in sorted(page.found) if in_scope(route, name))
    links: Mapping[LinkKey, Link] = (yield do.LoadLinks(keys)) if keys else {}
    return [key for key in keys if _unknown(links.get(key))], _turned(paging, paging.side, page.following)


def _turned(paging: Paging, side: Side, following: str | None) -> Paging:
    read = paging.read + 1
    if following is None:
        return replace(paging, side=_after(side), at=None, read=read)
    where = f"the listing of {side.cloud}"
    if following == paging.at or read >= MOST_PAGES:
        raise Unreachable(where, f"it goes on after {read} pages, and leads nowhere")
    if len(following) > LONGEST:
        raise Unreachable(where, f"its next page is called by {len(following)} characters, at most {LONGEST}")
    return replace(paging, at=following, read=read)


def _after(side: Side) -> Side | None:
    return Side.AZURE if side is Side.AWS else None


def _unknown(link: Link | None) -> bool:
    """A link that was dropped on both sides, and is listed, came back."""
    return link is None or link.state is State.TOMBSTONE
