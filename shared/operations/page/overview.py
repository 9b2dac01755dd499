"""The front page: is anything wrong, and what has to be done; then everything else, in that order."""

from __future__ import annotations

from collections.abc import Iterator

from markupsafe import Markup

from shared.operations.page import words
from shared.operations.page.attention import attention, button
from shared.operations.page.frame import Frame
from shared.operations.page.holdings import holdings
from shared.operations.page.html import Child, el
from shared.operations.page.listing import Wanted, listing
from shared.operations.page.parts import SHAPES, badge, mark, section, when
from shared.operations.remedies import Step
from shared.operations.standing import Condition, Level, RouteStanding, Standing


def overview(frame: Frame, standing: Standing, wanted: Wanted, latest: Child = None) -> Iterator[Child]:
    """``latest``: what happened last, where somebody read it."""
    yield verdict(standing)
    yield attention(frame, standing)
    yield _routes(frame, standing)
    yield listing(frame, standing, wanted)
    yield latest
    yield holdings(standing)


def verdict(standing: Standing) -> Markup:
    """One sentence that says whether anything is wrong."""
    level = standing.level
    return el(
        "header",
        el("h1", mark(SHAPES[level]), _sentence(standing)),
        el("p", _below(standing), class_="lead"),
        class_=f"verdict {level}",
    )


def _sentence(standing: Standing) -> str:
    counts = standing.counts
    if standing.level is Level.ACT:
        return _needs_you(standing)
    known = counts.total() - counts[Condition.GONE]
    if not known:
        return "Nothing is mirrored yet."
    if counts[Condition.IN_STEP] == known:
        return "The one policy is in step." if known == 1 else f"All {known:,} policies are in step."
    return "Nothing needs you."


def _needs_you(standing: Standing) -> str:
    frozen = [route.route.id for route in standing.routes if route.scope.frozen is not None]
    waiting = sum(link.level is Level.ACT for link in standing.links())
    parts = []
    if frozen:
        named = f"Route {frozen[0]} is" if len(frozen) == 1 else f"{len(frozen)} routes are"
        parts.append(f"{named} frozen.")
    if waiting:
        parts.append(f"{words.count(waiting, 'policy needs', 'policies need')} you.")
    return " ".join(parts) or "Something needs you."


def _below(standing: Standing) -> str:
    counts = standing.counts
    told = [
        f"{counts[condition]:,} {words.CONDITIONS[condition].lower()}"
        for condition in Condition
        if counts[condition]
    ]
    known = words.count(counts.total(), "policy", "policies")
    on = words.count(len(standing.routes), "route")
    calm = [
        f"{route.route.id}: {remedy.what}."
        for route in standing.routes
        for remedy in route.todo
        if remedy not in route.urgent
    ]
    return " ".join([f"{known} on {on}: {', '.join(told)}." if told else f"No policy on {on}.", *calm])


def _routes(frame: Frame, standing: Standing) -> Markup:
    return section(
        "routes",
        "Routes",
        el("ul", (_route(frame, route) for route in standing.routes), class_="cards routes"),
    )


def _route(frame: Frame, standing: RouteStanding) -> Markup:
    route, scope = standing.route, standing.scope
    facts: list[tuple[str, Child]] = [
        ("AWS", [route.aws.account, " ", el("span", route.aws.region, class_="soft")]),
        ("Azure", el("span", route.azure.hub.rstrip("/").rpartition("/")[2], title=route.azure.hub)),
        ("Mirrors", words.MODES[route.mode]),
        ("Last looked", _swept(frame, standing)),
        ("routes.yaml", _agreement(standing)),
    ]
    counts = standing.counts
    badges = [
        el("li", badge(condition), " ", f"{counts[condition]:,}")
        for condition in Condition
        if counts[condition]
    ]
    return el(
        "li",
        el("h3", mark(SHAPES[standing.level]), el("bdi", route.id)),
        el("p", "Frozen: nothing is written", class_="flag") if scope.frozen is not None else None,
        el("p", "Paused", class_="flag") if scope.paused else None,
        el("dl", ([el("dt", name), el("dd", value)] for name, value in facts)),
        el("ul", badges, class_="counts") if badges else el("p", "no policy yet", class_="soft"),
        el("p", _actions(frame, standing), class_="buttons") if not frame.alone else None,
        class_=f"card {standing.level}",
    )


def _agreement(standing: RouteStanding) -> str:
    if not standing.scope.digests:
        return "no function has told its own yet"
    return "the same everywhere" if standing.agree else "differs between the functions"


def _swept(frame: Frame, standing: RouteStanding) -> Child:
    """A route is as fresh as its older sweep: each function does its own."""
    times = standing.scope.swept_at
    if not times:
        return "never yet"
    return el(
        "span",
        [
            [", " if number else None, worker, " ", when(at, frame.now)]
            for number, (worker, at) in enumerate(sorted(times.items()))
        ],
    )


def _actions(frame: Frame, standing: RouteStanding) -> Iterator[Child]:
    route = standing.route.id
    yield el("a", "Look now", class_="button quiet", href=frame.url("drift", route=route))
    if frame.person is not None and not standing.scope.paused:
        yield button(frame, Step("Pause", "pause", {"route": route}), "button quiet")
    if frame.person is not None and standing.scope.paused:
        yield button(frame, Step("Resume", "resume", {"route": route}))
