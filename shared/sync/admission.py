"""Whether a plan may be carried out now: the route's freeze, and a token from its rolling buckets."""

from __future__ import annotations

from dataclasses import replace

from shared.errors import LedgerConflict
from shared.sync import effects as do
from shared.sync import guards
from shared.sync.effects import Program
from shared.sync.existence import Action
from shared.sync.job import Job, Outcome
from shared.sync.journal import appended
from shared.sync.link import Entry, Scope
from shared.sync.observation import Observation
from shared.sync.outcomes import held
from shared.sync.plan import Plan


def halt(job: Job, scope: Scope) -> Outcome | None:
    """Why nothing is written on this route, if somebody or a guard has stopped it."""
    if scope.frozen is not None:
        return held(job, "frozen", scope.frozen)
    return held(job, "paused", "the route is paused") if scope.paused else None


def admitted(
    job: Job, seen: Observation, plan: Plan, time: float, scope: Scope | None
) -> Program[Outcome | None]:
    """None if it may. With no token left the whole route freezes, once, and says so. The lease is given back
    on the way out. ``scope``: as it was read with the lease, if nothing took time since."""
    for attempt in range(5):
        if scope is None or attempt:
            scope = yield from do.load_scope(job.key.route)
        halted = halt(job, scope)
        if halted is not None:
            yield do.SaveLink(replace(seen.link, rev=seen.link.rev + 1, lease=None))
            return halted
        taken = _take(scope, seen, plan, time)
        if taken is scope:
            return None
        why = None if taken else _trip(scope, plan)
        try:
            yield do.SaveScope(taken) if taken else _freezing(job, scope, why or "", time, plan.digest)
        except LedgerConflict:
            continue
        if why is None:
            return None
        yield do.SaveLink(replace(seen.link, rev=seen.link.rev + 1, lease=None))
        return held(job, "frozen", why)
    raise LedgerConflict(f"route {job.key.route}: five other workers moved its buckets first")


def freeze(job: Job, why: str, time: float) -> Program[bool]:
    """Freeze the route; False where it is frozen already, for whatever reason."""
    for _ in range(5):
        scope = yield from do.load_scope(job.key.route)
        if scope.frozen is not None:
            return False
        try:
            yield _freezing(job, scope, why, time)
        except LedgerConflict:
            continue
        return True
    raise LedgerConflict(f"route {job.key.route}: five other workers moved its record first")


def _freezing(job: Job, scope: Scope, why: str, time: float, plan: str | None = None) -> do.SaveScope:
    detail = {"reason": why, "link": job.key.name}
    entry = Entry(job.key, 0, time, job.actor, "freeze", plan=plan, detail=detail)
    return do.SaveScope(*appended(guards.freeze(scope, why, time), entry))


def _take(scope: Scope, seen: Observation, plan: Plan, time: float) -> Scope | None:
    if plan.deletes is not None:
        again = seen.link.intent is not None and seen.link.intent.plan == plan.digest
        return scope if again else guards.take_delete(scope, time)
    if plan.existence.action is Action.CREATE:
        return replace(scope, rev=scope.rev + 1, known=scope.known + 1)
    return guards.take_update(scope, seen.link, time)


def _trip(scope: Scope, plan: Plan) -> str:
    what = f"{guards.most_updates(scope)} links updated in ten minutes"
    if plan.deletes is not None:
        what = f"{guards.most_deletes(scope)} deletions in an hour"
    return f"more than {what}: nothing is written until somebody releases route {scope.route}"
