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
    target = TRANSLATORS[source.other]
    reading = reading_of(source, document, pairing)
    if onto is None:
        existing, there = target.blank(name), BLANK
    else:
        existing, there = onto, reading_of(target.side, onto, pairing)
    kept = {signal: atom for signal, atom in there.atoms.items() if signal in reading.held_signals}
    edit = target.edit({**kept, **reading.atoms}, existing, there, pairing, Memory(), {})
    losses, notes = report(reading, source, pairing)
    if source is Side.AWS:
        notes.extend(_chosen_for_azure(reading, there, pairing, fresh=onto is None))
    elif onto is not None:
        notes.extend(_muted_on_aws(reading, there))
    return Translation(
        edit.document,
        reading.policy,
        tuple(losses),
        tuple(notes),
        (*reading.holds, *blocked(reading, there), *edit.holds),
    )


BLANK = Reading(Policy(name=None), {}, {}, (), frozenset(), frozenset())
"""What a blank document says, on either side."""


def blocked(reading: Reading, there: Reading) -> tuple[Hold, ...]:
    """Rules of ``reading`` that the other document cannot take because it holds its own of that signal."""
    if not there.held_signals:
        return ()
    why = {h.signal: h.code for h in there.holds}
    return tuple(
        hold(rule.path, "held-there", signal, why=why.get(signal, "unknown-document-member"))
        for signal, rules in reading.members.items()
        if signal in there.held_signals
        for rule in rules
    )


def _chosen_for_azure(reading: Reading, there: Reading, pairing: Pairing, *, fresh: bool) -> Iterator[Loss]:
    if fresh:
        yield _normalized("securityProfileName", "name-in-url", reading.policy.name, None)
    windowed = {rule.signal for rule in there.policy.rules if rule.spelling is not None}
    for signal, rules in reading.members.items():
        pair = pairing.pairs[signal]
        if pair.windowed_on_azure and not pair.shares_window and signal not in windowed:
            yield _normalized(rules[0].path, "window-chosen", None, azure_put.DEFAULT_WINDOW)


def _muted_on_aws(reading: Reading, there: Reading) -> Iterator[Loss]:
    for signal, rules in reading.members.items():
        if any(rule.muted for rule in there.members.get(signal, ())):
            yield _normalized(rules[0].path, "alerts-suppressed-on-aws", None, None)


def _normalized(path: str, code: str, before: Any, after: Any) -> Loss:
    return loss(path, code, Fidelity.NORMALIZED, before, after)
