"""Modules and functions stay small enough to be read at one sitting."""

from __future__ import annotations

import ast
import statistics
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
MODULE_LIMIT = 400
MEDIAN_LIMIT = 170
FUNCTION_LIMIT = 35
SHARE_BELOW_FUNCTION_LIMIT = 0.9


def modules() -> dict[str, str]:
    """The source of every module of the two packages that says anything, by path from the root."""
    paths = [path for package in ("functions", "shared") for path in (ROOT / package).rglob("*.py")]
    sources = {str(path.relative_to(ROOT)): path.read_text(encoding="utf-8") for path in sorted(paths)}
    return {path: source for path, source in sources.items() if len(source.splitlines()) > 1}


def function_lengths(source: str) -> Iterator[tuple[str, int]]:
    """Name and lines of each function and method, from ``def`` to its last line, docstring included."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.name, (node.end_lineno or node.lineno) - node.lineno + 1


def test_the_measure_counts_from_def_to_the_last_line() -> None:
    source = "@decorated\ndef one():\n    '''Doc.'''\n\n    def two(): ...\n    return two\n"
    assert dict(function_lengths(source)) == {"one": 5, "two": 1}


def test_no_module_is_too_long() -> None:
    too_long = {path: n for path, text in modules().items() if (n := len(text.splitlines())) > MODULE_LIMIT}
    assert too_long == {}


def test_the_median_module_is_short() -> None:
    assert statistics.median(len(source.splitlines()) for source in modules().values()) <= MEDIAN_LIMIT


def test_nine_functions_in_ten_are_short() -> None:
    lengths = {
        f"{path}:{name}": lines for path, text in modules().items() for name, lines in function_lengths(text)
    }
    long = {name: lines for name, lines in lengths.items() if lines >= FUNCTION_LIMIT}
    assert len(long) <= (1 - SHARE_BELOW_FUNCTION_LIMIT) * len(lengths), long
