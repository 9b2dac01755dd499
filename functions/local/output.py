"""How a command gives its answer: text for people, JSON for scripts, markdown for pull requests."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Literal, TypeVar

import click

from functions.local.blocks import Block

Form = Literal["json", "markdown"]
View = Callable[[Any], Iterable[Block]]
F = TypeVar("F", bound=Callable[..., Any])

_FORMS = (
    ("--json", "json", "Print one JSON object."),
    ("--markdown", "markdown", "Print markdown, for a pull request or a ticket."),
)


def form_options() -> list[click.Option]:
    """--json and --markdown, as a parameter ``form``; None is text."""
    return [
        click.Option([flag, "form"], flag_value=form, default=None, help=what) for flag, form, what in _FORMS
    ]


def forms(command: F) -> F:
    """:func:`form_options`, for a command that is made by decorators."""
    for flag, form, what in reversed(_FORMS):
        command = click.option(flag, "form", flag_value=form, default=None, help=what)(command)
    return command


def give(answer: Any, form: Form | None, view: View) -> None:
    if form == "json":
        from shared.translation.json_text import dumps

        click.echo(dumps(answer))
    elif form == "markdown":
        from functions.local.pull_request import markdown

        click.echo(markdown(view(answer)), nl=False)
    else:
        from functions.local.screen import show

        show(view(answer))
