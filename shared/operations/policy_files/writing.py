"""A policy as a file for review: rules that both clouds share, and all else as comments.

Everything is in a stable order and bears no time, so that two exports of one state are the same text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from msgspec.structs import astuple

from shared.operations.policy_files.file import VERSION, Shown, shown
from shared.policy.atom import AllowAtom, Atom
from shared.policy.rule import Rule
from shared.routes.options import pairing_options
from shared.routes.route import Route
from shared.sync.link import LinkKey
from shared.translation.catalog import rows
from shared.translation.clip import clipped
from shared.translation.meaning import IN_THE_WINDOW, sentences
from shared.translation.pairing import Pair, pairing
from shared.translation.side import Side
from shared.translation.values import duration
from shared.translation.view import Reading
from shared.translation.words import normal

Readings = Mapping[Side, Reading | None]
_UNQUOTABLE = re.compile('[^\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd]|["\\\\]')


def policy_text(key: LinkKey, route: Route, readings: Readings) -> str:
    """``readings``: of both sides; None is one that does not have the policy."""
    state = shown(readings)
    pairs = pairing(pairing_options(route)).pairs
    parts = [
        _head(key, route, readings),
        _rules(state, pairs, readings),
        _unsettled(state),
        _held(readings, state),
    ]
    return "\n".join("\n".join(lines) + "\n" for part in parts if (lines := list(part)))


def _head(key: LinkKey, route: Route, readings: Readings) -> Iterator[str]:
    places = {
        Side.AWS: f"security profile in {route.aws.scope}",
        Side.AZURE: f"device security group of hub {route.azure.hub_name}",
    }
    yield _comment(f"{key}: {', '.join(map(_described(places, readings).__getitem__, Side))}")
    yield "# Change rules, then: policy-mirror import FOLDER. It tells what it would write before it does."
    yield "# Comments are for the reader; nothing reads them back."
    yield f"version: {VERSION}"
    yield f"route: {key.route}"
    yield f"policy: {quoted(key.name)}"


def _described(places: Mapping[Side, str], readings: Readings) -> dict[Side, str]:
    return {
        side: f"{side.cloud} {places[side]}{'' if readings[side] is not None else ' (not there)'}"
        for side in Side
    }


def _rules(state: Shown, pairs: Mapping[str, Pair], readings: Readings) -> Iterator[str]:
    if not state.agreed:
        yield "rules: {}"
        return
    yield "rules:"
    for signal, atom in sorted(state.agreed.items()):
        yield _comment(_about(signal), indent=2)
        yield _comment(f"AWS:   {_twin(pairs[signal].metric, readings[Side.AWS], signal)}", indent=2)
        yield _comment(f"Azure: {pairs[signal].rule_type}", indent=2)
        yield f"  {signal}:"
        yield from (f"    {line}" for line in _atom(atom))


def _about(signal: str) -> str:
    meaning = rows()[signal].meaning.removesuffix(IN_THE_WINDOW)
    return f"{meaning[:1].upper()}{meaning[1:]}"


def _twin(metric: str, reading: Reading | None, signal: str) -> str:
    """The metric, and the behaviors that state it."""
    members: Iterable[Rule] = () if reading is None else reading.members.get(signal, ())
    names = ", ".join(rule.path.removeprefix("behaviors[").removesuffix("]") for rule in members)
    return f"{metric}, as {names}" if names else metric


def _atom(atom: Atom) -> Iterator[str]:
    if isinstance(atom, AllowAtom):
        yield "allow:"
        yield from (f"  - {quoted(value)}" for value in sorted(atom.values))
        return
    if atom.lo:
        yield f"min: {atom.lo}"
    if atom.hi is not None:
        yield f"max: {atom.hi}"
    if atom.window is not None:
        yield f"window: {duration(atom.window)}"


def _unsettled(state: Shown) -> Iterator[str]:
    if not state.apart:
        return
    yield "# Not alike on both sides. What is listed here is left as it is; to settle it, take it"
    yield "# out of the list and state it under rules."
    yield "unsettled:"
    for signal, (aws, azure) in sorted(state.apart.items()):
        yield _comment(f"AWS {_said(aws)}; Azure {_said(azure)}", indent=2)
        yield f"  - {signal}"


def _said(atom: Atom | None) -> str:
    return "has no such rule in force" if atom is None else f"says {normal(atom)}"


def _held(readings: Readings, state: Shown) -> Iterator[str]:
    told = [
        (side, lines)
        for side, reading in readings.items()
        if reading is not None and (lines := list(_held_by(reading)))
    ]
    if not told:
        return
    yield "# Held: it stays with its own cloud. Import neither reads nor changes it."
    for side, lines in told:
        yield f"# {side.cloud}:"
        yield from lines


def _held_by(reading: Reading) -> Iterator[str]:
    rules: dict[str, list[Rule]] = {}
    for rule in reading.policy.rules:
        rules.setdefault(rule.path, []).append(rule)
    for hold in sorted(set(reading.holds), key=astuple):
        yield _comment(f"{clipped(hold.path, 200)} ({hold.code}): {clipped(hold.reason, 300)}", more=2)
        for rule in rules.get(hold.path, ()):
            yield _comment(sentences(rule), more=6)


def _comment(text: str, *, indent: int = 0, more: int = 0) -> str:
    """One line whatever ``text`` has in it. ``more``: blanks behind the mark."""
    return f"{' ' * indent}# {' ' * more}{clipped(text, 600)}"


def quoted(text: str) -> str:
    """A YAML scalar that every reader takes for this very text."""
    return '"' + _UNQUOTABLE.sub(_escape, text) + '"'


def _escape(match: re.Match[str]) -> str:
    char = match.group()
    if char in '"\\':
        return f"\\{char}"
    number = ord(char)
    return f"\\u{number:04X}" if number < 0x10000 else f"\\U{number:08X}"
