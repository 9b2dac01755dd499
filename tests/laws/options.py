"""Options of a route, and what a pair of clouds may be wanted to show under them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from itertools import combinations, product
from typing import Any

from hypothesis import strategies as st

from shared.policy.atom import COUNT_MAX, AllowAtom, Atom, RangeAtom
from shared.translation.pairing import Options, Pair, pairing

Document = dict[str, Any]

CUSTOM = (
    ("FailedLocalLogins", "failed-local-logins"),
    ("Process", "processes"),
    ("ConnectionFromIp", "inbound-sources"),
)
CIDRS = ("10.0.0.0/8", "192.168.1.7/32", "2001:db8::/32", "::ffff:1.2.3.4/128", "0.0.0.0/0")
STRINGS = ("root", "sshd", "Ünïcode", "a b")
LIMITS = (0, 1, 2, 5, 50, 1000, COUNT_MAX - 1)
WINDOWS = (300, 900, 1800)

OPTIONS = (
    Options(),
    Options(custom=CUSTOM),
    Options(custom=CUSTOM, hold_suppressed=True),
    Options(protocol="Amqp", custom=CUSTOM[:1]),
    Options(protocol="Http", windows=frozenset({300, 600})),
)
some_options = st.sampled_from(OPTIONS)


def _ranges(windows: tuple[int | None, ...]) -> list[RangeAtom]:
    limits = (*LIMITS, None)
    atoms = [RangeAtom(lo, hi, window) for lo, hi, window in product(LIMITS, limits, windows)]
    return [atom for atom in atoms if atom.statable]


def _lists(values: tuple[str, ...]) -> list[AllowAtom]:
    return [AllowAtom(frozenset(some)) for size in (1, 2, 3) for some in combinations(values, size)]


RANGES = _ranges(WINDOWS)
LISTS = _lists(CIDRS)


def _atoms(pair: Pair, windows: tuple[int, ...]) -> Sequence[Atom]:
    if pair.kind == "count":
        return _ranges(windows if pair.shares_window else (None,))
    return _lists(CIDRS if pair.kind == "cidrs" else STRINGS)


@cache
def views(options: Options) -> st.SearchStrategy[dict[str, Atom]]:
    """Any shared view that can be stated under ``options``."""
    pairs, windows = pairing(options).pairs, tuple(sorted(options.windows))
    atoms = {signal: st.sampled_from((None, *_atoms(pair, windows))) for signal, pair in pairs.items()}
    return st.tuples(*atoms.values()).map(lambda drawn: _stated(dict(zip(pairs, drawn, strict=True))))


def _stated(atoms: dict[str, Atom | None]) -> dict[str, Atom]:
    return {signal: atom for signal, atom in atoms.items() if atom is not None}


@st.composite
def edits(
    draw: st.DrawFn, documents: st.SearchStrategy[Document], most: int = 1
) -> tuple[Options, Document, list[dict[str, Atom]]]:
    """A document, and the views that it is wanted to show, one after the other."""
    options = draw(some_options)
    return options, draw(documents), [draw(views(options)) for _ in range(draw(st.integers(1, most)))]
