"""The commands that consoles take too, in a terminal: their arguments are those of the one schema."""

from __future__ import annotations

import inspect
import json
import time
from collections.abc import Iterator
from functools import partial
from types import NoneType
from typing import Annotated, Any, Literal, get_args, get_origin

import click
from pydantic.fields import FieldInfo

from functions.local import completing
from functions.local.asking import at
from functions.local.output import form_options, give
from functions.local.place import Place, place_options
from functions.local.views import view_of
from shared.errors import BadInput
from shared.operations.commands.registry import COMMANDS
from shared.operations.commands.schema.fields import EXITS, Arguments, described
from shared.operations.commands.spelling import option, typed

KEY = ("route", "name")
PATIENCE = 60.0
"""Seconds that a sync waits in all for others that are at its link."""


def command(name: str) -> click.Command:
    """Raises KeyError for a name that is none."""
    model = COMMANDS[name]
    return click.Command(
        name,
        callback=partial(_run, model),
        params=[*_parameters(model), *place_options(), *form_options()],
        help=_help(model),
        epilog=f"\b\nExample:\n  {typed(name, model.about.example)}",
    )


def _help(model: type[Arguments]) -> str:
    about = model.about
    exits = "; ".join(f"{int(code)}: {EXITS[code]}" for code in about.exits)
    text = inspect.cleandoc(model.__doc__ or "")
    return f"{text}\n\n{f'Exit codes beside 0, 1 and 2: {exits}.' if exits else ''}"


def _parameters(model: type[Arguments]) -> Iterator[click.Parameter]:
    fields = model.model_fields
    if "route" in fields:
        yield _key(fields)
    for name, field in fields.items():
        if name in model.about.positional and name not in KEY:
            yield click.Argument([name], required=field.is_required(), type=_type(field))
        elif name not in KEY:
            yield _option(name, field)


def _key(fields: dict[str, FieldInfo]) -> click.Argument:
    """``ROUTE/NAME`` for a link, ``ROUTE`` for a route."""
    required = fields["route"].is_required()
    metavar = "ROUTE" if required else "[ROUTE]"
    if "name" in fields:
        whole = fields["name"].is_required()
        metavar = "ROUTE/NAME" if whole else "ROUTE[/NAME]" if required else "[ROUTE[/NAME]]"
    return click.Argument(
        ["key"], metavar=metavar, required=required, shell_complete=completing.routes_and_links
    )


def _option(name: str, field: FieldInfo) -> click.Option:
    flag = _bare(field.annotation) is bool
    unless_given: dict[str, Any] = {} if field.is_required() else {"default": None}
    return click.Option(
        [option(name), name],
        required=field.is_required(),
        type=None if flag else _type(field),
        is_flag=flag,
        help=_told(field),
        **unless_given,  # where one is required, click would be content with None
    )


def _told(field: FieldInfo) -> str:
    text = described(field)
    text = f"{text[:1].upper()}{text[1:]}{'.' if text and not text.endswith('.') else ''}"
    default = field.default
    shown = isinstance(default, str | int) and not isinstance(default, bool) and not field.is_required()
    return f"{text} Default: {default}.".strip() if shown else text


def _type(field: FieldInfo) -> click.ParamType[Any]:
    kind = _bare(field.annotation)
    if get_origin(kind) is Literal:
        return click.Choice([str(value) for value in get_args(kind)])
    return {int: click.INT, str: click.STRING}.get(kind, Json())


def _bare(annotation: Any) -> Any:
    """The type without Optional and Annotated."""
    kinds = [kind for kind in get_args(annotation) if kind is not NoneType]
    if get_origin(annotation) is Annotated:
        return _bare(kinds[0])
    if NoneType in get_args(annotation) and len(kinds) == 1:
        return _bare(kinds[0])
    return annotation


class Json(click.ParamType[Any]):
    """A value of several types: JSON where it reads as that, else the text itself."""

    name = "value"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        try:
            return json.loads(value)
        except (TypeError, ValueError, RecursionError):
            return value


def _run(model: type[Arguments], **given: Any) -> int:
    place = Place(given.pop("sandbox"), given.pop("routes"), given.pop("ledger"))
    form, key = given.pop("form"), given.pop("key", None)
    arguments = {name: value for name, value in given.items() if value is not None}
    arguments |= split_key(key, model)
    answer = _patiently(place, model.about.name, arguments)
    give(answer, form, view_of(model.about.name))
    exit_code: int = answer["exit_code"]
    return exit_code


def _patiently(place: Place, name: str, arguments: dict[str, Any]) -> dict[str, Any]:
    """A sync of a link that somebody else is at looks again when they should be done; it gives up in time."""
    with at(place, name) as (ask, _):
        patience = PATIENCE
        while True:
            answer = ask(name, arguments)
            wait = _busy(answer) if name == "sync" and "name" in arguments else None
            if wait is None or wait > patience:
                return answer
            click.echo(f"somebody else is at it; looking again in {wait:.0f} s", err=True)
            patience -= wait
            time.sleep(wait)


def _busy(answer: dict[str, Any]) -> float | None:
    """Seconds after which the one link that was looked at should be free."""
    outcomes = answer.get("outcomes", [])
    busy = len(outcomes) == 1 and outcomes[0]["event"] == "busy"
    return float(outcomes[0]["retry_after"] or 1.0) if busy else None


def split_key(key: str | None, model: type[Arguments]) -> dict[str, str]:
    if key is None:
        return {}
    route, slash, name = key.partition("/")
    if "name" not in model.model_fields:
        return {"route": key}
    if not slash and model.model_fields["name"].is_required():
        raise BadInput(f"{model.about.name}: {key[:80]!r} names no link; wanted: ROUTE/NAME")
    return {"route": route, "name": name} if slash else {"route": route}
