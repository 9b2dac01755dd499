"""Blocks as text and as markdown: aligned, never wider than the terminal, and nothing of them obeyed."""

from __future__ import annotations

import io
import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console

from functions.local import screen
from functions.local.blocks import (
    Block,
    Span,
    Tone,
    Verbatim,
    code,
    command,
    grid,
    item,
    line,
    strong,
    title,
    toned,
)
from functions.local.pull_request import markdown
from functions.local.web import web_page

ANY = st.text(st.characters(), max_size=40)  # lone surrogates and control characters too
NOT_READ = re.compile(r"\\.|(`+)(?!`).*?(?<!`)\1(?!`)", re.DOTALL)
"""What markdown does not read: an escaped character, and code."""
HOSTILE = "<b>`|*_[x](http://y)\x1b[31m\u202e@all"


@st.composite
def blocks(draw: st.DrawFn) -> list[Block]:
    texts = draw(st.lists(ANY, min_size=3, max_size=6))
    spans = [draw(st.sampled_from([code, strong]))(text) for text in texts]
    return [
        title(*spans),
        line("x ", *spans),
        item(spans[:1], spans[1:]),
        grid(["a", "b", "c"], [spans[:3], [texts[0], texts[1], texts[2]]]),
        Verbatim("x = 1\n", "python"),
    ]


def drawn(found: list[Block], width: int, monkeypatch: pytest.MonkeyPatch) -> str:
    out = io.StringIO()
    monkeypatch.setattr(screen, "console", lambda: Console(file=out, width=width, color_system=None))
    screen.show(found)
    return out.getvalue()


@given(found=blocks(), width=st.sampled_from([20, 40, 80, 200]))
def test_no_line_is_wider_than_the_terminal(found: list[Block], width: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        text = drawn(found, width, patch)
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert all(c.isprintable() or c == "\n" for c in text)
    assert max(map(cell_len, text.splitlines())) <= width


@given(blocks())
@example([line(HOSTILE), grid(["a"], [[HOSTILE]]), item([HOSTILE], [HOSTILE])])
def test_markdown_obeys_nothing_that_a_cloud_says(found: list[Block]) -> None:
    text = markdown(found)
    bare = NOT_READ.sub("", text)
    assert "<" not in bare
    assert "@" not in bare
    assert "](" not in bare
    assert "\x1b" not in text


@given(blocks())
@example([line(HOSTILE), title(HOSTILE), grid([HOSTILE], [[HOSTILE]]), command(HOSTILE)])
def test_a_page_obeys_nothing_that_a_cloud_says(found: list[Block]) -> None:
    text = web_page("x", "y", found, 1_800_000_000.0)
    assert "<b>" not in text
    assert text.count("<script>") == 1


def test_a_cell_of_a_table_keeps_its_bars() -> None:
    table = markdown([grid(["a", "b"], [["x|y", code("p|q")]])])
    assert table.splitlines()[2] == "| x\\|y | `p\\|q` |"


def test_a_column_without_anything_is_not_shown() -> None:
    assert markdown([grid(["a", "b"], [["x", ""], ["y", ""]])]).splitlines()[0] == "| a |"


def test_what_is_to_be_typed_stays_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    text = drawn([command("sync", "sandbox/a pump", "--plan", "0" * 64)], 40, monkeypatch)
    assert text == f"  policy-mirror sync 'sandbox/a pump' --plan {'0' * 64}\n"


def test_a_short_column_is_not_broken_for_a_long_one(monkeypatch: pytest.MonkeyPatch) -> None:
    rows: list[list[Span | str]] = [[code("mqtt-messages-from-device"), "words " * 20]]
    assert "mqtt-messages-from-device" in drawn([grid(["rule", "why"], rows)], 60, monkeypatch)


def test_an_effect_has_a_colour_on_a_terminal() -> None:
    out = io.StringIO()
    with pytest.MonkeyPatch.context() as patch:
        colourful = Console(file=out, width=80, color_system="standard", force_terminal=True)
        patch.setattr(screen, "console", lambda: colourful)
        screen.show([line(toned("bad", Tone.BAD))])
    assert "\x1b[1;31mbad" in out.getvalue()
