"""The generated sections of the README: the matrix, the codes and the metrics."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from shared.telemetry import METRICS, Measure
from shared.translation.matrix import HOW, Entry, How, Slug, codes, matrix

KINDS = {
    "held": "Held: a whole rule or member stays with its own cloud",
    "loss": "Losses: the mirror says it differently, or not at all",
    "note": "Notes: nothing is lost, but a reader should know",
}
EFFECTS = {"none": "same", "weaker": "weaker", "stronger": "stronger", "unknown": "unknown"}
LEGEND = (
    "*Detection* is what the mirror detects compared with the original: *weaker* may miss what the original "
    "alarms on, *stronger* may alarm where it does not. Words in italics are filled in."
)
OWN_REASON = {
    "no-counterpart": "the other cloud has no such rule; the matrix says why",
    "unread-condition": "it states no condition, two at once, or one of the wrong kind",
    "own-member": "the other cloud has no such member: description, alert targets, tags, exports",
    "window-not-shared": "only one of the clouds has a window for this signal",
    "inert": "nothing feeds this rule on Azure any more",
    "vacuous": "the count is always 0",
    "watches-nothing-yet": "the mirror has no devices yet: it carries rules, not membership",
}
"""For the codes whose text is nothing but the reason of each case."""
_FIELD = re.compile(r"\{(\w+)\}")


def matrix_section() -> str:
    entries = matrix()
    parts = [_matrix_table(how, [entry for entry in entries if entry.how == how]) for how in HOW]
    return "\n\n".join([*parts, _footnote(entries)])


def codes_section() -> str:
    parts = [LEGEND]
    for kind, title in KINDS.items():
        rows = [(f"`{c.code}`", _sentence(c), EFFECTS[c.effect]) for c in codes() if c.kind == kind]
        parts.append(f"**{title}**\n\n" + table(("code", "why", "detection"), rows))
    return "\n\n".join(parts)


def _matrix_table(how: How, entries: Iterable[Entry]) -> str:
    rows: list[Sequence[str]] = []
    for e in entries:
        signal = f"**{e.signal}**: {e.meaning}"
        if how == "aws-only":
            rows.append((signal, f"`{e.aws}`" if ":" in e.aws else e.aws, e.why_not or ""))
        else:
            window = {"shared": "both", "Azure only": "Azure's own", "none": "none", None: ""}[e.window]
            aws = (
                f"`{e.aws}`"
                if how == "pair"
                else f"suggested: `{e.aws}` ({'; or '.join(reversed(e.opt_in))})"
            )
            rows.append((signal, f"`{e.rule}`{_marks(e)}", aws, window))
    heads = {"aws-only": ("signal", "AWS", "why not on Azure")}
    return f"**{HOW[how]}**\n\n" + table(heads.get(how, ("signal", "Azure", "AWS", "window")), rows)


def metrics_section() -> str:
    how = {Measure.SUM: "sum", Measure.EACH: "each value", Measure.LAST: "the highest"}
    rows = ((f"`{metric.name}`", metric.meaning, metric.unit, how[metric.measure]) for metric in METRICS)
    return table(("metric", "what", "unit", "of an invocation"), rows)


def _marks(entry: Entry) -> str:
    return " ¹" * (entry.inert is not None) + " ²" * (entry.note is not None)


def _footnote(entries: Sequence[Entry]) -> str:
    """Each mark once, and when and where all of it was read."""
    inert = {entry.inert for entry in entries if entry.inert}
    notes = {entry.note for entry in entries if entry.note}
    lines = [f"{mark} {text}." for mark, texts in (("¹", inert), ("²", notes)) for text in sorted(texts)]
    dates = sorted({date for entry in entries for date in entry.verified.values()})
    sources = sorted({source for entry in entries for source in entry.source.values()})
    lines.append(f"Read {', '.join(dates)} in: {'; '.join(sources)}. Nothing was tried on a live account.")
    return "  \n".join(map(_escaped, lines))


def _sentence(code: Slug) -> str:
    """A code's text with its fields in italics."""
    if _FIELD.fullmatch(code.text):
        return OWN_REASON.get(code.code, "the reason differs from case to case")
    return _FIELD.sub(r"*\1*", code.text)


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *([_escaped(cell) for cell in row] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _escaped(text: str) -> str:
    return text.replace("|", "\\|").replace("<", "&lt;")
