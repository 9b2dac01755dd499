"""``policy-mirror readme``: the sections of README.md that the code decides, written or checked."""

from __future__ import annotations

from pathlib import Path

import click

from functions.local.cost_figures import costs_section, estates_section
from functions.local.figures import bench_section
from functions.local.markdown import codes_section, matrix_section, metrics_section
from functions.local.reference import commands_section
from functions.local.simulation_figures import simulation_section
from shared.errors import BadInput

SECTIONS = {
    "commands": commands_section,
    "matrix": matrix_section,
    "codes": codes_section,
    "metrics": metrics_section,
    "simulation": simulation_section,
    "bench": bench_section,
    "costs": costs_section,
    "estates": estates_section,
}
"""By the name that stands in their markers."""


@click.command(hidden=True)
@click.option("--check", is_flag=True, help="Write nothing; exit 1 if a section is stale.")
@click.option("--file", default="README.md", show_default=True, metavar="FILE")
def readme(check: bool, file: str) -> None:
    """Write what stands between generated:matrix and /generated:matrix, and so for every section."""
    path = Path(file)
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, ValueError) as error:
        raise BadInput(f"{file}: cannot be read: {error}") from None
    fresh = refreshed(text, file)
    if check and fresh != text:
        raise click.ClickException(f"{file}: its generated sections are stale; run: policy-mirror readme")
    if fresh != text:
        path.write_text(fresh, encoding="utf-8")


def refreshed(text: str, source: str) -> str:
    """``text`` with its sections made anew. Raises :class:`BadInput` unless each marker is there once."""
    for section, content in SECTIONS.items():
        begin, end = f"<!-- generated:{section} -->", f"<!-- /generated:{section} -->"
        if text.count(begin) != 1 or text.count(end) != 1 or text.index(begin) > text.index(end):
            raise BadInput(f"{source}: wanted {begin} and, after it, {end}, each once")
        head, _, rest = text.partition(begin)
        text = f"{head}{begin}\n{content()}\n{end}{rest.partition(end)[2]}"
    return text
