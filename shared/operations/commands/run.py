"""Check a command against its model, and run it with no more power than it needs."""

from __future__ import annotations

from msgspec.structs import replace
from pydantic import ValidationError
from pydantic_core import ErrorDetails

from shared.errors import BadInput
from shared.operations.commands.registry import COMMANDS, Answer, implementation
from shared.operations.commands.schema.fields import Arguments, Exit, described
from shared.operations.mirror import Mirror
from shared.operations.requests import Command


def answered(mirror: Mirror, command: Command) -> Answer:
    arguments = validated(command)
    about = arguments.about
    run = implementation(about)
    answer = run(replace(mirror, actor=command.actor) if about.writes else mirror.reader(), arguments)
    return {"exit_code": int(Exit.DONE), **answer}


def validated(command: Command) -> Arguments:
    """Raises BadInput that names the argument and never repeats what it says."""
    model = COMMANDS.get(command.name)
    if model is None:
        raise BadInput(f"command {command.name[:40]!r} is unknown; there are: {', '.join(COMMANDS)}")
    try:
        return model.model_validate(dict(command.arguments))
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        raise BadInput(f"command {command.name!r}: {_said(first, model)}"[:400]) from None


def _said(error: ErrorDetails, model: type[Arguments]) -> str:
    """Of what is missing, and of what could be of several kinds or one spelling, the schema's own words tell
    more than the first thing that did not fit."""
    loc = [str(part) for part in error["loc"]]
    where = ".".join(part for part in loc if not _is_kind(part))[:100]
    field = model.model_fields.get(where)
    wanted = described(field) if field is not None else ""
    if wanted and error["type"] == "missing":
        return f"{where}: is missing; wanted: {wanted}"
    if wanted and (error["type"] == "string_pattern_mismatch" or any(map(_is_kind, loc))):
        return f"{where}: wanted: {wanted}"
    problem = error["msg"].removeprefix("Value error, ")
    return f"{where}: {problem}" if where else problem


def _is_kind(part: str) -> bool:
    """One of the kinds that a value could be of, such as ``list[str]``: no member of what was sent."""
    return "[" in part
