"""Rows about one policy said in the other cloud's format."""

from __future__ import annotations

import json

from shared.translation.pairing import Pairing, pairing
from shared.translation.side import Side
from shared.translation.translators import translate
from tests.bench.documents import Document, fullest_group, largest_profile
from tests.bench.floors import json_only
from tests.bench.measure import Pairs, cpu, side_by_side
from tests.bench.row import Row

TIMES = 20


def _against_json(source: Side, document: Document) -> Row:
    text = json.dumps(document)
    paired: Pairing = pairing()

    def translated() -> str:
        return json.dumps(translate(source, json.loads(text), paired, None, "bench").document)

    def run(rounds: int) -> Pairs:
        made = translated()
        return side_by_side(
            cpu(translated, TIMES), cpu(lambda: json_only.read_and_write(text, made), TIMES), rounds
        )

    size = "a profile of 100 behaviors" if source is Side.AWS else "a group of 20 rules"
    return Row(
        name=f"translate-{source}",
        what=f"translate {size} for {source.other}, from JSON text to JSON text",
        floor="`json.loads` of the same text and `json.dumps` of the same result",
        program="json_only",
        most=4.0,
        run=run,
        rounds=25,
    )


ROWS = (_against_json(Side.AWS, largest_profile()), _against_json(Side.AZURE, fullest_group()))
