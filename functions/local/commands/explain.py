"""``policy-mirror explain``: what each rule means, what is held or lost, and what that does to detection."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from functions.local import completing
from functions.local.files import STDIN, read_document
from functions.local.output import Form, forms, give
from functions.local.place import Place, in_place
from functions.local.views import view_of
from shared.errors import BadInput

EXAMPLE = """
\b
Examples:
  policy-mirror explain sandbox/pumps            # both documents of a link, rule by rule
  policy-mirror explain profile.json             # a document, and the mirror that it would have
  aws iot describe-security-profile --security-profile-name pumps | policy-mirror explain -
"""


@click.command(epilog=EXAMPLE)
@click.argument("what", metavar="ROUTE/NAME|FILE", shell_complete=completing.routes_and_links)
@in_place
@forms
def explain(what: str, place: Place, form: Form | None) -> None:
    """Say what each rule means, what is held or lost, and what that does to detection.

    FILE is a document of either cloud, or - for standard input, as for the command translate. A name of a
    file that exists is a file; else what has a slash, and does not end in .json, is a link.
    """
    answer = _document(what) if _is_file(what) else _link(what, place)
    give(answer, form, view_of("explain"))


def _is_file(what: str) -> bool:
    named = what == STDIN or "/" not in what or what.startswith((".", "/")) or what.endswith(".json")
    try:
        return named or Path(what).exists()
    except (OSError, ValueError):
        return True  # and reading it will tell what is wrong


def _document(source: str) -> dict[str, Any]:
    from shared.translation.explain import explain as explained
    from shared.translation.pairing import pairing

    given = read_document(source)
    return {"documents": [explained(given.side, given.document, pairing()).to_json()]}


def _link(key: str, place: Place) -> dict[str, Any]:
    from functions.local.asking import asked

    route, _, name = key.partition("/")
    if not name:
        raise BadInput(f"{key[:80]!r} names no link; wanted: ROUTE/NAME")
    return asked(place, "explain", {"route": route, "name": name})
