"""What people are shown of a command's answer: one module for each kind of answer, as blocks."""

from __future__ import annotations

from collections.abc import Iterable
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from functions.local.blocks import Block
    from functions.local.output import View

_VIEWS = {
    "explain": "explain",
    "status": "standing",
    "plan": "plan",
    "sync": "outcomes",
    "sweep": "outcomes",
    "resolve": "outcomes",
    "approve": "outcomes",
}


def view_of(command: str) -> View:
    """Of a command without a module of its own: whatever its answer has, as it stands."""

    def view(answer: Any) -> Iterable[Block]:
        module = import_module(f"{__name__}.{_VIEWS.get(command, 'anything')}")
        blocks: Iterable[Block] = module.view(answer)
        return blocks

    return view
