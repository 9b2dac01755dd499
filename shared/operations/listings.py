"""The names that were listed lately, so that the first contact with a thousand policies does not list them
all a thousand times. Documents are not kept: they would be of the past."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from shared.sync import effects as do
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
