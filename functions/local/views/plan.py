"""``plan``: what a look would do, at one link rule by rule, or at every link of a route."""

from __future__ import annotations

from collections.abc import Iterator

from functions.local.blocks import (
    Block,
    Span,
    Tone,
    code,
    command,
    count,
    faint,
    grid,
    item,
    line,
    title,
    toned,
)
from functions.local.views.parts import CLOUDS, Answer, came_to, changes, finding, going_on, loss, problem

KINDS = {"conflict": "conflict", "gate": "held back"}
DOES = {
    "nothing": "Neither cloud has it",
    "create": "Create it on the other cloud",
    "adopt": "Both have it alike: take them as a pair",
    "import": "Both have it, with different rules",
    "merge": "Both have it: carry over what changed",
    "delete": "Delete it on the other cloud too",
    "hold-deleted": "Deleted on one side, edited on the other",
    "tombstone": "Gone on both sides: remember that",
}


def view(answer: Answer) -> Iterator[Block]:
    yield from _route(answer) if "route" in answer else _link(answer)


def _link(answer: Answer) -> Iterator[Block]:
    yield title("Plan of ", code(answer["link"]), f": {DOES.get(answer['action'], answer['action'])}")
    written = [f"writes {CLOUDS[side]}" for side in answer["writes"]]
    written += [f"deletes it on {CLOUDS[answer['deletes']]}"] if answer["deletes"] else []
    yield line(f"A look {', '.join(written) or 'writes nothing'}. It comes to ", *came_to(answer["outcome"]))
    yield from changes(answer["changes"])
    for found in answer["findings"]:
        if found["kind"] in KINDS:
            yield item(finding(toned(KINDS[found["kind"]], Tone.BAD), found))
    for found in answer["losses"]:
        yield item(loss(found))
    holds = sum(found["kind"] == "hold" for found in answer["findings"])
    if holds:
        yield line(faint(f"{count(holds, 'finding')} about what only one cloud can state:"))
        yield command("explain", answer["link"])
    if written:
        yield line("To do exactly this:")
        yield command("sync", answer["link"], "--plan", answer["plan"])


def _route(answer: Answer) -> Iterator[Block]:
    counts = ", ".join(f"{number} {event}" for event, number in answer["counts"].items())
    yield title("Plan of route ", code(answer["route"]))
    yield line(f"{count(answer['looked_at'], 'link')} looked at: {counts or 'none'}.")
    rows = [
        (code(link["link"]), link["action"], ", ".join(link["writes"]), *_why(link["outcome"]))
        for link in answer["links"]
        if "error" not in link
    ]
    if rows:
        yield grid(("link", "action", "writes", "comes to", "why"), rows)
    for link in answer["links"]:
        if "error" in link:
            yield problem({"link": link["link"], **link["error"]})
    if any(link.get("writes") for link in answer["links"]):
        yield line("To do exactly this:")
        yield command("sync", answer["route"], "--plan", answer["plan"])
    yield from going_on(answer, "plan", answer["route"])


def _why(outcome: Answer) -> tuple[Span | str, str]:
    return came_to(outcome)[0], outcome["reason"] or outcome["code"]
