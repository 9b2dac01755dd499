"""Both sides as they were seen in one look, read in the light of what the ledger remembers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property

from msgspec import Struct

from shared.policy.atom import Atom, View
from shared.policy.merge import Ends
from shared.sync.job import Job
from shared.sync.late import late_deletion, possible_pasts, put_back, rebased
from shared.sync.link import Link, Restore, Shadow, State
from shared.sync.ports import Document, Found
from shared.sync.restoring import in_force, restored
from shared.translation.side import Side
from shared.translation.translators import TRANSLATORS, reading_of
from shared.translation.view import Reading

LEFT, RIGHT = Side.AWS, Side.AZURE
"""The merge's two ends."""


class Observation(Struct, frozen=True, dict=True):
    """``documents`` has a blank document for a side that is absent. Where a document of before is to be put
    back, that one stands for its side, and ``replaced`` reads what is there now."""

    link: Link
    found: Mapping[Side, Found | None]
    documents: Mapping[Side, Document]
    readings: Mapping[Side, Reading]
    restore: Restore | None = None
    replaced: Reading | None = None

    @property
    def restoring(self) -> Side | None:
        return None if self.restore is None else self.restore.side

    def actual(self, side: Side) -> Reading:
        """What the cloud itself shows, whatever is to be put back."""
        return self.replaced if self.replaced is not None and side is self.restoring else self.readings[side]

    @cached_property
    def known(self) -> bool:
        """Not what is missing because we deleted it ourselves, late: that is mirrored as if it were new."""
        if len(self.present) == 1 and any(late_deletion(self.link, side.other) for side in self.present):
            return False
        return self.link.state is State.BOUND

    @cached_property
    def present(self) -> frozenset[Side]:
        there = (side for side, found in self.found.items() if found is not None or side is self.restoring)
        return frozenset(there)

    @cached_property
    def held_signals(self) -> frozenset[str]:
        """Signals that either side holds: neither written nor inferred from."""
        return self.readings[LEFT].held_signals | self.readings[RIGHT].held_signals

    def shadow(self, side: Side) -> Shadow:
        """Empty unless the link is in force: what a deleted policy once showed is no base for a new one."""
        return self.link.shadows.get(side, Shadow()) if self.known else Shadow()

    def now(self, signal: str) -> Ends:
        return Ends(self.readings[LEFT].atoms.get(signal), self.readings[RIGHT].atoms.get(signal))

    def before(self, signal: str) -> Ends:
        """The shadows, but for what a late write of ours did since."""
        shadow = Ends(self.shadow(LEFT).view.get(signal), self.shadow(RIGHT).view.get(signal))
        if not self.link.attempts:
            return shadow
        untold = [side for side in Side if signal in self.readings[side].opaque]
        return rebased(self.link, signal, shadow, self.now(signal), self.told_at, untold)

    def pasts(self, signal: str) -> Iterator[Ends]:
        """What else may have been before. Not where a cloud does not tell: no edit is inferred from that."""
        opaque = self.readings[LEFT].opaque | self.readings[RIGHT].opaque
        if signal not in opaque and any(attempt.open for attempt in self.link.attempts):
            now = self.now(signal)
            yield from possible_pasts(self.link, signal, self.before(signal), now, self.told_at)

    def disputed(self, signal: str) -> frozenset[str]:
        """Fields that are in conflict since an earlier look, or were and are settled on one side only."""
        if not self.known:
            return frozenset()
        told = (f.path for f in self.link.findings if f.kind == "conflict")
        paths = (path.rpartition(".") for path in (*told, *self.link.settling))
        return frozenset(field for of, _, field in paths if of == signal)

    @property
    def told_at(self) -> float | None:
        """The clouds' own time of this look."""
        return _told_at(self.found)

    def signals(self) -> list[str]:
        """Everything that either side shows or showed, less what is held, in a stable order."""
        seen: set[str] = set()
        for side in Side:
            seen.update(self.readings[side].atoms, self.shadow(side).view)
        return sorted(seen - self.held_signals)

    def as_shadowed(self) -> frozenset[Side]:
        """Sides that look as they did when last in step. A rule that is held by now was edited."""
        return frozenset(side for side in Side if self.readings[side].atoms == self.shadow(side).view)

    def as_left(self, side: Side) -> bool:
        """The same, but for what is held."""
        left, shown = self.shadow(side).view, self.readings[side].atoms
        return all(shown.get(signal) == left.get(signal) for signal in self.signals())

    def equal(self) -> bool:
        held = self.held_signals
        return less(self.readings[LEFT].atoms, held) == less(self.readings[RIGHT].atoms, held)


def less(view: View, held: frozenset[str]) -> dict[str, Atom]:
    return {signal: atom for signal, atom in view.items() if signal not in held}


def observation(job: Job, link: Link | None, found: Mapping[Side, Found | None]) -> Observation:
    link = link or Link(job.key)
    documents: dict[Side, Document] = {}
    readings: dict[Side, Reading] = {}
    for side in Side:
        seen = found[side]
        documents[side] = TRANSLATORS[side].blank(job.key.name) if seen is None else seen.document
        readings[side] = reading_of(side, documents[side], job.pairing, last_written(link, side, found))
    restore = in_force(link, found)
    if restore is None:
        return Observation(link, found, documents, readings)
    side, replaced = restore.side, readings[restore.side]
    documents[side] = restored(restore, found[side])
    readings[side] = reading_of(side, documents[side], job.pairing)
    return Observation(link, found, documents, readings, restore, replaced)


def last_written(link: Link, side: Side, found: Mapping[Side, Found | None]) -> View:
    """What stands in for values that the cloud does not tell."""
    if link.state is not State.BOUND or side not in link.shadows:
        return {}
    view = link.shadows[side].view
    return {**view, **put_back(link, side, _told_at(found))} if link.attempts else view


def _told_at(found: Mapping[Side, Found | None]) -> float | None:
    return max((f.told_at for f in found.values() if f and f.told_at is not None), default=None)
