"""What each cloud can say, and what pairs with what: the matrix, from the catalogue itself."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from markupsafe import Markup

from shared.operations.page.holdings import EFFECTS
from shared.operations.page.html import Child, el
from shared.operations.page.parts import section, table
from shared.translation.matrix import HOW, Entry, How, Slug, codes, matrix

_WINDOWS = {"shared": "both have it", "Azure only": "Azure's own", "none": "none", None: ""}
_KINDS = {
    "held": "Why something is held",
    "loss": "What may be lost on the way",
    "note": "What is worth knowing",
}


def catalogue() -> Iterator[Child]:
    yield el("h1", "Catalogue")
    yield el(
        "p",
        "Which rules both clouds can state, and how. Every claim was read in the sources below; none was "
        "tried on a live account.",
        class_="lead",
    )
    yield from matrices()
    for kind, title in _KINDS.items():
        rows = [_code(code) for code in codes() if code.kind == kind]
        yield section(kind, title, table(title, ("Code", "What it says", "The mirror detects"), rows))
    sources = (el("li", each) for each in _sources(matrix()))
    yield section("sources", "Sources", el("ul", sources, class_="reasons"))


def matrices() -> Iterator[Markup]:
    """What pairs with what, one table for each way."""
    entries = matrix()
    for how in HOW:
        yield section(how, HOW[how], _pairs(how, [entry for entry in entries if entry.how == how]))


def _pairs(how: How, entries: Iterable[Entry]) -> Markup:
    if how == "aws-only":
        head: Sequence[str] = ("Signal", "AWS", "Why not on Azure")
        return table(HOW[how], head, ((_signal(e), _name(e.aws), e.why_not) for e in entries))
    head = ("Signal", "Azure", "AWS", "Window")
    return table(HOW[how], head, ((_signal(e), _azure(e), _aws(e), _WINDOWS[e.window]) for e in entries))


def _signal(entry: Entry) -> Child:
    return [el("p", entry.signal, class_="signal", translate="no"), el("p", entry.meaning, class_="soft")]


def _azure(entry: Entry) -> Child:
    remarks = [el("p", remark, class_="soft") for remark in (entry.inert, entry.note) if remark]
    return [_name(entry.rule or ""), remarks]


def _aws(entry: Entry) -> Child:
    if entry.how != "opt-in":
        return _name(entry.aws)
    return [_name(entry.aws), el("p", f"opt in: {', or '.join(entry.opt_in)}", class_="soft")]


def _name(native: str) -> Child:
    return el("code", native, translate="no") if " " not in native else native


def _code(code: Slug) -> Sequence[Child]:
    return el("code", code.code, translate="no"), code.text, EFFECTS[code.effect]


def _sources(entries: Sequence[Entry]) -> list[str]:
    """Each with the dates on which it was read."""
    read = {(entry.source[side], entry.verified[side]) for entry in entries for side in entry.source}
    return [f"{source}, read {date}" for source, date in sorted(read)]
