"""The invariants of the protocol's section 8 that are checked while a run goes on, by their numbers there."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING

from shared.sync import effects as do
from shared.sync.job import Job, Kind, Outcome
from shared.sync.link import Link, LinkKey
from shared.translation.side import Side
from tests.simulation.clouds import LAG, USER, Mutation
from tests.simulation.facts import OWN, cells_of, own

if TYPE_CHECKING:
    from tests.simulation.buses import Message
    from tests.simulation.workers import Run
    from tests.simulation.world import World

BUDGET = 10
TEN_MINUTES = 600.0
TWO_LOOKS = 60.0
LOOP = 400
SECRET = "S3CRET"


class Watch:
    """``broken``: every breach, as (invariant, what happened)."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.broken: list[tuple[str, str]] = []
        self.mutations: list[Mutation] = []
        self.quiet = False
        self.wrong_deletes = 0
        self.outcomes: dict[LinkKey, Outcome] = {}
        self.flags: dict[str, set[str]] = defaultdict(set)
        self._tokens: dict[tuple[LinkKey, int], str] = {}
        self._trouble_since: dict[Side, float] = {}
        self._user_deletes: Counter[str] = Counter()
        self._own_deletes: Counter[str] = Counter()

    def breach(self, invariant: str, what: str) -> None:
        self.broken.append((invariant, what))
        self.world.tell(f"!! invariant {invariant}: {what}")

    def trouble(self, side: Side, kind: str | None) -> None:
        if kind is None:
            self._trouble_since.pop(side, None)
        else:
            self._trouble_since[side] = self.world.clock.now

    def began(self, run: Run, job: Job, message: Message) -> None:
        """A look starts."""

    def sent(self, run: Run, effect: do.CloudWrite) -> None:
        """A write leaves a worker: judged by what that worker knew, whatever happens to it later."""
        self._journalled_before(run, effect)
        self._complement_untouched(run, effect)
        self._looked_again(run, effect)
        if isinstance(effect, do.Delete):
            self._rightly_deletes(run, effect)
        if not self.world.route.names.covers(effect.name):
            self.breach("8 scope", f"{run.id} writes {effect.name}, which the route leaves out")
        since = self._trouble_since.get(effect.side.other)
        if since is not None and run.began > since:
            self.breach("14 outage", f"{run.id} writes {effect.side} while {effect.side.other} is out")

    def _journalled_before(self, run: Run, effect: do.CloudWrite) -> None:
        key = LinkKey(self.world.route.id, effect.name)
        before = None if isinstance(effect, do.Create) else effect.base.document
        entries = reversed(self.world.ledger.entries[key][-8:])
        if not any(e.decision == "intent" and e.side is effect.side and e.before == before for e in entries):
            self.breach("10 journal", f"{run.id} writes {effect.side} {effect.name} without its before-image")

    def _rightly_deletes(self, run: Run, effect: do.Delete) -> None:
        """When it is sent, a user has deleted the other side, now or a lagging read ago."""
        other = self.world.clouds[effect.side.other]
        by_user = self._user_deletes[effect.name.casefold()] > 0
        if not by_user or (other.there(effect.name) is not None and other.at(effect.name, LAG) is not None):
            self.wrong_deletes += 1
            self.breach("7 wrong delete", f"{run.id} deletes {effect.name}, which {effect.side.other} has")

    def _looked_again(self, run: Run, effect: do.CloudWrite) -> None:
        if not run.looked_again:
            self.breach("0 second look", f"{run.id} writes {effect.name} without reading Azure once more")

    def _complement_untouched(self, run: Run, effect: do.CloudWrite) -> None:
        if isinstance(effect, do.Update):
            before, after = (
                cells_of(effect.side, effect.base.document),
                cells_of(effect.side, effect.document),
            )
            if own(before) != own(after):
                self.breach(
                    "5 complement", f"{run.id} changes {own(before)} to {own(after)} on {effect.side}"
                )

    def changed(self, mutation: Mutation) -> None:
        self.mutations.append(mutation)
        name = mutation.name.casefold()
        if mutation.by == USER:
            self._user_deletes[name] += mutation.after is None
            return
        self.world.count("writes")
        if self.quiet:
            self.breach("3 quiet tail", f"{mutation.by} writes {mutation.side} {mutation.name}")
        if mutation.after is None:
            self._deleted(mutation, name)
        recent = [m for m in self.mutations if m.by != USER and m.name == mutation.name]
        if self.world.counts["writes"] > LOOP:
            self.world.stop()
        if sum(m.at > self.world.clock.now - TEN_MINUTES for m in recent) > BUDGET + 2:
            self.breach("4 budget", f"{mutation.name} was written more than {BUDGET} times in ten minutes")

    def _deleted(self, mutation: Mutation, name: str) -> None:
        self._own_deletes[name] += 1
        if self._own_deletes[name] > self._user_deletes[name]:
            self.world.count("deletions that landed late")
        key = LinkKey(self.world.route.id, mutation.name)
        since = self.world.ledger.missing_since.get((key, mutation.side.other))
        skewed = self.world.profile.skew > 0
        if since is None or (self.world.clock.now - since < TWO_LOOKS and not skewed):
            self.breach("7 two looks", f"{mutation.by} deletes {mutation.name} after one look")

    def saved(self, run: Run, link: Link) -> None:
        saves = self.world.ledger.saves[link.key]
        before = saves[-2].link.intent if len(saves) > 1 else None
        if link.intent is None or link.intent == before:
            return
        owner = self._tokens.setdefault((link.key, link.token), run.id)
        if owner != run.id:
            self.breach("9 fencing", f"{run.id} and {owner} both declared with token {link.token}")

    def ended(self, run: Run, outcome: Outcome) -> None:
        self.outcomes[outcome.key] = outcome
        name = outcome.key.name
        for finding in outcome.findings:
            if finding.code == "possible-overwrite":
                self.flags[name].add(finding.code)
        if len(run.written) > 2:
            self.breach("4 writes", f"{run.id} wrote {len(run.written)} times in one look")
        if any(SECRET in text for text in (outcome.reason, *(f.reason for f in outcome.findings))):
            self.breach("12 secrets", f"{run.id} tells what a document says")
        self._held_fields_untouched(run, outcome)

    def _held_fields_untouched(self, run: Run, outcome: Outcome) -> None:
        conflicts = {f.path for f in outcome.findings if f.kind == "conflict"}
        for effect in run.written:
            if not conflicts or not isinstance(effect, do.Update):
                continue
            before, after = (
                cells_of(effect.side, effect.base.document),
                cells_of(effect.side, effect.document),
            )
            for signal, what in before.keys() | after.keys():
                whole = f"{signal}.rule" in conflicts
                changed = before.get((signal, what)) != after.get((signal, what))
                if changed and signal != OWN and (whole or f"{signal}.{what}" in conflicts):
                    self.breach("6 held", f"{run.id} writes {signal}.{what}, which is in conflict")

    def dead_letters(self) -> None:
        for message, why in self.world.buses.dead_letters:
            if why in {"busy", Kind.BUSY, "throttled", "leased"}:
                self.breach("13 dead letter", f"{message.name}: {why}")
