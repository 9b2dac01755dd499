"""What a write that was never answered makes of a document, if it lands late.

It looks as if a user had taken an edit back. So what such a write would make is remembered, and a value that
equals it is taken for that write and not for an edit. What a user had edited before, and the write only left
as it was, is that user's: it is ``spared``, until both sides have shown it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping

from msgspec.structs import replace

from shared.policy.atom import RANGE_FIELDS, AllowAtom, Atom, RangeAtom, View, with_field
from shared.policy.merge import WHOLE, Ends
from shared.sync.attempts import over
from shared.sync.link import Attempt, Link, Shadow
from shared.translation.side import Side
from shared.translation.view import Reading


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


def in_step(attempts: Iterable[Attempt], shadows: Mapping[Side, Shadow]) -> tuple[Attempt, ...]:
    """With nothing spared that both sides have shown since: what was a user's edit then is known by now, and
    where it comes back, it is that write that brings it."""
    return tuple(
        replace(attempt, spared=_still_spared(attempt.makes, attempt.spared, shadows[attempt.side].view))
        if attempt.makes is not None and attempt.spared and attempt.side in shadows
        else attempt
        for attempt in attempts
    )


def _still_spared(
    made: View, spared: Mapping[str, tuple[str, ...]], shadow: View
) -> dict[str, tuple[str, ...]]:
    parts = {s: _not_yet(own, shadow.get(s), made.get(s)) for s, own in spared.items()}
    return {signal: part for signal, part in parts.items() if part}


def _not_yet(own: tuple[str, ...], shadow: Atom | None, made: Atom | None) -> tuple[str, ...]:
    match shadow, made:
        case _ if shadow == made:
            return ()
        case RangeAtom(), RangeAtom():
            return tuple(f for f in own if f == WHOLE or getattr(shadow, f) != getattr(made, f))
        case AllowAtom(), AllowAtom():
            return tuple(v for v in own if v == WHOLE or v in shadow.values ^ made.values)
    return own


def late_deletion(link: Link, missing: Side) -> bool:
    """Whether what is missing may have been deleted by ourselves, late, after somebody recreated it."""
    return any(attempt.gone for attempt in open_attempts(link, missing))


def late_creation(link: Link, side: Side, shown: Reading) -> bool:
    """Whether a policy that only ``side`` has may be a late write of ours and nobody's, as far as its rules
    can be read there."""
    held = shown.held_signals
    made = (a.makes for a in open_attempts(link, side) if a.makes is not None and not a.gone)
    return any({s: atom for s, atom in view.items() if s not in held} == shown.atoms for view in made)


def open_attempts(link: Link, side: Side) -> Iterator[Attempt]:
    """Those that may still land."""
    return (attempt for attempt in link.attempts if attempt.side is side and attempt.open)


def put_back(link: Link, side: Side, looked_at: float | None) -> dict[str, Atom]:
    """What a write that may not land any more may have put back unseen: of rules whose values the cloud does
    not tell. It is taken for what is there, and is then written once more."""
    shadow = link.shadows.get(side, Shadow())
    return {
        signal: made
        for attempt in open_attempts(link, side)
        if _over(attempt, looked_at) and attempt.makes is not None
        for signal in shadow.opaque
        if (made := attempt.makes.get(signal)) is not None and made != shadow.view.get(signal)
    }


def rebased(
    link: Link, signal: str, shadow: Ends, now: Ends, looked_at: float | None, untold: Collection[Side]
) -> Ends:
    """The shadows with what our late writes changed taken as known on both sides: then only what the other
    side says differs from them, and is written once more. ``untold``: sides that do not tell its values."""
    ends = shadow
    for index, side in enumerate((Side.AWS, Side.AZURE)):
        for attempt in open_attempts(link, side):
            if side in untold or not _over(attempt, looked_at):
                ends = _landed(attempt, signal, ends, index, now[index])
    return ends


def possible_pasts(
    link: Link, signal: str, shadow: Ends, now: Ends, looked_at: float | None
) -> Iterator[Ends]:
    """What else the shadows may have been when users edited last. A write that was overtaken landed before
    them, or never did. One that may not land any more has made what is shown now, or a user did. On Azure,
    whose writes are not conditional, a user may also have edited what it made."""
    for index, side in enumerate((Side.AWS, Side.AZURE)):
        for attempt in open_attempts(link, side):
            if attempt.raced and attempt.makes is not None:
                yield _landed(attempt, signal, shadow, index, attempt.makes.get(signal))
            elif attempt.version is None:
                yield _landed(attempt, signal, shadow, index, now[index], edited=True)
            elif _over(attempt, looked_at):
                yield _landed(attempt, signal, shadow, index, now[index])


def _over(attempt: Attempt, looked_at: float | None) -> bool:
    return looked_at is not None and over(attempt, looked_at)


def _landed(
    attempt: Attempt, signal: str, shadow: Ends, index: int, now: Atom | None, *, edited: bool = False
) -> Ends:
    """The shadows once it has landed, as far as ``now`` shows what it made; or, ``edited``, what may have
    been made of that since: whatever it changed and that is not as it was."""
    mine = shadow[index]
    if attempt.makes is None or attempt.gone or now == mine:
        return shadow
    made, own = attempt.makes.get(signal), attempt.spared.get(signal, ())
    match now, mine, made:
        case RangeAtom(), RangeAtom(), RangeAtom():
            return _range_landed(shadow, (mine, now, made), own, edited)
        case AllowAtom(), AllowAtom(), AllowAtom():
            added = (now.values - mine.values) & made.values - set(own)
            removed = mine.values - now.values - made.values - set(own)
            return Ends(*(_moved(atom, added, removed) for atom in shadow))
    return Ends(made, made) if WHOLE not in own and (edited or now == made) else shadow


def _range_landed(
    shadow: Ends, atoms: tuple[RangeAtom, RangeAtom, RangeAtom], own: tuple[str, ...], edited: bool
) -> Ends:
    for field in RANGE_FIELDS:
        was, shown, value = (getattr(atom, field) for atom in atoms)
        if field not in own and was not in (shown, value) and (edited or shown == value):
            shadow = Ends(*(_with_field(atom, field, value) for atom in shadow))
    return shadow


def _with_field(atom: Atom | None, field: str, value: int | None) -> Atom | None:
    return with_field(atom, field, value) if isinstance(atom, RangeAtom) else atom


def _moved(atom: Atom | None, added: frozenset[str], removed: frozenset[str]) -> Atom | None:
    return AllowAtom((atom.values | added) - removed) if isinstance(atom, AllowAtom) else atom
