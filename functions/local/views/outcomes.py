"""``sync``, ``sweep``, ``resolve`` and the like: what came of each look."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from functions.local.blocks import Block, Tone, code, count, faint, item, line, toned
from functions.local.views.parts import TONES, Answer, Parts, finding, loss
from shared.translation.codes import HOLDS

ARROWS = {"aws-to-azure": "AWS -> Azure", "azure-to-aws": "Azure -> AWS", "both": "AWS <-> Azure"}
SEVERAL = 5
"""From so many outcomes on, those of which there is nothing to tell are only counted."""
SAID = {
    "no-op": "in step, nothing to write",
    "observed": "the route only observes, nothing was written",
    "pending": "the other cloud's function has to write",
}


def view(answer: Answer) -> Iterator[Block]:
    outcomes = answer["outcomes"]
    if not outcomes:
        yield line("There was nothing to look at.")
    told = [each for each in outcomes if each["event"] != "no-op"] if len(outcomes) >= SEVERAL else outcomes
    for outcome in told:
        yield _outcome(outcome)
    if len(outcomes) > 1:
        counts = Counter(outcome["event"] for outcome in outcomes)
        parts = ", ".join(f"{number} {event}" for event, number in counts.most_common())
        yield line(f"{count(len(outcomes), 'link')}: {parts}.")


def _outcome(outcome: Answer) -> Block:
    event = outcome["event"]
    head: Parts = [toned(f"{event:<9}", TONES.get(event, Tone.PLAIN)), " ", code(outcome["link"])]
    if outcome["direction"]:
        head.append(f"  {ARROWS[outcome['direction']]}, {count(outcome['writes'], 'write')}")
    reason = outcome["reason"] or SAID.get(event, "")
    if reason:
        head.append(f": {reason}")
    if outcome["code"]:
        head.append(faint(f" ({outcome['code']})"))
    return item(head, *_details(outcome))


def _details(outcome: Answer) -> Iterator[Parts]:
    for found in outcome["conflicts"]:
        yield finding(toned("conflict", Tone.BAD), found)
    holds = [found for found in outcome["held"] if found["code"] in HOLDS]
    for found in outcome["held"]:
        if found not in holds and found["reason"] != outcome["reason"]:
            yield finding(toned("held back", Tone.WARNING), found)
    if holds:
        stays = "1 thing stays" if len(holds) == 1 else f"{len(holds)} things stay"
        yield [faint(f"{stays} with one cloud alone, see: policy-mirror explain {outcome['link']}")]
    for found in outcome["notes"]:
        yield finding(toned("note", Tone.FAINT), found)
    for found in outcome["losses"][:SEVERAL]:
        yield loss(found)
    if outcome["retry_after"]:
        yield [faint(f"look again in {outcome['retry_after']:.0f} s")]
