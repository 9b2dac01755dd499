"""Everything in one document that needs no server: to keep, to send, to open from a disk."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import islice

from shared.operations.mirror import Mirror
from shared.operations.page.activity import charts, latest
from shared.operations.page.catalogue import matrices
from shared.operations.page.changes import Reach
from shared.operations.page.frame import Frame
from shared.operations.page.html import Child, el
from shared.operations.page.link import link_page
from shared.operations.page.listing import Wanted
from shared.operations.page.overview import overview
from shared.operations.page.parts import section
from shared.operations.page.shell import document
from shared.operations.page.sources import Sources
from shared.operations.standing import URGENCY, Condition
from shared.sync.link import LinkKey

WHOLE = 25
"""Policies that are told in full, with both documents: the most urgent ones."""


def standing_alone(mirror: Mirror) -> str:
    """Reads both clouds for the policies that are told in full. Raises LedgerError."""
    sources = Sources(mirror.reader(), mirror.clock())
    frame = Frame(
        sources.now,
        len(mirror.routes.routes),
        anchors=_anchors(sources),
        why_not="This is a file: it is as old as that, and nothing can be done from it.",
    )
    return document(frame, "Overview", "", _content(sources, frame))


def _anchors(sources: Sources) -> Mapping[LinkKey, str]:
    alive = (link for link in sources.standing.links() if link.condition is not Condition.GONE)
    urgent = sorted(alive, key=lambda link: (URGENCY[link.condition], link.key))
    return {link.key: f"policy-{number}" for number, link in enumerate(islice(urgent, WHOLE), start=1)}


def _content(sources: Sources, frame: Frame) -> Iterator[Child]:
    recent = sources.recent(Reach())
    yield from overview(frame, sources.standing, Wanted(), latest(frame, recent, sources.pairing))
    yield charts(frame, recent, sources.scopes)
    for key, anchor in (frame.anchors or {}).items():
        inner = replace(frame, within=anchor)
        yield el("article", link_page(inner, sources.subject(key)), id=anchor, class_="whole")
    folded = el("details", el("summary", "Which rules both clouds can state"), matrices())
    yield section("catalogue", "Catalogue", folded)
