"""``policy-mirror history``: the schema's command, and the whole journal as JSON lines to keep elsewhere."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import click

from functions.local.asking import asked
from functions.local.commands import operate
from functions.local.place import Place
from shared.operations.commands.schema.undoing import History

_PAGE = 200


def _with_lines(plain: click.Command) -> click.Command:
    told = plain.callback
    assert told is not None

    def run(lines: bool, **given: Any) -> Any:
        if not lines:
            return told(**given)
        place = Place(given["sandbox"], given["routes"], given["ledger"])
        for entry in _every_entry(place, operate.split_key(given.get("key"), History)):
            click.echo(json.dumps(entry))
        return 0

    option = click.Option(
        ["--lines"], is_flag=True, help="Every entry whole, oldest first, as one JSON object a line."
    )
    return click.Command(
        plain.name,
        callback=run,
        params=[*plain.params, option],
        help=plain.help,
        epilog=f"{plain.epilog}\n  policy-mirror history sandbox/pumps --lines > pumps.jsonl",
    )


def _every_entry(place: Place, key: dict[str, str]) -> Iterator[dict[str, Any]]:
    since = 1
    while since is not None:
        page = asked(place, "history", {**key, "since": since, "documents": True, "limit": _PAGE})
        yield from page["entries"]
        since = page["next"]


history = _with_lines(operate.command("history"))
