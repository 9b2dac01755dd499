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
from shared.translation.aws_behavior import born, value_elements, with_bound, with_values, with_window
from shared.translation.aws_criteria import LOWER, UPPER
from shared.translation.aws_parse import name_of, path_of
from shared.translation.codes import hold
from shared.translation.grouping import MAX_VALUES
from shared.translation.native import Document, Edit, Memory
from shared.translation.pairing import Options, Pair, Pairing, Part
from shared.translation.view import Reading

MAX_BEHAVIORS = 100


def put(want: View, document: Document, reading: Reading, pairing: Pairing, memory: Memory) -> Edit:
    """``reading`` is that of ``document``. A rule that does not fit is tried again after the others."""
    edit = _Profile(document, memory, pairing.options)
    pending = [
        pair
        for signal, pair in pairing.pairs.items()
        if reading.atoms.get(signal) != want.get(signal) and signal not in reading.held_signals
    ]
    while True:
        refused: dict[str, Hold] = {}
        for pair in pending:
            paths = {rule.path for rule in reading.members.get(pair.signal, ())}
            refusal = edit.rule(pair, paths, want.get(pair.signal))
            if refusal is not None:
                refused[pair.signal] = refusal
        if len(refused) == len(pending):
            return edit.result(tuple(refused.values()))
        pending = [pair for pair in pending if pair.signal in refused]


class _Profile:
    """A profile under the pen: its list of behaviors is a copy, each behavior is replaced, never changed."""

    def __init__(self, document: Document, memory: Memory, options: Options) -> None:
        behaviors = document.get("behaviors")
        self._document = document
        self._behaviors: list[Any] = list(behaviors) if isinstance(behaviors, list) else []
        self._values = sum(map(value_elements, self._behaviors))
        self._taken = _taken(self._behaviors)
        self._names = dict(memory.names)
        self._graveyard = dict(memory.graveyard)
        self._memory = memory
        self._options = options
        self._touched = False

    def result(self, holds: tuple[Hold, ...]) -> Edit:
        if not self._touched:
            return Edit(self._document, self._memory, holds)
        document = {**self._document, "behaviors": self._behaviors}
        return Edit(document, Memory(self._names, self._graveyard), holds)

    def rule(self, pair: Pair, paths: set[str], after: Atom | None) -> Hold | None:
        """Make the behaviors of one signal, which ``paths`` name, state ``after``; returns why that was
        refused, if it was."""
        mine = [i for i, b in enumerate(self._behaviors) if path_of(i, b) in paths] if paths else []
        current = [self._behaviors[i] for i in mine]
        wanted = self._wanted(pair, current, after)
        values = self._values + sum(map(value_elements, wanted)) - sum(map(value_elements, current))
        refused = self._too_large(pair, len(wanted) - len(mine), values)
        if refused is not None:
            return refused
        self._touched, self._values = True, values
        names = tuple(b["name"] for b in wanted)
        freed = self._bury(pair.signal, current, set(names))
        self._replace(mine, wanted)
        self._taken = _taken(self._behaviors) if freed else self._taken | {name.casefold() for name in names}
        self._names[pair.signal] = names
        if not wanted:
            del self._names[pair.signal]
        return None

    def _wanted(self, pair: Pair, current: list[Document], after: Atom | None) -> list[Document]:
        if after is None:
            return []
        taken = set(self._taken)
        buried = [b for b in reversed(self._graveyard.get(pair.signal, ())) if self._revivable(b, pair)]
        if isinstance(after, AllowAtom):
            sample, *_ = current or _free(buried, taken) or [born(pair, "allowed", (), taken)]
            return [with_values(sample, after, pair)]
        bounds = _bounds(pair, current, buried, after, taken)
        return [with_window(b, after.window) for b in bounds]

    def _revivable(self, behavior: Document, pair: Pair) -> bool:
        """Whether it would state the rule under the route's options of today."""
        muted = self._options.hold_suppressed and behavior.get("suppressAlerts")
        return behavior["metric"] == pair.metric and not muted

    def _too_large(self, pair: Pair, more: int, values: int) -> Hold | None:
        """``more``: behaviors than there are; ``values``: value elements that the profile would have then.
        What is too large already may shrink."""
        if more > 0 and len(self._behaviors) + more > MAX_BEHAVIORS:
            return hold(pair.rule_path, "too-many-behaviors", pair.signal)
        if values > MAX_VALUES and values > self._values:
            return hold(pair.rule_path, "too-many-values", pair.signal, count=values)
        return None

    def _bury(self, signal: str, current: list[Document], kept: set[str]) -> bool:
        """What is no longer wanted rests beside what was buried before; of one name, the latest. Whether
        anything has gone."""
        gone = {b["name"]: copy.deepcopy(b) for b in current if b["name"] not in kept}
        rows = [b for b in self._graveyard.get(signal, ()) if b["name"] not in kept | gone.keys()]
        if rows or gone:
            self._graveyard[signal] = (*rows, *gone.values())
        else:
            self._graveyard.pop(signal, None)
        return bool(gone)

    def _replace(self, mine: list[int], wanted: list[Document]) -> None:
        """Survivors keep their places; what is born or revived goes to the end."""
        by_name = {b["name"]: b for b in wanted}
        behaviors: list[Any] = [] if mine else self._behaviors
        for position, behavior in enumerate(self._behaviors if mine else ()):
            if position not in mine:
                behaviors.append(behavior)
            elif behavior["name"] in by_name:
                behaviors.append(by_name.pop(behavior["name"]))
        self._behaviors = behaviors + list(by_name.values())


def _taken(behaviors: Iterable[Any]) -> set[str]:
    """Names in lower case: two that differ only by case are one too many."""
    return {name.casefold() for b in behaviors if (name := name_of(b)) is not None}


def _bounds(
    pair: Pair, current: list[Document], buried: list[Document], after: RangeAtom, taken: set[str]
) -> list[Document]:
    """The lower and the upper behavior, as far as they are needed. A bound that says nothing is never born,
    but it may stay where it stands, or come back with the rule."""
    wanted: list[Document] = []
    part: Part
    for part, operators, bound, nothing in (
        ("min", LOWER, after.lo or None, 0),
        ("max", UPPER, after.hi, COUNT_MAX),
    ):
        has, rests = _stating(current, operators), _stating(_free(buried, taken), operators)
        if bound is not None:
            sample = has or rests or born(pair, part, current, taken)
            taken.add(sample["name"].casefold())
            wanted.append(with_bound(sample, bound))
        elif idle := has if current else rests:
            wanted.extend([idle] if with_bound(idle, nothing) is idle else [])
    return wanted


def _free(buried: list[Document], taken: set[str]) -> list[Document]:
    return [b for b in buried if b["name"].casefold() not in taken]


def _stating(behaviors: list[Document], operators: Iterable[str]) -> Document | None:
    for behavior in behaviors:
        if behavior["criteria"]["comparisonOperator"] in operators:
            return behavior
    return None
