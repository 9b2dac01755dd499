"""What people are shown of a command's answer: one module for each kind of answer, as blocks."""

from __future__ import annotations

from collections.abc import Iterable
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from functions.local.blocks import Block
    from functions.local.output import View

_VIEWS = {
    "explain": "explain:view",
    "doctor": "doctor:view",
    "status": "standing:view",
    "plan": "plan:view",
    "drift": "drift:view",
    "conflicts": "drift:waiting",
    "sync": "outcomes:view",
    "sweep": "outcomes:view",
    "resolve": "outcomes:view",
    "approve": "outcomes:view",
    "adopt": "outcomes:view",
    "restore": "outcomes:view",
    "history": "journal:view",
    "show": "journal:entry",
    "export": "policies:view",
    "import": "policies:asked_for",
}


def view_of(command: str) -> View:
    """Of a command without a view of its own: whatever its answer has, as it stands."""

    def view(answer: Any) -> Iterable[Block]:
        module, _, name = _VIEWS.get(command, "anything:view").partition(":")
        blocks: Iterable[Block] = getattr(import_module(f"{__name__}.{module}"), name)(answer)
        return blocks

    return view
