"""Commands that look at routes and links, and write nothing."""

from __future__ import annotations

from typing import ClassVar

from shared.operations.commands.schema.fields import (
    LINK,
    About,
    After,
    Arguments,
    Exit,
    Name,
    RouteId,
    limit,
)

_FOUND = (Exit.DIFFERS, Exit.WAITS, Exit.UNFINISHED)


class Status(Arguments):
    """Where every route and its links stand, as the ledger has it; no cloud is asked."""

    about: ClassVar = About("status", "look", "looking:status")
    route: RouteId | None = None
    after: After | None = None
    limit: int = limit(200, 2000)


class Plan(Arguments):
    """What a look would do, at one link or at every link of a route: a dry run that cannot write.

    The engine itself runs, on ports that only read, and what it would write is told: so the plan also knows
    about freezes, pauses, guards and doubts. A link's plan has a digest; sync and approve take it.
    """

    about: ClassVar = About("plan", "look", "planning:plan", LINK, exits=_FOUND)
    route: RouteId
    name: Name | None = None
    after: After | None = None
    limit: int = limit(50, 500)


class Drift(Arguments):
    """What differs between both clouds now, link by link; nothing is written or changed."""

    about: ClassVar = About("drift", "look", "drifting:drift", {"route": "sandbox"}, exits=(Exit.DIFFERS,))
    route: RouteId | None = None
    name: Name | None = None
    after: After | None = None
    limit: int = limit(100, 1000)


class Conflicts(Arguments):
    """What waits for a person, with the values of both sides and the commands that settle it."""

    about: ClassVar = About("conflicts", "look", "drifting:conflicts", exits=(Exit.WAITS,))
    route: RouteId | None = None
    after: After | None = None
    limit: int = limit(50, 500)
