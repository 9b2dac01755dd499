"""Every policy in one table: the most urgent first, filtered and paged by the server.

Without a script the filter is a form. With one, typing narrows the rows that are there at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from shared.operations.page import words
from shared.operations.page.frame import Frame
from shared.operations.page.html import Child, el
from shared.operations.page.parts import badge, policy, section, table, when
from shared.operations.standing import URGENCY, Condition, Level, LinkStanding, Standing
from shared.sync.link import State

PAGE = 200
"""Rows that a served page holds: enough to scroll, few enough to open at once."""
HEAD = ("Policy", "State", "What", "Held", "Changed")
STATES = {
    "": "All",
    "act": "Need you",
    "wait": "Under way",
    "good": "In step",
    "held": "With held rules",
    "gone": "Gone",
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a reader asked to see. Anything unknown is as if it had not been said."""

    text: str = ""
    state: str = ""
    route: str = ""
    page: int = 1

    @classmethod
    def read(cls, query: Mapping[str, str]) -> Wanted:
        state, page = query.get("state", ""), query.get("page", "1")
        return cls(
            text=query.get("q", "")[:256].strip(),
            state=state if state in STATES else "",
            route=query.get("route", "")[:64],
            page=int(page) if page.isascii() and page.isdigit() and len(page) < 7 else 1,
        )

    def query(self, **changes: str | int) -> dict[str, str | int]:
        """The same view with some of it changed, at its first page unless said."""
        return {"q": self.text, "state": self.state, "route": self.route, **changes}


def listing(frame: Frame, standing: Standing, wanted: Wanted) -> Markup:
    links = list(standing.links())
    lead = "One security profile and its device security group are one policy, by their name."
    if not links:
        return section("policies", "Policies", _none(standing))
    chosen = sorted(
        (link for link in links if _chosen(link, wanted)),
        key=lambda link: (URGENCY[link.condition], link.key.name, link.key.route),
    )
    shown = chosen if frame.alone else chosen[(wanted.page - 1) * PAGE : wanted.page * PAGE]
    return section(
        "policies",
        "Policies",
        _filter(frame, standing, wanted, links),
        el("p", _told(len(shown), len(chosen), len(links)), class_="count", role="status", id="count"),
        _table(frame, shown) if shown else el("p", "No policy is like that.", class_="empty"),
        None if frame.alone else _pages(frame, wanted, len(chosen)),
        lead=lead,
    )


def _none(standing: Standing) -> Iterator[Child]:
    """Why the ledger may know of no policy, and how to look further."""
    yield el("p", "The ledger knows of no policy yet.", class_="empty")
    observing = [r.route.id for r in standing.routes if r.route.first_contact == "observe"]
    if observing:
        told = (
            "With first_contact: observe, which is the default, a route writes nothing and remembers nothing."
        )
        yield el("p", told, " To see what it would do: ")
        yield el("p", el("code", f"policy-mirror drift {observing[0]}", translate="no"))


def _chosen(link: LinkStanding, wanted: Wanted) -> bool:
    if wanted.route and link.key.route != wanted.route:
        return False
    if wanted.text and wanted.text.casefold() not in f"{link.key.route}/{link.key.name}".casefold():
        return False
    return _in_state(link, wanted.state)


def _in_state(link: LinkStanding, state: str) -> bool:
    gone = link.condition is Condition.GONE
    if state == "held":
        return not gone and bool(link.found("hold"))
    if state == "gone":
        return gone
    return not state or (link.level == state and not gone)


def _filter(frame: Frame, standing: Standing, wanted: Wanted, links: Sequence[LinkStanding]) -> Markup:
    box = el(
        "input", type="search", name="q", id="q", value=wanted.text, autocomplete="off", spellcheck="false"
    )
    routes = [route.route.id for route in standing.routes]
    kept = {"state": wanted.state, "route": wanted.route, **frame.carried}
    form = el(
        "form",
        el("label", "Filter by name", for_="q"),
        box,
        [el("input", type="hidden", name=name, value=value) for name, value in kept.items() if value],
        None if frame.alone else el("button", "Filter", type="submit"),
        method="get",
        action="./#policies",
        role="search",
        id="filter",
        hidden=frame.alone,  # a file has no server to ask: its script shows the box
    )
    if frame.alone:
        return form
    chips = el("ul", (_chip(frame, wanted, links, state) for state in STATES), class_="chips")
    nav = [el("nav", chips, aria_label="Policies by state")]
    if len(routes) > 1:
        by_route = (_route_chip(frame, wanted, route) for route in ["", *routes])
        nav.append(el("nav", el("ul", by_route, class_="chips"), aria_label="Policies by route"))
    return el("div", form, nav, class_="filters")


def _chip(frame: Frame, wanted: Wanted, links: Sequence[LinkStanding], state: str) -> Markup | None:
    number = sum(_in_state(link, state) for link in links)
    if not number and state not in ("", wanted.state):
        return None
    url = frame.url("", **wanted.query(state=state)) + "#policies"
    current = "true" if state == wanted.state else None
    return el("li", el("a", STATES[state], " ", el("b", f"{number:,}"), href=url, aria_current=current))


def _route_chip(frame: Frame, wanted: Wanted, route: str) -> Markup:
    url = frame.url("", **wanted.query(route=route)) + "#policies"
    current = "true" if route == wanted.route else None
    return el("li", el("a", el("bdi", route or "All routes"), href=url, aria_current=current))


def _told(shown: int, chosen: int, all_: int) -> str:
    told = f"{shown:,} of {chosen:,} shown" if shown < chosen else f"{chosen:,} shown"
    return told if chosen == all_ else f"{told}, of {words.count(all_, 'policy', 'policies')} in all"


def _table(frame: Frame, links: Iterable[LinkStanding]) -> Markup:
    rows = (_cells(frame, link) for link in links)
    return table("Policies, the most urgent first", HEAD, rows, class_="policies", id="rows")


def _cells(frame: Frame, link: LinkStanding) -> Sequence[Child]:
    held = len(link.found("hold"))
    return (
        policy(frame, link.key),
        badge(link.condition),
        _what(link),
        f"{held}" if held else el("span", "none", class_="soft"),
        when(link.link.updated_at, frame.now),
    )


def _what(link: LinkStanding) -> str:
    if link.todo:
        return link.todo[0].what
    if link.level is Level.WAIT and link.link.pending:
        sides = " and ".join(side.cloud for side in sorted(link.link.pending))
        return f"The other cloud's function has to write {sides}"
    if link.link.state is State.NEW:
        return "Seen, not yet in step"
    if link.link.state is State.TOMBSTONE:
        return "Deleted on both sides; what it was is kept"
    rules = max((len(shadow.view) for shadow in link.link.shadows.values()), default=0)
    return f"{words.count(rules, 'rule')} shared"


def _pages(frame: Frame, wanted: Wanted, chosen: int) -> Markup | None:
    last = -(-chosen // PAGE)
    if last < 2:
        return None

    def to(page: int, title: str) -> Child:
        if not 1 <= page <= last:
            return el("li", el("span", title, class_="soft"))
        return el("li", el("a", title, href=frame.url("", **wanted.query(page=page)) + "#policies"))

    at = el("li", f"page {wanted.page} of {last}", aria_current="page")
    return el(
        "nav",
        el("ul", to(wanted.page - 1, "← Before"), at, to(wanted.page + 1, "Next →"), class_="pages"),
        aria_label="Pages",
    )
