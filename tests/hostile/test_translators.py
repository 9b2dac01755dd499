"""Whatever a document says, both translators read and edit it without an error, and leave it as it was."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from random import Random
from typing import Any

import pytest

from shared.policy.atom import AllowAtom, Atom, RangeAtom
from shared.translation.native import Document, Edit, Memory
from shared.translation.pairing import Options, Pair, Pairing, pairing
from shared.translation.side import Side
from shared.translation.translators import TRANSLATORS, reading_of, translate
from tests.hostile.canary import MOST_TEXT, has_mark
from tests.hostile.cases import SHARDS, run
from tests.hostile.mutation import mutated_inside
from tests.hostile.samples import GROUP, PROFILE, some_group, some_profile

CUSTOM = (("FailedLocalLogins", "failed-local-logins"), ("Process", "processes"))
PAIRINGS = (
    pairing(),
    pairing(Options(custom=CUSTOM)),
    pairing(Options(custom=CUSTOM, hold_suppressed=True, windows=frozenset({300, 600}))),
)
SAMPLES: Mapping[Side, Callable[[Random], Document]] = {Side.AWS: some_profile, Side.AZURE: some_group}
RANGES: tuple[tuple[int, int | None], ...] = ((0, 0), (0, 50), (4, 99), (5, None), (0, 2_147_483_646))
WINDOWS = (300, 300, 900, 1800)
VALUES: Mapping[str, tuple[str, ...]] = {
    "cidrs": ("10.0.0.0/8", "::/0", "192.168.7.0/24"),
    "strings": ("sshd", "x"),
}


def atom(rng: Random, pair: Pair) -> Atom:
    if pair.kind == "count":
        low, high = rng.choice(RANGES)
        return RangeAtom(low, high, rng.choice(WINDOWS) if pair.shares_window else None)
    values = VALUES[pair.kind]
    return AllowAtom(frozenset(rng.sample(values, rng.randint(1, len(values)))))


def view(rng: Random, given: Mapping[str, Atom], pairs: Pairing) -> dict[str, Atom]:
    """What is shown, with one or two rules that differ."""
    want = dict(given)
    for _ in range(rng.randint(1, 2)):
        signal = rng.choice(list(pairs.pairs))
        want.pop(signal, None)
        if rng.random() < 0.8:
            want[signal] = atom(rng, pairs.pairs[signal])
    return want


class Translators:
    """``side``: whose documents are damaged."""

    def __init__(self, side: Side) -> None:
        self._side = side

    def case(self, rng: Random) -> None:
        side, pairs = self._side, rng.choice(PAIRINGS)
        document = mutated_inside(rng, SAMPLES[side](rng))
        onto = mutated_inside(rng, SAMPLES[side.other](rng)) if rng.random() < 0.5 else None
        before = repr((document, onto))
        reading = reading_of(side, document, pairs)
        told = [hold.reason for hold in reading.holds]
        edit = self._edit(rng, document, pairs, reading.atoms)
        told += [hold.reason for hold in edit.holds]
        there = translate(side, document, pairs, onto, "prod-pumps")
        back = translate(side.other, there.document, pairs, document, "prod-pumps")
        for each in (there, back):
            told += [hold.reason for hold in each.holds] + [note.reason for note in each.notes]
            told += [json.dumps(loss.to_json()) for loss in each.losses]
        assert repr((document, onto)) == before
        assert not has_mark(*told)
        assert max(map(len, told), default=0) <= MOST_TEXT
        room = len(before) + 20_000
        assert max(len(repr(each.document)) for each in (edit, there, back)) <= room

    def _edit(self, rng: Random, document: Document, pairs: Pairing, shown: Mapping[str, Atom]) -> Edit:
        """Put, and put back again out of the graveyard."""
        translator = TRANSLATORS[self._side]
        first = translator.put(view(rng, shown, pairs), document, pairs, Memory(), shown)
        snapshot: Any = repr(first.document)
        again = translator.put(shown, first.document, pairs, first.memory, shown)
        assert repr(first.document) == snapshot
        return again


@pytest.mark.parametrize("shard", SHARDS)
@pytest.mark.parametrize("side", Side)
def test_no_document_surprises_a_translator(
    side: Side, shard: int, record_property: Callable[[str, object], None]
) -> None:
    record_property("cases", run(f"{side}-documents", shard, Translators(side).case))


@pytest.mark.parametrize("document", [PROFILE, GROUP], ids=list(Side))
def test_before_they_are_damaged_the_documents_are_worth_damaging(document: Document) -> None:
    side = Side.AWS if document is PROFILE else Side.AZURE
    reading = reading_of(side, document, PAIRINGS[1])
    assert len(reading.atoms) >= 4
    assert len({hold.code for hold in reading.holds}) >= 4
