"""Atoms of the shared view: rules in force that both clouds can state exactly.

A shared view maps a signal to one atom. A signal that is missing has no rule in force.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

COUNT_MAX = 2_147_483_647
"""The largest count an atom can bound (int32). A bound there bounds nothing and is the same as none."""


class RangeAtom(Struct, frozen=True, gc=False, array_like=True, tag="range"):
    """Normal is ``lo <= count <= hi`` within ``window`` seconds.

    ``lo`` 0 and ``hi`` None mean unbounded; ``window`` None means that the pair shares no window.
    """

    lo: int
    hi: int | None
    window: int | None

    @property
    def statable(self) -> bool:
        """Whether it says anything, and nothing impossible."""
        if self.hi is None:
            return 0 < self.lo <= COUNT_MAX
        return 0 <= self.lo <= self.hi < COUNT_MAX


class AllowAtom(Struct, frozen=True, gc=False, array_like=True, tag="allow"):
    """Normal is a value in ``values``, each in its canonical spelling (CIDR or string)."""

    values: frozenset[str]

    @property
    def statable(self) -> bool:
        return bool(self.values)


Atom = RangeAtom | AllowAtom
View = Mapping[str, Atom]

RANGE_FIELDS = ("lo", "hi", "window")


def with_field(atom: RangeAtom, field: str, value: int | None) -> RangeAtom:
    return replace(atom, **{field: value})


def atom_to_json(atom: Atom) -> dict[str, Any]:
    """A JSON value that :func:`atom_from_json` reads back to an equal atom, with one spelling per atom."""
    if isinstance(atom, RangeAtom):
        return {"range": [atom.lo, atom.hi], "window": atom.window}
    return {"allow": sorted(atom.values)}


def atom_from_json(data: Mapping[str, Any]) -> Atom:
    if "range" in data:
        lo, hi = data["range"]
        return RangeAtom(lo, hi, data["window"])
    return AllowAtom(frozenset(data["allow"]))
