"""Writes whose end is not known, and writes that may have gone over somebody else's.

A write that was never answered (a time-out, a worker that stood still or died) may land long after its lease.
What it makes of a document then looks as if a user had taken an edit back. So the ledger remembers what such
a write would make, and a value that equals it is taken for that write and not for an edit.

Azure's PUT replaces whatever was written since the last look, unseen. So the ledger also remembers from when
to when that could have happened. A foreign write within that time, told by an event or by the audit trail, is
a race: it can be reported, not undone.

Times are the clouds' own, as far as an answer told it: the clocks of two workers may differ by minutes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Iterator, Mapping

from msgspec.structs import replace

from shared.sync.link import Attempt, Finding, Link, LinkKey, State
from shared.sync.ports import Found, Touch, Written
from shared.translation.side import Side

LATE = 1800.0
"""Seconds in which a write that was never answered may still land."""

KEPT = 7200.0
"""Seconds for which attempts are remembered: events come late."""

MOST = 24
"""Attempts remembered for one link."""

OVERWRITE = "possible-overwrite"

MARGIN = 1.0
"""Seconds: clouds tell the time of an answer in whole ones (HTTP Date)."""

FRESH = 10.0
"""Seconds after a write in which Azure may still be seen as that write left it."""


def request_id(key: LinkKey, token: int) -> str:
    """What we call the writes of one lease, as a UUID (RFC 9562, version 8). It follows from what the ledger
    knows, so that our own write is told apart from a foreign one wherever its event or record turns up."""
    digits = hashlib.sha256(f"policy-mirror {key}#{token}".encode()).hexdigest()
    return f"{digits[:8]}-{digits[8:12]}-8{digits[13:16]}-8{digits[17:20]}-{digits[20:32]}"


def ours(link: Link, request: str | None) -> bool:
    """Whether a request is one that we may have sent under a lease that is still remembered."""
    tokens = {link.token, *(attempt.token for attempt in link.attempts)}
    return request is not None and request.lower() in {request_id(link.key, token) for token in tokens}


def declared(link: Link, new: Iterable[Attempt]) -> tuple[Attempt, ...]:
    """With ``new`` ones in the place of those that were to be made under this lease, and were not."""
    new = tuple(new)
    return (*without(link, {attempt.side for attempt in new}), *new)[-MOST:]


def without(link: Link, unsent: Collection[Side]) -> tuple[Attempt, ...]:
    """The link's attempts once it is known that nothing was applied to ``unsent`` under the present lease."""
    return tuple(
        attempt for attempt in link.attempts if attempt.token != link.token or attempt.side not in unsent
    )


def answered(
    link: Link,
    written: Mapping[Side, Written],
    elapsed: float,
    shown: Mapping[Side, Found | None],
    looked_at: float,
) -> tuple[Attempt, ...]:
    """The link's attempts once those of its lease were answered, or not sent after all. ``written``: what was
    answered to those that were. ``shown``: what was merged or made; a write on condition of an older version
    has landed by now, or never will, unless the profile is recreated and counts anew. ``looked_at``: what
    landed by then was merged too."""
    return tuple(
        _done(attempt, written[attempt.side], elapsed)
        if attempt.token == link.token
        else _settled(attempt, shown.get(attempt.side), link.state is State.BOUND and looked_at)
        for attempt in link.attempts
        if attempt.token != link.token or attempt.side in written
    )


def _done(attempt: Attempt, written: Written, elapsed: float) -> Attempt:
    """The cloud's own time of the answer, or as long after the look as our clock says, whichever is later."""
    until = max(attempt.since + elapsed, written.told_at or 0.0)
    return replace(attempt, until=until, makes=None, raced=written.surprise or "")


def _settled(attempt: Attempt, shown: Found | None, looked_at: float) -> Attempt:
    """``looked_at``: 0 for a link that is not in force; whether a policy is anybody's may depend on it."""
    if over(attempt, looked_at):
        return replace(attempt, until=attempt.since + LATE, makes=None)
    passed = shown is not None and (shown.version or 0) > (attempt.version or 0)
    conditional = attempt.makes is not None and attempt.version is not None
    return replace(attempt, asleep=shown.incarnation or "") if shown and passed and conditional else attempt


def over(attempt: Attempt, time: float) -> bool:
    """Whether it cannot land any more. What is shown since may be what it made before, or a user's edit."""
    return attempt.makes is not None and attempt.since < time - LATE


def unresolved(link: Link, looked_at: float | None) -> bool:
    """Whether a look has to be taken with the lease, for what the ledger still expects or wonders about."""
    bound = link.state is State.BOUND
    late = bound and looked_at is not None and any(over(a, looked_at) for a in link.attempts if a.open)
    return late or any(each.near is not None and not each.raced and not each.kept for each in link.attempts)


def confirmed(attempts: Iterable[Attempt], as_we_left_it: bool) -> tuple[Attempt, ...]:
    """A foreign write just after ours that Azure showed at once, as it turns out in a look with the lease: a
    replica that lags may have shown what we had gone over. ``as_we_left_it``: how Azure looks now."""
    return tuple(
        attempt
        if attempt.near is None or attempt.raced or attempt.kept
        else replace(attempt, raced=_NOT_THERE)
        if as_we_left_it
        else replace(attempt, kept=True)
        for attempt in attempts
    )


_NOT_THERE = "somebody else wrote it within a second of ours, and what they wrote is not there"


def endangered(attempts: Iterable[Attempt], edited: Collection[Side]) -> tuple[Attempt, ...]:
    """With deletions marked that may still land on what somebody ``edited`` or recreated after them: nothing
    can call them back."""
    return tuple(
        replace(attempt, raced=_MAY_VANISH)
        if attempt.gone and attempt.makes is not None and attempt.side in edited and not attempt.raced
        else attempt
        for attempt in attempts
    )


_MAY_VANISH = "edited or recreated since a deletion of ours that was never answered and may still land"


def overtaken(link: Link, found: Mapping[Side, Found | None]) -> tuple[Attempt, ...]:
    """A conditional write that was never answered made the very next version, if any. Where there are later
    ones, somebody may have edited what it made: an edit back looks like a write that never was. Where the
    profile was recreated, it may land once more."""
    awake = (_woken(attempt, found.get(attempt.side)) for attempt in link.attempts)
    return tuple(
        replace(attempt, raced="somebody else wrote it after a write of ours that was never answered")
        if _overtaken(attempt, found.get(attempt.side))
        else attempt
        for attempt in awake
    )


def _woken(attempt: Attempt, found: Found | None) -> Attempt:
    recreated = found is not None and attempt.asleep not in ("", found.incarnation)
    return replace(attempt, asleep="") if recreated else attempt


def _overtaken(attempt: Attempt, found: Found | None) -> bool:
    if not attempt.open or attempt.version is None or found is None or attempt.raced:
        return False
    return found.version is not None and found.version > attempt.version + 1


def remembered(link: Link, now: float) -> tuple[Attempt, ...]:
    """Without what is too old to matter. What may have landed since the last look is kept for the next."""
    if link.state is not State.BOUND:
        return link.attempts
    return tuple(each for each in link.attempts if each.open or each.since > now - KEPT)


def raced(link: Link, touch: Touch, why: str, visible: bool) -> tuple[Attempt, ...]:
    """The attempts after somebody else wrote Azure: some of them marked, unless that is no race or is known.

    Clouds tell the time of an answer in whole seconds. A foreign write within the second after ours may have
    come before it or after. If Azure showed it at once (``visible``), it came after; unless that was another
    one, whose own event or record then tells so.
    """
    last = next((each for each in reversed(link.attempts) if each.side is Side.AZURE), None)
    return tuple(_judged(each, touch, why, visible and each is last) for each in link.attempts)


def _judged(attempt: Attempt, touch: Touch, why: str, visible: bool) -> Attempt:
    until = attempt.since + LATE if attempt.until is None else attempt.until
    if attempt.side is not Side.AZURE or attempt.raced or touch.at < attempt.since - MARGIN:
        return attempt
    if touch.at > until and attempt.near is not None:
        another = touch.at <= attempt.near[0] + FRESH and not _same(touch, *attempt.near)
        return replace(attempt, raced=why) if another else attempt
    if touch.at > until + MARGIN:
        return attempt
    if touch.at > until and visible:
        return replace(attempt, near=(touch.at, touch.request or ""))
    return replace(attempt, raced=why)


def _same(touch: Touch, at: float, request: str) -> bool:
    return touch.request == request if touch.request and request else touch.at == at


def race_findings(link: Link) -> Iterator[Finding]:
    for attempt in link.attempts:
        if attempt.raced:
            reason = f"{attempt.raced}; please check this policy on {attempt.side.cloud}"
            yield Finding("note", attempt.side, "", OVERWRITE, reason)
