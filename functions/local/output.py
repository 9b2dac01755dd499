"""How a command gives its answer: text for people, JSON for scripts, markdown for pull requests."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Literal, TypeVar

import click

from functions.local.blocks import Block

Form = Literal["text", "json", "markdown"]
View = Callable[[Any], Iterable[Block]]
F = TypeVar("F", bound=Callable[..., Any])


def forms(command: F) -> F:
    """Gives ``command`` the options --json and --markdown, and a parameter ``form`` that says which."""
    for form, flag, what in (
        ("markdown", "--markdown", "Print markdown, for a pull request or a ticket."),
        ("json", "--json", "Print one JSON object."),
    ):
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
