"""A document explained: what its rules mean, which ones are shared, and what the mirror detects less or more.

Pure, and driven by the catalogue and the codes. A document alone is compared with the mirror that it would
have; with the other cloud's document at hand, with that.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from enum import StrEnum
from typing import Any, NamedTuple

from msgspec import Struct

from shared.policy.loss import Effect, Fidelity, Hold
from shared.policy.rule import Rule
from shared.translation.codes import HOLDS
from shared.translation.meaning import sentences
from shared.translation.native import Document
from shared.translation.pairing import Pairing
from shared.translation.report import report
from shared.translation.side import Side
from shared.translation.translators import blocked, reading_of
from shared.translation.view import Reading
from shared.translation.words import meaning, native


class Standing(StrEnum):
    SHARED = "shared"  # both clouds state it, or would
    DIFFERS = "differs"  # both could, and the other document says something else
    HELD = "held"  # it stays with its own cloud
    PARKED = "parked"  # it is disabled


DETECTION: dict[Effect, str] = {
    Effect.NONE: "the mirror detects the same",
    Effect.WEAKER: "the mirror may miss what this alarms on",
    Effect.STRONGER: "the mirror may alarm where this does not",
    Effect.UNKNOWN: "nobody knows whether the mirror detects more or less",
}


class Remark(NamedTuple):
    """``kind``: held, lost, note, or spelling: the same in other words. ``path`` names the native member."""

    kind: str
    path: str
    code: str
    effect: Effect
    reason: str


class Explained(Struct, frozen=True):
    """One rule. ``native``: in its own cloud's words, a line each; ``twin``: what states it on the other
    cloud; ``there``: what the other document says instead, where it differs."""

    path: str
    signal: str | None
    native: tuple[str, ...]
    means: str
    standing: Standing
    twin: str | None
    there: str | None
    remarks: tuple[Remark, ...]

    @property
    def effect(self) -> Effect:
        """A disabled rule detects nothing that a mirror could miss."""
        if self.standing is Standing.PARKED:
            return Effect.NONE
        return combined(remark.effect for remark in self.remarks)

    def to_json(self) -> dict[str, Any]:
        return {
            "path": self.path,
            "signal": self.signal,
            "native": list(self.native),
            "means": self.means,
            "standing": str(self.standing),
            "twin": self.twin,
            "there": self.there,
            "detection": {"effect": str(self.effect), "means": DETECTION[self.effect]},
            "remarks": [_json(remark) for remark in self.remarks],
        }


class Explanation(Struct, frozen=True):
    """``members``: what is held, lost or remarkable about the document beside its rules."""

    side: Side
    name: str | None
    rules: tuple[Explained, ...]
    members: tuple[Remark, ...]

    def to_json(self) -> dict[str, Any]:
        standings, effects = [rule.standing for rule in self.rules], [rule.effect for rule in self.rules]
        return {
            "cloud": str(self.side),
            "name": self.name,
            "counts": {str(standing): standings.count(standing) for standing in Standing},
            "detection": {str(effect): effects.count(effect) for effect in Effect},
            "rules": [rule.to_json() for rule in self.rules],
            "members": [_json(remark) for remark in self.members],
        }


def explain(
    side: Side, document: Document, pairing: Pairing, other: Document | None = None, name: str | None = None
) -> Explanation:
    """``other``: the document that really stands on the other cloud."""
    reading = reading_of(side, document, pairing)
    there = None if other is None else reading_of(side.other, other, pairing)
    remarks = list(_remarks(reading, side, pairing, there))
    rules = tuple(_explained(rule, reading, side, pairing, there, remarks) for rule in reading.policy.rules)
    told = {id(remark) for rule in rules for remark in rule.remarks}
    members = tuple(remark for remark in remarks if id(remark) not in told)
    return Explanation(side, name or reading.policy.name, rules, members)


def combined(effects: Iterable[Effect]) -> Effect:
    """Of several effects on one detection; of a weaker and a stronger one nothing can be said."""
    found = set(effects) - {Effect.NONE}
    if not found:
        return Effect.NONE
    return found.pop() if len(found) == 1 else Effect.UNKNOWN


def _remarks(reading: Reading, side: Side, pairing: Pairing, there: Reading | None) -> Iterator[Remark]:
    for hold in (*reading.holds, *(() if there is None else blocked(reading, there))):
        yield _held(hold)
    losses, notes = report(reading, side, pairing)
    for loss in losses:
        yield Remark("lost", loss.path, loss.code, loss.effect, loss.reason)
    for note in notes:
        kind = "spelling" if note.fidelity is Fidelity.NORMALIZED else "note"
        yield Remark(kind, note.path, note.code, note.effect, note.reason)


def _held(hold: Hold) -> Remark:
    return Remark("held", hold.path, hold.code, HOLDS[hold.code].effect, hold.reason)


def _explained(
    rule: Rule, reading: Reading, side: Side, pairing: Pairing, there: Reading | None, remarks: list[Remark]
) -> Explained:
    mine = tuple(remark for remark in remarks if _concerns(remark.path, rule.path))
    standing = _standing(rule, reading, there, mine)
    shared = standing in (Standing.SHARED, Standing.DIFFERS)
    return Explained(
        path=rule.path,
        signal=rule.signal,
        native=tuple(native(side, rule)),
        means=sentences(rule),
        standing=standing,
        twin=_twin(str(rule.signal), side, pairing, there) if shared else None,
        there=_there(str(rule.signal), there) if standing is Standing.DIFFERS else None,
        remarks=mine,
    )


def _concerns(path: str, rule: str) -> bool:
    return path == rule or path.startswith(f"{rule}.")


def _standing(rule: Rule, reading: Reading, there: Reading | None, remarks: Iterable[Remark]) -> Standing:
    if not rule.enabled:
        return Standing.PARKED
    signal = str(rule.signal)
    if any(remark.kind == "held" for remark in remarks) or signal not in reading.atoms:
        return Standing.HELD
    if there is not None and there.atoms.get(signal) != reading.atoms[signal]:
        return Standing.DIFFERS
    return Standing.SHARED


def _twin(signal: str, side: Side, pairing: Pairing, there: Reading | None) -> str:
    """``MqttD2CMessagesNotInAllowedRange`` or ``aws:num-messages-sent (chatty, quiet)``."""
    pair = pairing.pairs[signal]
    if side is Side.AWS:
        return pair.rule_type
    rules = () if there is None else there.members.get(signal, ())
    names = ", ".join(rule.path.removeprefix("behaviors[").removesuffix("]") for rule in rules)
    return f"{pair.metric} ({names})" if names else pair.metric


def _there(signal: str, there: Reading | None) -> str:
    atom = None if there is None else there.atoms.get(signal)
    return "no rule in force" if atom is None else meaning(signal, atom)


def _json(remark: Remark) -> dict[str, str]:
    return {key: str(value) for key, value in remark._asdict().items()}
