"""``policy-mirror init``: a person's own routes.yaml, and a first look that writes nothing."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from functions.local.asking import at
from functions.local.blocks import Block, code, command, line
from functions.local.output import Form, forms, give
from functions.local.place import Place
from functions.local.routes_file import Wish, check, routes_text, suggested_id
from functions.local.sandbox import running
from functions.local.views import view_of
from shared.errors import BadInput

EXAMPLE = """
\b
Examples:
  policy-mirror init                                           # asks for what it needs
  policy-mirror init --account 123456789012 --region eu-central-1 \\
    --hub "$(az iot hub show -n plant --query id -o tsv)"
  policy-mirror init --sandbox --look --html first-look.html   # the two clouds on this machine
"""
QUESTIONS = {
    "account": "AWS account (12 digits; aws sts get-caller-identity tells it)",
    "region": "AWS region of its things",
    "hub": "Resource id of the IoT hub (az iot hub show -n NAME --query id -o tsv)",
    "id": "What to call the route",
}
MOST_TOLD = 50
"""Policies that a first look tells rule by rule; the route's plan counts all."""
MOST_PLANNED = 500


@click.command(epilog=EXAMPLE)
@click.option("--account", help="The AWS account, 12 digits.")
@click.option("--region", help="The AWS region, such as eu-central-1.")
@click.option("--hub", help="The IoT hub's full resource id.")
@click.option("--id", "route", help="The route's id. Default: the hub's name.")
@click.option("--include", multiple=True, metavar="GLOB", help="Only policies of such names; repeatable.")
@click.option("--out", default="routes.yaml", show_default=True, metavar="FILE", help="What to write.")
@click.option("--force", is_flag=True, help="Replace FILE if it is there.")
@click.option("--look/--no-look", default=None, help="Look at both clouds right after, without writing.")
@click.option("--html", metavar="FILE", help="Write the first look as a page too, in one file.")
@click.option("--sandbox", is_flag=True, help="The clouds are those of the sandbox that runs.")
@forms
def init(
    out: str, force: bool, look: bool | None, html: str | None, sandbox: bool, form: Form | None, **given: Any
) -> int:
    """Write a commented routes.yaml for one AWS account and one IoT hub, and look at both.

    Asks for what no option tells. The route only observes until links are adopted: the first look writes to
    no cloud and to no ledger, and tells link by link what mirroring would do.
    """
    here = _sandbox() if sandbox or os.environ.get(running.VARIABLE) else None
    wish = _wish(given, here)
    text = routes_text(wish)
    _write(Path(out), text, force=force)
    wants_look = look if look is not None else html is not None or _confirmed(form)
    answer: dict[str, Any] = {
        "routes": out,
        "route": wish.id,
        "looked": wants_look,
        "plan": None,
        "links": [],
    }
    if wants_look:
        answer |= _first_look(Place(here is not None, out, "sqlite::memory:"), wish.id)
    if html is not None:
        _page(html, answer)
    give(answer, form, view)
    return 0


def view(answer: dict[str, Any]) -> Iterator[Block]:
    yield line("Written: ", code(answer["routes"]), ". It observes; read it, it explains each setting.")
    if answer["looked"]:
        yield from _looked(answer)
    yield line("Next: what would mirroring do, and to take a pair into the mirror:")
    yield command("plan", answer["route"], "--routes", answer["routes"])
    yield command("adopt", f"{answer['route']}/NAME", "--routes", answer["routes"])


def _looked(answer: dict[str, Any], *, whole: bool = False) -> Iterator[Block]:
    """``whole``: each policy in words too."""
    yield from view_of("plan")(answer["plan"])
    for link in answer["links"]:
        yield from view_of("plan")(link["plan"])
        if whole:
            yield from view_of("explain")(link["explained"])
    if answer["more"]:
        yield line(f"And {answer['more']} more policies, which this look does not tell one by one.")


def _wish(given: dict[str, Any], here: running.Running | None) -> Wish:
    values: dict[str, str] = {}
    known = {} if here is None else _values(here)
    missing = [name for name in ("account", "region", "hub") if not given[name] and name not in known]
    if missing and not sys.stdin.isatty():
        raise BadInput(f"init: give {', '.join(f'--{name}' for name in missing)}; there is nobody to ask")
    for name in ("account", "region", "hub"):
        values[name] = check(name, given[name] or known.get(name) or _answer(name))
    suggestion = known.get("id") or suggested_id(values["hub"])
    asks = given["route"] is None and bool(missing)
    route = given["route"] or (_answer("id", suggestion) if asks else suggestion)
    return Wish(id=check("id", route), include=given["include"], **values)


def _answer(name: str, default: str | None = None) -> str:
    """Asked until it may stand in a routes.yaml."""
    while True:
        given: str = click.prompt(QUESTIONS[name], default=default, err=True)
        try:
            return check(name, given.strip())
        except BadInput as error:
            click.echo(str(error), err=True)


def _sandbox() -> running.Running:
    return running.find(running.place(os.environ))


def _values(here: running.Running) -> dict[str, str]:
    from shared.routes.load import load_routes

    route = load_routes(here.routes, "routes.yaml of the sandbox").routes[0]
    return {"account": route.aws.account, "region": route.aws.region, "hub": route.azure.hub, "id": route.id}


def _confirmed(form: Form | None) -> bool:
    if form is not None or not sys.stdin.isatty():
        return False
    return click.confirm("Look at both clouds now? It only reads", default=True, err=True)


def _write(path: Path, text: str, *, force: bool) -> None:
    try:
        with path.open("w" if force else "x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        raise BadInput(f"{path}: it is there already; --force replaces it, --out names another") from None
    except OSError as error:
        raise BadInput(f"{path}: cannot be written: {error.strerror or error}") from None


def _first_look(place: Place, route: str) -> dict[str, Any]:
    """The route's plan; and of its first policies the plan and the meaning of each."""
    with at(place, "looking") as (ask, progress):
        planned = ask("plan", {"route": route, "limit": MOST_PLANNED})
        names = [each["name"] for each in ask("export", {"route": route, "limit": MOST_PLANNED})["policies"]]
        links: list[dict[str, Any]] = []
        for name in names[:MOST_TOLD]:
            progress(len(links), min(len(names), MOST_TOLD))
            key = {"route": route, "name": name}
            links.append({"plan": ask("plan", key), "explained": ask("explain", key)})
    return {"plan": planned, "links": links, "more": len(names) - len(links)}


def _page(file: str, answer: dict[str, Any]) -> None:
    import time

    from functions.local.web import web_page

    lead = f"What mirroring would do on route {answer['route']}. Nothing was written to a cloud."
    with click.open_file(file, "w", encoding="utf-8") as target:
        target.write(web_page("First look", lead, _looked(answer, whole=True), time.time()))
