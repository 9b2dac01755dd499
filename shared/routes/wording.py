"""How error messages about a routes document speak of values."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

Loc = tuple[str | int, ...]
"""A path of keys and indices."""

KEY = "[key]"
"""The last step of a path to a key itself, rather than to its value."""


def shown(value: Any) -> str:
    """A value as a message quotes it: short, and without control characters."""
    match value:
        case None:
            return "nothing"
        case str():
            return repr(value if len(value) <= 60 else value[:57] + "...")
        case dict():
            return "a mapping"
        case list() | tuple():
            return "a list"
        case _:
            return repr(value)[:60]


def did_you_mean(word: str, allowed: Iterable[str]) -> str:
    """`` (did you mean 'x'?)`` or nothing."""
    from difflib import get_close_matches

    spelt = {name.lower(): name for name in allowed}
    near = get_close_matches(word[:200].lower(), spelt, n=1)
    return f" (did you mean {spelt[near[0]]!r}?)" if near else ""


class Misfit(NamedTuple):
    """Something wrong at ``at``, below the value that is being read."""

    at: Loc
    problem: str


class Misfits(ValueError):
    """What is wrong with one value, each thing at its own place."""

    def __init__(self, misfits: list[Misfit]) -> None:
        super().__init__("; ".join(f"{'.'.join(map(str, m.at))}: {m.problem}" for m in misfits))
        self.misfits = misfits
