"""The invariants of the protocol's section 8, checked while a run goes on, by their numbers there.

====  =========================================================  ==============================
 1    no silent loss                                             :mod:`tests.simulation.judge`
 2    converged within two sweeps                                :mod:`tests.simulation.judge`
 3    no write in the quiet tail                                 here
 4    two writes at most in one look, and within the budget      here
 5    the complement is never touched                            :mod:`tests.simulation.fields`
 6    held and conflicted fields are never written               :mod:`tests.simulation.fields`
 7    no delete without looks, shadow and token                  :mod:`tests.simulation.deletions`
 8    nothing outside the route's scope is written               here
 9    one token, one committed intent; revisions grow            here
 10   every write has an earlier entry with its before-image     here
 11   a conflict is told exactly when both sides changed         :mod:`tests.simulation.fields`
 12   no secret in what is logged                                here
 13   busy and throttled never lead to a dead letter             :mod:`tests.simulation.buses`
 14   failure of one cloud changes nothing on the other          here
====  =========================================================  ==============================
"""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING, Any

from shared.operations.summary import line
from shared.sync import effects as do
from shared.sync.effects import Effect
from shared.sync.job import Job, Outcome
from shared.sync.link import Link, LinkKey
from shared.sync.ports import Found
from shared.translation.side import Side
from tests.simulation.clouds import USER, Mutation
from tests.simulation.deletions import Deletions
from tests.simulation.fields import Fields

if TYPE_CHECKING:
    from tests.simulation.workers import Run
    from tests.simulation.world import World

BUDGET = 10
TEN_MINUTES = 600.0
LOOP = 400
SECRET = "S3CRET"


class Watch:
    """``broken``: every breach, as (invariant, what happened)."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.broken: list[tuple[str, str]] = []
        self.mutations: list[Mutation] = []
        self.quiet = False
        self.deletions = Deletions(self)
        self.fields = Fields(self)
        self._tokens: dict[tuple[LinkKey, int], str] = {}
        self._trouble_since: dict[Side, float] = {}
        self._writes: Counter[str] = Counter()  # of each run
        self._sent: list[tuple[float, str]] = []

    def breach(self, invariant: str, what: str) -> None:
        self.broken.append((invariant, what))
        self.world.tell(f"!! invariant {invariant}: {what}")

    def trouble(self, side: Side, kind: str | None) -> None:
        """Where the listing still tells the truth, a policy that it does not have is gone; also if that kind
        of trouble has taken the place of another one."""
        if kind in (None, "hollow"):
            self._trouble_since.pop(side, None)
        else:
            self._trouble_since[side] = self.world.clock.now

    def sent(self, run: Run, effect: do.CloudWrite) -> None:
        """A worker decides to write: judged by what it knew, whatever happens to the write later."""
        self._journalled_before(run, effect)
        self._within_budget(effect)
        if not run.looked_again:
            self.breach("0 second look", f"{run.id} writes {effect.name} without reading Azure once more")
        if isinstance(effect, do.Delete):
            self.deletions.sent(run, effect)
        elif isinstance(effect, do.Update):
            self.fields.sent(run, effect)
        if not self.world.route.names.covers(effect.name):
            self.breach("8 scope", f"{run.id} writes {effect.name}, which the route leaves out")
        since = self._trouble_since.get(effect.side.other)
        unknown = isinstance(effect, do.Delete) and self.deletions.plausibly_empty(effect.side.other)
        if since is not None and run.began > since and not unknown:
            self.breach("14 outage", f"{run.id} writes {effect.side} while {effect.side.other} is out")

    def _journalled_before(self, run: Run, effect: do.CloudWrite) -> None:
        key = LinkKey(self.world.route.id, effect.name)
        before = None if isinstance(effect, do.Create) else effect.base.document
        after = None if isinstance(effect, do.Delete) else effect.document
        entries = reversed(self.world.ledger.entries[key][-8:])
        if not any(
            e.decision == "intent" and e.side is effect.side and e.before == before and e.after == after
            for e in entries
        ):
            self.breach("10 journal", f"{run.id} writes {effect.side} {effect.name} without its before-image")

    def _within_budget(self, effect: do.CloudWrite) -> None:
        """A worker that may write both sides may begin its last two with one left. Clocks that differ by
        minutes disagree about what the last ten are."""
        now = self.world.clock.now
        self._sent.append((now, effect.name))
        lately = sum(at > now - TEN_MINUTES and name == effect.name for at, name in self._sent)
        most = (BUDGET + self.world.both) * (2 if self.world.profile.skew else 1)
        if lately > most:
            self.breach("4 budget", f"{effect.name} was written {lately} times in ten minutes")

    def answered(self, run: Run, effect: Effect, answer: Any) -> None:
        """What a worker was told."""
        match effect:
            case do.Read(side, name):
                found: Found | None = answer
                run.seen[side] = found
                self.deletions.looked(run, side, name, found)
            case do.LoadLink():
                run.link = answer

    def changed(self, mutation: Mutation) -> None:
        self.mutations.append(mutation)
        cloud = self.world.clouds[mutation.side]
        self.deletions.changed(mutation, (mutation.side, cloud.key(mutation.name)))
        if mutation.by == USER:
            return
        self.world.count("writes")
        self._writes[mutation.by] += 1
        if self._writes[mutation.by] > 2:
            self.breach("4 writes", f"{mutation.by} wrote {self._writes[mutation.by]} times in one look")
        if self.quiet:
            self.breach("3 quiet tail", f"{mutation.by} writes {mutation.side} {mutation.name}")
        if self.world.counts["writes"] > LOOP:
            self.world.stop()

    def saved(self, run: Run, link: Link) -> None:
        saves = self.world.ledger.saves[link.key]
        before = saves[-2].link if len(saves) > 1 else None
        if before is not None and link.rev <= before.rev:
            self.breach("9 revision", f"{run.id} saves revision {link.rev} after {before.rev}")
        if link.intent is None or (before is not None and link.intent == before.intent):
            return
        self.deletions.declared(run, link)
        owner = self._tokens.setdefault((link.key, link.token), run.id)
        if owner != run.id:
            self.breach("9 fencing", f"{run.id} and {owner} both declared with token {link.token}")

    def ended(self, run: Run, job: Job, outcome: Outcome) -> None:
        self.fields.ended(run, job, outcome)
        if SECRET in json.dumps(line(outcome)):
            self.breach("12 secrets", f"{run.id} tells what a document says")

    def failed(self, run: Run, why: str) -> None:
        if SECRET in why:
            self.breach("12 secrets", f"{run.id} tells what a document says")
