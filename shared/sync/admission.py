"""Whether a plan may be carried out now: the route's freeze, and a token from its rolling buckets."""

from __future__ import annotations

from msgspec.structs import replace

from shared.errors import LedgerConflict
from shared.sync import effects as do
from shared.sync import guards
from shared.sync.effects import Program
from shared.sync.existence import Action
from shared.sync.job import Job, Outcome
from shared.sync.journal import appended
from shared.sync.lease import ours
from shared.sync.link import Entry, Link, Scope
from shared.sync.observation import Observation
from shared.sync.outcomes import held
from shared.sync.plan import Plan


def halt(job: Job, scope: Scope) -> Outcome | None:
    """Why nothing is written on this route, if somebody or a guard has stopped it."""
    if scope.frozen is not None:
        return held(job, "frozen", scope.frozen)
    return held(job, "paused", "the route is paused") if scope.paused else None


def admitted(
    job: Job, seen: Observation, plan: Plan, time: float, scope: Scope | None, intent: do.SaveLink
) -> Program[Outcome | None]:
    """Declare ``intent``; None if the plan may then be carried out. With no token left the whole route
    freezes, once, and says so. Whoever is stopped gives the lease back. ``scope``: the route's, as it was
    read with the lease, if nothing took time since.

    A token for an update is taken beside the intent, for one that is not used costs nothing. A deletion has
    its token first. Either way, who has stopped the route by the time of the intent is noticed.
    """
    token = None if scope is None or plan.deletes is not None else _take(scope, seen, plan, time)
    needless, declared = token is not None and token is scope, False
    if token is not None and not needless:
        try:
            yield intent, do.SaveScope(token)
        except LedgerConflict:
            yield from _declared(intent.link)
            declared = True
        else:
            return None
    stopped = None if needless else (yield from _taken(job, seen, plan, time))
    if stopped is None and not declared:
        _, scope = yield intent, do.LoadScope(job.key.route)
        stopped, declared = halt(job, scope), True
    if stopped is not None:
        yield do.SaveLink(_withdrawn(seen.link, intent.link if declared else seen.link))
    return stopped


def _declared(link: Link) -> Program[None]:
    """It was the route's record that somebody else moved, and not this one."""
    current = yield from ours(link)
    if current.intent != link.intent:
        raise LedgerConflict(f"link {link.key}: somebody moved its record first")


def _withdrawn(link: Link, last: Link) -> Link:
    """The link as it was, free again; ``last`` as it was saved. The journal keeps what was declared."""
    return replace(link, rev=last.rev + 1, lease=None, entries=last.entries, head=last.head)


def _taken(job: Job, seen: Observation, plan: Plan, time: float) -> Program[Outcome | None]:
    for _ in range(5):
        scope = yield from do.load_scope(job.key.route)
        halted = halt(job, scope)
        if halted is not None:
            return halted
        taken = _take(scope, seen, plan, time)
        if taken is scope:
            return None
        why = None if taken else _trip(scope, plan)
        try:
            yield do.SaveScope(taken) if taken else _freezing(job, scope, why or "", time, plan.digest)
        except LedgerConflict:
            continue
        return None if why is None else held(job, "frozen", why)
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
