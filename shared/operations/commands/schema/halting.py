"""Commands that stop writing, and let it go on."""

from __future__ import annotations

from typing import ClassVar

from shared.operations.commands.schema.fields import About, Arguments, RouteId


class Release(Arguments):
    """Let a frozen route write again."""

    about: ClassVar = About("release", "halt", "halting:release", {"route": "sandbox"}, writes=True)
    route: RouteId
