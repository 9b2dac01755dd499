"""What was listed lately, and the first names of what is listed.

Names are kept for a while, so that the first contact with a thousand policies does not list them all a
thousand times. Documents are not: they would be of the past.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from heapq import nsmallest

from msgspec.structs import replace

from shared.sync import effects as do
from shared.sync.ports import Found, Names
from shared.translation.side import Side

OLDEST = 900.0
"""Seconds after which a listing is forgotten, whatever is in it."""


@dataclass(slots=True)
class Listings:
    """Of one route; drivers share it."""

    kept: dict[Side, tuple[float, Mapping[str, None]]] = field(default_factory=dict)

    def find(self, wanted: do.Census, now: float) -> Mapping[str, None] | None:
        if wanted.side not in self.kept:
            return None
        listed_at, names = self.kept[wanted.side]
        age = now - listed_at
        enough = 0.0 <= age < wanted.age or (wanted.having in names and 0.0 <= age < OLDEST)
        return names if enough else None

    def keep(self, side: Side, now: float, names: Iterable[str]) -> None:
        self.kept[side] = (now, dict.fromkeys(names))


Packed = tuple[Found, bytes]
"""What a listing told of one policy: all but the document, and that as compressed JSON."""


class Packs(Mapping[str, "Found | None"]):
    """Names in their order; a document is unpacked when it is asked for. A group of 20 rules takes 5 KB as
    JSON, a tenth of that here, and some 20 KB as what ``json`` makes of it."""

    def __init__(self, packs: dict[str, Packed | None]) -> None:
        self._packs = packs

    def __getitem__(self, name: str) -> Found | None:
        packed = self._packs[name]
        return None if packed is None else replace(packed[0], document=json.loads(zlib.decompress(packed[1])))

    def __iter__(self) -> Iterator[str]:
        return iter(self._packs)

    def __contains__(self, name: object) -> bool:
        return name in self._packs

    def __len__(self) -> int:
        return len(self._packs)


def first_names(pages: Iterable[Mapping[str, Found | None]], after: str, most: int) -> Names:
    """The first ``most`` names after that one, of pages in any order, all of which are read."""
    packs: dict[str, Packed | None] = {}
    last: str | None = None  # nothing after it is among the first, for `most` that come before are known
    for page in pages:
        for name, found in page.items():
            if name > after and (last is None or name <= last):
                packs[name] = None if found is None else _packed(found)
        if len(packs) > most + most // 4:
            packs, last = _first(packs, most)
    if len(packs) > most:
        packs, last = _first(packs, most)
    return Names(Packs({name: packs[name] for name in sorted(packs)}), last)


def _first(packs: dict[str, Packed | None], most: int) -> tuple[dict[str, Packed | None], str]:
    names = nsmallest(most, packs)
    return {name: packs[name] for name in names}, names[-1]


def _packed(found: Found) -> Packed:
    return replace(found, document={}), zlib.compress(json.dumps(found.document).encode(), 1)
