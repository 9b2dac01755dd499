"""Golden cases: what a document of one cloud becomes in the other, checked by hand once and kept.

A case is ``says`` (in a sentence), ``side``, ``options`` of the route and ``source``; all else is derived and
rewritten by ``python -m tests.golden.regenerate``. Read the difference before you keep it.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from shared.translation.pairing import Options, pairing
from shared.translation.side import Side
from shared.translation.translators import translate

HERE = Path(__file__).parent
Document = dict[str, Any]
GIVEN = ("says", "side", "options", "source")


def files() -> list[Path]:
    """One file for every row of the catalogue, named after its signal."""
    return sorted(HERE.glob("*.json"))


def seeds() -> list[Path]:
    """The documents that both clouds' own reference pages show."""
    return sorted((HERE / "seeds").glob("*.json"))


def cases(path: Path) -> list[Document]:
    loaded: list[Document] = json.loads(path.read_text(encoding="utf-8"))
    return loaded


def derived(case: Document) -> Document:
    """The case with everything that is derived, in the order in which it is written."""
    side, source = Side(case["side"]), case["source"]
    done = translate(side, source, pairing(options(case)), None, "golden")
    return {key: case[key] for key in GIVEN if key in case} | {
        "target": done.document,
        "policy": _said(done.policy.to_json()),
        "losses": [loss.to_json() for loss in done.losses],
        "notes": [note.to_json() for note in done.notes],
        "held": [hold.to_json() for hold in done.holds],
    }


def _said(value: Any) -> Any:
    """Less what a document does not say."""
    if isinstance(value, dict):
        return {key: _said(inner) for key, inner in value.items() if inner is not None}
    return [_said(inner) for inner in value] if isinstance(value, list | tuple) else value


def options(case: Document) -> Options:
    given = dict(case.get("options", {}))
    return Options(**given | {"custom": tuple(given.get("custom", {}).items())})


def text(found: list[Document]) -> str:
    return json.dumps(found, indent=2, ensure_ascii=False) + "\n"
