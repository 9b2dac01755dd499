"""Both native documents side by side: what they share stands in one row, in one colour.

What only one cloud can state follows, with the reason; then whatever else each document says.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from shared.operations.page.html import Child, el
from shared.operations.page.parts import cell, grid, head_cell, row
from shared.policy.atom import Atom
from shared.policy.loss import Hold
from shared.policy.rule import Rule
from shared.sync.observation import LEFT, RIGHT, Observation
from shared.translation.azure_parse import rules_of
from shared.translation.catalog import rows
from shared.translation.side import Side
from shared.translation.words import normal

HEAD = ("AWS security profile", "What they share", "Azure device security group")
TONES = 6
"""Colours that shared rules take in turn."""
LINES = 30
"""Of JSON that are shown at once; longer ones unfold."""
NOT_THERE = "the policy is not there"
_MEMBER = re.compile(r'^(\s*)("(?:[^"\\]|\\.)*")(: .*)$')


def side_by_side(seen: Observation) -> Markup:
    sides = {side: _Document.of(side, seen) for side in Side}
    rest = {side: _rest(seen, sides[side]) for side in Side}
    lines = [*_shared(seen, sides), *_alone(sides), _line(rest, "everything else", None, "rest")]
    return grid("Both documents, rule by rule", HEAD, lines, class_="documents")


@dataclass(frozen=True, slots=True)
class _Document:
    """``native``: the JSON of each rule, by its path; two rules may bear one name. ``stated``: paths of the
    rules that state a shared one."""

    side: Side
    there: bool
    native: Mapping[str, list[Any]]
    holds: Mapping[str, list[Hold]]
    stated: frozenset[str]

    @classmethod
    def of(cls, side: Side, seen: Observation) -> _Document:
        native: dict[str, list[Any]] = defaultdict(list)
        rules = seen.readings[side].policy.rules
        for rule, raw in zip(rules, _raw(side, seen.documents[side]), strict=True):
            native[rule.path].append(raw)
        holds: dict[str, list[Hold]] = defaultdict(list)
        for hold in seen.readings[side].holds:
            holds[hold.path].append(hold)
        members = seen.readings[side].members.values()
        stated = frozenset(rule.path for rules in members for rule in rules)
        return cls(side, side in seen.present, native, holds, stated)

    def rules(self, rules: Iterable[Rule]) -> Child:
        """Their JSON, as it stands in the document."""
        return [
            _json(raw) for path in dict.fromkeys(rule.path for rule in rules) for raw in self.native[path]
        ]


def _raw(side: Side, document: Mapping[str, Any]) -> list[Any]:
    """Every rule, in the order in which the parser reads them."""
    if side is Side.AZURE:
        properties = document.get("properties")
        return [raw for _, _, raw in rules_of(properties if isinstance(properties, dict) else {})]
    behaviors = document.get("behaviors")
    return list(behaviors) if isinstance(behaviors, list) else []


def _shared(seen: Observation, sides: Mapping[Side, _Document]) -> Iterator[Markup]:
    readings = seen.readings
    signals = {signal for side in Side for signal in readings[side].members}
    for number, signal in enumerate(sorted(signals)):
        atoms = {side: readings[side].atoms.get(signal) for side in Side}
        cells = {side: sides[side].rules(readings[side].members.get(signal, ())) for side in Side}
        same = atoms[LEFT] == atoms[RIGHT]
        told = [el("p", _meaning(signal)), _stated(atoms)]
        yield _line(cells, signal, told, f"tone-{number % TONES}" if same else "differs")


def _stated(atoms: Mapping[Side, Atom | None]) -> Child:
    if atoms[LEFT] == atoms[RIGHT]:
        same = el("p", "the same on both sides", class_="soft")
        return [el("p", normal(atoms[LEFT]), class_="atom"), same]
    each = (el("p", side.cloud, ": ", normal(atom), class_="atom") for side, atom in atoms.items())
    return [each, el("p", "not in step", class_="flag")]


def _alone(sides: Mapping[Side, _Document]) -> Iterator[Markup]:
    """Rules that are held, each on its own side."""
    for side, document in sides.items():
        for path, natives in document.native.items():
            if path not in document.stated:
                reasons = [el("p", hold.reason) for hold in document.holds.get(path, ())]
                told = reasons or el("p", "disabled, and it says nothing")
                cells: dict[Side, Child] = {side.other: None, side: [_json(raw) for raw in natives]}
                yield _line(cells, f"only on {side.cloud}", told, "held")


def _line(cells: Mapping[Side, Child], name: str, told: Child, kind: str) -> Markup:
    middle = head_cell(el("p", name, class_="signal"), told)
    return row(cell(HEAD[0], cells[LEFT]), middle, cell(HEAD[2], cells[RIGHT]), class_=kind)


def _meaning(signal: str) -> str:
    entry = rows().get(signal)
    return entry.meaning if entry else "something that no catalogue row knows"


def _rest(seen: Observation, document: _Document) -> Child:
    """The document less its rules."""
    if not document.there:
        return el("p", NOT_THERE, class_="soft")
    whole = seen.documents[document.side]
    if document.side is Side.AWS:
        return _json({key: value for key, value in whole.items() if key != "behaviors"})
    properties = whole.get("properties")
    if not isinstance(properties, dict):
        return _json(whole)
    left = {key: value for key, value in properties.items() if not isinstance(value, list)}
    return _json({**whole, "properties": left})


def _json(value: Any) -> Markup:
    text = json.dumps(value, indent=2, ensure_ascii=False, default=str)
    shown = el("pre", _lines(text), translate="no", tabindex=0)
    count = text.count("\n") + 1
    return shown if count <= LINES else el("details", el("summary", f"{count} lines of JSON"), shown)


def _lines(text: str) -> Iterator[Child]:
    for number, line in enumerate(text.split("\n")):
        found = _MEMBER.match(line)
        yield "\n" if number else None
        yield [found[1], el("span", found[2], class_="key"), found[3]] if found else line
