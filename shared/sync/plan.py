"""What one look at a link would do: pure, so that a dry run and the engine cannot differ.

A plan merges what both sides show with their shadows, rule by rule, and edits each document to show what it
should. What may not be written (the route's mode, an approval that is missing, a deletion that is held) is a
finding and stays as it is.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping

from msgspec import Struct
from msgspec.structs import replace

from shared.policy.atom import Atom
from shared.policy.canon import canonical
from shared.policy.loss import Loss
from shared.policy.merge import WHOLE, Ends, Merge, Resolution, merge
from shared.policy.strictness import Change, classify
from shared.sync.attempts import race_findings
from shared.sync.existence import Action, Existence, decide
from shared.sync.findings import conflict_finding, gate, hold_finding, hold_findings, lossy_findings
from shared.sync.job import Job
from shared.sync.late import late_creation
from shared.sync.link import Finding, Link
from shared.sync.observation import LEFT, RIGHT, Observation, last_written, less
from shared.sync.restoring import digest_of
from shared.translation.native import Edit, Memory
from shared.translation.report import report
from shared.translation.side import Side
from shared.translation.translators import TRANSLATORS


class Plan(Struct, frozen=True):
    """``edits``: sides whose document has to change. ``merges``: every signal that both sides can state, with
    what each should show. ``gated``: changes that something forbids, on this route or for now, or that a
    document has no room for: what they concern stays as it is, and so do its shadows."""

    existence: Existence
    edits: Mapping[Side, Edit]
    merges: Mapping[str, Merge]
    findings: tuple[Finding, ...]
    gated: tuple[Finding, ...]
    losses: tuple[Loss, ...]
    digest: str

    @property
    def conflicts(self) -> tuple[Finding, ...]:
        return tuple(finding for finding in self.findings if finding.kind == "conflict")

    @property
    def settled(self) -> list[str]:
        """Conflicts that a policy or a person settled; the before-images have what lost."""
        return [
            conflict_finding(signal, conflict).reason
            for signal, m in self.merges.items()
            for conflict in m.conflicts
            if conflict.resolved
        ]

    @property
    def deletes(self) -> Side | None:
        return self.existence.side if self.existence.action is Action.DELETE and not self.gated else None

    @property
    def writes(self) -> frozenset[Side]:
        return frozenset(self.edits) if self.deletes is None else frozenset({self.deletes})


def make_plan(job: Job, seen: Observation) -> Plan:
    existence = _existence(job, seen)
    gated = list(_existence_gates(job, seen, existence))
    merging = existence.action in _MERGING and not gated
    merges = dict(_merges(job, seen, existence)) if merging else {}
    digest = _digest(existence, merges, seen)
    for side in (LEFT, RIGHT):
        gated.extend(_gates(job, seen, merges, side, digest))
    edits = dict(_edits(job, seen, merges, gated)) if merging else {}
    gated.extend(
        replace(hold_finding(side, h), kind="gate") for side, edit in edits.items() for h in edit.holds
    )
    changes = {side: edit for side, edit in edits.items() if _changes(seen, existence, side, edit)}
    findings = (
        *hold_findings(seen.readings),
        *(conflict_finding(signal, c) for signal, m in merges.items() for c in m.conflicts if not c.resolved),
        *gated,
        *lossy_findings(seen.shadow(LEFT), seen.shadow(RIGHT)),
        *race_findings(seen.link),
    )
    losses = tuple(_losses(job, seen, changes))
    return Plan(existence, changes, merges, findings, tuple(gated), losses, digest)


def _existence(job: Job, seen: Observation) -> Existence:
    """What a person wants and nobody has is born on AWS; the next look takes it to Azure."""
    existence = decide(seen.known, seen.present, seen.as_shadowed(), seen.equal())
    if job.wanted is not None and existence.action is Action.NOTHING:
        return Existence(Action.CREATE, LEFT)
    return existence


_MERGING = (Action.CREATE, Action.ADOPT, Action.IMPORT, Action.MERGE)


def _existence_gates(job: Job, seen: Observation, existence: Existence) -> Iterator[Finding]:
    action, side = existence.action, existence.side
    if seen.restoring is not None:
        yield from _restore_gates(job, seen, existence, seen.restoring)
    if job.wanted is not None and job.route.targets != frozenset(Side):
        yield gate(None, "one-way", f"what is wanted is written to both sides; the route is {job.route.mode}")
    elif job.wanted is not None and len(seen.present) == 1:
        yield gate(None, "not-on-both", "only one cloud has it; let it be mirrored, or settle that first")
    elif action is Action.HOLD_DELETED:
        assert side is not None
        reason = f"deleted on {side.other.cloud}, edited on {side.cloud}"
        yield gate(side.other, "deleted-there-edited-here", reason)
    elif action is Action.DELETE:
        assert side is not None
        yield from _deletion_gates(job, seen, existence, side)
    elif action is Action.IMPORT and job.route.bootstrap == "hold" and not _settled(job, seen.link):
        yield gate(None, "import-conflict", "both clouds had it before the route did, with different rules")
    elif action is Action.CREATE:
        assert side is not None
        if side not in job.route.targets and job.route.mode != "observe":
            yield gate(side, "one-way", f"it is not on {side.cloud}, which the route never writes")
        elif seen.restoring is None and late_creation(seen.link, side.other, seen.readings[side.other]):
            reason = f"{side.other.cloud} may have it from a late write of ours only"
            yield gate(side, "late-creation", reason)


def _deletion_gates(job: Job, seen: Observation, existence: Existence, side: Side) -> Iterator[Finding]:
    """Why the policy on ``side`` may not be deleted, the first reason only."""
    gone = f"deleted on {side.other.cloud}"
    if job.key.name == job.route.canary:
        yield gate(side.other, "canary", f"{gone}; the canary of a route is never deleted")
    elif job.route.delete == "hold":
        yield gate(side.other, "deletion-held", f"{gone}; the route has delete: hold")
    elif side not in job.route.targets:
        yield gate(side.other, "one-way", f"{gone}; the route never writes {side.cloud}")
    elif any(hold.code == "values-hidden" for hold in seen.readings[side].holds):
        yield gate(side, "not-restorable", f"{side.cloud} hides values of it: a deletion could not be undone")
    elif _needs_approval(job, seen, digest := _digest(existence, {}, seen)):
        reason = f"it deletes the policy on {side.cloud}; approve plan {digest} to let it through"
        yield gate(side, "approval-wanted", reason)


def _restore_gates(job: Job, seen: Observation, existence: Existence, side: Side) -> Iterator[Finding]:
    """An old document goes back whole or not at all: where a part of it needs approval, all of it does."""
    now, then = seen.actual(side).atoms, seen.readings[side].atoms
    loosens = any(classify(now.get(s), then.get(s)) is Change.LOOSENING for s in now.keys() | then.keys())
    digest = _digest(existence, {}, seen)
    if loosens and _needs_approval(job, seen, digest):
        reason = f"the old document loosens a rule on {side.cloud}; approve plan {digest} to let it through"
        yield gate(side, "approval-wanted", reason)


def _merges(job: Job, seen: Observation, existence: Existence) -> Iterator[tuple[str, Merge]]:
    default = job.route.bootstrap if existence.action is Action.IMPORT else None
    for signal in _signals(job, seen):
        if job.wanted is not None and job.wanted.settles(signal):
            atom = job.wanted.rules.get(signal)
            yield signal, Merge(Ends(atom, atom))
            continue
        said = seen.link.settled.get(signal, seen.link.resolution or default)
        chosen = job.resolution(said) if said is None or isinstance(said, str) else said
        yield signal, _merged(seen, signal, chosen)


def _merged(seen: Observation, signal: str, chosen: Resolution | Atom) -> Merge:
    """Where the outcome depends on whether an old write of ours landed before users edited what it made, the
    whole rule is in conflict: nothing tells what they saw."""
    before, now, disputed = seen.before(signal), seen.now(signal), seen.disputed(signal)
    merged = merge(before, now, chosen, disputed)
    if any(merge(past, now, chosen, disputed).want != merged.want for past in seen.pasts(signal)):
        return merge(before, now, chosen, frozenset({WHOLE}))
    return merged


def _signals(job: Job, seen: Observation) -> list[str]:
    if job.wanted is None:
        return seen.signals()
    return sorted({*seen.signals(), *job.wanted.rules} - seen.held_signals)


def _settled(job: Job, link: Link) -> bool:
    """Whether a person said how its conflicts end."""
    return job.wanted is not None or link.resolution is not None or bool(link.settled)


def _gates(
    job: Job, seen: Observation, merges: Mapping[str, Merge], side: Side, digest: str
) -> Iterator[Finding]:
    """Changes that may not be written to ``side``, one finding a signal."""
    index = 0 if side is LEFT else 1
    for signal, m in merges.items():
        before, after = seen.now(signal)[index], m.want[index]
        if before == after:
            continue
        if job.route.mode != "observe" and side not in job.route.targets:
            reason = f"edited on {side.other.cloud}; the route never writes {side.cloud}"
            yield gate(side, "one-way", reason, signal)
        elif _needs_approval(job, seen, digest) and classify(before, after) is Change.LOOSENING:
            reason = f"it loosens the rule on {side.cloud}; approve plan {digest} to let it through"
            yield gate(side, "approval-wanted", reason, signal)


def _needs_approval(job: Job, seen: Observation, digest: str) -> bool:
    reviewed = job.wanted is not None and job.reviewed == digest
    approved = digest in {seen.link.approved, seen.link.approved_rest}
    return job.route.loosening == "approve" and not approved and not reviewed


def blocked(gated: Iterable[Finding], side: Side) -> frozenset[str]:
    """Signals that may not be written to ``side``."""
    return frozenset(why.signal for why in gated if why.side is side and why.signal is not None)


def _edits(
    job: Job, seen: Observation, merges: Mapping[str, Merge], gated: Iterable[Finding]
) -> Iterator[tuple[Side, Edit]]:
    memory = Memory(seen.link.names, seen.link.graveyard)
    for side in (LEFT, RIGHT):
        want = stated(seen, merges, gated, side)
        document, reading, last = (
            seen.documents[side],
            seen.readings[side],
            last_written(seen.link, side, seen.found),
        )
        yield side, TRANSLATORS[side].edit(want, document, reading, job.pairing, memory, last)


def _changes(seen: Observation, existence: Existence, side: Side, edit: Edit) -> bool:
    """A policy without any shared rule is created all the same: both clouds then know of it."""
    if side is seen.restoring:
        return True
    if existence.action is Action.CREATE:
        return side is existence.side
    return side in seen.present and edit.document is not seen.documents[side]


def wanted(merges: Mapping[str, Merge], side: Side) -> dict[str, Atom]:
    """The shared rules that ``side`` should show."""
    index = 0 if side is LEFT else 1
    return {signal: atom for signal, m in merges.items() if (atom := m.want[index]) is not None}


def stated(
    seen: Observation, merges: Mapping[str, Merge], gated: Iterable[Finding], side: Side
) -> dict[str, Atom]:
    """The shared rules that ``side`` shows once it is written: what is held or may not be written stays."""
    want = wanted(merges, side)
    for signal in seen.held_signals | blocked(gated, side):
        want.pop(signal, None)
        if (own := seen.readings[side].atoms.get(signal)) is not None:
            want[signal] = own
    return want


def _losses(job: Job, seen: Observation, edits: Mapping[Side, Edit]) -> Iterator[Loss]:
    for side in edits:
        yield from report(seen.readings[side.other], side.other, job.pairing)[0]


def _digest(existence: Existence, merges: Mapping[str, Merge], seen: Observation) -> str:
    """What a person approves: this action, from these two views, to those."""
    before = [canonical(seen.readings[side].atoms) for side in (LEFT, RIGHT)]
    if seen.restore is not None:
        text = json.dumps([existence.action, existence.side, before, digest_of(seen.restore)])
        return hashlib.sha256(text.encode()).hexdigest()
    return _digest_of(existence, before, merges)


def _digest_of(existence: Existence, before: list[str], merges: Mapping[str, Merge]) -> str:
    return _digest_from(existence, before, [canonical(wanted(merges, side)) for side in (LEFT, RIGHT)])


def digest_at_rest(seen: Observation) -> str:
    """The same, where each rule stays as it is on both sides."""
    views = [seen.readings[side].atoms for side in (LEFT, RIGHT)]
    before = after = [canonical(view) for view in views]
    if any(signal in view for signal in seen.held_signals for view in views):
        after = [canonical(less(view, seen.held_signals)) for view in views]
    return _digest_from(Existence(Action.MERGE), before, after)


def _digest_from(existence: Existence, before: list[str], after: list[str]) -> str:
    text = json.dumps([existence.action, existence.side, before, after])
    return hashlib.sha256(text.encode()).hexdigest()


def rest_of(seen: Observation, plan: Plan, side: Side) -> str | None:
    """Digest of what is left of a plan once ``side`` shows what it should, or None if nothing is. Who
    approved the whole has approved that; whatever else changes meanwhile makes it another."""
    if plan.deletes is not None or seen.restore is not None or not plan.writes - {side}:
        return None
    imports = plan.existence.action is Action.IMPORT
    existence = plan.existence if imports else Existence(Action.MERGE)
    shown = {each: dict(seen.readings[each].atoms) for each in (LEFT, RIGHT)}
    shown[side] = stated(seen, plan.merges, plan.gated, side)
    return _digest_of(existence, [canonical(shown[each]) for each in (LEFT, RIGHT)], plan.merges)
