"""What is wrong with a routes document, and where."""

from __future__ import annotations

import re
from typing import NamedTuple

_STEP = re.compile(r"[\w-]{1,60}")


class Spot(NamedTuple):
    """``line`` and ``column`` count from 1; ``path`` is like ``routes[0].aws.region``."""

    line: int
    column: int
    path: str = ""


class Problem(NamedTuple):
    spot: Spot
    text: str

    def told(self, source: str) -> str:
        """``routes.yaml:3:7: routes[0].mode: ...``"""
        line, column, path = self.spot
        return (
            f"{source}:{line}:{column}: {path}: {self.text}"
            if path
            else f"{source}:{line}:{column}: {self.text}"
        )


class Unreadable(Exception):
    """Nothing behind this problem was looked at."""

    def __init__(self, line: int, column: int, text: str) -> None:
        super().__init__(text)
        self.problem = Problem(Spot(line, column), text)


def below(path: str, step: str | int) -> str:
    """``path`` with one step more; a key that would not read well stands in quotes and brackets."""
    if isinstance(step, int):
        return f"{path}[{step}]"
    if not _STEP.fullmatch(step):
        return f"{path}[{step[:60]!r}]"
    return f"{path}.{step}" if path else step
