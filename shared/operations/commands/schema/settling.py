"""Commands that mirror now, or settle what waits for a person."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from shared.operations.commands.schema.fields import (
    LINK,
    About,
    After,
    Arguments,
    Digest,
    Exit,
    Name,
    OneLink,
    RouteId,
    limit,
)

_OUTCOMES = (Exit.WAITS, Exit.UNFINISHED)
Signal = Annotated[
    str, Field(min_length=1, max_length=100, description="one rule only, by its signal as conflicts tells it")
]
Winner = Literal["aws", "azure", "strictest"]
Take = Annotated[
    Winner | dict[str, Any] | list[str],
    Field(
        union_mode="left_to_right",
        description='whose value holds: aws, azure, strictest; or the rule itself, {"lo": 0, "hi": 50, '
        '"window": "PT5M"} or a list of what is allowed',
    ),
]


class Sync(Arguments):
    """Look at one link now, and write what has to be written. With a plan: exactly that plan or nothing.

    A whole route needs the digest that plan told for it; sweep looks at a route without one.
    """

    about: ClassVar = About("sync", "settle", "settling:sync", LINK, writes=True, exits=_OUTCOMES)
    route: RouteId
    name: Name | None = None
    plan: Digest | None = None
    after: After | None = None
    limit: int = limit(50, 500)


class Sweep(Arguments):
    """Look at every link of one route, or of all: what the schedule does."""

    about: ClassVar = About("sweep", "settle", "settling:sweep", writes=True, exits=_OUTCOMES)
    route: RouteId | None = None


class Resolve(OneLink):
    """Settle the open conflicts of one link, or of one of its rules. With a plan: by exactly that plan or
    not at all."""

    about: ClassVar = About(
        "resolve", "settle", "settling:resolve", {**LINK, "take": "strictest"}, writes=True, exits=_OUTCOMES
    )
    take: Take
    signal: Signal | None = None
    plan: Digest | None = None


class Approve(OneLink):
    """Let exactly one reviewed plan loosen rules or delete; a plan that changed since is refused."""

    about: ClassVar = About(
        "approve", "settle", "settling:approve", {**LINK, "plan": "0" * 64}, writes=True, exits=_OUTCOMES
    )
    plan: Digest


class Adopt(OneLink):
    """Mirror a pair that the route only observes, or that was taken apart; take says who wins where they
    differ."""

    about: ClassVar = About("adopt", "settle", "settling:adopt", LINK, writes=True, exits=_OUTCOMES)
    take: Annotated[Winner, Field(description="whose rules hold where both sides differ")] | None = None


class Unlink(OneLink):
    """Take a pair apart: neither cloud is touched, and no event or sweep mirrors it until it is adopted."""

    about: ClassVar = About("unlink", "settle", "settling:unlink", LINK, writes=True)
