"""The wanted rules put into an AWS security profile that exists, touching nothing else.

Only a bound that changed is rewritten, in its own operator's style; a bound that is born takes its sibling's
datapoints, or comes back from the graveyard with its name and settings; one that disappears goes there.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable
from typing import Any

from shared.policy.atom import COUNT_MAX, AllowAtom, Atom, RangeAtom, View
from shared.policy.loss import Hold
from shared.translation.aws_parse import LOWER, UPPER, parse, path_of
from shared.translation.codes import hold
from shared.translation.grouping import MAX_VALUES
from shared.translation.native import Document, Edit, Memory
from shared.translation.pairing import Pair, Pairing
from shared.translation.side import Side
from shared.translation.values import network, whole
from shared.translation.view import Reading, read

MAX_BEHAVIORS = 100
_DATAPOINTS = ("consecutiveDatapointsToAlarm", "consecutiveDatapointsToClear")


def put(want: View, document: Document, pairing: Pairing, memory: Memory) -> Edit:
    reading = read(parse(document, pairing), Side.AWS, pairing)
    edit = _Profile(document, memory)
    holds: list[Hold] = []
    for signal, pair in pairing.pairs.items():
        before, after = reading.atoms.get(signal), want.get(signal)
        if before == after or signal in reading.held_signals:
            continue
        refused = edit.rule(pair, reading, before, after)
        if refused is not None:
            holds.append(refused)
    return edit.result(tuple(holds))


class _Profile:
    """A profile under the pen: a copy of its behaviors that is only made when the first one changes."""

    def __init__(self, document: Document, memory: Memory) -> None:
        self._document = document
        self._behaviors: list[Any] = list(document.get("behaviors") or [])
        self._names = dict(memory.names)
        self._graveyard = dict(memory.graveyard)
        self._memory = memory
        self._touched = False

    def result(self, holds: tuple[Hold, ...]) -> Edit:
        if not self._touched:
            return Edit(self._document, self._memory, holds)
        document = {**self._document, "behaviors": self._behaviors}
        return Edit(document, Memory(self._names, self._graveyard), holds)

    def rule(self, pair: Pair, reading: Reading, before: Atom | None, after: Atom | None) -> Hold | None:
        """Make the behaviors of one signal state ``after``; returns why that was refused, if it was."""
        paths = {rule.path for rule in reading.members.get(pair.signal, ())}
        mine = [i for i, b in enumerate(self._behaviors) if path_of(i, b) in paths]
        wanted = self._wanted(pair, [self._behaviors[i] for i in mine], after)
        refused = self._too_large(pair, mine, wanted)
        if refused is not None:
            return refused
        self._touched = True
        kept = {b["name"] for b in wanted}
        gone = [self._behaviors[i] for i in mine if self._behaviors[i]["name"] not in kept]
        self._bury(pair.signal, gone, kept)
        self._replace(mine, wanted)
        self._names[pair.signal] = tuple(b["name"] for b in wanted)
        return None

    def _wanted(self, pair: Pair, current: list[Document], after: Atom | None) -> list[Document]:
        if after is None:
            return []
        taken = {b.get("name") for b in self._behaviors if isinstance(b, dict)}
        buried = [b for b in self._graveyard.get(pair.signal, ()) if b.get("name") not in taken]
        if isinstance(after, AllowAtom):
            sample = (current or buried or [self._born(pair, "allowed", "in-set", [], taken)])[0]
            return [_with_values(sample, after, pair)]
        return self._bounds(pair, current, buried, after, taken)

    def _bounds(
        self, pair: Pair, current: list[Document], buried: list[Document], after: RangeAtom, taken: set[Any]
    ) -> list[Document]:
        wanted: list[Document] = []
        limits = ((LOWER, after.lo or None, "min", 0), (UPPER, after.hi, "max", COUNT_MAX))
        for operators, bound, word, nothing in limits:
            has = _stating(current, operators)
            if bound is None:
                # A bound that says nothing is not written, but it may stay where it stands.
                wanted.extend([has] if has is not None and _with_bound(has, nothing) is has else [])
                continue
            sample = has or _stating(buried, operators) or self._born(pair, word, operators, current, taken)
            wanted.append(_with_bound(sample, bound))
        if after.window is not None:
            wanted = [_with_window(b, after.window) for b in wanted]
        return wanted

    def _born(
        self, pair: Pair, word: str, operators: Iterable[str], siblings: list[Document], taken: set[Any]
    ) -> Document:
        """A behavior with a name made from the signal, as yet without a value."""
        stem = name = f"{pair.signal}-{word}"
        number = 2
        while name in taken:
            name, number = f"{stem}-{number}", number + 1
        criteria: Document = {}
        if pair.kind == "count":
            inclusive = next(operator for operator in operators if operator.endswith("equals"))
            criteria = {"comparisonOperator": inclusive, "value": {"number" if pair.custom else "count": 0}}
        else:
            member = "cidrs" if pair.kind == "cidrs" else "strings"
            operator = "in-cidr-set" if pair.kind == "cidrs" else "in-set"
            criteria = {"comparisonOperator": operator, "value": {member: []}}
        for sibling in siblings[:1]:
            criteria |= {key: sibling["criteria"][key] for key in _DATAPOINTS if key in sibling["criteria"]}
        return {"name": name, "metric": pair.metric, "criteria": criteria}

    def _too_large(self, pair: Pair, mine: list[int], wanted: list[Document]) -> Hold | None:
        rest = [b for i, b in enumerate(self._behaviors) if i not in mine]
        path = f"{_LISTS[pair.kind]}[{pair.rule_type}]"
        if len(rest) + len(wanted) > MAX_BEHAVIORS and len(wanted) > len(mine):
            return hold(path, "too-many-behaviors", pair.signal)
        before = sum(_values(b) for b in self._behaviors)
        after = sum(_values(b) for b in [*rest, *wanted])
        if after > MAX_VALUES and after > before:
            return hold(path, "too-many-values", pair.signal, count=after)
        return None

    def _bury(self, signal: str, gone: list[Document], kept: set[str]) -> None:
        resting = [b for b in self._graveyard.get(signal, ()) if b.get("name") not in kept]
        names = {b["name"] for b in gone}
        rows = [b for b in resting if b.get("name") not in names] + copy.deepcopy(gone)
        self._graveyard[signal] = tuple(rows)
        if not rows:
            del self._graveyard[signal]

    def _replace(self, mine: list[int], wanted: list[Document]) -> None:
        """Survivors keep their places; what is born or revived goes to the end."""
        by_name = {b["name"]: b for b in wanted}
        behaviors: list[Any] = []
        for position, behavior in enumerate(self._behaviors):
            if position not in mine:
                behaviors.append(behavior)
            elif behavior["name"] in by_name:
                behaviors.append(by_name.pop(behavior["name"]))
        self._behaviors = behaviors + list(by_name.values())


_LISTS = {"count": "timeWindowRules", "cidrs": "allowlistRules", "strings": "allowlistRules"}


def _stating(behaviors: list[Document], operators: Iterable[str]) -> Document | None:
    for behavior in behaviors:
        if behavior.get("criteria", {}).get("comparisonOperator") in operators:
            return behavior
    return None


def _with_bound(behavior: Document, bound: int) -> Document:
    """The same behavior, in its own operator's style, with another limit; the very same if it says so already."""
    criteria = behavior["criteria"]
    operator = criteria["comparisonOperator"]
    shift = {"less-than": 1, "greater-than": -1}.get(operator, 0)
    ((member, value),) = criteria["value"].items()
    number: int | float = bound + shift
    if whole(value) == number:
        return behavior
    if number < 0:  # greater-than cannot say "0 or more" without a negative number
        operator, number = "greater-than-equals", bound
    number = float(number) if isinstance(value, float) else number
    return {**behavior, "criteria": {**criteria, "comparisonOperator": operator, "value": {member: number}}}


def _with_window(behavior: Document, window: int) -> Document:
    criteria = behavior["criteria"]
    if criteria.get("durationSeconds") == window:
        return behavior
    return {**behavior, "criteria": {**criteria, "durationSeconds": window}}


def _with_values(behavior: Document, atom: AllowAtom, pair: Pair) -> Document:
    """Values that stay keep their place and spelling; new ones are added in order."""
    criteria = behavior["criteria"]
    ((member, current),) = criteria["value"].items()
    spell = network if pair.kind == "cidrs" else str
    kept = [value for value in current if spell(value) in atom.values]
    added = sorted(atom.values - {spell(value) for value in kept})
    return {**behavior, "criteria": {**criteria, "value": {member: [*kept, *added]}}}


def _values(behavior: Any) -> int:
    """How many of the 1000 value elements of a profile a behavior takes."""
    criteria = behavior.get("criteria") if isinstance(behavior, dict) else None
    value = criteria.get("value") if isinstance(criteria, dict) else None
    if not isinstance(value, dict):
        return 0
    return sum(len(given) if isinstance(given, list) else 1 for given in value.values())
