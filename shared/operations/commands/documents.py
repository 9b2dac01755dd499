"""``explain`` and ``export``: policies in words, and as files."""

from __future__ import annotations

from typing import Any

from shared.errors import MirrorError
from shared.operations.commands.links import key_of
from shared.operations.commands.listing import SECONDS_SPARED, error_of, rehearsed
from shared.operations.commands.registry import Answer
from shared.operations.commands.schema.documents import Explain, Export
from shared.operations.commands.schema.fields import Exit
from shared.operations.policy_files.writing import policy_text
from shared.operations.reader import Reader
from shared.operations.rehearsal import Rehearsal
from shared.operations.summary import told
from shared.routes.options import pairing_options
from shared.sync.observation import Observation
from shared.translation.explain import explain as explained
from shared.translation.pairing import pairing
from shared.translation.side import Side
from shared.translation.view import Reading


def explain(reader: Reader, asked: Explain) -> Answer:
    """Each document in the light of the other one, where both are there."""
    route, key = reader.route(asked.route), key_of(reader, asked.route, asked.name)
    seen, plan = Rehearsal(reader, route).see(key)
    shared = pairing(pairing_options(route))
    documents = [
        explained(side, seen.documents[side], shared, _document(seen, side.other), key.name).to_json()
        for side in Side
        if side in seen.present
    ]
    return {
        "link": str(key),
        "missing_on": [str(side) for side in Side if side not in seen.present],
        "documents": documents,
        "conflicts": [told(finding) for finding in plan.conflicts],
    }


def _document(seen: Observation, side: Side) -> dict[str, Any] | None:
    return seen.documents[side] if side in seen.present else None


def export(reader: Reader, asked: Export) -> Answer:
    """``next``: what the following page has to be asked for with."""
    policies: list[dict[str, str]] = []
    problems: list[dict[str, Any]] = []
    looked, last, next_ = 0, "", None
    for rehearsal, key in rehearsed(reader, asked.route, asked.name, asked.after):
        if looked and (looked == asked.limit or reader.time_left() < SECONDS_SPARED):
            next_ = last
            break
        looked += 1
        last = str(key)
        try:
            seen, _ = rehearsal.see(key)
        except MirrorError as error:
            problems.append({"link": str(key), **error_of(error)})
            continue
        if seen.present:
            text = policy_text(key, rehearsal.route, present(seen))
            policies.append({"route": key.route, "name": key.name, "text": text})
    exit_code = Exit.FAILED if problems else Exit.DONE
    return {"exit_code": int(exit_code), "policies": policies, "problems": problems, "next": next_}


def present(seen: Observation) -> dict[Side, Reading | None]:
    """What each side shows, None where it has no such policy."""
    return {side: seen.readings[side] if side in seen.present else None for side in Side}
