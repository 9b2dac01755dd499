"""How a look is told when nothing, or not everything, was written."""

from __future__ import annotations

from msgspec.structs import replace

from shared.sync.attempts import OVERWRITE
from shared.sync.job import Job, Kind, Outcome
from shared.sync.link import Finding
from shared.sync.observation import Observation
from shared.sync.plan import Plan


def held(job: Job, code: str, reason: str) -> Outcome:
    """The link as a whole is held, whatever its documents say."""
    finding = Finding("gate", None, "", code, reason)
    return Outcome(job.key, Kind.HELD, findings=(finding,), code=code, reason=reason)


def idle(job: Job, seen: Observation, plan: Plan) -> Outcome:
    """Nothing was written: why that is."""
    kind, code, reason = Kind.NO_OP, "in-step", ""
    if plan.gated:
        kind, code, reason = Kind.HELD, plan.gated[0].code, plan.gated[0].reason
    elif plan.conflicts:
        kind, code, reason = Kind.CONFLICT, plan.conflicts[0].code, plan.conflicts[0].reason
    elif plan.writes:
        kind, code = Kind.PENDING, "other-worker"
        reason = "the other cloud's function has to write " + ", ".join(sorted(plan.writes))
    elif newly_raced(seen, plan):
        new = newly_raced(seen, plan)[-1]
        kind, code, reason = Kind.HELD, new.code, new.reason
    elif newly_held(seen, plan):
        new = newly_held(seen, plan)[0]
        kind, code, reason = Kind.HELD, new.code, f"{new.path}: {new.reason}"
    return Outcome(
        job.key, kind, findings=plan.findings, losses=plan.losses, code=code, reason=reason, plan=plan.digest
    )


def observed(job: Job, seen: Observation, plan: Plan) -> Outcome:
    """What would be done, on a route that only observes."""
    quiet = replace(idle(job, seen, plan), kind=Kind.OBSERVED)
    if quiet.code != "other-worker":
        return quiet
    return replace(quiet, code="would-write", reason="would write " + ", ".join(sorted(plan.writes)))


def newly_raced(seen: Observation, plan: Plan) -> list[Finding]:
    """Writes of ours that may have gone over somebody else's, and were not told yet."""
    return [f for f in plan.findings if f.code == OVERWRITE and f not in seen.link.findings]


def newly_held(seen: Observation, plan: Plan) -> list[Finding]:
    """Holds that were not there when the link was last committed."""
    before = set(seen.link.findings)
    return [finding for finding in plan.findings if finding.kind == "hold" and finding not in before]
