"""What the journal is told of a look: what is about to be written, and what came of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from shared.sync import attempts
from shared.sync.job import Job
from shared.sync.link import Entry, Link
from shared.sync.observation import Observation
from shared.sync.plan import Plan
from shared.sync.ports import Written
from shared.translation.side import Side


def announced(job: Job, seen: Observation, plan: Plan, side: Side, time: float) -> Entry:
    """Ahead of a write, with the document that it replaces."""
    before = seen.found[side]
    detail: dict[str, Any] = {
        "action": str(plan.existence.action),
        "settled": plan.settled,
        "request": attempts.request_id(job.key, seen.link.token),
        **({"trace": job.trace} if job.trace else {}),
    }
    if seen.restore is not None and seen.restoring is side:
        detail["restores"] = seen.restore.entry
    return Entry(
        key=job.key,
        seq=0,
        at=time,
        actor=job.actor,
        decision="intent",
        side=side,
        before=before.document if before else None,
        after=None if plan.deletes is not None else plan.edits[side].document,
        plan=plan.digest,
        detail=detail if job.event_at is None else {**detail, "event_at": job.event_at},
    )


def closing(
    job: Job, seen: Observation, link: Link, plan: Plan, written: Mapping[Side, Written], time: float
) -> Iterator[Entry]:
    """At the end of a look; nothing where it wrote nothing."""
    lost = seen.link.restore
    if lost is not None and seen.restore is None:
        detail = {"restores": lost.entry}
        yield Entry(job.key, 0, time, job.actor, "restore-dropped", lost.side, detail=detail)
    if written:
        yield _committed(job, link, plan, written, time)


def _committed(job: Job, link: Link, plan: Plan, written: Mapping[Side, Written], time: float) -> Entry:
    detail: dict[str, Any] = {"wrote": [str(side) for side in written], "state": str(link.state)}
    surprises = [each.surprise for each in written.values() if each.surprise]
    return Entry(
        key=job.key,
        seq=0,
        at=time,
        actor=job.actor,
        decision="committed",
        plan=plan.digest,
        detail=detail | ({"races": surprises} if surprises else {}),
    )
