"""Commands that look at routes and links, and write nothing."""

from __future__ import annotations

from typing import ClassVar

from shared.operations.commands.schema.fields import (
    LINK,
    About,
    After,
    Arguments,
    OneLink,
    RouteId,
    limit,
)


class Status(Arguments):
    """Where every route and its links stand."""

    about: ClassVar = About("status", "look", "looking:status")
    route: RouteId | None = None
    after: After | None = None
    limit: int = limit(200, 2000)


class Plan(OneLink):
    """What a look at one link would do; nothing is written anywhere."""

    about: ClassVar = About("plan", "look", "looking:plan", LINK, positional=("route", "name"))
