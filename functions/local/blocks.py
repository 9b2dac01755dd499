"""What a command has to say, as blocks that a terminal and a pull request can both show.

A command's view turns its JSON answer into blocks; ``screen.py`` draws them with colour and in columns,
``pull_request.py`` writes them as markdown. So nothing is told in one that is not in the other.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from shared.translation.clip import clipped

LONGEST = 400
"""Characters of one piece of text: a name or a reason of a cloud may be of any length."""


class Tone(StrEnum):
    PLAIN = "plain"
    STRONG = "strong"
    GOOD = "good"
    WARNING = "warning"
    BAD = "bad"
    INFO = "info"
    FAINT = "faint"
    CODE = "code"  # what a cloud or a file says, literally


class Span(NamedTuple):
    """``text`` has no control characters, whatever it was made of."""

    text: str
    tone: Tone = Tone.PLAIN


Words = tuple[Span, ...]
BREAK = Span("\n")
"""The next span begins a line of its own."""


def words(*parts: Span | str) -> Words:
    return tuple(part if isinstance(part, Span) else plain(part) for part in parts)


def plain(text: object) -> Span:
    return Span(clipped(text, LONGEST))


def strong(text: object) -> Span:
    return Span(clipped(text, LONGEST), Tone.STRONG)


def code(text: object) -> Span:
    return Span(clipped(text, LONGEST), Tone.CODE)


def faint(text: object) -> Span:
    return Span(clipped(text, LONGEST), Tone.FAINT)


def toned(text: object, tone: Tone) -> Span:
    return Span(clipped(text, LONGEST), tone)


@dataclass(frozen=True, slots=True)
class Title:
    words: Words


@dataclass(frozen=True, slots=True)
class Line:
    words: Words


@dataclass(frozen=True, slots=True)
class Item:
    """A head, and under it lines that belong to it."""

    head: Words
    lines: tuple[Words, ...] = ()


@dataclass(frozen=True, slots=True)
class Grid:
    """A column that is empty in every row is not shown."""

    head: tuple[str, ...]
    rows: tuple[tuple[Words, ...], ...]


@dataclass(frozen=True, slots=True)
class Verbatim:
    """Text to be copied or compared line by line, in a language such as ``json`` or ``diff``."""

    text: str
    language: str = ""


@dataclass(frozen=True, slots=True)
class Command:
    """What to type next: never broken into two lines."""

    text: str


Block = Title | Line | Item | Grid | Verbatim | Command


def title(*parts: Span | str) -> Title:
    return Title(words(*parts))


def line(*parts: Span | str) -> Line:
    return Line(words(*parts))


def item(head: Iterable[Span | str], *lines: Iterable[Span | str]) -> Item:
    return Item(words(*head), tuple(words(*parts) for parts in lines))


def grid(head: Iterable[str], rows: Iterable[Iterable[Span | str]]) -> Grid:
    shown = tuple(tuple(words(cell) for cell in row) for row in rows)
    head = tuple(head)
    filled = [i for i in range(len(head)) if any(span.text for row in shown for span in row[i])]
    return Grid(tuple(head[i] for i in filled), tuple(tuple(row[i] for i in filled) for row in shown))


def command(*words: str) -> Command:
    """``policy-mirror`` and ``words``, quoted as a shell wants it."""
    return Command(shlex.join(["policy-mirror", *words]))


def count(number: int, thing: str) -> str:
    return f"{number} {thing}{'' if number == 1 else 's'}"
