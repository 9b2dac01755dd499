"""A translation for a person: both clouds side by side, what stays behind, and the document."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from textwrap import wrap
from typing import NamedTuple

from rich.box import SIMPLE_HEAD, Box
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from functions.local.screen import console
from shared.policy.loss import Effect
from shared.policy.rule import Rule
from shared.translation.codes import HOLDS, clipped
from shared.translation.pairing import Pairing
from shared.translation.shapes import Native
from shared.translation.side import Side
from shared.translation.translators import Translation, reading_of
from shared.translation.view import Reading
from shared.translation.words import meaning, native

WIDTHS = {Side.AWS: 31, Side.AZURE: 23}
"""Columns that nearly every metric, and every rule type without its suffix, fits into."""

CLOUDS = {Side.AWS: "AWS", Side.AZURE: "Azure"}
EFFECTS: dict[Effect, tuple[str, str]] = {
    Effect.NONE: ("same", "green"),
    Effect.WEAKER: ("weaker", "yellow"),
    Effect.STRONGER: ("stronger", "cyan"),
    Effect.UNKNOWN: ("unknown", "magenta"),
}
"""What the mirror detects compared with the original: in a word, and in a colour."""


class Sides(NamedTuple):
    given: Native
    existing: Native | None
    result: Translation
    pairing: Pairing


def show(sides: Sides) -> None:
    out = console()
    for part in _parts(sides):
        out.print(part)
    out.print_json(data=sides.result.document, ensure_ascii=True)


def _parts(sides: Sides) -> Iterator[RenderableType]:
    result = sides.result
    yield _side_by_side(sides)
    if result.holds:
        held = ((h.path, HOLDS[h.code].effect, h.reason, h.code) for h in result.holds)
        yield _findings("Held: it stays with its own cloud, which goes on using it", held)
        yield ""
    if result.losses:
        lost = ((x.path, x.effect, x.reason, x.code) for x in result.losses)
        yield _findings("Lost: the mirror says this differently, or not at all", lost)
        yield ""
    if result.holds or result.losses:
        yield Text("In front stands what the mirror detects, compared with the original.\n", "dim")
    if result.notes:
        yield _findings("To know", ((n.path, None, n.reason, n.code) for n in result.notes))
        yield ""
    target = sides.given.side.other
    state = "with the shared rules put in" if sides.existing is not None else "as a fresh document"
    yield Text(f"{CLOUDS[target]}, {state}:", "bold")


def _side_by_side(sides: Sides) -> RenderableType:
    source = sides.given.side
    here = reading_of(source, sides.given.document, sides.pairing)
    there = reading_of(source.other, sides.result.document, sides.pairing)
    before = None
    if sides.existing is not None:
        before = reading_of(source.other, sides.existing.document, sides.pairing)
    shared = table(f"{sides.given.shape}, read as {_count(len(here.atoms), 'shared rule')}")
    shared.add_column(CLOUDS[source], width=WIDTHS[source], overflow="fold")
    shared.add_column("what is normal", ratio=1, overflow="fold")
    shared.add_column(CLOUDS[source.other], width=WIDTHS[source.other], overflow="fold")
    for signal, atom in here.atoms.items():
        written = there.atoms.get(signal) == atom
        told = (
            _rules(source.other, there.members.get(signal, ())) if written else Text("not written", "yellow")
        )
        shared.add_row(_rules(source, here.members[signal]), Text(meaning(signal, atom)), told)
    for signal in _gone(here, before, there):
        assert before is not None
        verb = "removed" if source is Side.AZURE else "disabled"
        was = Text(f"was: {meaning(signal, before.atoms[signal])}")
        shared.add_row(Text("no rule in force", "dim"), was, Text(verb, "yellow"))
    return shared


def _gone(here: Reading, before: Reading | None, there: Reading) -> list[str]:
    """Signals whose rules EXISTING had and the source has not."""
    if before is None:
        return []
    return [signal for signal in before.atoms if signal not in here.atoms and signal not in there.atoms]


def _rules(side: Side, rules: Iterable[Rule]) -> Text:
    text = Text()
    for rule in rules:
        first, *more = ("\n".join(wrap(line, WIDTHS[side])) for line in native(side, rule))
        text.append("\n" if text else "").append(first, "bold")
        text.append("".join(f"\n{line}" for line in more))
    return text


def _findings(title: str, findings: Iterable[tuple[str, Effect | None, str, str]]) -> Table:
    """(path, effect, reason, code) of each; those with one reason stand together, their paths above it."""
    together: dict[tuple[Effect | None, str, str], list[str]] = {}
    for path, effect, reason, code in findings:
        together.setdefault((effect, reason, code), []).append(path)
    found = table(title, show_header=False, box=None)
    found.add_column(width=8)
    found.add_column(ratio=1, overflow="fold")
    for (effect, reason, code), paths in together.items():
        word, style = EFFECTS[effect] if effect is not None else ("", "dim")
        what = Text("\n".join(clipped(path, 200) for path in paths), style)
        what.append(f"\n{clipped(reason, 300)}", "default not dim").append(f" ({code})", "dim")
        found.add_row(Text(word, style), what)
    return found


def table(title: str, *, show_header: bool = True, box: Box | None = SIMPLE_HEAD) -> Table:
    """As wide as the terminal, headed by its title."""
    return Table(
        title=Text(title, "bold not italic"),
        title_justify="left",
        show_header=show_header,
        box=box,
        expand=True,
        padding=(0, 2, 0, 0),
        pad_edge=False,
    )


def _count(number: int, thing: str) -> str:
    return f"{number} {thing}{'' if number == 1 else 's'}"
