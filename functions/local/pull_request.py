"""Blocks as GitHub-flavoured markdown. What a cloud says is escaped: it may be written by anybody."""

from __future__ import annotations

import re
from collections.abc import Iterable

from functions.local.blocks import BREAK, Block, Command, Grid, Item, Line, Span, Title, Tone, Verbatim, Words

_SPECIAL = re.compile(r"[\\`*_{}\[\]<>#~!$]")
_TICKS = re.compile("`+")


def markdown(blocks: Iterable[Block]) -> str:
    return "\n\n".join(_block(block) for block in blocks).replace("\n\n- ", "\n- ").strip() + "\n"


def _block(block: Block) -> str:
    match block:
        case Title(words):
            return f"### {_words(words)}"
        case Line(words):
            return _words(words)
        case Item(head, lines):
            return "\n".join([f"- {_words(head)}", *(f"  - {_words(words)}" for words in lines)])
        case Grid(head, rows):
            told = [head, ["---"] * len(head), *([_cell(cell) for cell in row] for row in rows)]
            return "\n".join(f"| {' | '.join(row)} |" for row in told)
        case Command(text):
            return _block(Verbatim(text, "sh"))
        case Verbatim(text, language):
            fence = "`" * max(3, _longest(text) + 1)
            return f"{fence}{language}\n{text.rstrip()}\n{fence}"


def _words(words: Words) -> str:
    return "".join(map(_span, words))


def _cell(words: Words) -> str:
    return _words(words).replace("|", "\\|")


def _span(span: Span) -> str:
    if span is BREAK:
        return "<br>"
    text = span.text.strip()
    if not text:
        return span.text
    before, _, after = span.text.partition(text)
    return f"{before}{_marked(text, span.tone)}{after}"


def _marked(text: str, tone: Tone) -> str:
    if tone is Tone.CODE:
        ticks = "`" * (_longest(text) + 1)
        room = " " if "`" in (text[0], text[-1]) else ""
        return f"{ticks}{room}{text}{room}{ticks}"
    if tone in (Tone.STRONG, Tone.BAD, Tone.WARNING):
        return f"**{_escaped(text)}**"
    return _escaped(text)


def _escaped(text: str) -> str:
    """Nothing of it is read as markdown, as HTML, or as the name of somebody to notify."""
    text = _SPECIAL.sub(r"\\\g<0>", text.replace("&", "&amp;"))
    return text.replace("@", "&#64;").replace("://", ":\\//")


def _longest(text: str) -> int:
    return max((len(run) for run in _TICKS.findall(text)), default=0)
