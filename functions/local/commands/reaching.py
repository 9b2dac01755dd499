"""``--runtimes``: where both functions run, for the commands that have a stage."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, Literal, TypeVar

import click

from functions.local.reach import GetFunctions

Runtimes = Literal["in-process", "real"]
F = TypeVar("F", bound=Callable[..., Any])


def runtimes_option(command: F) -> F:
    return click.option(
        "--runtimes",
        type=click.Choice(["in-process", "real"]),
        default="in-process",
        show_default=True,
        help="Run both functions in this process, or as deployed on AWS's and Microsoft's own runtimes, "
        "which `make real` sets up.",
    )(command)


def reached(runtimes: Runtimes, ledger: str | Path) -> GetFunctions:
    """``ledger``: an SQLite file, for functions in this process. Raises BadInput where runtimes are wanted
    that are not set up."""
    if runtimes == "real":
        from functions.local.runtimes.real import RealRuntimes
        from functions.local.runtimes.tools import find_tools

        return partial(RealRuntimes, tools=find_tools(), redeliver=10)
    from functions.local.in_process import InProcess

    return partial(InProcess, ledger=ledger)
