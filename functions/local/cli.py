"""``policy-mirror``: a thin table of subcommands, each imported when it is called.

Exit codes are those of :class:`shared.operations.commands.schema.fields.Exit`, and 130 for an interrupt.
Every error is one line on stderr, ``policy-mirror: WHAT: problem``; only a bug shows a traceback.
"""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from difflib import get_close_matches
from io import TextIOWrapper
from typing import Any, NamedTuple

import click

from shared.errors import BadInput, BadPolicyFile, BadRoutes, MirrorError


class Entry(NamedTuple):
    module: str
    command: str
    help: str
    hidden: bool = False


COMMANDS: dict[str, Entry] = {
    "init": Entry("init", "init", "Write a commented routes.yaml, and take a first look."),
    "routes": Entry("routes", "routes", "Check a routes.yaml, and tell what each route mirrors."),
    "translate": Entry("translate", "translate", "Say a policy document of one cloud in the other's format."),
    "explain": Entry("explain", "explain", "Say what each rule means, and what its mirror would miss."),
    "export": Entry("policies", "export", "Write policies into files, for review in git."),
    "import": Entry("policies", "import_", "Make both clouds show what policy files say: a plan first."),
    "catalogue": Entry("catalogue", "catalogue", "Show what each cloud can say, and what pairs with what."),
    "history": Entry("history", "history", "Tell who changed what and why, or whether somebody tampered."),
    "sandbox": Entry("sandbox", "sandbox", "Run both clouds and both functions on this machine."),
    "page": Entry("page", "page", "Show where everything stands, in a browser or in one file."),
    "demo": Entry("demo", "demo", "Take a guided tour in which every statement is checked."),
    "simulate": Entry("simulate", "simulate", "Run the engine under faults and count what was lost."),
    "completion": Entry("completion", "completion", "Print what a shell needs to complete all this."),
    "console-events": Entry(
        "events", "console_events", "Write the test events of both consoles.", hidden=True
    ),
    "readme": Entry("readme", "readme", "Write the generated sections of README.md.", hidden=True),
}
"""Those that only a terminal has. The others are in the registry, which consoles and HTTP share."""
_OWN = "functions.local.commands"
COMPLETE = "_POLICY_MIRROR_COMPLETE"
"""The variable in which a shell asks for completions; ``policy-mirror completion`` tells it so."""


class Lazy(click.Group):
    """Knows its subcommands by name; only the one that is called gets imported."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        from shared.operations.commands.registry import COMMANDS as SHARED

        own = [name for name, entry in COMMANDS.items() if not entry.hidden]
        return [*own, *(name for name in SHARED if name not in COMMANDS)]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        entry = COMMANDS.get(cmd_name)
        if entry is not None:
            command = getattr(importlib.import_module(f"{_OWN}.{entry.module}"), entry.command)
            assert isinstance(command, click.Command)
            return command
        from functions.local.commands import operate

        try:
            return operate.command(cmd_name)
        except KeyError:
            return None

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Click's own, with what else could have been meant."""
        if not ctx.resilient_parsing and args[0][:1] != "-" and self.get_command(ctx, args[0]) is None:
            close = get_close_matches(args[0], self.list_commands(ctx), n=1)
            hint = f"did you mean {close[0]!r}?" if close else "policy-mirror --help lists them"
            ctx.fail(f"No such command {args[0][:80]!r}; {hint}")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """By what they are for. An example stands in the help of each."""
        from shared.operations.commands.registry import COMMANDS as SHARED
        from shared.operations.commands.schema.fields import GROUPS

        with formatter.section("Documents, and two clouds on this machine"):
            own = [(name, entry.help) for name, entry in COMMANDS.items() if not entry.hidden]
            formatter.write_dl(own)
        shared = [(name, model) for name, model in SHARED.items() if name not in COMMANDS]
        for group, heading in GROUPS.items():
            rows = [(name, summary(model)) for name, model in shared if model.about.group == group]
            if rows:
                with formatter.section(heading):
                    formatter.write_dl(rows)

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        from shared.operations.commands.schema.fields import EXITS

        with formatter.section("Exit codes"):
            formatter.write_dl([(str(int(code)), meaning) for code, meaning in EXITS.items()])

    def main(  # type: ignore[override]  # it ends the process in standalone mode, as click's own does
        self, args: Sequence[str] | None = None, prog_name: str | None = None, **extra: Any
    ) -> Any:
        """Click's own, with this program's errors. A command that returns a number ends with it."""
        if extra.pop("standalone_mode", True) is False:
            return super().main(args, prog_name, standalone_mode=False, **extra)
        _print_anything()
        try:
            extra.setdefault("complete_var", COMPLETE)
            result = super().main(args, prog_name or "policy-mirror", standalone_mode=False, **extra)
            _flush()
        except click.Abort:
            sys.exit(130)
        except (click.ClickException, MirrorError) as error:
            click.echo(one_line(f"policy-mirror: {_told(error)}"), err=True)
            sys.exit(2 if isinstance(error, click.UsageError | BadInput) else 1)
        except OSError as error:
            _give_up_output()
            if not isinstance(error, BrokenPipeError):
                problem = f"{error.filename or 'output'}: {error.strerror or error}"
                click.echo(one_line(f"policy-mirror: {problem}"), err=True)
            sys.exit(1)
        sys.exit(result if isinstance(result, int) else 0)


def summary(model: type) -> str:
    """The first paragraph of a command's help."""
    return " ".join((model.__doc__ or "").partition("\n\n")[0].split())


def one_line(text: str) -> str:
    """``text`` on one line, without anything that a terminal would obey."""
    return "".join(c if c.isprintable() else " " if c == "\n" else "?" for c in text.strip())


def _told(error: click.ClickException | MirrorError) -> str:
    """In a sentence. A routes file has a line for each problem, of which the first stands for all."""
    if isinstance(error, click.UsageError) and error.ctx is not None and error.ctx.parent is not None:
        return f"{error.ctx.info_name}: {error.format_message()}"
    if isinstance(error, click.ClickException):
        return error.format_message()
    first, *more = str(error).split("\n") if isinstance(error, BadRoutes | BadPolicyFile) else [str(error)]
    all_of_them = ": policy-mirror routes FILE" if isinstance(error, BadRoutes) else ""
    return first + (f" (and {len(more)} more{all_of_them})" if more else "")


def _print_anything() -> None:
    """Whatever encoding the terminal has: what it lacks is shown as an escape, not as a traceback."""
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")


def _flush() -> None:
    """Here rather than when the interpreter ends, where an error would no longer be ours to tell."""
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.flush()


def _give_up_output() -> None:
    """So that the interpreter does not fail a second time when it flushes at its end."""
    with suppress(OSError, AttributeError):  # it may have no file, or not be there at all
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


@click.group(cls=Lazy, invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="policy-mirror")
@click.pass_context
def main(ctx: click.Context) -> None:
    """Mirror device policies between AWS IoT Device Defender and Azure IoT Hub."""
    if ctx.invoked_subcommand is None:
        click.echo(ctx.get_help())
