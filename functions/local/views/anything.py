"""An answer that no view of its own is made for: its members as lines, its lists as tables."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from functions.local.blocks import Block, grid, item, line, strong, title

OURS = frozenset({"exit_code"})
"""The terminal ends with it; nobody has to read it."""


def view(answer: Mapping[str, Any]) -> Iterator[Block]:
    plain = {key: value for key, value in answer.items() if key not in OURS}
    for key, value in plain.items():
        if not isinstance(value, list | dict) or not value:
            yield line(strong(f"{_spoken(key)}: "), said(value) or "none")
    for key, value in plain.items():
        if isinstance(value, dict) and value:
            yield title(_spoken(key))
            yield from view(value)
        elif isinstance(value, list) and value:
            yield title(_spoken(key))
            yield from _listed(value)


def _listed(values: list[Any]) -> Iterable[Block]:
    if not all(isinstance(value, dict) for value in values):
        return [item([said(value)]) for value in values]
    columns = list(dict.fromkeys(key for value in values for key in value))
    return [grid(map(_spoken, columns), ([said(value.get(key)) for key in columns] for value in values))]


def said(value: Any) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case list():
            return ", ".join(map(said, value))
        case dict():
            return ", ".join(f"{key} {said(member)}" for key, member in value.items())
        case _:
            return str(value)


def _spoken(key: str) -> str:
    return str(key).replace("_", " ")
