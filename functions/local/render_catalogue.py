"""The catalogue on a terminal, within 80 columns."""

from __future__ import annotations

from collections.abc import Iterator

from rich.box import SIMPLE_HEAD
from rich.table import Table
from rich.text import Text

from functions.local.screen import STYLES, console
from functions.local.views.parts import EFFECTS
from shared.policy.loss import Effect
from shared.translation.matrix import HOW, Entry, How, codes, matrix


def show() -> None:
    out = console()
    entries = matrix()
    for how in HOW:
        out.print(_part(how, [entry for entry in entries if entry.how == how]))
    for text in sorted({entry.inert for entry in entries if entry.inert}):
        out.print(Text(f"inert: {text}\n", "dim"))
    out.print(_codes())


def _part(how: How, entries: list[Entry]) -> Table:
    part = _table(f"{HOW[how]} ({len(entries)})")
    part.add_column("AWS" if how == "aws-only" else "Azure and AWS", width=35, overflow="fold")
    part.add_column("signal", ratio=1, overflow="fold")
    for entry in entries:
        signal = Text(entry.signal, "bold").append(f"\n{entry.meaning}", "default not bold")
        for remark in _remarks(entry):
            signal.append(f"\n{remark}", "dim not bold")
        part.add_row(_names(entry), signal)
    return part


def _names(entry: Entry) -> Text:
    rule = Text(f"{entry.rule}\n" if entry.rule else "", "yellow" if entry.inert else "")
    return rule.append(entry.aws, "default")


def _remarks(entry: Entry) -> Iterator[str]:
    if entry.why_not:
        yield f"not on Azure: {entry.why_not}"
    if entry.opt_in:
        yield f"opt-in: {', or '.join(entry.opt_in)}"
    if entry.window == "Azure only":
        yield "the window stays Azure's own"
    if entry.note:
        yield entry.note
    if entry.inert:
        yield "inert, see below"


def _codes() -> Table:
    part = _table("Codes of what is held, lost or worth knowing")
    part.add_column("code", no_wrap=True)
    part.add_column("text", ratio=1, overflow="fold")
    part.add_column("detection", no_wrap=True)
    for code in codes():
        word, tone = EFFECTS[Effect(code.effect)]
        part.add_row(Text(code.code), Text(code.text, "dim"), Text(word, STYLES[tone]))
    return part


def _table(heading: str) -> Table:
    """As wide as the terminal, headed by its title."""
    return Table(
        title=Text(heading, "bold not italic"),
        title_justify="left",
        box=SIMPLE_HEAD,
        expand=True,
        padding=(0, 2, 0, 0),
        pad_edge=False,
    )
