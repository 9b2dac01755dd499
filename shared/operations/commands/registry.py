"""Every command by name. What it takes and says about itself is on its model; how it runs is where that says.

To add one: a model below :mod:`shared.operations.commands.schema`, a function in a module of its subject, and
a place in the table. README, test events and terminal follow.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any

from shared.operations.commands.schema.checking import Doctor
from shared.operations.commands.schema.documents import Explain, Export, Import
from shared.operations.commands.schema.fields import About, Arguments
from shared.operations.commands.schema.halting import Freeze, Pause, Release, Resume
from shared.operations.commands.schema.looking import Conflicts, Drift, Plan, Status
from shared.operations.commands.schema.settling import Adopt, Approve, Resolve, Sweep, Sync, Unlink
from shared.operations.commands.schema.undoing import History, Restore, Show

Answer = dict[str, Any]

_ALL: tuple[type[Arguments], ...] = (
    *(Status, Plan, Drift, Conflicts, Explain),
    *(Sync, Sweep, Resolve, Approve, Adopt, Unlink),
    *(Pause, Resume, Freeze, Release),
    *(History, Show, Restore),
    *(Export, Import),
    Doctor,
)
COMMANDS: Mapping[str, type[Arguments]] = {model.about.name: model for model in _ALL}


def implementation(about: About) -> Callable[[Any, Any], Answer]:
    """Takes a Reader or, where the command writes, a Mirror; and the arguments."""
    module, _, function = about.run.partition(":")
    found: Callable[[Any, Any], Answer] = getattr(
        import_module(f"shared.operations.commands.{module}"), function
    )
    return found
