"""From a request to a page. Whatever is asked for, the answer is a page of ours with the same locks on it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from shared.errors import BadInput, MirrorError
from shared.operations.commands.links import key_of
from shared.operations.mirror import Mirror
from shared.operations.page.acting import confirm
from shared.operations.page.activity import LATEST, activity, latest
from shared.operations.page.catalogue import catalogue
from shared.operations.page.changes import Reach
from shared.operations.page.drift import drift
from shared.operations.page.exchange import Ask, Reply
from shared.operations.page.frame import Frame
from shared.operations.page.gate import Gate
from shared.operations.page.html import Child, el
from shared.operations.page.link import link_page
from shared.operations.page.listing import Wanted
from shared.operations.page.overview import overview
from shared.operations.page.shell import document, headers, page_not_here
from shared.operations.page.sources import Sources

KEY = "code"
"""The query member with the function key, which every link of the page has to bring along."""


@dataclass(frozen=True, slots=True)
class View:
    """``title`` of the document; ``view`` is the navigation's member that it belongs to."""

    title: str
    view: str
    content: Iterable[Child]


def respond(mirror: Mirror, gate: Gate, ask: Ask) -> Reply:
    """Never raises for what a caller or a cloud did: that is a page too."""
    entry = gate.entry(ask)
    carried = {KEY: ask.query[KEY]} if KEY in ask.query else {}
    frame = Frame(mirror.clock(), len(mirror.routes.routes), carried, entry.person, entry.why_not)
    try:
        sources = Sources(mirror.reader(), frame.now)
        if ask.path == "confirm" and ask.method in ("GET", "POST"):
            acted = confirm(mirror, sources, frame, gate, entry, ask)
            return _reply(frame, acted.status, View(acted.title, "none", [acted.content]), acted.headers)
        if ask.method not in ("GET", "HEAD"):
            return _failed(frame, 405, "Nothing takes that here")
        show = _VIEWS.get(ask.path)
        if show is None:
            return _failed(frame, 404, "There is no such page")
        return _reply(frame, 200, show(sources, frame, ask))
    except BadInput as error:
        return _failed(frame, 400, "That cannot be shown", str(error))
    except MirrorError as error:
        return _failed(frame, 503 if error.transient else 502, "It could not be read", str(error))


def not_ready(why: str) -> Reply:
    """There is no mirror to show: the deployment's settings are wrong, or the ledger does not answer."""
    frame = Frame(0.0, anchors={})
    content = [el("h1", "Not set up yet"), el("p", why, class_="lead")]
    return _reply(frame, 503, View("Not set up yet", "none", content))


def _overview(sources: Sources, frame: Frame, ask: Ask) -> View:
    last = latest(frame, sources.recent(Reach(journals=2 * LATEST, entries=LATEST)), sources.pairing)
    return View("Overview", "", overview(frame, sources.standing, Wanted.read(ask.query), last))


def _activity(sources: Sources, frame: Frame, ask: Ask) -> View:
    del ask
    shown = activity(frame, sources.recent(Reach()), sources.scopes, sources.pairing)
    return View("Activity", "activity", shown)


def _link(sources: Sources, frame: Frame, ask: Ask) -> View:
    key = key_of(sources.reader, ask.query.get("route", ""), ask.query.get("name", ""))
    return View(key.name, "", link_page(frame, sources.subject(key)))


def _drift(sources: Sources, frame: Frame, ask: Ask) -> View:
    route, after = ask.query.get("route", ""), ask.query.get("after") or None
    return View("What a sweep would do", "", list(drift(frame, sources.reader, route, after)))


def _catalogue(sources: Sources, frame: Frame, ask: Ask) -> View:
    del sources, frame, ask
    return View("Catalogue", "catalogue", catalogue())


_VIEWS: Mapping[str, Callable[[Sources, Frame, Ask], View]] = {
    "": _overview,
    "activity": _activity,
    "catalogue": _catalogue,
    "drift": _drift,
    "link": _link,
}


def _reply(frame: Frame, status: int, view: View, more: Mapping[str, str] | None = None) -> Reply:
    return Reply(status, document(frame, view.title, view.view, view.content), {**headers(), **(more or {})})


def _failed(frame: Frame, status: int, what: str, why: str = "") -> Reply:
    content = [page_not_here(frame, what), el("p", why, class_="lead") if why else None]
    return _reply(frame, status, View(what, "none", content))
