"""Everything in one document that needs no server: to keep, to send, to open from a disk."""

from __future__ import annotations

from collections.abc import Iterator

from shared.operations.mirror import Mirror
from shared.operations.page.activity import charts, latest
from shared.operations.page.changes import Reach
from shared.operations.page.frame import Frame
from shared.operations.page.html import Child
from shared.operations.page.listing import Wanted
from shared.operations.page.overview import overview
from shared.operations.page.shell import document
from shared.operations.page.sources import Sources


def standing_alone(mirror: Mirror) -> str:
    """Raises LedgerError."""
    frame = Frame(mirror.clock(), anchors={}, why_not="A file: what it shows is as old as it is.")
    return document(frame, "Overview", "", _content(Sources(mirror.reader(), frame.now), frame))


def _content(sources: Sources, frame: Frame) -> Iterator[Child]:
    recent = sources.recent(Reach())
    yield from overview(frame, sources.standing, Wanted(), latest(frame, recent, sources.pairing))
    if recent.changes:
        yield from charts(frame, recent)
