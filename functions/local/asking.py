"""One command of the schema, asked from this terminal."""

from __future__ import annotations

import getpass
import os
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from functions.local.place import Place, mirror_at
from functions.local.watching import watched
from shared.operations.actor import actor_label
from shared.operations.commands import run_command
from shared.operations.reader import Progress
from shared.operations.requests import Command

DOOR = "a terminal"


Ask = Callable[[str, dict[str, Any]], dict[str, Any]]
"""A command and its arguments, for its answer. Raises what the command raises."""


@contextmanager
def at(place: Place, what: str) -> Iterator[tuple[Ask, Progress]]:
    """A place to ask commands of, with their progress shown as ``what``."""
    actor = actor_label(DOOR, f"{user()}@{socket.gethostname()}")
    with mirror_at(place, os.environ) as mirror, watched(what) as progress:
        mirror.progress = progress

        def ask(command: str, arguments: dict[str, Any]) -> dict[str, Any]:
            return run_command(mirror, Command(command, arguments, actor))

        yield ask, progress


def asked(place: Place, command: str, arguments: dict[str, Any]) -> dict[str, Any]:
    with at(place, command) as (ask, _):
        return ask(command, arguments)


def asked_for_all(place: Place, command: str, arguments: dict[str, Any], member: str) -> dict[str, Any]:
    """The answers of all pages as one: their lists ``member`` and ``problems`` put together."""
    whole: dict[str, Any] = {member: [], "problems": [], "exit_code": 0}
    after: dict[str, str] = {}
    with at(place, command) as (ask, progress):
        while True:
            page = ask(command, {**arguments, **after})
            whole[member] += page[member]
            whole["problems"] += page["problems"]
            whole["exit_code"] = max(whole["exit_code"], page["exit_code"])
            progress(len(whole[member]), 0)
            if page["next"] is None:
                return whole
            after = {"after": page["next"]}


def user() -> str:
    """As this machine knows whoever types."""
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):  # no name in the environment, none in the user database
        return "local user"
