"""``policy-mirror explain``: what each rule means, what is held or lost, and what that does to detection."""

from __future__ import annotations

from typing import Any

import click

from functions.local.files import read_document
from functions.local.output import Form, forms, give
from functions.local.views.explain import view

EXAMPLE = """
\b
Examples:
  policy-mirror explain profile.json
  aws iot describe-security-profile --security-profile-name pumps | policy-mirror explain -
"""


@click.command(epilog=EXAMPLE)
@click.argument("source", metavar="FILE")
@forms
def explain(source: str, form: Form | None) -> None:
    """Say what each rule means, what is held or lost, and what that does to detection.

    FILE is a document of either cloud, or - for standard input, as for the command translate.
    """
    give(explained(source), form, view)


def explained(source: str) -> dict[str, Any]:
    from shared.translation.explain import explain as explained_document
    from shared.translation.pairing import pairing

    given = read_document(source)
    return {"documents": [explained_document(given.side, given.document, pairing()).to_json()]}
