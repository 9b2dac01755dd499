"""What a policy file says, apart from how it is spelt."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import quote

from shared.policy.atom import Atom
from shared.sync.link import LinkKey
from shared.translation.side import Side
from shared.translation.view import Reading

VERSION = "1"
LONGEST_STEM = 100
_SAFE = "-_."


@dataclass(frozen=True, slots=True)
class PolicyFile:
    """``rules``: what both sides should show. ``unsettled``: signals that are left as they are."""

    key: LinkKey
    rules: Mapping[str, Atom]
    unsettled: frozenset[str] = field(default=frozenset())


@dataclass(frozen=True, slots=True)
class Shown:
    """What both sides show: ``agreed`` alike, ``apart`` as (AWS, Azure); what is held is in neither."""

    agreed: Mapping[str, Atom]
    apart: Mapping[str, tuple[Atom | None, Atom | None]]
    held: frozenset[str]


def shown(readings: Mapping[Side, Reading | None]) -> Shown:
    """A side that is absent (None) disagrees with nothing."""
    there = [reading for reading in readings.values() if reading is not None]
    held = frozenset(signal for reading in there for signal in reading.held_signals)
    agreed: dict[str, Atom] = {}
    apart: dict[str, tuple[Atom | None, Atom | None]] = {}
    for signal in sorted({signal for reading in there for signal in reading.atoms} - held):
        atoms = [reading.atoms.get(signal) for reading in there]
        first = atoms[0]
        if first is not None and all(atom == first for atom in atoms):
            agreed[signal] = first
        else:
            apart[signal] = (_atom(readings[Side.AWS], signal), _atom(readings[Side.AZURE], signal))
    return Shown(agreed, apart, held)


def _atom(reading: Reading | None, signal: str) -> Atom | None:
    return None if reading is None else reading.atoms.get(signal)


def file_names(keys: list[LinkKey]) -> dict[LinkKey, str]:
    """``ROUTE/NAME.yaml`` for each; two names of one route never share a file, whatever the file system."""
    stems = {key: quote(key.name, safe=_SAFE) for key in keys}
    times = Counter((key.route, stem.lower()) for key, stem in stems.items())
    alone = {key: _fits(stem) and times[key.route, stem.lower()] == 1 for key, stem in stems.items()}
    chosen = {key: stem if alone[key] else _short(key, stem) for key, stem in stems.items()}
    return {key: f"{key.route}/{stem}.yaml" for key, stem in chosen.items()}


def _fits(stem: str) -> bool:
    return len(stem) <= LONGEST_STEM and not stem.startswith(".")


def _short(key: LinkKey, stem: str) -> str:
    digest = hashlib.sha256(key.name.encode("utf-8", "surrogatepass")).hexdigest()[:12]
    return f"{re.sub(r'[%.]', '_', stem[:LONGEST_STEM])}~{digest}"
