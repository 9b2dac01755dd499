"""Blocks on a terminal: aligned, as wide as it is, in colour only where somebody can see it."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator

from rich.box import SIMPLE_HEAD
from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

from functions.local.blocks import Block, Command, Grid, Item, Line, Span, Title, Tone, Verbatim, Words

STYLES: dict[Tone, str] = {
    Tone.PLAIN: "",
    Tone.STRONG: "bold",
    Tone.GOOD: "green",
    Tone.WARNING: "yellow",
    Tone.BAD: "bold red",
    Tone.INFO: "cyan",
    Tone.FAINT: "dim",
    Tone.CODE: "cyan",
}
INDENT = 2
GAP = 2
SHARE_WHOLE = 0.8
"""Of a terminal's width, for the columns of a table that are not broken."""


def console(*, stderr: bool = False) -> Console:
    """Colour on a terminal only, and none at all where NO_COLOR is set."""
    plain = bool(os.environ.get("NO_COLOR"))
    return Console(
        color_system=None if plain else "auto", stderr=stderr, highlight=False, markup=False, emoji=False
    )


def show(blocks: Iterable[Block]) -> None:
    out = console()
    for number, block in enumerate(blocks):
        if isinstance(block, Title) and number:
            out.print()
        if isinstance(block, Command | Verbatim):
            out.print(_whole(block), soft_wrap=True)
            continue
        for part in _drawn(block, out):
            out.print(part)


def _whole(block: Command | Verbatim) -> Text:
    """What is to be copied: its lines are as long as they are."""
    if isinstance(block, Command):
        return Text(f"  {block.text}", STYLES[Tone.CODE])
    from rich.syntax import Syntax  # with all of its highlighter, for the few that show code

    code = Syntax("", block.language or "text", theme="ansi_dark", background_color="default")
    text = code.highlight(block.text)
    text.rstrip()
    return text


def _drawn(block: Block, out: Console) -> Iterator[RenderableType]:
    match block:
        case Title(words):
            yield Text.assemble(*(_styled(span, "bold") for span in words))
        case Line(words):
            yield _text(words)
        case Item(head, lines):
            yield from _indented(_text(head), out, first=0)
            for words in lines:
                yield from _indented(_text(words), out, first=INDENT)
        case Grid():
            yield _table(block, out.width)


def _text(words: Words) -> Text:
    return Text.assemble(*(_styled(span, "") for span in words), overflow="fold")


def _styled(span: Span, base: str) -> tuple[str, str]:
    return span.text, f"{base} {STYLES[span.tone]}".strip()


def _indented(text: Text, out: Console, *, first: int) -> Iterator[Text]:
    """By hand, for rich's own padding fills every line with blanks to its end."""
    for number, row in enumerate(text.wrap(out, max(out.width - INDENT, 1), overflow="fold")):
        row.rstrip()
        yield Text(" " * (INDENT if number else first)).append_text(row)


def _table(grid: Grid, width: int) -> Table:
    table = Table(box=SIMPLE_HEAD, padding=(0, 2, 0, 0), pad_edge=False, header_style="dim")
    whole = _kept_whole(grid, width)
    for position, name in enumerate(grid.head):
        table.add_column(name, overflow="fold", no_wrap=position in whole)
    for row in grid.rows:
        table.add_row(*map(_text, row))
    return table


def _kept_whole(grid: Grid, width: int) -> set[int]:
    """Columns that need no second line, as long as enough is left for the others: those without a blank to
    break at before the others, the narrow ones before the wide ones."""
    words = [any(" " in span.text for row in grid.rows for span in row[i]) for i in range(len(grid.head))]
    widths = [max(len(name), *(_width(row[i]) for row in grid.rows)) for i, name in enumerate(grid.head)]
    whole: set[int] = set()
    room = width * SHARE_WHOLE
    for position in sorted(range(len(widths)), key=lambda position: (words[position], widths[position])):
        room -= widths[position] + GAP
        if room < 0:
            break
        whole.add(position)
    return whole


def _width(words: Words) -> int:
    return max(map(len, "".join(span.text for span in words).split("\n")))
