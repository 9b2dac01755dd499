"""When a missing document may be believed to be gone.

Absent means a positive not-found for this very object while its parent (hub, account) answers, and, before
anything is deleted for it, seen twice, at least 60 s apart. A provider that was retired, or one that answers
404 to everything, must never look like "everything was deleted". Where a route names a canary, that policy
has to be there, between two looks at the one that is not.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from msgspec.structs import replace

from shared.sync import effects as do
from shared.sync.admission import freeze
from shared.sync.effects import Program
from shared.sync.existence import Action
from shared.sync.guards import LOOK_AGAIN, MANY_LINKS, TOMBSTONE_FRESH
from shared.sync.job import Job, Kind, Outcome
from shared.sync.link import State
from shared.sync.observation import Observation
from shared.sync.outcomes import held
from shared.sync.plan import Plan
from shared.sync.ports import Found
from shared.translation.side import Side

SPELLINGS_AGE = 60.0
"""Seconds that a listing may be old when it is asked whether AWS has a name in another case."""


def doubt_absence(job: Job, seen: Observation, plan: Plan) -> Program[Outcome | None]:
    """Why nothing should be done about a document that is missing, as the outcome; None if it may be
    believed. The lease is released on the way out."""
    doubt = yield from _first_doubt(job, seen, plan)
    if doubt is not None:
        missing = seen.link.missing
        if doubt.code == "look-again":
            missing = _first_seen(seen, (yield from _time_of(seen, SLOWEST)))
        link = seen.link
        yield do.SaveLink(replace(link, rev=link.rev + 1, lease=None, missing=missing))
    return doubt


def _first_doubt(job: Job, seen: Observation, plan: Plan) -> Program[Outcome | None]:
    gone = sorted(frozenset(Side) - seen.present)
    for side in gone:
        doubt = yield from _doubt_canary(job, side)
        if doubt is not None:
            return doubt
    if plan.existence.action is Action.CREATE:
        doubt = yield from _doubt_spelling(job, gone)
        return doubt or (yield from _doubt_time(job, seen, plan))
    for side in gone:
        doubt = yield from _doubt_listing(job, seen, side)
        if doubt is not None:
            return doubt
    return (yield from _doubt_time(job, seen, plan))


def _doubt_canary(job: Job, side: Side) -> Program[Outcome | None]:
    """A policy that nobody ever deletes has to be there while this one is not: else the cloud is not to be
    believed at all, and the route freezes."""
    canary = job.route.canary
    if canary is None:
        return None
    if (yield from do.read(side, canary)) is None:
        why = f"{side.cloud} does not show the canary {canary!r}, so nothing that it lacks is believed"
        yield from freeze(job, why, (yield from do.now()))
        return held(job, "canary-missing", why)
    if canary != job.key.name and (yield from do.read(side, job.key.name)) is not None:
        return Outcome(job.key, Kind.BUSY, code="inconsistent", reason=_BACK.format(side), retry_after=5.0)
    return None


def _doubt_spelling(job: Job, gone: list[Side]) -> Program[Outcome | None]:
    """Azure finds a name in any case, so its read has told enough; two policies on AWS whose names differ
    only in case would meet in one group. AWS's listing tells. One that has this very name already may be
    old: of two such policies, the later one's listing has both."""
    name = job.key.name
    known = name if Side.AZURE in gone else None
    names: Mapping[str, Found | None] = yield do.Census(Side.AWS, SPELLINGS_AGE, known)
    if _variant(names, name) is not None:
        names = yield from do.census(Side.AWS)
    return _held_for_variant(job, names, Side.AWS)


def _variant(names: Iterable[str], name: str) -> str | None:
    return next((other for other in names if other != name and other.casefold() == name.casefold()), None)


def _held_for_variant(job: Job, names: Iterable[str], side: Side) -> Outcome | None:
    variant = _variant(names, job.key.name)
    if variant is None:
        return None
    reason = f"{side.cloud} has {variant!r}; names that differ only in case are held"
    return held(job, "name-case-differs", reason)


def _doubt_listing(job: Job, seen: Observation, side: Side) -> Program[Outcome | None]:
    """The listing must answer, must not contain the name, nor be empty where there were many."""
    names = yield from do.census(side)
    if job.key.name in names:
        reason = _INCONSISTENT.format(side)
        return Outcome(job.key, Kind.BUSY, code="inconsistent", reason=reason, retry_after=LOOK_AGAIN)
    if seen.known and not names:
        known: int = yield do.CountLinks(job.key.route, MANY_LINKS)
        if known >= MANY_LINKS:
            return held(job, "scope-looks-empty", _EMPTY.format(side, known))
    return _held_for_variant(job, names, side)


SLOWEST = 8.0
"""Seconds that one of two reads that were sent together may be answered later than the other."""

_BACK = "{} shows it again"
_INCONSISTENT = "{} lists it but says that it is not found"
_EMPTY = "{} lists no policy at all where the ledger knows {} or more: nothing is deleted"


def _doubt_time(job: Job, seen: Observation, plan: Plan) -> Program[Outcome | None]:
    link = seen.link
    if plan.existence.action is Action.CREATE and link.state is State.TOMBSTONE and seen.restore is None:
        age = (yield from do.now()) - link.updated_at
        if age < TOMBSTONE_FRESH:
            reason = f"both sides were deleted {age:.0f} s ago: this may be a late answer"
            return Outcome(
                job.key, Kind.BUSY, code="fresh-tombstone", reason=reason, retry_after=TOMBSTONE_FRESH - age
            )
    if plan.deletes is None and plan.existence.action is not Action.TOMBSTONE:
        return None
    time = yield from _time_of(seen)
    gone = sorted(frozenset(Side) - seen.present)
    waits = [LOOK_AGAIN - (time - link.missing.get(side, time)) for side in gone]
    if max(waits) <= 0:
        return None
    reason = f"missing on {' and '.join(gone)}: looking once more before anything is believed"
    return Outcome(job.key, Kind.BUSY, code="look-again", reason=reason, retry_after=max(waits))


def _time_of(seen: Observation, slack: float = 0.0) -> Program[float]:
    """When this look was taken, by the cloud that answered with a document: the clocks of two workers may
    differ by minutes, and one may stand still after it looked. By our own, after the look, where none did.
    ``slack``: what to add to the time of an answer, for the other one may have come later."""
    if seen.told_at is not None:
        return seen.told_at + slack
    return (yield from do.now())


def _first_seen(seen: Observation, time: float) -> dict[Side, float]:
    gone = frozenset(Side) - seen.present
    return {side: seen.link.missing.get(side, time) for side in gone}
