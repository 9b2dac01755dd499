"""Check a command against its model, and run it with no more power than it needs."""

from __future__ import annotations

from msgspec.structs import replace
from pydantic import ValidationError

from shared.errors import BadInput
from shared.operations.commands.registry import COMMANDS, Answer, implementation
from shared.operations.commands.schema.fields import Arguments, Exit
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
        where = ".".join(str(part) for part in first["loc"] if "[" not in str(part))[:100]
        problem = first["msg"].removeprefix("Value error, ")
        said = f"{where}: {problem}" if where else problem
        raise BadInput(f"command {command.name!r}: {said}"[:400]) from None
