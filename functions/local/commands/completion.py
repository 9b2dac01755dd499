"""``policy-mirror completion``: what a shell needs to complete commands, options, routes and links."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

from functions.local.cli import COMPLETE

EXAMPLE = """
\b
Examples, for the shell that runs; put the line into its start-up file to keep it:
  eval "$(policy-mirror completion bash)"
  eval "$(policy-mirror completion zsh)"
  policy-mirror completion fish | source
"""
PROGRAM = "policy-mirror"


@click.command(epilog=EXAMPLE)
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def completion(ctx: click.Context, shell: str) -> None:
    """Print the script that completes policy-mirror in SHELL."""
    program = ctx.find_root().command
    kind = get_completion_class(shell)
    assert kind is not None
    click.echo(kind(program, {}, PROGRAM, COMPLETE).source())
