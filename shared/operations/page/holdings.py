"""What stays with one cloud, and why: no fault, but what a mirror does not protect against."""

from __future__ import annotations

from dataclasses import dataclass, field

from markupsafe import Markup

from shared.operations.page import words
from shared.operations.page.html import el
from shared.operations.page.parts import section, table
from shared.operations.standing import Condition, Standing
from shared.sync.link import Finding, LinkKey
from shared.translation.codes import HOLDS

EFFECTS = {
    "none": "the same",
    "weaker": "weaker: it may miss what the original alarms on",
    "stronger": "stronger: it may alarm where the original does not",
    "unknown": "unknown",
}


@dataclass(slots=True)
class _Held:
    example: Finding
    count: int = 0
    links: set[LinkKey] = field(default_factory=set)


def holdings(standing: Standing) -> Markup | None:
    """None where nothing is held."""
    by_code: dict[str, _Held] = {}
    for link in standing.links():
        if link.condition is Condition.GONE:
            continue
        for finding in link.found("hold"):
            held = by_code.setdefault(finding.code, _Held(finding))
            held.count += 1
            held.links.add(link.key)
    if not by_code:
        return None
    rows = [
        (
            el("code", code, translate="no"),
            held.example.reason,
            effect_of(code),
            f"{held.count:,} in {words.count(len(held.links), 'policy', 'policies')}",
        )
        for code, held in sorted(by_code.items(), key=lambda item: -item[1].count)
    ]
    head = ("Code", "Why, for instance", "The mirror detects", "How many")
    lead = (
        "Rules and members that only one cloud can state. They work there, are never written or deleted from "
        "here, and the other cloud does without."
    )
    return section("held", "Held", table("What is held, by reason", head, rows), lead=lead)


def effect_of(code: str) -> str:
    entry = HOLDS.get(code)
    return EFFECTS[entry.effect] if entry else EFFECTS["unknown"]
