"""Notices: what a person should hear of without looking, told once, with the command that resolves it.

A notice tells what is new since the last one about the same link. What has been told is kept in the ledger
with the link, for each function by itself, and only once the channel took it: a notice that could not be sent
is sent by the next look. Its ``id`` is made of what it tells, so that a reader of the channel can drop the
same notice sent twice.

====================  ==================================================================
 kind                  when
====================  ==================================================================
 conflict              one rule was edited on both sides, or both had it before the route
 approval-wanted       a loosening change waits for a person
 hold                  something is held back since the last look; what is held from the
                       first look on stands in ``status`` and on the page
 possible-overwrite    somebody wrote while we did
 freeze                a guard tripped: the route writes nothing until it is released
 recovered             what an earlier notice told has passed, and nothing new came
====================  ==================================================================
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from enum import StrEnum
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from shared.errors import LedgerConflict, MirrorError
from shared.operations import remedies
from shared.operations.remedies import Remedy
from shared.policy.loss import Effect
from shared.sync.job import Kind as LookKind
from shared.sync.job import Outcome, Worker
from shared.sync.link import Finding, Link, LinkKey, Scope
from shared.sync.ports import Ledger
from shared.translation.codes import HOLDS

MOST = 20
"""Matters told in one notice; how many there are is always told."""

MOST_REMEMBERED = 200
"""Matters that a route remembers of policies that the ledger has no link of."""

_KEY_CHARACTERS = 120
_NO_NEWS = frozenset({"frozen", "outside-routes", "paused", "plan-changed", "unlinked"})
"""Codes of outcomes that are about the whole route, or that a person brought about just now."""


class Kind(StrEnum):
    """The gravest first: a notice bears the kind of its gravest matter."""

    FREEZE = "freeze"
    OVERWRITE = "possible-overwrite"
    CONFLICT = "conflict"
    APPROVAL = "approval-wanted"
    HOLD = "hold"
    RECOVERED = "recovered"


_RANK = {kind: rank for rank, kind in enumerate(Kind)}
_KINDS = {
    "edited-on-both": Kind.CONFLICT,
    "import-conflict": Kind.CONFLICT,
    "approval-wanted": Kind.APPROVAL,
    "possible-overwrite": Kind.OVERWRITE,
}


class Matter(Struct, frozen=True):
    """One thing that a person should know. ``from_the_start``: no news if the first look has it already."""

    kind: Kind
    key: str
    said: str
    remedy: Remedy
    from_the_start: bool = False

    def to_json(self) -> dict[str, Any]:
        return {"kind": str(self.kind), "said": self.said, **self.remedy.to_json()}


class Notice(Struct, frozen=True):
    """``at``: seconds since the epoch. ``passed``: what earlier notices told and is no longer so."""

    kind: Kind
    where: str
    at: float
    matters: tuple[Matter, ...]
    passed: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        told = "\n".join([self.where, *(matter.key for matter in self.matters), "", *self.passed])
        return hashlib.sha256(told.encode()).hexdigest()[:32]

    @property
    def subject(self) -> str:
        return f"policy-mirror: {self.kind} on {self.where}"

    def to_json(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "kind": str(self.kind),
            "where": self.where,
            "at": self.at,
            "count": len(self.matters),
            "matters": [matter.to_json() for matter in self.matters[:MOST]],
            "passed": list(self.passed[:MOST]),
        }

    def lines(self) -> Iterator[str]:
        """As plain text, for mail and for a card."""
        for matter in self.matters[:MOST]:
            yield f"{matter.kind}: {matter.said}"
            yield f"  {matter.remedy.what}."
            for step in matter.remedy.steps:
                yield f"  {step.label}: {step.typed()}"
        if len(self.matters) > MOST:
            yield f"and {len(self.matters) - MOST} more: policy-mirror status"
        for key in self.passed[:MOST]:
            yield f"no longer: {key}"


Send = Callable[[Notice], None]
"""Hands a notice to a channel. Raises CloudError where that does not take it."""


def matters(key: LinkKey, findings: Iterable[Finding], plan: str | None = None) -> dict[str, Matter]:
    """What of a link's findings is worth a notice, by a key that is the same as long as it lasts. An approval
    is wanted for one ``plan`` (a digest): another plan is another matter."""
    found: dict[str, Matter] = {}
    for finding in findings:
        kind = _kind(finding)
        if kind is None:
            continue
        name = f"{finding.code} {finding.path or finding.side or ''}".strip()[:_KEY_CHARACTERS]
        name += f" {plan[:12]}" if plan and kind is Kind.APPROVAL else ""
        said = f"{finding.path}: {finding.reason}" if finding.path else finding.reason
        remedy = remedies.link_remedy(key, finding.code, finding)
        found[name] = Matter(kind, name, said, remedy, from_the_start=finding.kind == "hold")
    return found


def _kind(finding: Finding) -> Kind | None:
    if finding.code in _KINDS:
        return _KINDS[finding.code]
    if finding.kind == "hold":
        harmless = finding.code in HOLDS and HOLDS[finding.code].effect is Effect.NONE
        return None if harmless else Kind.HOLD
    return Kind.HOLD if finding.kind == "gate" else None


class Announcer(Struct, frozen=True):
    """Compares what is with what was told, and tells the difference. A notice never fails a look: ``failed``
    is told the error, and the next look tries again.

    Both methods tell whether a notice went out: None where there was nothing to tell, False where it failed.
    """

    send: Send
    worker: Worker
    ledger: Ledger
    clock: Callable[[], float]
    failed: Callable[[MirrorError], None] = lambda _: None

    def looked(self, outcome: Outcome) -> bool | None:
        """After each look at a link."""
        return self._safely(lambda: self._looked(outcome))

    def swept(self, scope: Scope) -> bool | None:
        """When a route's sweep came to its end."""
        return self._safely(lambda: self._of_route(scope))

    def _safely(self, tell: Callable[[], bool]) -> bool | None:
        try:
            return tell() or None
        except MirrorError as error:
            self.failed(error)
            return False

    def _looked(self, outcome: Outcome) -> bool:
        if outcome.kind in (LookKind.BUSY, LookKind.ERROR, LookKind.OBSERVED):
            return False
        if outcome.code == "frozen":
            return self._of_route(self.ledger.scope(outcome.key.route))
        now = matters(outcome.key, outcome.findings, outcome.plan)
        if outcome.code in _NO_NEWS or now.keys() == set(outcome.told or ()):
            return False
        link = self.ledger.link(outcome.key)
        if link is None:
            return self._told_of_route(outcome.key, now)
        sent = self._tell(str(outcome.key), now, link.told.get(self.worker.name))
        self._remember(link, now)
        return sent

    def _of_route(self, scope: Scope) -> bool:
        name = "frozen"
        frozen: dict[str, Matter] = {}
        if scope.frozen is not None:
            key = f"{name} {scope.frozen_at or 0:.0f}"
            frozen[key] = Matter(Kind.FREEZE, key, scope.frozen, remedies.frozen(scope.route, scope.frozen))
        known = scope.told.get(self.worker.name, ())
        before = tuple(key for key in known if key.startswith(name))
        if frozen.keys() == set(before):
            return False
        sent = self._tell(scope.route, frozen, before)
        rest = tuple(key for key in known if not key.startswith(name))
        self._remember_of_route(scope, (*rest, *frozen))
        return sent

    def _told_of_route(self, key: LinkKey, now: Mapping[str, Matter]) -> bool:
        """A policy without a link, such as one whose name cannot be spelt on the other side."""
        scope = self.ledger.scope(key.route)
        known = scope.told.get(self.worker.name, ())
        prefix = f"{key.name}: "
        before = tuple(each.removeprefix(prefix) for each in known if each.startswith(prefix))
        if now.keys() == set(before):
            return False
        sent = self._tell(str(key), now, before)
        rest = tuple(each for each in known if not each.startswith(prefix))
        self._remember_of_route(scope, (*rest, *(prefix + each for each in now)))
        return sent

    def _tell(self, where: str, now: Mapping[str, Matter], before: tuple[str, ...] | None) -> bool:
        """Whether there was anything new. Raises where it could not be told: then nothing is remembered."""
        first = before is None
        known = frozenset(before or ())
        new = [m for key, m in now.items() if key not in known and not (first and m.from_the_start)]
        passed = tuple(sorted(known - now.keys()))
        if not new and not passed:
            return False
        new.sort(key=lambda matter: (_RANK[matter.kind], matter.key))
        kind = new[0].kind if new else Kind.RECOVERED
        self.send(Notice(kind, where, self.clock(), tuple(new), passed))
        return True

    def _remember(self, link: Link, now: Mapping[str, Matter]) -> None:
        """Not while somebody works on the link: it would take the record from under them. Then, or where
        somebody else moved it first, the next look tells the same notice once more."""
        if link.lease is not None and link.lease.until > self.clock():
            return
        told = {**link.told, self.worker.name: tuple(sorted(now))}
        try:
            self.ledger.save(replace(link, rev=link.rev + 1, told=told))
        except LedgerConflict:
            return

    def _remember_of_route(self, scope: Scope, keys: tuple[str, ...]) -> None:
        told = {**scope.told, self.worker.name: keys[-MOST_REMEMBERED:]}
        try:
            self.ledger.save_scope(replace(scope, rev=scope.rev + 1, told=told))
        except LedgerConflict:
            return
