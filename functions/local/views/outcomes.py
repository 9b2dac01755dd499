"""``sync``, ``sweep``, ``resolve``, ``approve``: what came of each look."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from functions.local.blocks import Block, Span, Tone, code, count, faint, item, line, toned
from shared.translation.codes import HOLDS

Answer = Mapping[str, Any]
TONES = {
    "mirrored": Tone.GOOD,
    "no-op": Tone.FAINT,
    "observed": Tone.INFO,
    "held": Tone.WARNING,
    "conflict": Tone.BAD,
    "pending": Tone.INFO,
    "busy": Tone.INFO,
    "error": Tone.BAD,
}
ARROWS = {"aws-to-azure": "AWS -> Azure", "azure-to-aws": "Azure -> AWS", "both": "AWS <-> Azure"}
CLOUDS = {"aws": "AWS", "azure": "Azure"}
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
    head: list[Span | str] = [toned(f"{event:<9}", TONES.get(event, Tone.PLAIN)), " ", code(outcome["link"])]
    if outcome["direction"]:
        head.append(f"  {ARROWS[outcome['direction']]}, {count(outcome['writes'], 'write')}")
    reason = outcome["reason"] or SAID.get(event, "")
    if reason:
        head.append(f": {reason}")
    if outcome["code"]:
        head.append(faint(f" ({outcome['code']})"))
    return item(head, *_details(outcome))


def _details(outcome: Answer) -> Iterator[list[Span | str]]:
    for finding in outcome["conflicts"]:
        yield [toned("conflict", Tone.BAD), f" {finding['path']}: {finding['reason']}"]
    holds = [finding for finding in outcome["held"] if finding["code"] in HOLDS]
    for finding in outcome["held"]:
        if finding not in holds:
            yield from finding_line("held back", finding)
    if holds:
        stays = "1 thing stays" if len(holds) == 1 else f"{len(holds)} things stay"
        yield [faint(f"{stays} with one cloud alone: policy-mirror explain {outcome['link']}")]
    for finding in outcome["notes"]:
        yield from finding_line("note", finding)
    for loss in outcome["losses"][:SEVERAL]:
        yield [toned("lost", Tone.WARNING), f" {loss['path']}: {loss['reason']} ", faint(f"({loss['code']})")]
    if outcome["retry_after"]:
        yield [faint(f"look again in {outcome['retry_after']:.0f} s")]


def finding_line(kind: str, finding: Answer) -> Iterator[list[Span | str]]:
    """One finding: where it is, and why."""
    tone = Tone.WARNING if kind == "held back" else Tone.FAINT
    where = " on ".join(
        filter(None, (finding["path"], {"aws": "AWS", "azure": "Azure"}.get(finding["side"])))
    )
    yield [toned(kind, tone), f" {where}: {finding['reason']} ", faint(f"({finding['code']})")]
