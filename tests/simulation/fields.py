"""Invariants 5, 6 and 11: what a write may touch, and when there is a conflict.

Both are held against what the worker itself was shown, and the naive rules of merging. While a write of
ours may still land, what a worker sees is not what users did (:mod:`shared.sync.attempts`): then the
reference does not know either, and only what is held is checked.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from shared.policy.atom import AllowAtom
from shared.policy.merge import WHOLE, Ends, Resolution
from shared.sync import effects as do
from shared.sync.job import Job, Outcome
from shared.sync.link import Link, LinkKey, State
from shared.translation.side import Side
from tests.laws.naive_merge import Naive, naive
from tests.simulation.facts import (
    SIGNALS,
    TARGETS,
    Cells,
    Document,
    Signal,
    atoms,
    cells_of,
    complement,
    holds,
    statement,
)

if TYPE_CHECKING:
    from tests.simulation.watch import Watch
    from tests.simulation.workers import Run

RESOLUTIONS: dict[str, Resolution] = {
    "strictest": "strictest",
    "prefer-aws": "prefer-left",
    "prefer-azure": "prefer-right",
}


class Fields:
    def __init__(self, watch: Watch) -> None:
        self.watch = watch
        self.world = watch.world
        self.last: dict[LinkKey, set[str]] = {}

    def sent(self, run: Run, effect: do.Update) -> None:
        """Held against what this worker was shown, whatever it says it builds upon."""
        shown = run.seen.get(effect.side)
        before, after = (shown or effect.base).document, effect.document
        if complement(effect.side, before) != complement(effect.side, after):
            self.watch.breach(
                "5 complement", f"{run.id} changes what only {effect.side} has in {effect.name}"
            )
        for signal in self._held(run):
            if statement(effect.side, before, signal) != statement(effect.side, after, signal):
                self.watch.breach("6 held", f"{run.id} writes {signal.name}, which is held")
        changed = _difference(effect.side, before, after)
        merges = self._reference(run)
        for name, field in changed:
            if _open(merges.get(name)) & {WHOLE, field}:
                self.watch.breach("6 conflicted", f"{run.id} writes {name}.{field}, which is in conflict")
        self._settled(run, effect, merges)

    def _settled(self, run: Run, effect: do.Update, merges: dict[str, Naive]) -> None:
        """What a policy decides is told in the journal, before the loser is written."""
        decided = sum(resolved for m in merges.values() for resolved in m.conflicts.values())
        entries = self.world.ledger.entries[LinkKey(self.world.route.id, effect.name)]
        intents = [e for e in entries if e.decision == "intent" and e.side is effect.side]
        if intents and len(intents[-1].detail["settled"]) != decided and self._comparable(run):
            self.watch.breach(
                "11 settled", f"{run.id} tells of {intents[-1].detail['settled']}, not {decided}"
            )

    def ended(self, run: Run, job: Job, outcome: Outcome) -> None:
        """A conflict is told exactly when both sides changed a field."""
        if outcome.plan is None:
            return
        conflicts = [finding for finding in outcome.findings if finding.kind == "conflict"]
        self.last[job.key] = {finding.path for finding in conflicts}
        if not self._comparable(run):
            return
        merges = self._reference(run)
        told = {finding.path for finding in conflicts if finding.signal in merges or not merges}
        due = {f"{signal}.{field}" for signal, m in merges.items() for field in _open(m)}
        if told != due:
            what = f"{run.id} tells of conflicts in {sorted(told)}, and there are {sorted(due)}"
            self.watch.breach("11 conflict", what)

    def at_rest(self) -> None:
        """The ledger says what was told last."""
        for key, told in self.last.items():
            link = self.world.ledger.links.get(key)
            kept = {f.path for f in link.findings if f.kind == "conflict"} if link else set()
            if kept != told:
                self.watch.breach(
                    "11 record", f"{key.name}: {sorted(kept)} in the ledger, {sorted(told)} told"
                )

    def _held(self, run: Run) -> Iterator[Signal]:
        for signal in SIGNALS:
            if any(found and holds(side, found.document, signal) for side, found in run.seen.items()):
                yield signal

    def _comparable(self, run: Run) -> bool:
        link = run.link
        return link is None or not any(attempt.makes is not None for attempt in link.attempts)

    def _reference(self, run: Run) -> dict[str, Naive]:
        """By signal, what the naive rules make of what this worker was shown."""
        link = run.link
        documents = {side: found.document for side, found in run.seen.items() if found is not None}
        if link is None or link.state is not State.BOUND or len(documents) < 2 or not self._comparable(run):
            return {}
        held = {signal.name for signal in self._held(run)} | _hidden(documents[Side.AZURE])
        resolution = RESOLUTIONS.get(self.world.route.conflict, "hold")
        return {
            signal: _still(link, signal, naive(before, now, resolution), now, resolution != "hold")
            for signal, before, now in _ends(link, documents)
            if signal not in held
        }


def _still(link: Link, signal: str, merged: Naive, now: Ends, resolves: bool) -> Naive:
    """With the conflicts that were there before, as long as the two sides differ: whoever goes back to what
    was in step has edited all the same. Those that are settled on one side only stay settled."""
    told = {f.path: False for f in link.findings if f.kind == "conflict"}
    paths = dict.fromkeys(link.settling, resolves) | told
    before = {path.rpartition(".")[2]: done for path, done in paths.items() if path.startswith(f"{signal}.")}
    if not before or now.left == now.right or WHOLE in merged.conflicts:
        return merged
    if WHOLE in before or None in now or isinstance(now.left, AllowAtom):
        return Naive(*now, {WHOLE: all(before.values())})
    still = {
        f: done
        for f, done in before.items()
        if f not in merged.conflicts and getattr(now.left, f) != getattr(now.right, f)
    }
    return merged._replace(conflicts=merged.conflicts | still)


def _open(merged: Naive | None) -> set[str]:
    return {field for field, resolved in merged.conflicts.items() if not resolved} if merged else set()


def _ends(link: Link, documents: dict[Side, Document]) -> Iterator[tuple[str, Ends, Ends]]:
    shown = {side: atoms(cells_of(side, document)) for side, document in documents.items()}
    shadows = {side: link.shadows[side].view if side in link.shadows else {} for side in Side}
    for signal in SIGNALS:
        name = signal.name
        before = Ends(shadows[Side.AWS].get(name), shadows[Side.AZURE].get(name))
        yield name, before, Ends(shown[Side.AWS].get(name), shown[Side.AZURE].get(name))


def _hidden(group: Document) -> set[str]:
    """What Azure does not tell the values of."""
    rules = statement(Side.AZURE, group, TARGETS)
    return (
        {TARGETS.name}
        if any(rule["isEnabled"] and "allowlistValues" not in rule for rule in rules)
        else set()
    )


def _difference(side: Side, before: Document, after: Document) -> Iterator[tuple[str, str]]:
    old: Cells = cells_of(side, before)
    new: Cells = cells_of(side, after)
    return (cell for cell in old.keys() | new.keys() if old.get(cell) != new.get(cell))
