"""``export`` and ``import``: which files were written, and what files ask for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from functions.local.blocks import Block, Tone, code, command, count, faint, item, line, title, toned
from functions.local.views import outcomes
from functions.local.views.parts import Answer, came_to, changes, loss, problem

STATES = {"new": Tone.GOOD, "changed": Tone.WARNING}


def view(answer: Answer) -> Iterator[Block]:
    """``export``."""
    files = answer["files"]
    for each in files:
        if each["state"] in STATES:
            yield item([toned(f"{each['state']:<9}", STATES[each["state"]]), " ", code(each["file"])])
    for each in answer["stale"]:
        word = "removed" if answer["pruned"] else "stale"
        yield item([toned(f"{word:<9}", Tone.WARNING), " ", code(each), ": nobody has this policy any more"])
    for each in answer["problems"]:
        yield problem(each)
    counts = Counter(each["state"] for each in files)
    told = ", ".join(f"{number} {state}" for state, number in counts.items())
    yield line(f"{count(len(files), 'policy file')} in {answer['folder']}{f': {told}' if told else ''}.")
    if answer["stale"] and not answer["pruned"]:
        yield line(faint("Stale files are removed with --prune."))


def asked_for(answer: Answer) -> Iterator[Block]:
    """``import``."""
    for link in answer["links"]:
        yield title(code(link["link"]), faint(f"  {link['file']}"))
        if "refused" in link:
            yield line(toned("not possible: ", Tone.BAD), link["refused"]["message"])
            continue
        yield from changes(link["changes"])
        if not link["writes"]:
            yield line("Nothing would be written: ", *came_to(link["outcome"]))
        for found in link["losses"]:
            yield item(loss(found))
    if answer["unchanged"]:
        told = f"{answer['unchanged']} {'file says' if answer['unchanged'] == 1 else 'files say'}"
        yield line(f"{told} what both clouds show already.")
    if answer["outcomes"]:
        yield from outcomes.view(answer)
    elif answer["plan"] is not None:
        yield line("Nothing was written. To do exactly this:")
        yield command("import", *answer["sources"], "--plan", answer["plan"])
