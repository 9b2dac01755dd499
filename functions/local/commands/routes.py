"""``policy-mirror routes``: whether a routes.yaml can be read, before a function has to."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import click

from functions.local.blocks import Block, Tone, code, count, faint, item, line, toned
from functions.local.output import Form, forms, give
from shared.errors import BadRoutes
from shared.operations.commands.schema.fields import Exit
from shared.routes.load import compact, load_routes, read_document
from shared.routes.route import Route, Routes

EXAMPLE = """
\b
Examples:
  policy-mirror routes                   # the one in this folder
  policy-mirror routes plant.yaml --compact                  # as it is deployed
  aws ssm put-parameter --overwrite --name /policy-mirror/routes --type String \\
    --tier Intelligent-Tiering --value "$(policy-mirror routes plant.yaml --compact)"
"""


@click.command(epilog=EXAMPLE)
@click.argument("file", default="routes.yaml", type=click.Path(), metavar="[FILE]")
@click.option("--compact", "as_deployed", is_flag=True, help="Print it as one line of JSON instead.")
@forms
def routes(file: str, form: Form | None, *, as_deployed: bool) -> int:
    """Check a routes.yaml, and tell what each route mirrors.

    Every problem is told with its line, and nothing else is opened. A function that cannot read its routes
    mirrors nothing until they are mended; what --compact prints, it can read, and sooner.
    """
    try:
        document = read_document(file)
        answer = _read(load_routes(document, file))
        if as_deployed:
            click.echo(compact(document, file))
            return int(Exit.DONE)
    except BadRoutes as error:
        if as_deployed:
            raise
        answer = {"exit_code": int(Exit.BAD_INPUT), "problems": str(error).split("\n")}
    give(answer, form, _view)
    return int(answer["exit_code"])


def _read(found: Routes) -> dict[str, Any]:
    told = [_told(route) for route in found.routes]
    return {"exit_code": int(Exit.DONE), "problems": [], "routes": told, "digest": found.digest()}


def _told(route: Route) -> dict[str, Any]:
    return {
        "route": route.id,
        "aws": route.aws.scope,
        "hub": route.azure.hub,
        "mode": route.mode,
        "first_contact": route.first_contact,
        "delete": route.delete,
        "include": list(route.names.include),
        "exclude": list(route.names.exclude),
    }


def _view(answer: dict[str, Any]) -> Iterator[Block]:
    for problem in answer["problems"]:
        yield item([toned(problem, Tone.BAD)])
    if answer["problems"]:
        return
    for each in answer["routes"]:
        settings = f"  {each['mode']}, first_contact: {each['first_contact']}, delete: {each['delete']}"
        yield item([code(each["route"]), faint(settings)], [f"AWS {each['aws']}, Azure {each['hub']}"])
    yield line(
        f"{count(len(answer['routes']), 'route')}: all of it can be read. ",
        faint(f"digest {answer['digest'][:12]}"),
    )
