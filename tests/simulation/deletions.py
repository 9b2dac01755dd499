"""Invariant 7: no delete without two looks, a matching shadow and a bucket token; and what became of each.

A *wrong* delete is one that a worker sends although no user deleted the other side. A *late* one was sent
for a good reason and held up on its way: it lands on a policy that was created meanwhile. Nothing can call it
back (Azure deletes unconditionally, AWS restarts its versions), so it is counted apart, and the engine has to
make good for it: the policy is mirrored back, or somebody is told. Edits that it takes along are judged like
any others: as lost, if they are.

An empty listing of a cloud where fewer than three policies are known is believed, by the protocol, unless the
route names a canary: that is counted too, as what it is.
"""

from __future__ import annotations

from collections import defaultdict
from itertools import takewhile
from typing import TYPE_CHECKING, Any

from shared.sync import effects as do
from shared.sync.link import Link, LinkKey, Scope, State
from shared.sync.ports import Found
from shared.translation.side import Side
from tests.simulation.clouds import LAG, USER, Mutation
from tests.simulation.facts import TARGETS, atoms, cells_of

if TYPE_CHECKING:
    from tests.simulation.watch import Watch
    from tests.simulation.workers import Run

TWO_LOOKS = 59.0
"""Seconds between two looks, by the clouds' clocks, which tell whole ones."""

HOUR = 3600.0
MANY_LINKS = 3
MOST_IN_AN_HOUR = 2
"""Of a route with as few links as are played with here."""


class Deletions:
    def __init__(self, watch: Watch) -> None:
        self.watch = watch
        self.world = watch.world
        self.wrong = 0
        self._looks: dict[tuple[Side, str], list[tuple[float, str, bool]]] = defaultdict(list)
        self._tokens: set[str] = set()  # runs that took one
        self._paid: set[tuple[LinkKey, str]] = set()  # plans that one was taken for
        self._born: dict[tuple[Side, str], float] = {}
        self._sent: dict[tuple[str, str], float] = {}
        self._times: list[float] = []

    def looked(self, run: Run, side: Side, name: str, found: Found | None) -> None:
        """What a worker was shown, unless it was shown the past of something that is gone."""
        if found is None or self.world.clouds[side].there(name) is not None:
            self._looks[side, name].append((self.world.clock.now, run.id, found is not None))

    def _absences(self, run: Run, side: Side, name: str) -> list[float]:
        """When it was seen missing, up to this worker's last look, with nobody seeing it in between."""
        looks = self._looks[side, name]
        last = max((place for place, (_, by, _) in enumerate(looks) if by == run.id), default=-1)
        missing = takewhile(lambda look: not look[2], reversed(looks[: last + 1]))
        return [at for at, _, _ in missing][::-1]

    def counted(self, run: Run, before: Scope, after: Scope) -> None:
        if not any(count > before.deletes.get(minute, 0) for minute, count in after.deletes.items()):
            return
        self._tokens.add(run.id)
        self._times.append(self.world.clock.now)
        lately = [at for at in self._times if at > self.world.clock.now - HOUR]
        if len(lately) > MOST_IN_AN_HOUR and not self.world.profile.skew:
            self.watch.breach("7 bucket", f"{run.id} makes it {len(lately)} deletions in an hour")

    def released(self) -> None:
        self._times.clear()

    def declared(self, run: Run, link: Link) -> None:
        if link.intent is not None and run.id in self._tokens:
            self._paid.add((link.key, link.intent.plan))

    def sent(self, run: Run, effect: do.Delete) -> None:
        self._sent[run.id, effect.name] = self.world.clock.now
        if self.plausibly_empty(effect.side.other):
            self.world.count("empty listings believed")
        elif not self._by_a_user(effect):
            self.wrong += 1
            self.watch.breach(
                "7 wrong delete", f"{run.id} deletes {effect.name}, which {effect.side.other} has"
            )
        looks = self._absences(run, effect.side.other, effect.name)
        if not looks or looks[-1] - looks[0] < TWO_LOOKS:
            self.watch.breach("7 two looks", f"{run.id} deletes {effect.name} after looks at {looks}")
        link = self.world.ledger.links.get(LinkKey(self.world.route.id, effect.name))
        if link is None or not _as_shadowed(link, effect.side, effect.base.document):
            self.watch.breach("7 shadow", f"{run.id} deletes {effect.name}, which somebody edited")
        self._check_token(run, effect, link)

    def plausibly_empty(self, side: Side) -> bool:
        """Whether it answers as if nothing existed, and the ledger knows so little that it may be true: then
        nobody can tell an outage from users who deleted the last policies (protocol, section 5). A canary,
        which nobody deletes, can."""
        if self.world.route.canary is not None:
            return False
        bound = sum(link.state is State.BOUND for link in self.world.ledger.links.values())
        return self.world.trouble.get(side) == "blank" and bound < MANY_LINKS

    def _by_a_user(self, effect: do.Delete) -> bool:
        """Whether a user was the last to delete the other side, and it is not there, or was not as a lagging
        read shows it."""
        other = effect.side.other
        cloud = self.world.clouds[other]
        gone = [
            m
            for m in self.watch.mutations
            if m.side is other and m.after is None and cloud.key(m.name) == cloud.key(effect.name)
        ]
        there = cloud.there(effect.name) is not None and cloud.at(effect.name, LAG) is not None
        return bool(gone) and gone[-1].by == USER and not there

    def _check_token(self, run: Run, effect: do.Delete, link: Link | None) -> None:
        plan = link.intent.plan if link is not None and link.intent is not None else ""
        if (LinkKey(self.world.route.id, effect.name), plan) not in self._paid:
            self.watch.breach("7 token", f"{run.id} deletes {effect.name} without a token from the bucket")

    def changed(self, mutation: Mutation, key: tuple[Side, str]) -> None:
        if mutation.before is None:
            self._born[key] = mutation.at
        if mutation.by == USER or mutation.after is not None:
            return
        sent = self._sent.get((mutation.by, mutation.name), mutation.at)
        if self._born.get(key, 0.0) > sent:
            self.world.count("late deletes")


def _as_shadowed(link: Link, side: Side, document: dict[str, Any]) -> bool:
    """Whether it shows what it showed when it was last in step; values that nobody tells left aside."""
    if link.state is not State.BOUND or side not in link.shadows:
        return False
    hidden = link.shadows[side].opaque & {TARGETS.name}
    shown, known = atoms(cells_of(side, document)), link.shadows[side].view
    return {s: a for s, a in shown.items() if s not in hidden} == {
        s: a for s, a in known.items() if s not in hidden
    }
