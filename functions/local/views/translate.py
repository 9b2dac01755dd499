"""``translate``: both clouds side by side, what stays behind, and the document."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from functions.local.blocks import (
    BREAK,
    Block,
    Grid,
    Tone,
    Verbatim,
    Words,
    code,
    count,
    faint,
    item,
    line,
    title,
    toned,
    words,
)
from functions.local.views.parts import EFFECTS, Parts
from shared.policy.loss import Effect
from shared.policy.rule import Rule
from shared.translation.codes import HOLDS
from shared.translation.json_text import dumps
from shared.translation.pairing import Pairing
from shared.translation.shapes import Native
from shared.translation.side import Side
from shared.translation.translators import Translation, reading_of
from shared.translation.view import Reading
from shared.translation.words import meaning, native

Found = tuple[str, Effect | None, str, str]
"""Path, effect, reason and code."""


class Sides(NamedTuple):
    given: Native
    existing: Native | None
    result: Translation
    pairing: Pairing


def view(sides: Sides) -> Iterator[Block]:
    result = sides.result
    yield from _side_by_side(sides)
    held = [(h.path, HOLDS[h.code].effect, h.reason, h.code) for h in result.holds]
    yield from _findings("Held: it stays with its own cloud, which goes on using it", held)
    lost = [(x.path, x.effect, x.reason, x.code) for x in result.losses]
    yield from _findings("Lost: the mirror says this differently, or not at all", lost)
    if held or lost:
        yield line(faint("In front stands what the mirror detects, compared with the original."))
    yield from _findings("To know", [(n.path, None, n.reason, n.code) for n in result.notes])
    state = "with the shared rules put in" if sides.existing is not None else "as a fresh document"
    yield title(f"{sides.given.side.other.cloud}, {state}:")
    yield Verbatim(dumps(result.document), "json")


def _side_by_side(sides: Sides) -> Iterator[Block]:
    source = sides.given.side
    here = reading_of(source, sides.given.document, sides.pairing)
    there = reading_of(source.other, sides.result.document, sides.pairing)
    yield title(f"{sides.given.shape}, read as {count(len(here.atoms), 'shared rule')}")
    rows = [*_shared(source, here, there), *_gone(sides, here, there)]
    if rows:
        yield Grid((source.cloud, "what is normal", source.other.cloud), tuple(rows))


def _shared(source: Side, here: Reading, there: Reading) -> Iterator[tuple[Words, ...]]:
    for signal, atom in here.atoms.items():
        told = _rules(source.other, there.members.get(signal, ()))
        if there.atoms.get(signal) != atom:
            told = words(toned("not written", Tone.WARNING))
        yield _rules(source, here.members[signal]), words(meaning(signal, atom)), told


def _gone(sides: Sides, here: Reading, there: Reading) -> Iterator[tuple[Words, ...]]:
    """Rules that EXISTING had and the source has not."""
    if sides.existing is None:
        return
    source = sides.given.side
    before = reading_of(source.other, sides.existing.document, sides.pairing)
    verb = "removed" if source is Side.AZURE else "disabled"
    for signal, atom in before.atoms.items():
        if signal not in here.atoms and signal not in there.atoms:
            was = words(f"was: {meaning(signal, atom)}")
            yield words(faint("no rule in force")), was, words(toned(verb, Tone.WARNING))


def _rules(side: Side, rules: Iterable[Rule]) -> Words:
    """A line for each thing that a rule says, its name in front."""
    told: Parts = []
    for rule in rules:
        for number, text in enumerate(native(side, rule)):
            told += [BREAK] * bool(told)
            told.append(text if number else code(text))
    return words(*told)


def _findings(heading: str, findings: Iterable[Found]) -> Iterator[Block]:
    """Those with one reason stand together, their paths above it."""
    together: dict[tuple[Effect | None, str, str], list[str]] = {}
    for path, effect, reason, slug in findings:
        together.setdefault((effect, reason, slug), []).append(path)
    if together:
        yield title(heading)
    for (effect, reason, slug), paths in together.items():
        first, *more = paths
        word = toned(f"{EFFECTS[effect].word:<8}  ", EFFECTS[effect].tone) if effect is not None else ""
        yield item([word, code(first)], *([code(path)] for path in more), [reason, faint(f" ({slug})")])
