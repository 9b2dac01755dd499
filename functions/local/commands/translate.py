"""``policy-mirror translate``: one document said in the other cloud's format, and what that leaves out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from functions.local.files import STDIN, read_document
from functions.local.output import Form, forms, give
from functions.local.views.translate import Sides, view
from shared.errors import BadInput
from shared.translation.names import unspellable
from shared.translation.pairing import Pairing, pairing
from shared.translation.shapes import Native
from shared.translation.side import Side
from shared.translation.translators import Translation
from shared.translation.translators import translate as translated

FALLBACK_NAME = "policy"
EXAMPLE = """
\b
Examples:
  policy-mirror translate profile.json
  policy-mirror translate group.json --onto profile.json --json
"""


@click.command(epilog=EXAMPLE)
@click.argument("source", metavar="SOURCE")
@click.option("--to", type=click.Choice([str(side) for side in Side]), help="The target; the other cloud.")
@click.option("--onto", metavar="EXISTING", help="A document of the target's cloud to put the rules into.")
@click.option("--routes", metavar="FILE", help="Translate as the first route does that takes in the policy.")
@click.option("--name", help="What the policy is called. Default: its own name, else that of the file.")
@forms
def translate(
    source: str, to: str | None, onto: str | None, routes: str | None, name: str | None, form: Form | None
) -> None:
    """Say a policy document of one cloud in the other's format.

    SOURCE is a file, or - for standard input: a CreateSecurityProfile request, a DescribeSecurityProfile
    response, or the PUT body or GET response of a device security group.

    Without --onto the result is a fresh CreateSecurityProfile request or PUT body. With it, the result is
    EXISTING with the shared rules of SOURCE put into it, and everything else as it was.
    """
    if source == onto == STDIN:
        raise BadInput("SOURCE and EXISTING cannot both be standard input (-)")
    given = read_document(source)
    _check_target(source, given, to)
    existing = _existing(onto, given.side.other)
    called = _own_name(given, existing) or _stem(source) if name is None else name
    if existing is None:
        _check_name("--name" if name is not None else f"{source}: name", given.side.other, called)
    chosen = pairing() if routes is None else _pairing(routes, given.side, called)
    onto_document = None if existing is None else existing.document
    result = translated(given.side, given.document, chosen, onto_document, called)
    sides = Sides(given, existing, result, chosen)
    give(_json(result), form, lambda _: view(sides))


def _check_target(source: str, given: Native, to: str | None) -> None:
    if to == given.side:
        here, there = given.side.cloud, given.side.other
        raise BadInput(
            f"{source}: it is the {given.shape}, of {here} itself: --to {there}, or leave --to out"
        )


def _existing(onto: str | None, target: Side) -> Native | None:
    if onto is None:
        return None
    existing = read_document(onto)
    if existing.side is not target:
        wanted = f"wanted a document of {target.cloud}, the target of this translation"
        raise BadInput(f"{onto}: it is the {existing.shape}; {wanted}")
    return existing


def _own_name(given: Native, existing: Native | None) -> str | None:
    """What a document itself says: its name, else the end of its resource id; failing both, EXISTING's."""
    for native in (given, existing):
        if native is not None:
            document = native.document
            name = document.get("securityProfileName" if native.side is Side.AWS else "name")
            found = name or str(document.get("id") or "").rstrip("/").rpartition("/")[2]
            if found:
                return str(found)
    return None


def _stem(source: str) -> str:
    stem = Path(source).stem
    return FALLBACK_NAME if source == STDIN or unspellable(Side.AWS, stem) else stem


def _check_name(where: str, target: Side, called: str) -> None:
    """A fresh document gets a name, and names are never mangled."""
    problem = unspellable(target, called)
    if problem is not None:
        raise BadInput(f"{where}: {problem}; choose another with --name")


def _pairing(routes: str, source: Side, called: str) -> Pairing:
    from shared.routes.load import read_routes
    from shared.routes.match import in_scope
    from shared.routes.options import pairing_options

    route = next((route for route in read_routes(routes).routes if in_scope(route, called)), None)
    if route is None:
        raise BadInput(f"{routes}: no route takes in a policy called {called!r}; see names, or give --name")
    if source not in route.sources:
        raise BadInput(f"{routes}: route {route.id!r} is {route.mode}: it takes nothing from {source.cloud}")
    return pairing(pairing_options(route))


def _json(result: Translation) -> dict[str, Any]:
    return {
        "document": result.document,
        "policy": result.policy.to_json(),
        "losses": [loss.to_json() for loss in result.losses],
        "notes": [note.to_json() for note in result.notes],
        "held": [hold.to_json() for hold in result.holds],
    }
