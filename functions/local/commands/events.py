"""``policy-mirror console-events``: the ready-made test events of both consoles, written or checked."""

from __future__ import annotations

from pathlib import Path

import click

from functions.local.reference import AWS_EVENTS, console_files


@click.command(hidden=True)
@click.option("--check", is_flag=True, help="Write nothing; exit 1 if a file is stale.")
@click.option("--into", default=".", show_default=True, metavar="DIR", help="The project's folder.")
def console_events(check: bool, into: str) -> None:
    """Write one test event a command for the Lambda console, and one file of requests for Azure."""
    root = Path(into)
    fresh = {root / path: text for path, text in console_files()}
    there = set((root / AWS_EVENTS).glob("*.json"))
    stale = [path for path, text in fresh.items() if not _says(path, text)] + sorted(there - fresh.keys())
    if check and stale:
        raise click.ClickException(f"{stale[0]}: it is stale; run: policy-mirror console-events")
    for path in stale:
        if path in fresh:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(fresh[path], encoding="utf-8")
        else:
            path.unlink()


def _says(path: Path, text: str) -> bool:
    return path.is_file() and path.read_text(encoding="utf-8") == text
