"""What several views say alike: clouds, rules, findings, and what to type next."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from functions.local.blocks import Block, Span, Tone, code, command, faint, grid, item, line, toned
from shared.policy.loss import Effect
from shared.translation.side import Side
from shared.translation.words import some

Answer = Mapping[str, Any]
Parts = list[Span | str]
CLOUDS: dict[str, str] = {side: side.cloud for side in Side}
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
"""Of what a look came to."""


class Shown(NamedTuple):
    word: str
    tone: Tone


EFFECTS: dict[Effect, Shown] = {
    Effect.NONE: Shown("same", Tone.GOOD),
    Effect.WEAKER: Shown("weaker", Tone.WARNING),
    Effect.STRONGER: Shown("stronger", Tone.INFO),
    Effect.UNKNOWN: Shown("unknown", Tone.WARNING),
}
"""What the mirror detects compared with the original."""
CHANGES = {"loosening": Tone.WARNING, "tightening": Tone.GOOD}


def rule(value: Any) -> str:
    """A rule as commands tell it: ``5 to 99 in PT5M``, ``only 10.0.0.0/8``, ``no rule``."""
    if value is None:
        return "no rule"
    if isinstance(value, list):
        return f"only {some(value)}"
    lo, hi = value.get("lo") or 0, value.get("hi")
    limits = f"at least {lo}" if hi is None else f"at most {hi}" if not lo else f"{lo} to {hi}"
    return f"{limits} in {value['window']}" if value.get("window") else limits


def changes(found: Iterable[Answer]) -> Iterator[Block]:
    """What each side shows now and is to show; alike on both sides is told once."""
    clouds: dict[tuple[str, str, str, str], list[str]] = {}
    for each in found:
        same = (each["signal"], rule(each["before"]), rule(each["after"]), each["change"])
        clouds.setdefault(same, []).append(CLOUDS[each["cloud"]])
    rows = [
        (code(signal), ", ".join(where), now, then, toned(kind, CHANGES.get(kind, Tone.PLAIN)))
        for (signal, now, then, kind), where in clouds.items()
    ]
    if rows:
        yield grid(("rule", "cloud", "now", "then", "change"), rows)


def finding(word: Span, found: Answer) -> Parts:
    """One conflict, hold, gate or note: where it is, and why."""
    where = " on ".join(filter(None, (found["path"], CLOUDS.get(found["side"]))))
    return [word, f" {where}: " if where else ": ", found["reason"], faint(f" ({found['code']})")]


def loss(found: Answer) -> Parts:
    return [
        toned("lost", Tone.WARNING),
        f" {found['path']}: {found['reason']}",
        faint(f" ({found['code']}, {found['effect']})"),
    ]


def ways_out(todo: Iterable[Answer]) -> Iterator[Parts]:
    """What waits, and the commands that settle it, as they are typed."""
    for remedy in todo:
        yield [toned(remedy["what"], Tone.WARNING)]
        for step in remedy["steps"]:
            yield [faint(f"  {step['label']}: "), code(step["typed"])]


def came_to(outcome: Answer) -> Parts:
    """What a look would come to, or came to."""
    parts: Parts = [toned(outcome["event"], TONES.get(outcome["event"], Tone.PLAIN))]
    if outcome["reason"]:
        parts.append(f": {outcome['reason']}")
    if outcome["code"]:
        parts.append(faint(f" ({outcome['code']})"))
    return parts


def problem(found: Answer) -> Block:
    return item([toned("failed", Tone.BAD), " ", code(found["link"]), f": {found['message']}"])


def going_on(answer: Answer, *words: str) -> Iterator[Block]:
    """How to ask for the rest of an answer that came in pages."""
    if answer.get("next") is not None:
        yield line("There is more:")
        yield command(*words, "--after", str(answer["next"]))
