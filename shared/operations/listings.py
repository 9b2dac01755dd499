"""What was listed lately, and the first names of what is listed.

Names are kept for a while, so that the first contact with a thousand policies does not list them all a
thousand times. Documents are not: they would be of the past.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterable, Iterator, Mapping

from msgspec import Struct, field, to_builtins

from shared.sync import effects as do
from shared.sync.ports import Found, Names
from shared.translation.side import Side

OLDEST = 900.0
"""Seconds after which a listing is forgotten, whatever is in it."""


class Listings(Struct):
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


class Packs(Mapping[str, "Found | None"]):
    """Names, each with what was told of it, unpacked when it is asked for.

    The groups of a hub are much alike: each names all of some 20 rule types, and most rules are off. Beside
    the first of them another one takes some hundred bytes, where it has 5,000 as JSON, and 20,000 as what
    ``json`` makes of that (zlib's preset dictionary, RFC 1950, 2.2)."""

    def __init__(self) -> None:
        self._packs: dict[str, bytes | None] = {}
        self._like = b""

    def put(self, name: str, found: Found | None) -> None:
        self._packs[name] = None if found is None else self._packed(found)

    def cut(self, most: int) -> str | None:
        """Leave the first ``most`` names, in their order; the last of them if there were more."""
        names = sorted(self._packs)
        self._packs = {name: self._packs[name] for name in names[:most]}
        return names[most - 1] if len(names) > most else None

    def _packed(self, found: Found) -> bytes:
        text = json.dumps(to_builtins(found)).encode()
        self._like = self._like or text
        packer = zlib.compressobj(zdict=self._like)
        return packer.compress(text) + packer.flush()

    def __getitem__(self, name: str) -> Found | None:
        packed = self._packs[name]
        if packed is None:
            return None
        return Found(**json.loads(zlib.decompressobj(zdict=self._like).decompress(packed)))

    def __iter__(self) -> Iterator[str]:
        return iter(self._packs)

    def __contains__(self, name: object) -> bool:
        return name in self._packs

    def __len__(self) -> int:
        return len(self._packs)


def first_names(pages: Iterable[Mapping[str, Found | None]], after: str, most: int) -> Names:
    """The first ``most`` names after that one, of pages in any order, all of which are read."""
    packs = Packs()
    end: str | None = None  # nothing after it is among the first: so many are known that come before
    for page in pages:
        for name, found in page.items():
            if name > after and (end is None or name <= end):
                packs.put(name, found)
        if len(packs) > most + most // 8:
            end = packs.cut(most)
    return Names(packs, packs.cut(most) or end)
