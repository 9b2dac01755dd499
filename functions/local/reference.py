"""What is generated from the commands' schema: the README's table, and test events for both consoles."""

from __future__ import annotations

import json
from collections.abc import Iterator

from functions.local.cli import summary
from functions.local.markdown import table
from shared.operations.commands.registry import COMMANDS
from shared.operations.commands.schema.fields import EXITS, GROUPS, About, Arguments
from shared.operations.commands.spelling import typed

AWS_EVENTS = "infra/aws/events"
AZURE_REQUESTS = "infra/azure/commands.http"

IN_A_TERMINAL = {
    "export": "policy-mirror export policies sandbox",
    "import": "policy-mirror import policies",
}
"""What takes a folder there, and its content elsewhere."""

_HTTP = """\
# Every command as a request to the Azure function: for the REST client of an editor, or to copy a body into
# the portal's Code + Test. Generated from the commands' schema.
# Sign in first: az login, then az account get-access-token --resource api://APPLICATION_ID

@endpoint = https://YOUR-FUNCTION-APP.azurewebsites.net
@key = THE-FUNCTION-KEY
@token = THE-ACCESS-TOKEN
"""


def commands_section() -> str:
    parts = []
    for group, title in GROUPS.items():
        models = [model for model in COMMANDS.values() if model.about.group == group]
        if models:
            rows = [_row(model) for model in models]
            parts.append(f"**{title}**\n\n" + table(("typed", "does", "may end with"), rows))
    codes = table(("code", "means"), [(str(int(code)), meaning) for code, meaning in EXITS.items()])
    return "\n\n".join([*parts, codes])


def console_files() -> Iterator[tuple[str, str]]:
    """Path from the project's folder, and content."""
    for name, model in COMMANDS.items():
        yield f"{AWS_EVENTS}/{name}.json", json.dumps(_sent(model.about), indent=2) + "\n"
    yield AZURE_REQUESTS, _HTTP + "".join(_request(model) for model in COMMANDS.values())


def _row(model: type[Arguments]) -> tuple[str, str, str]:
    about = model.about
    exits = ", ".join(["0", *(str(int(code)) for code in about.exits)])
    line = IN_A_TERMINAL.get(about.name) or typed(about.name, about.example).replace("0" * 64, "DIGEST")
    return f"`{line}`", summary(model), exits


def _sent(about: About) -> dict[str, object]:
    return {"command": about.name, **about.example}


def _request(model: type[Arguments]) -> str:
    return (
        f"\n### {model.about.name}: {summary(model)}\n"
        "POST {{endpoint}}/api/command\n"
        "x-functions-key: {{key}}\n"
        "Authorization: Bearer {{token}}\n"
        "Content-Type: application/json\n"
        f"\n{json.dumps(_sent(model.about))}\n"
    )
