"""``policy-mirror export`` and ``import``: policies as YAML files in a folder, for review in git."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import click

from functions.local import completing
from functions.local.asking import asked, asked_for_all
from functions.local.files import read_text
from functions.local.output import Form, forms, give
from functions.local.place import Place, in_place
from functions.local.views import view_of
from shared.errors import BadInput
from shared.operations.policy_files.file import file_names
from shared.sync.link import LinkKey

SUFFIX = ".yaml"
EXPORT_EXAMPLE = """
\b
Examples:
  policy-mirror export policies                 # every policy of every route, a file each
  policy-mirror export policies sandbox/pumps
  policy-mirror export policies --prune && git diff policies
"""
IMPORT_EXAMPLE = """
\b
Examples:
  policy-mirror import policies                 # what would be written? nothing is
  policy-mirror import policies --markdown      # the same, for a pull request
  policy-mirror import policies --plan DIGEST   # exactly what was reviewed, or nothing
"""


@click.command(epilog=EXPORT_EXAMPLE)
@click.argument("folder", metavar="DIR", type=click.Path(file_okay=False, path_type=Path))
@click.argument("key", metavar="[ROUTE[/NAME]]", required=False, shell_complete=completing.routes_and_links)
@click.option("--prune", is_flag=True, help="Remove policy files of these routes that nobody has any more.")
@in_place
@forms
def export(folder: Path, key: str | None, prune: bool, place: Place, form: Form | None) -> int:
    """Write every policy into DIR/ROUTE/NAME.yaml: what both clouds share, and the rest as comments.

    The same policies give the same files: only what changed shows up in git. Nothing is written to a cloud.
    """
    arguments = dict(zip(("route", "name"), (key or "").split("/", 1), strict=False)) if key else {}
    answer = asked_for_all(place, "export", arguments, "policies")
    policies = {LinkKey(each["route"], each["name"]): each["text"] for each in answer["policies"]}
    files = {name: policies[link] for link, name in file_names(list(policies)).items()}
    states = {name: _written(folder / name, text) for name, text in files.items()}
    stale = [] if key and "/" in key else list(_stale(folder, {link.route for link in policies}, files))
    if prune and not answer["problems"]:
        for path in stale:
            path.unlink()
    told = {
        "folder": str(folder),
        "files": [{"file": name, "state": state} for name, state in states.items()],
        "stale": [str(path.relative_to(folder)) for path in stale],
        "pruned": prune and not answer["problems"],
        "problems": answer["problems"],
        "exit_code": answer["exit_code"],
    }
    give(told, form, view_of("export"))
    exit_code: int = told["exit_code"]
    return exit_code


def _written(path: Path, text: str) -> str:
    """``new``, ``changed`` or ``unchanged``; what did not change is not touched."""
    try:
        if path.is_file() and path.read_bytes() == text.encode():
            return "unchanged"
        state = "changed" if path.exists() else "new"
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(f".{path.name}.{os.getpid()}")
        draft.write_bytes(text.encode())
        draft.replace(path)
    except OSError as error:
        raise BadInput(f"{path}: cannot be written: {error.strerror or error}") from None
    return state


def _stale(folder: Path, routes: Iterable[str], files: Iterable[str]) -> Iterator[Path]:
    """Policy files of these routes that were not written just now."""
    mine = {folder / name for name in files}
    for route in sorted(routes):
        yield from (path for path in sorted((folder / route).glob(f"*{SUFFIX}")) if path not in mine)


@click.command("import", epilog=IMPORT_EXAMPLE)
@click.argument("sources", metavar="DIR|FILE...", nargs=-1, required=True)
@click.option("--plan", metavar="DIGEST", help="Carry out this plan, as it was told, or nothing.")
@in_place
@forms
def import_(sources: tuple[str, ...], plan: str | None, place: Place, form: Form | None) -> int:
    """Make both clouds show what policy files say: first as a plan, then exactly that plan.

    A rule that a file leaves out is removed; what a file lists as unsettled, what is held, and policies
    without a file are left alone. Exit code 3 if there is something to write.
    """
    files = {str(path): read_text(str(path)) for source in sources for path in _files(Path(source))}
    if not files:
        raise BadInput(f"{sources[0]}: there is no policy file (*{SUFFIX}) below it")
    arguments: dict[str, Any] = {"files": files} | ({} if plan is None else {"plan": plan})
    answer = asked(place, "import", arguments)
    give({**answer, "sources": list(sources)}, form, view_of("import"))
    exit_code: int = answer["exit_code"]
    return exit_code


def _files(source: Path) -> list[Path]:
    if source.is_dir():
        return sorted(path for path in source.rglob(f"*{SUFFIX}") if not path.name.startswith("."))
    return [source]
