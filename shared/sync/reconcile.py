"""Reconcile one link: the protocol's steps 0 to 3; :mod:`shared.sync.execute` has 4 to 7.

::

    0 look       ledger, AWS and Azure in parallel; nothing to do, most often at a glance
                 (:mod:`shared.sync.glance`) -> done, nothing written
    1 lease      conditional write: free or expired        (busy -> look again later; no failure)
    2 observe    both sides once more, with the lease; an old intent is settled by what is there now
    3 plan       pure

An event has only brought a key: late, repeated, forged or lost, it changes nothing but the time of the look.
"""

from __future__ import annotations

from msgspec.structs import replace

from shared.errors import (
    LedgerConflict,
    MirrorError,
    RevisionConflict,
    Throttled,
    Unanswered,
    Unreachable,
)
from shared.sync import effects as do
from shared.sync.absence import doubt_absence
from shared.sync.admission import halt
from shared.sync.attempts import overtaken, remembered, without
from shared.sync.effects import Program
from shared.sync.execute import Changed, execute
from shared.sync.existence import Action
from shared.sync.glance import at_a_glance
from shared.sync.guards import LEASE_SECONDS
from shared.sync.job import Job, Kind, Outcome
from shared.sync.lease import BOTH, ours, release
from shared.sync.link import Lease, Link, Scope, State
from shared.sync.observation import Observation, observation
from shared.sync.outcomes import held, idle, observed
from shared.sync.plan import Plan, make_plan
from shared.sync.ports import Found
from shared.sync.races import note_race, visible
from shared.sync.remembering import at_rest, next_shadows
from shared.sync.staleness import outdated
from shared.translation.names import unspellable
from shared.translation.side import Side

LOOK_BACK = 2.0
"""Seconds until a link that somebody else is at is looked at again: most are done by then."""

LONGEST_WAIT = 30.0
"""Seconds between two looks at a lease that nobody gives back."""

ATTEMPTS = 3
"""Plans made under one lease, while somebody keeps writing between our read and our write."""


def reconcile(job: Job) -> Program[Outcome]:
    """One look at one link. Never raises a MirrorError: an error is an outcome, and nothing else suffers."""
    try:
        return (yield from _look(job))
    except MirrorError as error:
        return _failed(job, error)


def _failed(job: Job, error: MirrorError) -> Outcome:
    wait = error.retry_after if isinstance(error, Throttled) else None
    if error.transient:
        wait = wait or (LONGEST_WAIT if isinstance(error, Unanswered | Unreachable) else 5.0)
        return Outcome(job.key, Kind.BUSY, reason=str(error), code=error.code, retry_after=wait)
    return Outcome(job.key, Kind.ERROR, reason=str(error), code=error.code)


def _look(job: Job) -> Program[Outcome]:
    problem = unspellable(Side.AWS, job.key.name)
    if problem is not None:
        return held(job, "name-not-spellable", problem)
    link, aws, azure = yield (
        do.LoadLink(job.key),
        do.Read(Side.AWS, job.key.name),
        do.Read(Side.AZURE, job.key.name),
    )
    outcome = yield from _looked(job, link, {Side.AWS: aws, Side.AZURE: azure})
    return outcome if link is None else replace(outcome, told=link.told.get(job.worker.name))


def _looked(job: Job, link: Link | None, found: dict[Side, Found | None]) -> Program[Outcome]:
    if link is not None and link.paused:
        return held(job, "paused", "the link is paused")
    if link is not None and link.state is State.UNLINKED:
        return held(job, "unlinked", "a person took the pair apart; adopt it to mirror it again")
    other = _other_spelling(job, found[Side.AZURE])
    if other is not None:
        return other
    seen = observation(job, link, found)
    if job.foreign is not None and job.origin is not Side.AWS:  # there, our writes are conditional
        marked = yield from note_race(job.worker.name, seen.link, job.foreign, visible(seen, job.foreign.at))
        seen = seen if marked is seen.link else observation(job, marked, found)
    if outdated(seen.link, found[Side.AWS]):
        return _busy(job, "stale-read", "AWS shows an older version of it than was seen before", LOOK_BACK)
    quick = at_a_glance(job, seen) or by_merging(job, seen)
    if quick is not None:
        return quick
    return (yield from _under_lease(job, seen))


def _other_spelling(job: Job, azure: Found | None) -> Outcome | None:
    """Azure's names are case-insensitive, AWS's are not. An Azure event may spell a name in any case: then
    the name that Azure tells is the one to look at. Otherwise two policies differ only in case: held."""
    if azure is None or azure.name == job.key.name:
        return None
    if job.origin is Side.AZURE:
        return Outcome(job.key, Kind.BUSY, code="respelt", respelt=azure.name, retry_after=0.0)
    return held(
        job, "name-case-differs", f"Azure has it as {azure.name!r}; names that differ only in case are held"
    )


def by_merging(job: Job, seen: Observation) -> Outcome | None:
    """The outcome if this worker has nothing to write anywhere, else None."""
    plan = make_plan(job, seen)
    return _not_mine(job, seen, plan) or _nothing_to_do(job, seen, plan)


def _nothing_to_do(job: Job, seen: Observation, plan: Plan) -> Outcome | None:
    if not seen.present and not seen.known and job.wanted is None:
        return idle(job, seen, plan)
    welcome = seen.known or seen.link.adopted or job.route.first_contact == "sync"
    if job.route.mode == "observe" or not welcome:
        return observed(job, seen, plan)
    if plan.existence.action is Action.ADOPT or (len(seen.present) < 2 and not plan.gated):
        return None
    shadows = next_shadows(seen, plan, seen.readings, frozenset())
    waiting = frozenset(plan.edits) and not frozenset(plan.edits) & job.worker.may_write
    if at_rest(seen, plan, shadows) or (waiting and at_rest(seen, replace(plan, edits={}), shadows)):
        pending = frozenset(plan.edits)
        return idle(job, seen, plan) if pending == seen.link.pending else None
    return None


def _not_mine(job: Job, seen: Observation, plan: Plan) -> Outcome | None:
    """Exactly one plan was reviewed, and this is another; or an old document has to be put back first, by the
    worker that may."""
    if job.reviewed not in (None, plan.digest):
        return held(job, "plan-changed", f"the plan is now {plan.digest}: review that one")
    elsewhere = seen.restoring is not None and seen.restoring not in job.worker.may_write
    return idle(job, seen, plan) if elsewhere else None


def _under_lease(job: Job, seen: Observation) -> Program[Outcome]:
    link, time = seen.link, (yield from do.now())
    if link.lease is not None and link.lease.until > time:
        return _busy(job, "leased", f"{link.lease.owner} is at it", _wait_for(link.lease, time))
    token = link.token + 1
    lease = Lease(job.worker.name, token, time + LEASE_SECONDS)
    # updated_at stays: a tombstone that every look renewed would never age. And what was there a moment ago,
    # whatever the next read shows, has to be missed twice anew.
    missing = {side: at for side, at in link.missing.items() if side not in seen.present}
    attempts = remembered(link, time)
    taken = replace(link, rev=link.rev + 1, token=token, lease=lease, attempts=attempts, missing=missing)
    try:
        results = yield (
            do.SaveLink(taken),
            do.Read(Side.AWS, job.key.name, whole=True),
            do.Read(Side.AZURE, job.key.name),
            do.LoadScope(job.key.route),
        )
    except LedgerConflict:
        return _busy(job, "leased", "somebody else took the link in the same moment", LOOK_BACK)
    except MirrorError:
        yield from release(taken)
        raise
    _, aws, azure, scope = results
    halted = halt(job, scope)
    if halted is not None:
        yield from release(taken)
        return halted
    return (yield from _settle(job, taken, {Side.AWS: aws, Side.AZURE: azure}, scope))


def _settle(job: Job, link: Link, found: dict[Side, Found | None], scope: Scope | None) -> Program[Outcome]:
    """Plan and execute until nobody writes in between. The lease is given back on every way out but one: an
    unanswered write may still land, so its lease is left to expire."""
    applied: set[Side] = set()
    try:
        for _ in range(ATTEMPTS):
            if outdated(link, found[Side.AWS]):
                found = yield from _read_both(job)
                continue
            seen = observation(job, replace(link, attempts=overtaken(link, found)), found)
            plan = make_plan(job, seen)
            other = _not_mine(job, seen, plan)
            if other is not None:
                yield from release(link)
                return other
            try:
                doubt = yield from doubt_absence(job, seen, plan)
                return doubt if doubt is not None else (yield from execute(job, seen, plan, applied, scope))
            except (Changed, RevisionConflict):
                # An intent may stand in the ledger; the next one replaces it, and the journal keeps both.
                link = yield from ours(link)
                # What was missing may have been back in between: it has to be missed twice anew.
                link = replace(link, attempts=without(link, unsent=BOTH - applied), missing={})
            found, scope = (yield from _read_both(job)), None
    except Unanswered:
        raise
    except MirrorError:
        yield from release(link, unsent=BOTH - applied)
        raise
    yield from release(link, unsent=BOTH - applied)
    return _busy(job, "contended", f"both sides kept changing through {ATTEMPTS} attempts", 5.0)


def _wait_for(lease: Lease, time: float) -> float:
    """About as long again as it was held already: most are done at once, a dead worker's takes its time."""
    held = time - (lease.until - LEASE_SECONDS)
    return min(max(LOOK_BACK, abs(held)), LONGEST_WAIT)


def _read_both(job: Job) -> Program[dict[Side, Found | None]]:
    aws, azure = yield (do.Read(Side.AWS, job.key.name, whole=True), do.Read(Side.AZURE, job.key.name))
    return {Side.AWS: aws, Side.AZURE: azure}


def _busy(job: Job, code: str, reason: str, wait: float) -> Outcome:
    return Outcome(job.key, Kind.BUSY, code=code, reason=reason, retry_after=max(wait, 1.0))
