"""What became of every user edit, once everything is at rest: protocol, section 8, item 1."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from shared.sync.job import Kind
from shared.sync.link import Attempt, Entry, Finding, LinkKey
from shared.translation.side import Side
from tests.simulation.facts import OWN, Cell, Document, cells_of, shared
from tests.simulation.users import Edit, unique_cells
from tests.simulation.world import START, World


class Fate(StrEnum):
    CARRIED = "on both sides"
    SUPERSEDED = "superseded"
    HELD = "held on its own side"
    JOURNALLED = "in the journal, flagged"
    DETECTED = "lost, and reported"
    SILENT = "lost silently"


WORST_LAST = list(Fate)
MARGIN = 2.0
LATE = 1800.0
"""Seconds in which a write that was never answered may land."""


@dataclass(frozen=True, slots=True)
class Verdict:
    edit: Edit
    fate: Fate
    why: str


class Judge:
    def __init__(self, world: World) -> None:
        self.world = world
        self.edits = world.users.edits
        self._overwritten = {
            (made.name.casefold(), cell, value)
            for made in self.edits
            for cell, value in made.overwrote.items()
        }
        self._shown: dict[tuple[Side, str], set[tuple[Cell, Any]]] = defaultdict(set)
        for mutation in world.watch.mutations:
            cells = cells_of(mutation.side, mutation.after)
            self._shown[mutation.side, mutation.name.casefold()] |= set(cells.items())
        self._cells = {
            (side, name): cells_of(side, spelt(world, side, name))
            for side in Side
            for name in {made.name for made in self.edits}
        }

    def verdicts(self) -> list[Verdict]:
        return [self._verdict(made) for made in self.edits]

    def _verdict(self, made: Edit) -> Verdict:
        fates: list[tuple[Fate, str]] = [(Fate.CARRIED, "")]
        for cell, value in unique_cells(made).items():
            fates.append((self._set(made, cell, value), f"{cell} = {value}"))
        fates += [(self._cleared(made, cell), f"{cell} cleared") for cell in sorted(made.clears)]
        if made.gone:
            fates.append((self._gone(made), "deleted"))
        fate, why = max(fates, key=lambda pair: WORST_LAST.index(pair[0]))
        return Verdict(made, fate, why)

    def _set(self, made: Edit, cell: Cell, value: Any) -> Fate:
        name = made.name
        if (name.casefold(), cell, value) in self._overwritten:
            return Fate.SUPERSEDED
        if self._clamped_and_overwritten(made, cell, value):
            return Fate.SUPERSEDED
        here = self._cells[made.side, name].get(cell) == value
        there = self._cells[made.side.other, name].get(cell) == value
        if here and (there or cell[0] == OWN):
            return Fate.CARRIED
        if here and self._reported(name, cell[0]):
            return Fate.HELD
        return self._lost(made, lambda before: before.get(cell) == value)

    def _clamped_and_overwritten(self, made: Edit, cell: Cell, value: Any) -> bool:
        """Whoever overwrote what the other cloud made of a value has seen that value as it is there."""
        clamp = self.world.azure.habits.clamp
        later = (e for e in self.edits[made.number :] if e.side is Side.AZURE and e.name == made.name)
        return cell[1] == "hi" and value > clamp and any(e.overwrote.get(cell) == clamp for e in later)

    def _cleared(self, made: Edit, cell: Cell) -> Fate:
        name = made.name
        later = [e for e in self.edits if e.number > made.number and e.name.casefold() == name.casefold()]
        if any(cell in e.sets or e.gone for e in later):
            return Fate.SUPERSEDED
        if not self._was_mirrored(made, cell[0]):
            return Fate.SUPERSEDED  # the user took back what nobody else had seen yet
        here = cell not in self._cells[made.side, name]
        there = cell not in self._cells[made.side.other, name]
        if here and (there or cell[0] == OWN):
            return Fate.CARRIED
        if here and self._reported(name, cell[0]):
            return Fate.HELD
        return self._lost(made, lambda before: cell not in before)

    def _was_mirrored(self, made: Edit, signal: str) -> bool:
        """Whether the other side ever showed one of the values that this edit removed."""
        gone = {
            (cell, value)
            for cell, value in made.overwrote.items()
            if cell[0] == signal and cell[1] not in {"on", "window"}
        }
        if signal == OWN or not gone:
            return True
        shown = self._shown[made.side.other, made.name.casefold()]
        return any(pair in shown for pair in gone)

    def _was_seen_there(self, made: Edit) -> bool:
        shown = self._shown[made.side.other, made.name.casefold()]
        return any(
            (cell, v) in shown for cell, v in made.overwrote.items() if cell[1] not in {"on", "window"}
        )

    def _gone(self, made: Edit) -> Fate:
        name = made.name
        later = [e for e in self.edits if e.number > made.number and e.name.casefold() == name.casefold()]
        if any(e.born for e in later):
            return Fate.SUPERSEDED
        if made.overwrote and not self._was_seen_there(made):
            return Fate.SUPERSEDED  # it deletes what the other side never had
        absent = {side: spelt(self.world, side, name) is None for side in Side}
        if all(absent.values()):
            return Fate.CARRIED
        if absent[made.side] and self._reported(name, None):
            return Fate.HELD
        return self._lost(made, lambda before: not before)

    def _lost(self, made: Edit, was: Any) -> Fate:
        """The engine or a race took it away: was that told, and can it be brought back?"""
        entries = [e for key in self._keys(made) for e in self.world.ledger.entries[key]]
        for entry in entries:
            ours = entry.side is made.side and entry.decision == "intent" and self._flagged(entry)
            if ours and was(cells_of(made.side, entry.before)):
                return Fate.JOURNALLED
        if self._race_noted(made):
            return Fate.DETECTED
        return Fate.SILENT

    def _flagged(self, entry: Entry) -> bool:
        """Settled by the route's policy, or deleted because a user deleted the other side."""
        return bool(entry.detail.get("settled")) or entry.after is None

    def _keys(self, made: Edit) -> list[LinkKey]:
        """Of both spellings: a group that was recreated in another case was that very group."""
        return [key for key in self.world.ledger.links if key.name.casefold() == made.name.casefold()]

    def _race_noted(self, made: Edit) -> bool:
        """Whether somebody was told that a write of ours may have gone over this very edit: its time lies in
        the window of a marked write."""
        return any(
            attempt.raced and attempt.side is made.side and _covers(attempt, save.at, made.at)
            for key in self._keys(made)
            for save in self.world.ledger.saves[key]
            for attempt in save.link.attempts
        )

    def _reported(self, name: str, signal: str | None) -> bool:
        """Whether whoever looks at this policy now is told that this rule, or all of it, is not in step."""
        outcomes = [o for o in self.world.buses.told if o.key.name.casefold() == name.casefold()]
        for outcome in outcomes:
            if outcome.kind is Kind.ERROR or any(_concerns(f, signal) for f in outcome.findings):
                return True
        link = self.world.ledger.links.get(LinkKey(self.world.route.id, name))
        return link is not None and any(signal in shadow.lossy for shadow in link.shadows.values())


def spelt(world: World, side: Side, name: str) -> Document | None:
    """The document of that very name: where a group was recreated in another case, it mirrors another one."""
    found = world.clouds[side].there(name)
    return found.document if found is not None and found.name == name else None


def _covers(attempt: Attempt, noted: float, at: float) -> bool:
    """Of a write that was never answered, whatever came after it up to the moment when that was noticed."""
    if "never answered" in attempt.raced:
        return attempt.since - MARGIN <= at <= noted
    until = attempt.since + LATE if attempt.until is None else attempt.until
    return attempt.since - MARGIN <= at <= until + MARGIN


def _concerns(finding: Finding, signal: str | None) -> bool:
    """Whether it tells that ``signal`` (None: the policy) is not in step. A hold without a signal is of what
    the other cloud cannot have at all."""
    if finding.kind == "hold":
        return finding.signal is not None and finding.signal == signal
    return finding.kind in {"conflict", "gate"} and finding.signal in {signal, None}


@dataclass(frozen=True, slots=True)
class Result:
    seed: int
    edits: int
    fates: Counter[str]
    counts: Counter[str]
    wrong_deletes: int
    broken: tuple[tuple[str, str], ...]
    silent: tuple[str, ...]


def judge(world: World) -> Result:
    verdicts = Judge(world).verdicts()
    world.watch.fields.at_rest()
    _converged(world)
    silent = tuple(_told(verdict) for verdict in verdicts if verdict.fate is Fate.SILENT)
    return Result(
        world.seed,
        len(verdicts),
        Counter(str(v.fate) for v in verdicts),
        world.counts,
        world.watch.deletions.wrong,
        tuple(world.watch.broken),
        silent,
    )


def _told(verdict: Verdict) -> str:
    made = verdict.edit
    where = f"edit {made.number} at {made.at - START:.2f} on {made.side} {made.name}"
    return f"{where}: {made.what} ({verdict.why})"


def _converged(world: World) -> None:
    """Both sides show the same shared rules, but for what is reported."""
    judged = Judge(world)
    for name in {made.name for made in world.users.edits}:
        aws, azure = (shared(cells_of(side, spelt(world, side, name))) for side in (Side.AWS, Side.AZURE))
        absent = {side for side in Side if spelt(world, side, name) is None}
        if len(absent) == 1 and not judged._reported(name, None):
            world.watch.breach("2 converged", f"{name} is not on {absent.pop()}")
        for cell in sorted(aws.keys() | azure.keys()):
            if aws.get(cell) != azure.get(cell) and not judged._reported(name, cell[0]):
                world.watch.breach("2 converged", f"{name} {cell}: {aws.get(cell)} and {azure.get(cell)}")
