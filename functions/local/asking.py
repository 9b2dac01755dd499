"""One command of the schema, asked from this terminal."""

from __future__ import annotations

import getpass
import os
import socket
from typing import Any

from functions.local.place import Place, mirror_at
from functions.local.watching import watched
from shared.operations.actor import actor_label
from shared.operations.commands import run_command
from shared.operations.requests import Command

DOOR = "a terminal"


def asked(place: Place, command: str, arguments: dict[str, Any]) -> dict[str, Any]:
    """The answer. Raises what the command raises."""
    with mirror_at(place, os.environ) as mirror, watched(command) as progress:
        mirror.progress = progress
        return run_command(mirror, Command(command, arguments, actor_label(DOOR, _user())))


def asked_for_all(place: Place, command: str, arguments: dict[str, Any], member: str) -> dict[str, Any]:
    """The answers of all pages as one: their lists ``member`` and ``problems`` put together."""
    with mirror_at(place, os.environ) as mirror, watched(command) as progress:
        whole: dict[str, Any] = {member: [], "problems": [], "exit_code": 0}
        after: dict[str, str] = {}
        while True:
            page = run_command(mirror, Command(command, {**arguments, **after}, actor_label(DOOR, _user())))
            whole[member] += page[member]
            whole["problems"] += page["problems"]
            whole["exit_code"] = max(whole["exit_code"], page["exit_code"])
            progress(len(whole[member]), 0)
            if page["next"] is None:
                return whole
            after = {"after": page["next"]}


def _user() -> str | None:
    """As this machine knows them; None where it knows nobody (a container without /etc/passwd)."""
    try:
        return f"{getpass.getuser()}@{socket.gethostname()}"
    except (OSError, KeyError, ImportError):
        return None
