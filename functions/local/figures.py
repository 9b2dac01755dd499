"""The README's table of how fast it is, from the figures that ``make bench`` has measured and kept."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import functions
from functions.local.markdown import table
from shared.errors import BadInput

FIGURES = Path(functions.__file__).resolve().parents[1] / "tests" / "bench" / "figures.json"


def bench_section() -> str:
    """Raises BadInput outside a working copy."""
    try:
        told = json.loads(FIGURES.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise BadInput(f"{FIGURES}: cannot be read: {error}; make bench writes it") from None
    machine = told["machine"]
    return "\n\n".join(
        [
            f"Measured on {told['date']}, with {machine['cores']} cores ({machine['processor']}).",
            table(
                ("what", "ours", "floor", "ours against it", "goal"),
                [_row(figure, told["date"]) for figure in told["rows"]],
            ),
            *(
                f"Not measured here on {each['date']}: {each['what']} (`{each['name']}`): {each['reason']}."
                for each in told.get("unmeasured", ())
            ),
        ]
    )


def _row(figure: dict[str, Any], today: str) -> tuple[str, str, str, str, str]:
    """The name of the row comes first, for ``python -m tests.bench --only NAME``. One that was measured on
    another day than the table says so."""
    against, goal = _in_unit(figure, figure["figure"]), _in_unit(figure, figure["most"])
    spread = f"{_plain(figure['low'])} to {_plain(figure['high'])}"
    missed = figure["figure"] > figure["most"]
    unit = figure["unit"]
    return (
        f"`{figure['name']}`: {figure['what']}"
        + (f" (measured {date})" if (date := figure["date"]) != today else ""),
        f"{_plain(figure['ours'])} {unit}",
        f"{_plain(figure['least'])} {unit}: {figure['floor']}",
        f"**{against}** ({spread})",
        f"{goal}, missed" if missed else goal,
    )


def _in_unit(figure: dict[str, Any], value: float) -> str:
    sign = "+" if figure["goal"] == "beyond" else ""
    return f"{sign}{_plain(value)} {figure['unit']}" if sign else f"{_plain(value)}x"


def _plain(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:g}"
