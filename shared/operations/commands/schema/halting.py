"""Commands that stop writing, and let it go on."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field, model_validator

from shared.operations.commands.schema.fields import LINK, About, Arguments, Name, Reason, RouteId

All = Annotated[bool, Field(description="every route there is")]


class Halting(Arguments):
    """A link, a route, or all: exactly one of them."""

    route: RouteId | None = None
    name: Name | None = None
    all: All = False

    @model_validator(mode="after")
    def _one(self) -> Halting:
        if self.name is not None and self.route is None:
            raise ValueError("a name needs its route")
        if self.all is (self.route is not None):
            raise ValueError("say which: a route, a route and a name, or all")
        return self


class Pause(Halting):
    """Stop looking at a link, at a route or at all, until it is resumed."""

    about: ClassVar = About("pause", "halt", "halting:pause", LINK, writes=True)
    reason: Reason | None = None


class Resume(Halting):
    """Go on with what was paused; a link that was paused by itself stays so."""

    about: ClassVar = About("resume", "halt", "halting:resume", LINK, writes=True)


class Freeze(Arguments):
    """Stop every write of a route at once, as its guards do; looks go on and report."""

    about: ClassVar = About(
        "freeze", "halt", "halting:freeze", {"route": "sandbox", "reason": "audit"}, writes=True
    )
    route: RouteId
    reason: Reason


class Release(Arguments):
    """Let a frozen route write again; what its guards had counted is forgotten."""

    about: ClassVar = About("release", "halt", "halting:release", {"route": "sandbox"}, writes=True)
    route: RouteId
