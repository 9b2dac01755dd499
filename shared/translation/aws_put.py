"""The wanted rules put into an AWS security profile that exists, touching nothing else.

Only a bound that changed is rewritten, in its own operator's style; a bound that is born takes its sibling's
datapoints, or comes back from the graveyard with its name and settings; one that disappears goes there.
"""

from __future__ import annotations

import copy
from collections.abc import Collection, Iterable
from typing import Any

from shared.policy.atom import COUNT_MAX, Atom, RangeAtom, View
from shared.policy.loss import Hold
from shared.policy.rule import Rule
from shared.translation.aws_behavior import (
    born,
    born_for,
    value_elements,
    with_bound,
    with_values,
    with_window,
)
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
    pending = [
        pair
        for signal, pair in pairing.pairs.items()
        if reading.atoms.get(signal) != want.get(signal) and signal not in reading.held_signals
    ]
    if not pending:
        return Edit(document, memory)
    edit = _Profile(document, memory, pairing.options)
    while True:
        refused: dict[str, Hold] = {}
        for pair in pending:
            refusal = edit.rule(pair, reading.members.get(pair.signal, ()), want.get(pair.signal))
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
        self._values = _elements(self._behaviors)
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

    def rule(self, pair: Pair, stated: Collection[Rule], after: Atom | None) -> Hold | None:
        """Make the behaviors of one signal, which were read as ``stated``, state ``after``. Returns why that
        was refused, if it was."""
        mine = self._standing({rule.path for rule in stated}) if stated else {}
        current = list(mine.values())
        wanted = [] if after is None else self._wanted(pair, current, after)
        more = len(wanted) - len(current)
        values = self._values + (more if pair.kind == "count" else _elements(wanted) - _elements(current))
        refused = self._too_large(pair, more, values)
        if refused is not None:
            return refused
        self._touched, self._values = True, values
        names = tuple([b["name"] for b in wanted])
        self._replace(mine, wanted)
        if self._bury(pair.signal, current, names):
            self._taken = _taken(self._behaviors)
        else:
            self._taken.update(map(str.casefold, names))
        if names:
            self._names[pair.signal] = names
        else:
            self._names.pop(pair.signal, None)
        return None

    def _standing(self, paths: set[str]) -> dict[int, Document]:
        return {at: behavior for at, behavior in enumerate(self._behaviors) if path_of(at, behavior) in paths}

    def _wanted(self, pair: Pair, current: list[Document], after: Atom) -> list[Document]:
        rests = self._graveyard.get(pair.signal)
        buried = [b for b in reversed(rests) if self._revivable(b, pair)] if rests else []
        if not current and not buried:
            return born_for(pair, after, self._taken)
        if isinstance(after, RangeAtom):
            return _bounds(pair, current, buried, after, set(self._taken))
        for sample in (*current, *_free(buried, self._taken)):
            return [with_values(sample, after, pair)]
        return born_for(pair, after, self._taken)

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

    def _bury(self, signal: str, current: list[Document], kept: tuple[str, ...]) -> bool:
        """What is no longer wanted rests beside what was buried before; of one name, the latest. Whether
        anything has gone."""
        if not current and signal not in self._graveyard:
            return False
        gone = {b["name"]: copy.deepcopy(b) for b in current if b["name"] not in kept}
        settled = {*kept, *gone}
        rows = [b for b in self._graveyard.get(signal, ()) if b["name"] not in settled]
        if rows or gone:
            self._graveyard[signal] = (*rows, *gone.values())
        else:
            self._graveyard.pop(signal, None)
        return bool(gone)

    def _replace(self, mine: Collection[int], wanted: list[Document]) -> None:
        """Survivors keep their places; what is born or revived goes to the end."""
        if not mine:
            self._behaviors += wanted
            return
        by_name = {b["name"]: b for b in wanted}
        behaviors: list[Any] = []
        for position, behavior in enumerate(self._behaviors):
            if position not in mine:
                behaviors.append(behavior)
            elif behavior["name"] in by_name:
                behaviors.append(by_name.pop(behavior["name"]))
        self._behaviors = behaviors + list(by_name.values())


def _elements(behaviors: list[Any]) -> int:
    return sum([value_elements(behavior) for behavior in behaviors])


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
        has = _stating(current, operators) if current else None
        stands = _stating(_free(buried, taken), operators) if buried and has is None else has
        if bound is None:
            idle = has if current else stands
            if idle is not None and with_bound(idle, nothing) is idle:
                wanted.append(with_window(idle, after.window))
            continue
        if stands is None:
            sample = born(pair, part, bound, after.window, current, taken)
        else:
            sample = with_window(with_bound(stands, bound), after.window)
        taken.add(sample["name"].casefold())
        wanted.append(sample)
    return wanted


def _free(buried: list[Document], taken: set[str]) -> list[Document]:
    return [b for b in buried if b["name"].casefold() not in taken]


def _stating(behaviors: list[Document], operators: Iterable[str]) -> Document | None:
    for behavior in behaviors:
        if behavior["criteria"]["comparisonOperator"] in operators:
            return behavior
    return None
