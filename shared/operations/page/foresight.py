"""What a plan would write, rule by rule and member by member."""

from __future__ import annotations

import json
from collections.abc import Iterator
from difflib import unified_diff
from typing import Any

from markupsafe import Markup

from shared.operations.page.html import Child, el
from shared.operations.page.timeline import rules_changed
from shared.operations.rehearsal import Foreseen, Rehearsed
from shared.sync.link import Entry
from shared.translation.aws_parse import APART
from shared.translation.pairing import Pairing

_VERBS = {"create": "Create it on", "update": "Change it on", "delete": "Delete it on"}
_KINDS = {"+": "added", "-": "removed"}


def foreseen_writes(foreseen: Foreseen, pairing: Pairing) -> Markup:
    """One card a write: the rules that change, and the document's lines that do."""
    cards = (_write(foreseen, write, pairing) for write in foreseen.writes)
    return el("ul", cards, class_="cards")


def _write(foreseen: Foreseen, write: Rehearsed, pairing: Pairing) -> Markup:
    seen = foreseen.seen
    found = seen.found[write.side]
    before = None if found is None else found.document
    change = Entry(foreseen.key, 0, 0.0, "", "intent", write.side, before, write.document)
    rules = list(rules_changed(change, pairing))
    diff = el("pre", _diff(before, _as_described(write.document)), translate="no", tabindex=0)
    return el(
        "li",
        el("h3", f"{_VERBS[write.kind]} {write.side.cloud}"),
        el("ul", rules, class_="rules") if rules else el("p", "No shared rule changes.", class_="soft"),
        el("details", el("summary", "The document's lines"), diff),
        class_="card wait",
    )


def _as_described(document: Any) -> Any:
    """Less what a cloud keeps apart from the document, which the look before did not fetch."""
    return document and {key: value for key, value in document.items() if key not in APART}


def _diff(before: Any, after: Any) -> Iterator[Child]:
    """Lines that change, three of each side around them."""
    for line in list(unified_diff(_lines(before), _lines(after), lineterm=""))[2:]:
        kind = _KINDS.get(line[:1])
        yield [el("span", line, class_=kind) if kind else line, "\n"]


def _lines(document: Any) -> list[str]:
    if document is None:
        return []
    return json.dumps(document, indent=2, ensure_ascii=False, default=str).split("\n")
