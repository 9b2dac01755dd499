"""Carry out a plan under a lease: the protocol's steps 4 to 7.

::

    4 intent     conditional write: what we are about to do, with both before-images   <- write-ahead
    5 write      AWS on condition of its version; Azure is read once more, must equal the plan's document
    6 read back  what the clouds answered to the writes
    7 commit     conditional write: shadows, names, findings; intent and lease cleared
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping

from msgspec import Struct
from msgspec.structs import replace

from shared.errors import MirrorError, Refused
from shared.sync import attempts, guards, late, notes
from shared.sync import effects as do
from shared.sync.admission import admitted
from shared.sync.effects import Program
from shared.sync.existence import Action
from shared.sync.findings import gate, hold_findings, lossy_findings
from shared.sync.job import Job, Kind, Outcome
from shared.sync.journal import appended
from shared.sync.link import Attempt, Finding, Intent, Link, Scope, Shadow, State
from shared.sync.observation import LEFT, RIGHT, Observation
from shared.sync.outcomes import idle
from shared.sync.plan import Plan, rest_of, stated
from shared.sync.ports import Found, Written
from shared.sync.remembering import next_settling, next_shadows
from shared.sync.staleness import latest
from shared.translation.aws_parse import APART
from shared.translation.azure_put import put_body
from shared.translation.side import Side
from shared.translation.translators import reading_of
from shared.translation.view import Reading

WRITE_SECONDS = 10.0
"""No write is begun with less time left: connect 3 s and answer 8 s at most, and the commit."""


class Changed(Exception):
    """Somebody wrote between the plan and the write: plan again."""


class Progress(Struct):
    """What has been written so far under this lease."""

    link: Link
    written: dict[Side, Written] = {}
    notes: list[Finding] = []


def execute(
    job: Job, seen: Observation, plan: Plan, applied: set[Side], scope: Scope | None
) -> Program[Outcome]:
    """``scope``: the route's, as it was read together with ``seen``; None to read it. Raises Changed or
    RevisionConflict when the plan is stale, and whatever clouds and ledger raise; the lease is then still
    ours. Sides whose writes were answered are added to ``applied``, also then."""
    mine = _my_sides(job, plan)
    if not mine:
        if set(plan.conflicts) - set(seen.link.findings):
            yield from _unchanged(job.key.name, seen.found[RIGHT])
        return (yield from _commit(job, seen, plan, Progress(seen.link)))
    sent = _fingerprint(seen, plan, mine)
    if sent == seen.link.refused:
        why = gate(mine[0], "refused", "the cloud refused this very change before; see the journal")
        progress = Progress(replace(seen.link, restore=None))
        return (yield from _commit(job, seen, _gated(plan, why), progress))
    time = yield from do.now()
    if guards.over_budget(seen.link, time):
        why = gate(None, "write-budget", f"{guards.LINK_WRITES} writes in ten minutes: no more for now")
        return (yield from _commit(job, seen, _gated(plan, why), Progress(seen.link)))
    intent = _intent(job, seen, plan, mine, time)
    stopped = yield from admitted(job, seen, plan, time, scope, intent)
    if stopped is not None:
        return stopped
    progress = Progress(intent.link)
    try:
        for side in mine:
            progress.written[side] = yield from _write(job, seen, plan, side)
            applied.add(side)
    except Refused as refusal:
        why = gate(_refusing(mine, progress), "refused", str(refusal))
        progress.link = replace(progress.link, refused=sent, restore=None)
        return (yield from _commit(job, seen, _gated(plan, why), progress))
    return (yield from _commit(job, seen, plan, progress))


def _fingerprint(seen: Observation, plan: Plan, mine: list[Side]) -> str:
    """Digest of what would be sent, and over what: the very same is refused again, anything else may pass."""
    documents = {side: plan.edits[side].document if side in plan.edits else None for side in mine}
    texts = [
        json.dumps(put_body(document or {}) if side is RIGHT else document, sort_keys=True, default=str)
        for side, document in documents.items()
    ]
    return hashlib.sha256("\n".join([plan.digest, *mine, *texts]).encode()).hexdigest()


def _refusing(mine: list[Side], progress: Progress) -> Side:
    """The first side that has not been written."""
    return next(side for side in mine if side not in progress.written)


def _my_sides(job: Job, plan: Plan) -> list[Side]:
    """AWS first: its write is conditional, so a race is noticed before anything was written."""
    if plan.deletes is not None:
        return [plan.deletes] if plan.deletes in job.worker.may_write else []
    return [side for side in (LEFT, RIGHT) if side in plan.edits and side in job.worker.may_write]


def _gated(plan: Plan, why: Finding) -> Plan:
    """The same plan with nothing written for this worker."""
    return replace(plan, gated=(*plan.gated, why), findings=(*plan.findings, why))


def _intent(job: Job, seen: Observation, plan: Plan, mine: list[Side], time: float) -> do.SaveLink:
    """Written ahead, with the before-image of every document that is about to change."""
    link = seen.link
    noted, entries = appended(link, *(notes.announced(job, seen, plan, side, time) for side in mine))
    declared = replace(
        noted,
        rev=link.rev + 1,
        intent=Intent(link.token, time, frozenset(mine), plan.digest, link.entries + 1),
        writes=(*guards.recent(link.writes, time), *(time for _ in mine)),
        refused=None,
        approved_rest=rest_of(seen, plan, mine[0]) if _approved(link, plan) else None,
        attempts=attempts.declared(link, _attempts(job, seen, plan, mine, time)),
        updated_at=time,
    )
    return do.SaveLink(declared, entries)


def _approved(link: Link, plan: Plan) -> bool:
    return plan.digest in {link.approved, link.approved_rest}


def _attempts(job: Job, seen: Observation, plan: Plan, mine: list[Side], time: float) -> Iterator[Attempt]:
    for side in mine:
        edit = plan.edits.get(side) if plan.deletes is None else None
        last = stated(seen, plan.merges, plan.gated, side)
        made = reading_of(side, edit.document, job.pairing, last).atoms if edit else {}
        shown, found = seen.actual(side).atoms, seen.found[side]
        yield Attempt(
            side,
            seen.link.token,
            seen.told_at or time,
            makes=None if side is seen.restoring else dict(made),  # a person's edit, whenever it lands
            spared=late.spared(seen.shadow(side).view, shown, made),
            gone=edit is None,
            version=found.version if found else None,
        )


def _write(job: Job, seen: Observation, plan: Plan, side: Side) -> Program[Written]:
    base, name = seen.found[side], job.key.name
    if plan.deletes is not None and side.other is LEFT:
        yield from _still_missing(name)
    yield from _unchanged(name, seen.found[RIGHT])
    if plan.deletes is None and side is LEFT:
        yield from _provision(job, seen, plan)
    left: float = yield do.TimeLeft()  # after everything else that takes time
    if left < WRITE_SECONDS:
        raise _OutOfTime(f"link {job.key}: {left:.0f} s left, and a write may take {WRITE_SECONDS:.0f}")
    request = attempts.request_id(job.key, seen.link.token)
    if plan.deletes is not None:
        assert base is not None
        return (yield from do.write(do.Delete(side, name, base, request)))
    document = plan.edits[side].document
    if base is None:
        return (yield from do.write(do.Create(side, name, document, request)))
    return _of(base, (yield from do.write(do.Update(side, name, document, base, request))))


def _of(base: Found, written: Written) -> Written:
    """A profile that is recreated counts its versions anew: an update on condition of version 1 is taken by
    the new one too, and only its date of creation shows that it was not the one that was read."""
    if written.found is None or written.surprise or written.found.incarnation == base.incarnation:
        return written
    return replace(written, surprise="somebody deleted and recreated it in between")


class _OutOfTime(MirrorError):
    code = "out-of-time"

    @property
    def transient(self) -> bool:
        return True


def _unchanged(name: str, base: Found | None) -> Program[None]:
    """Azure has no ETag: read it once more, as late as can be, and write only what was planned for. Before a
    write to AWS too: what Azure shows is about to be copied, and a read may have shown the past."""
    current = yield from do.read(RIGHT, name)
    before = None if base is None else put_body(base.document)
    after = None if current is None else put_body(current.document)
    if before != after:
        raise Changed


def _still_missing(name: str) -> Program[None]:
    """AWS, as late as can be: what is about to be deleted on Azure for its sake may be there again."""
    if (yield from do.read(LEFT, name)) is not None:
        raise Changed


def _provision(job: Job, seen: Observation, plan: Plan) -> Program[None]:
    """Create the custom metrics that a rule is born on, where the route says ``provision``."""
    if job.route.custom_metrics.mode != "provision":
        return
    for signal in stated(seen, plan.merges, plan.gated, LEFT):
        pair = job.pairing.pairs[signal]
        if pair.custom is not None and seen.now(signal).left is None:
            yield do.EnsureMetric(pair.metric, pair.custom)


def _commit(job: Job, seen: Observation, plan: Plan, progress: Progress) -> Program[Outcome]:
    """Remember what is in step now. What one side has and the other could not take stays as it was."""
    time = yield from do.now()
    wrote = tuple(progress.written)
    after = _after(job, seen, plan, progress)
    pending = plan.writes - set(wrote)
    shadows = next_shadows(seen, plan, after, frozenset(wrote)) if plan.merges else dict(seen.link.shadows)
    state = _state(seen, plan, progress, pending)
    aging = state is State.TOMBSTONE and seen.link.state is state  # renewed by every look, it would never age
    known = replace(progress.link, attempts=late.in_step(_answered(seen, progress, time), shadows))
    findings = (*_still_held(plan, after, shadows), *attempts.race_findings(known))
    link = replace(
        _remembering(known, plan, wrote),
        rev=progress.link.rev + 1,
        state=state,
        shadows=shadows,
        lease=None,
        intent=None,
        pending=pending,
        missing={side: at for side, at in seen.link.missing.items() if side not in seen.present},
        findings=findings,
        settling=next_settling(seen, plan, after, frozenset(wrote)),
        restore=None if seen.restore is None or seen.restoring in wrote else known.restore,
        lapsing=known.entries if known.state is State.TOMBSTONE else known.lapsing,
        updated_at=seen.link.updated_at if aging else time,
        latest=latest(progress.written[LEFT].found if LEFT in progress.written else seen.found[LEFT]),
    )
    if wrote:
        link = replace(link, approved=known.approved_rest if pending else None, approved_rest=None)
    if not pending and not plan.conflicts:
        link = replace(link, resolution=None)
    if not pending and not plan.gated:
        link = replace(link, settled={})
    link, entries = appended(link, *notes.closing(job, seen, link, plan, progress.written, time))
    yield do.SaveLink(link, entries)
    return _told(job, seen, plan, wrote, findings)


def _after(job: Job, seen: Observation, plan: Plan, progress: Progress) -> Mapping[Side, Reading]:
    """What both sides show now. After a surprise AWS's answer may have somebody else's edit in it, so what we
    wrote is remembered instead: the difference then shows up as that edit, at the next look. Azure's never
    has, for a PUT replaces all; a value that it respelt would pass for an edit."""
    readings = {side: seen.actual(side) for side in Side}
    for side, written in progress.written.items():
        if plan.deletes is not None:
            continue
        document = plan.edits[side].document
        if written.found is not None and (written.surprise is None or side is RIGHT):
            apart = {key: document[key] for key in APART if key in document}
            document = {**written.found.document, **apart}
        last = stated(seen, plan.merges, plan.gated, side)
        readings[side] = reading_of(side, document, job.pairing, last)
    return readings


def _still_held(
    plan: Plan, after: Mapping[Side, Reading], shadows: Mapping[Side, Shadow]
) -> tuple[Finding, ...]:
    """The plan's findings, with what the documents say themselves as it is after the writes."""
    planned = [f for f in plan.findings if f.kind not in ("hold", "note")]
    lossy = lossy_findings(shadows[LEFT], shadows[RIGHT]) if shadows else ()
    return (*hold_findings(after), *planned, *lossy)


def _answered(seen: Observation, progress: Progress, time: float) -> tuple[Attempt, ...]:
    lease = progress.link.lease
    elapsed = 0.0 if lease is None else time - (lease.until - guards.LEASE_SECONDS)
    wrote = {side: written.found for side, written in progress.written.items() if written.found}
    shown = {**seen.found, **wrote}
    looked_at = time if seen.told_at is None else seen.told_at
    known = attempts.answered(progress.link, progress.written, elapsed, shown, looked_at)
    known = attempts.confirmed(known, seen.as_left(RIGHT))
    return attempts.endangered(known, seen.present - seen.as_shadowed())


def _state(seen: Observation, plan: Plan, progress: Progress, pending: frozenset[Side]) -> State:
    """An import is over, and its policy done with, when both sides have got what it wants. What nobody had
    before is on one side only now."""
    action = plan.existence.action
    if action is Action.TOMBSTONE or (action is Action.DELETE and progress.written):
        return State.TOMBSTONE
    created = action is Action.CREATE and plan.existence.side in progress.written and bool(seen.present)
    imported = action is Action.IMPORT and not (plan.gated or pending)
    if created or imported or action is Action.ADOPT:
        return State.BOUND
    restored = action is Action.CREATE and seen.restoring in progress.written
    return State.NEW if restored else seen.link.state


def _remembering(link: Link, plan: Plan, wrote: tuple[Side, ...]) -> Link:
    if LEFT not in wrote or LEFT not in plan.edits:
        return link
    memory = plan.edits[LEFT].memory
    return replace(link, names=dict(memory.names), graveyard=dict(memory.graveyard))


def _told(
    job: Job, seen: Observation, plan: Plan, wrote: tuple[Side, ...], findings: tuple[Finding, ...]
) -> Outcome:
    quiet = replace(idle(job, seen, plan), findings=findings)
    if not wrote:
        adopted = plan.existence.action is Action.ADOPT
        return replace(quiet, code="adopted") if adopted and quiet.kind is Kind.NO_OP else quiet
    if plan.conflicts or plan.gated:
        return replace(quiet, wrote=wrote)
    code = "deleted" if plan.deletes is not None else "written"
    return replace(quiet, kind=Kind.MIRRORED, wrote=wrote, code=code, reason="")
