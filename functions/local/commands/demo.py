"""``policy-mirror demo``: the guided tour, exit 0 only if every statement it prints was checked."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

import click

from functions.local.commands.reaching import Runtimes, reached, runtimes_option

INTRO = """\
One policy, two clouds. Both are in a box on this machine, real HTTP, real SDK clients;
the Lambda's handler hears AWS's events, the Azure function's those of Azure.
"""
REAL = """\
Both functions run as deployed: AWS's runtime client under its emulator, Microsoft's own worker.
"""


@click.command(epilog="\b\nExamples:\n  policy-mirror demo\n  policy-mirror demo --runtimes real")
@runtimes_option
def demo(runtimes: Runtimes) -> int:
    """Take a guided tour in which every statement is checked.

    Exit code 0 if all held, 1 if one did not.
    """
    from functions.local.stage import Stage
    from functions.local.tour import Lines, Tour, TourFailed

    colour = sys.stdout.isatty() and "NO_COLOR" not in os.environ
    lines, checked = Lines(), [0]

    def say(statement: str) -> None:
        checked[0] += 1
        click.echo(f"   {click.style('✓', fg='green')} {statement}", color=colour)

    click.echo(INTRO + REAL if runtimes == "real" else INTRO)
    with (
        tempfile.TemporaryDirectory(prefix="policy-mirror-") as folder,
        Stage(lines.tell, reached(runtimes, Path(folder) / "ledger.db")) as stage,
    ):
        for number, (title, step) in enumerate(Tour(stage, lines, say).steps(), start=1):
            click.echo(click.style(f"{number}. {title}", bold=True), color=colour)
            try:
                step()
            except TourFailed as failed:
                click.echo(f"   {click.style('✗ not so:', fg='red')} {failed}", color=colour)
                return 1
    click.echo(f"\nAll {checked[0]} statements were checked and hold. Next: policy-mirror sandbox")
    return 0
