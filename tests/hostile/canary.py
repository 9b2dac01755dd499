"""Markers planted in everything hostile, and ears for whatever is told about it.

Digits and dashes only: they survive a change of case. No message may have as much as the beginning of one.
"""

from __future__ import annotations

import io
import json
import logging
from typing import Any, Self

MARK = "0815-4711"
TOKEN = f"{MARK}-2342-token"
CLAIM = f"{MARK}-2342-claim"
BODY = f"{MARK}-2342-document"

MOST_TEXT = 600
"""Characters of one error's text: enough for a sentence, too few for a document."""


class Ears(logging.Handler):
    """Hears every record of every logger as text, with what its ``extra`` says and its traceback, if any."""

    _PLAIN = frozenset(vars(logging.makeLogRecord({})))

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.setFormatter(logging.Formatter("%(message)s"))
        self.heard: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        more = {key: value for key, value in vars(record).items() if key not in self._PLAIN}
        self.heard.append(f"{self.format(record)} {more}" if more else self.format(record))

    def take(self) -> str:
        text = "\n".join(self.heard)
        self.heard.clear()
        return text

    def __enter__(self) -> Self:
        root = logging.getLogger()
        self._before = (root.level, root.handlers[:])
        root.setLevel(logging.DEBUG)
        root.handlers[:] = [self]  # pytest's own would keep some hundred thousand records
        return self

    def __exit__(self, *_: object) -> None:
        root = logging.getLogger()
        level, root.handlers[:] = self._before
        root.setLevel(level)


class Stream(io.StringIO):
    """Stands in for stdout where a logger writes for itself."""

    def take(self) -> str:
        text = self.getvalue()
        self.seek(0)
        self.truncate()
        return text


def check_refusal(error: Exception) -> None:
    """One line that says something and repeats nothing of what it refuses."""
    text = str(error)
    assert 0 < len(text) <= MOST_TEXT
    assert len(text.splitlines()) == 1
    assert not has_mark(text)


def has_mark(*told: Any) -> bool:
    """Whether a marker stands in any of the texts, or in the JSON of what is no text."""
    return any(MARK in (each if isinstance(each, str) else json.dumps(each)) for each in told)
