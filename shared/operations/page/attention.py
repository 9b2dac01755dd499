"""What wants a person: what happened, and the command or the button that settles it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import islice

from markupsafe import Markup

from shared.operations.page import words
from shared.operations.page.frame import Frame
from shared.operations.page.html import Child, el
from shared.operations.page.parts import badge, mark, policy, section, when
from shared.operations.page.review import ACTIONS
from shared.operations.remedies import Remedy, Step
from shared.operations.standing import URGENCY, Level, LinkStanding, RouteStanding, Standing

SHOWN = 12
"""Policies told in full; the table has the rest."""
REASONS = 3
_DIGEST = re.compile(r"\b([0-9a-f]{12})[0-9a-f]{52}\b")
"""Long enough to tell two apart; the button and the command have it whole."""


def attention(frame: Frame, standing: Standing) -> Markup | None:
    """None where nobody has anything to do. What somebody stopped on purpose is no task."""
    routes = [route for route in standing.routes if route.urgent]
    waiting = sorted(
        (link for link in standing.links() if link.level is Level.ACT),
        key=lambda link: (URGENCY[link.condition], link.key),
    )
    if not routes and not waiting:
        return None
    more = len(waiting) - SHOWN
    return section(
        "attention",
        "What to do",
        el(
            "ul",
            (_route_card(frame, route) for route in routes),
            (_link_card(frame, link) for link in islice(waiting, SHOWN)),
            class_="cards",
        ),
        el("p", f"And {words.count(more, 'policy', 'policies')} more, in the table below.")
        if more > 0
        else None,
    )


def _route_card(frame: Frame, route: RouteStanding) -> Markup:
    head = el("h3", mark("▲"), "Route ", el("bdi", route.route.id))
    return el("li", head, (remedy(frame, each) for each in route.urgent), class_=f"card {Level.ACT}")


def _link_card(frame: Frame, link: LinkStanding) -> Markup:
    head = el("h3", policy(frame, link.key), badge(link.condition))
    return el(
        "li",
        head,
        (remedy(frame, each, reasons(link, each)) for each in link.todo),
        el("p", "changed ", when(link.link.updated_at, frame.now), class_="soft"),
        class_=f"card {link.level}",
    )


def reasons(link: LinkStanding, about: Remedy) -> list[str]:
    """What the link itself says about it, each reason once."""
    told = dict.fromkeys(
        f"{finding.path}: {finding.reason}" if finding.path else finding.reason
        for finding in link.link.findings
        if finding.code == about.code and finding.kind != "hold"
    )
    return [clipped_digests(reason) for reason in told if reason]


def clipped_digests(text: str) -> str:
    """A digest's beginning tells it from others; whole, it leaves a table no room for words."""
    return _DIGEST.sub(r"\1…", text)


def remedy(frame: Frame, about: Remedy, why: Iterable[str] = ()) -> Markup:
    told = list(why)
    more = len(told) - REASONS
    return el(
        "div",
        el("p", el("strong", about.what), "."),
        el("ul", (el("li", reason) for reason in told[:REASONS]), class_="reasons") if told else None,
        el("p", f"and {more} more", class_="soft") if more > 0 else None,
        steps(frame, about.steps),
        class_="remedy",
    )


def steps(frame: Frame, ways: Iterable[Step]) -> Markup | None:
    """Buttons for whom may press them, and the commands in any case."""
    given = list(ways)
    if not given:
        return None
    buttons = [button(frame, step) for step in given if frame.person is not None and step.command in ACTIONS]
    typed = el("ul", (el("li", _typed(step)) for step in given), class_="typed")
    if not buttons:
        return typed
    return el(
        "div",
        el("p", buttons, class_="buttons"),
        el("details", el("summary", "or type a command"), typed),
    )


def button(frame: Frame, step: Step, kind: str = "button") -> Markup:
    """It only leads to the page that shows the plan and asks once more."""
    url = frame.url("confirm", command=step.command, **step.arguments)
    return el("a", step.label, class_=kind, href=url)


def _typed(step: Step) -> Iterator[Child]:
    yield el("span", step.label, class_="label")
    yield el("code", step.typed(), translate="no")
