"""``drift`` and ``conflicts``: what differs between both clouds, and what of it waits for a person."""

from __future__ import annotations

from collections.abc import Iterator

from functions.local.blocks import Block, Tone, code, count, faint, grid, item, line, title, toned
from functions.local.views.parts import CLOUDS, Answer, finding, going_on, rule, ways_out


def view(answer: Answer) -> Iterator[Block]:
    links = answer["links"]
    if not links:
        yield line(toned("Nothing differs", Tone.GOOD), f": {count(answer['looked_at'], 'link')} looked at.")
    for link in links:
        yield title(code(link["link"]), *_missing(link))
        if "error" in link:
            yield line(toned(link["error"]["message"], Tone.BAD))
            continue
        rows = [
            (code(each["signal"]), rule(each["aws"]), rule(each["azure"]), _edited(each["edited"]))
            for each in link["rules"]
        ]
        if rows:
            yield grid(("rule", "AWS", "Azure", "edited since in step"), rows)
    if links:
        yield line(f"{count(len(links), 'link')} of {answer['looked_at']} differ.")
    yield from going_on(answer, "drift")


def _missing(link: Answer) -> list[str]:
    gone = [CLOUDS[side] for side in link.get("missing_on", ())]
    return [f": not there on {' and '.join(gone)}"] if gone else []


def _edited(sides: list[str]) -> str:
    return " and ".join(CLOUDS[side] for side in sides) or "neither"


def waiting(answer: Answer) -> Iterator[Block]:
    """``conflicts``."""
    if not answer["links"]:
        yield line(toned("Nothing waits for a person.", Tone.GOOD))
    for link in answer["links"]:
        yield title(code(link["link"]), ": ", toned(link["condition"], Tone.WARNING))
        rows = [
            (code(each["signal"]), ", ".join(each["fields"]), rule(each["aws"]), rule(each["azure"]))
            for each in link["rules"]
            if "error" not in each
        ]
        if rows:
            yield grid(("rule", "in conflict", "AWS", "Azure"), rows)
        for found in link["findings"]:
            if not (found["kind"] == "conflict" and rows):
                yield item(finding(faint(found["kind"]), found))
        yield item(["What to do"], *ways_out(link["todo"]))
    yield from going_on(answer, "conflicts")
