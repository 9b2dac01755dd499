"""What a sweep of one route would do now: both clouds are read, some links at a time, nothing is written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from shared.operations.commands.planning import route_plan
from shared.operations.page import words
from shared.operations.page.attention import button, clipped_digests
from shared.operations.page.frame import Frame
from shared.operations.page.html import Child, el
from shared.operations.page.parts import mark, policy, section, table
from shared.operations.reader import Reader
from shared.operations.remedies import Step
from shared.sync.link import LinkKey
from shared.translation.side import Side

LINKS = 25
"""Looked at in one request: at AWS's quota that takes a second, and a page waits for it."""
_TOLD = {
    "no-op": "in step",
    "mirrored": "would be written",
    "observed": "would be written, if the route did not only observe",
    "pending": "would be written",
    "held": "kept back",
    "conflict": "in conflict",
    "busy": "somebody is at it",
    "error": "could not be read",
}
_NOTHING = el("span", "nothing", class_="soft")
_WRITES = {"create": "create on", "update": "change on", "delete": "delete on"}


def drift(frame: Frame, reader: Reader, route: str, after: str | None) -> Iterator[Child]:
    """Raises BadInput for an unknown route, CloudError where its clouds cannot be listed, and LedgerError."""
    found = route_plan(reader, reader.route(route).id, after, LINKS)
    yield el("p", el("a", "Overview", href=frame.url("")), " / ", el("bdi", route), class_="soft")
    yield el("h1", "What a sweep would do now")
    yield el("p", _counted(found), class_="lead")
    lines = [_cells(frame, link) for link in found["links"]]
    if lines:
        head = ("Policy", "What a sweep would do", "Why", "Or now")
        yield section("differs", "What is not in step", table("Policies that are not in step", head, lines))
    elif found["looked_at"]:
        yield el("p", mark("● "), "All of them are in step.", class_="empty")
    if found["next"] is not None:
        url = frame.url("drift", route=route, after=found["next"])
        yield el("p", el("a", f"The next {LINKS}", href=url, class_="button"), class_="buttons more")


def _counted(found: Mapping[str, Any]) -> str:
    told = ", ".join(f"{number} {_TOLD.get(event, event)}" for event, number in found["counts"].items())
    looked = words.count(found["looked_at"], "policy", "policies")
    return f"Both clouds were read just now. {looked} looked at{f': {told}' if told else ''}."


def _cells(frame: Frame, link: Mapping[str, Any]) -> Sequence[Child]:
    route, _, name = link["link"].partition("/")
    key = LinkKey(route, name)
    if "error" in link:
        return policy(frame, key), "could not be read", link["error"]["message"], _NOTHING
    writes = [_write(*write.split()) for write in link["writes"]]
    event, why = link["outcome"]["event"], clipped_digests(link["outcome"]["reason"])
    go: Child = _NOTHING
    if writes and frame.person is not None:
        go = button(frame, Step("Mirror it", "sync", {"route": route, "name": name}), "button quiet")
    return policy(frame, key), ", ".join(writes) or _TOLD.get(event, event), why, go


def _write(kind: str, side: str) -> str:
    return f"{_WRITES[kind]} {Side(side).cloud}"
