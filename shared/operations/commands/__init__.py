"""Commands that people type in a console, a terminal or an HTTP request: one schema, one implementation.

Each takes JSON and gives JSON. ``schema`` says what, ``registry`` lists them; the other modules are the
implementations by subject. All of it is imported when the first command comes: events need none of it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from shared.operations.mirror import Mirror
    from shared.operations.requests import Command


def run_command(mirror: Mirror, command: Command) -> dict[str, Any]:
    """The answer, with ``exit_code``. Raises BadInput for an unknown command or argument, naming what there
    is, and whatever clouds and ledger raise."""
    from shared.operations.commands.run import answered

    return answered(mirror, command)
