"""``history`` and ``show``: who changed what, when and why."""

from __future__ import annotations

import json
from collections.abc import Iterator

from functions.local.blocks import Block, Tone, Verbatim, code, command, faint, grid, item, line, title, toned
from functions.local.views.anything import said
from functions.local.views.parts import CLOUDS, Answer

TONES = {"intent": Tone.INFO, "committed": Tone.GOOD}


def view(answer: Answer) -> Iterator[Block]:
    yield title("Journal of ", code(answer["link"]))
    yield from map(_listed, answer["entries"])
    if not answer["entries"]:
        yield line("There is no such entry.")
    if "verified" in answer:
        yield from _verified(answer["verified"])
    if answer["next"] is not None:
        yield line("Older ones:")
        yield command("history", answer["link"], "--before", str(answer["next"]))
    elif any(entry.get("restorable") for entry in answer["entries"]):
        yield line(faint("One entry whole, with its documents:"))
        yield command("show", answer["link"], "REV")


def _listed(entry: Answer) -> Block:
    """No table: its ids are there to be copied, and none would stay whole beside five other columns."""
    decision = toned(entry["decision"], TONES.get(entry["decision"], Tone.STRONG))
    where = f" on {CLOUDS[entry['side']]}" if entry["side"] else ""
    at = entry["at"].replace("+00:00", "Z")
    head = (f"{entry['rev']:<4} ", f"{at}  ", decision, f"{where}, by {entry['actor']}")
    detail = _detail(entry)
    return item(head, *([[detail]] if detail else []))


def _verified(verified: Answer) -> Iterator[Block]:
    if verified["intact"]:
        yield line(toned("The chain is intact", Tone.GOOD), f": {verified['checked']} entries checked.")
    else:
        yield line(toned("The journal is not as it was written:", Tone.BAD))
        for found in verified["problems"]:
            yield item([said(found)])


def entry(answer: Answer) -> Iterator[Block]:
    """``show``."""
    yield title("Entry ", str(answer["rev"]), " of ", code(answer["link"]))
    where = f" on {CLOUDS[answer['side']]}" if answer["side"] else ""
    yield line(f"{answer['at']}: ", toned(answer["decision"], Tone.STRONG), f"{where}, by {answer['actor']}")
    if detail := _detail(answer):
        yield line(detail)
    rows = [(code(each["path"]), _short(each["before"]), _short(each["after"])) for each in answer["changes"]]
    if rows:
        yield grid(("member", "before", "after"), rows)
    for which in ("before", "after"):
        if answer[which] is not None:
            yield line(f"The document {which}:")
            yield Verbatim(json.dumps(answer[which], indent=2, ensure_ascii=True), "json")


def _detail(entry: Answer) -> str:
    """Without the times that are told otherwise, and what is empty."""
    return said({key: value for key, value in entry["detail"].items() if value and key != "event_at"})


def _short(value: object) -> str:
    return "-" if value is None else json.dumps(value, ensure_ascii=True)[:120]
