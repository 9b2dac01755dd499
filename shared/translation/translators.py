"""The two translators behind one protocol, and a whole translation of one cloud's document for the other."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from msgspec import Struct

from shared.policy.atom import View
from shared.policy.loss import Fidelity, Hold, Loss
from shared.policy.rule import Policy
from shared.translation import aws_parse, aws_put, azure_parse, azure_put
from shared.translation.codes import hold, loss
from shared.translation.native import Document, Edit, Memory, Translator
from shared.translation.pairing import Pairing
from shared.translation.report import report
from shared.translation.side import Side
from shared.translation.view import Reading, read


class AwsTranslator:
    side = Side.AWS

    def parse(self, document: Document, pairing: Pairing) -> Policy:
        return aws_parse.parse(document, pairing)

    def put(self, want: View, document: Document, pairing: Pairing, memory: Memory, last: View) -> Edit:
        return self.edit(want, document, reading_of(self.side, document, pairing), pairing, memory, last)

    def edit(
        self, want: View, document: Document, reading: Reading, pairing: Pairing, memory: Memory, last: View
    ) -> Edit:
        return aws_put.put(want, document, reading, pairing, memory)

    def blank(self, name: str) -> Document:
        return {"securityProfileName": name}


class AzureTranslator:
    side = Side.AZURE

    def parse(self, document: Document, pairing: Pairing) -> Policy:
        return azure_parse.parse(document, pairing)

    def put(self, want: View, document: Document, pairing: Pairing, memory: Memory, last: View) -> Edit:
        reading = reading_of(self.side, document, pairing, last)
        return self.edit(want, document, reading, pairing, memory, last)

    def edit(
        self, want: View, document: Document, reading: Reading, pairing: Pairing, memory: Memory, last: View
    ) -> Edit:
        return azure_put.put(want, document, reading, pairing, memory, last)

    def blank(self, name: str) -> Document:
        return {"properties": {}}


TRANSLATORS: dict[Side, Translator] = {Side.AWS: AwsTranslator(), Side.AZURE: AzureTranslator()}


def reading_of(side: Side, document: Document, pairing: Pairing, last: View | None = None) -> Reading:
    return read(TRANSLATORS[side].parse(document, pairing), side, pairing, last)


class Translation(Struct, frozen=True):
    """``document`` is in the target's format. Empty ``losses`` and ``holds`` mean an exact round trip."""

    document: Document
    policy: Policy
    losses: tuple[Loss, ...]
    notes: tuple[Loss, ...]
    holds: tuple[Hold, ...]


def translate(
    source: Side, document: Document, pairing: Pairing, onto: Document | None, name: str
) -> Translation:
    """``document`` of cloud ``source`` said in the other cloud's format: as a fresh document called ``name``,
    or put into the existing document ``onto``, whose held rules and own members stay as they are."""
    target = source.other
    reading = reading_of(source, document, pairing)
    existing = TRANSLATORS[target].blank(name) if onto is None else onto
    there = reading_of(target, existing, pairing)
    want = {signal: atom for signal, atom in there.atoms.items() if signal in reading.held_signals}
    edit = TRANSLATORS[target].edit({**want, **reading.atoms}, existing, there, pairing, Memory(), {})
    losses, notes = report(reading, source, pairing)
    notes.extend(_remarks(source, reading, there, pairing, fresh=onto is None))
    return Translation(
        edit.document,
        reading.policy,
        tuple(losses),
        tuple(notes),
        (*reading.holds, *blocked(reading, there), *edit.holds),
    )


def blocked(reading: Reading, there: Reading) -> tuple[Hold, ...]:
    """Rules of ``reading`` that the other document cannot take because it holds its own of that signal."""
    why = {h.signal: h.code for h in there.holds}
    return tuple(
        hold(rule.path, "held-there", signal, why=why.get(signal, "unknown-document-member"))
        for signal, rules in reading.members.items()
        if signal in there.held_signals
        for rule in rules
    )


def _remarks(
    source: Side, reading: Reading, there: Reading, pairing: Pairing, *, fresh: bool
) -> Iterator[Loss]:
    """What can only be said with the other document in sight."""
    if source is Side.AWS and fresh:
        yield _normalized("securityProfileName", "name-in-url", reading.policy.name, None)
    windowed = {rule.signal for rule in there.policy.rules if rule.spelling is not None}
    for signal, rules in reading.members.items():
        pair = pairing.pairs[signal]
        own_window = pair.windowed_on_azure and not pair.shares_window
        if source is Side.AWS and own_window and signal not in windowed:
            yield _normalized(rules[0].path, "window-chosen", None, azure_put.DEFAULT_WINDOW)
        if source is Side.AZURE and any(rule.muted for rule in there.members.get(signal, ())):
            yield _normalized(rules[0].path, "alerts-suppressed-on-aws", None, None)


def _normalized(path: str, code: str, before: Any, after: Any) -> Loss:
    return loss(path, code, Fidelity.NORMALIZED, before, after)
