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
from dataclasses import replace

from shared.policy.atom import RANGE_FIELDS, AllowAtom, Atom, RangeAtom, View, with_field
from shared.policy.merge import WHOLE, Ends
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


def spared(shadow: View, shown: View, made: View) -> dict[str, tuple[str, ...]]:
    """What a user edited since the last sync and a write leaves as it is, by signal."""
    edited = (signal for signal in sorted(shown.keys() | shadow.keys()))
    parts = {s: _spared(shadow.get(s), shown.get(s), made.get(s)) for s in edited}
    return {signal: part for signal, part in parts.items() if part}


def _spared(shadow: Atom | None, shown: Atom | None, made: Atom | None) -> tuple[str, ...]:
    match shadow, shown, made:
        case RangeAtom(), RangeAtom(), RangeAtom():
            return tuple(
                field
                for field in RANGE_FIELDS
                if getattr(shadow, field) != getattr(shown, field) == getattr(made, field)
            )
        case AllowAtom(), AllowAtom(), AllowAtom():
            return tuple(sorted((shadow.values ^ shown.values) - (shown.values ^ made.values)))
    return (WHOLE,) if shadow != shown == made else ()


def without(link: Link, unsent: Collection[Side]) -> tuple[Attempt, ...]:
    """The link's attempts once it is known that nothing was applied to ``unsent`` under the present lease."""
    return tuple(
        attempt for attempt in link.attempts if attempt.token != link.token or attempt.side not in unsent
    )


def answered(
    link: Link, written: Mapping[Side, Written], elapsed: float, versions: Mapping[Side, int | None]
) -> tuple[Attempt, ...]:
    """The link's attempts once those of its lease were answered, or not sent after all. ``written``: what was
    answered to those that were. ``versions``: those that were merged; a write that is conditional on an
    earlier one has landed by now, or never will."""
    return tuple(
        _done(attempt, written[attempt.side], elapsed)
        if attempt.token == link.token
        else _settled(attempt, versions.get(attempt.side))
        for attempt in link.attempts
        if attempt.token != link.token or attempt.side in written
    )


def _done(attempt: Attempt, written: Written, elapsed: float) -> Attempt:
    """The cloud's own time of the answer, or as long after the look as our clock says, whichever is later."""
    until = max(attempt.since + elapsed, written.told_at or 0.0)
    return replace(attempt, until=until, makes=None, raced=written.surprise or "")


def _settled(attempt: Attempt, version: int | None) -> Attempt:
    conditional = attempt.version is not None and attempt.makes is not None
    return _given_up(attempt) if conditional and version not in (None, attempt.version) else attempt


def _given_up(attempt: Attempt) -> Attempt:
    return replace(attempt, until=attempt.since + LATE, makes=None)


def overtaken(link: Link, found: Mapping[Side, Found | None]) -> tuple[Attempt, ...]:
    """A conditional write that was never answered made the very next version, if any. Where there are later
    ones, somebody may have edited what it made: an edit back looks like a write that never was."""
    return tuple(
        replace(attempt, raced="somebody else wrote it after a write of ours that was never answered")
        if _overtaken(attempt, found.get(attempt.side))
        else attempt
        for attempt in link.attempts
    )


def _overtaken(attempt: Attempt, found: Found | None) -> bool:
    if attempt.makes is None or attempt.version is None or found is None or attempt.raced:
        return False
    return found.version is not None and found.version > attempt.version + 1


def remembered(link: Link, now: float) -> tuple[Attempt, ...]:
    """Without what is too old to matter, and without the expectations that came to nothing."""
    if link.state is not State.BOUND:
        return link.attempts  # whether a policy is anybody's may depend on it
    kept = [attempt for attempt in link.attempts if attempt.since > now - KEPT]
    return tuple(_given_up(attempt) if _over(attempt, now) else attempt for attempt in kept)


def _over(attempt: Attempt, now: float) -> bool:
    """A conditional write is over when its version is, however long that takes."""
    return attempt.until is None and attempt.version is None and attempt.since < now - LATE


def late_deletion(link: Link, missing: Side) -> bool:
    """Whether what is missing may have been deleted by ourselves, late, after somebody recreated it."""
    return any(attempt.gone for attempt in open_attempts(link, missing))


def late_creation(link: Link, side: Side, shown: View) -> bool:
    """Whether a policy that only ``side`` has may be a late write of ours and nobody's."""
    return any(attempt.makes == shown and not attempt.gone for attempt in open_attempts(link, side))


def open_attempts(link: Link, side: Side) -> Iterator[Attempt]:
    """Those that may still land."""
    return (attempt for attempt in link.attempts if attempt.side is side and attempt.makes is not None)


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
            reason = f"{attempt.raced}; please check this policy on {attempt.side}"
            yield Finding("note", attempt.side, "", OVERWRITE, reason)


def rebased(link: Link, signal: str, shadow: Ends, now: Ends) -> Ends:
    """The shadows with what our late writes changed taken as known on both sides: then only what the other
    side says differs from them, and is written once more."""
    ends = shadow
    for index, side in enumerate((Side.AWS, Side.AZURE)):
        for attempt in open_attempts(link, side):
            if attempt.makes is not None and not attempt.gone:
                made, own = attempt.makes.get(signal), attempt.spared.get(signal, ())
                ends = _rebased(ends, ends[index], now[index], made, own)
    return ends


def possible_pasts(link: Link, signal: str, shadow: Ends) -> Iterator[Ends]:
    """What else the shadows may have been when users edited last: a write that was overtaken landed before
    them, or never did, and nothing tells which."""
    for index, side in enumerate((Side.AWS, Side.AZURE)):
        for attempt in open_attempts(link, side):
            if attempt.makes is not None and attempt.raced:
                made, own = attempt.makes.get(signal), attempt.spared.get(signal, ())
                yield _rebased(shadow, shadow[index], made, made, own)


def _rebased(
    shadow: Ends, mine: Atom | None, now: Atom | None, made: Atom | None, own: tuple[str, ...]
) -> Ends:
    if now == mine:
        return shadow
    match now, mine, made:
        case RangeAtom(), RangeAtom(), RangeAtom():
            for field in RANGE_FIELDS:
                value = getattr(now, field)
                if field not in own and value == getattr(made, field) != getattr(mine, field):
                    shadow = Ends(*(_with_field(atom, field, value) for atom in shadow))
            return shadow
        case AllowAtom(), AllowAtom(), AllowAtom():
            added = (now.values - mine.values) & made.values - set(own)
            removed = mine.values - now.values - made.values - set(own)
            return Ends(*(_moved(atom, added, removed) for atom in shadow))
    return Ends(now, now) if now == made and WHOLE not in own else shadow


def _with_field(atom: Atom | None, field: str, value: int | None) -> Atom | None:
    return with_field(atom, field, value) if isinstance(atom, RangeAtom) else atom


def _moved(atom: Atom | None, added: frozenset[str], removed: frozenset[str]) -> Atom | None:
    return AllowAtom((atom.values | added) - removed) if isinstance(atom, AllowAtom) else atom
