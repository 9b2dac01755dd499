"""Commands put to the small world, and what comes back."""

from __future__ import annotations

import json
from typing import Any

import pytest

from shared.errors import BadInput
from shared.operations.commands import run_command
from shared.operations.requests import Command
from tests.unit.sync.documents import at_most, group, profile
from tests.unit.sync.world import ANYONE, World, world

LINK = {"route": "fleet", "name": "pumps"}
ROUTE = {"route": "fleet"}


def ask(w: World, command: str, *, by: str = "", worker: Any = ANYONE, **arguments: Any) -> Any:
    """The answer, which always is JSON."""
    answer = run_command(w.mirror(worker), Command(command, arguments, by))
    assert json.loads(json.dumps(answer)) == answer
    return answer


def refused(w: World, command: str, **arguments: Any) -> str:
    with pytest.raises(BadInput) as problem:
        ask(w, command, **arguments)
    assert "\n" not in str(problem.value)
    return str(problem.value)


def bound(**settings: str) -> World:
    """Both sides say at most 100, and are in step."""
    w = world(**settings)
    w.in_step("pumps", profile(sent=at_most(100)), group(sent=at_most(100)))
    return w


def conflicting(**settings: str) -> World:
    """60 on AWS, 80 on Azure, and the ledger knows of it."""
    w = bound(**settings)
    w.aws.put("pumps", profile(sent=at_most(60)))
    w.azure.put("pumps", group(sent=at_most(80)))
    w.look()
    return w


def outcome(answer: Any) -> tuple[str, str]:
    (line,) = answer["outcomes"]
    return line["event"], line["code"]
