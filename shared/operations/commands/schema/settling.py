"""Commands that mirror now, or settle what waits for a person."""

from __future__ import annotations

from typing import ClassVar, Literal

from shared.operations.commands.schema.fields import LINK, About, Arguments, Digest, Exit, OneLink, RouteId

_OUTCOMES = (Exit.WAITS, Exit.UNFINISHED)


class Sync(OneLink):
    """Look at one link now, and write what has to be written."""

    about: ClassVar = About("sync", "settle", "settling:sync", LINK, writes=True, exits=_OUTCOMES)


class Sweep(Arguments):
    """Look at every link of one route, or of all."""

    about: ClassVar = About("sweep", "settle", "settling:sweep", writes=True, exits=_OUTCOMES)
    route: RouteId | None = None


class Resolve(OneLink):
    """Settle the open conflicts of one link."""

    about: ClassVar = About(
        "resolve",
        "settle",
        "settling:resolve",
        {**LINK, "take": "strictest"},
        writes=True,
        exits=_OUTCOMES,
    )
    take: Literal["aws", "azure", "strictest"]


class Approve(OneLink):
    """Let exactly one reviewed plan loosen rules or delete; a plan that changed since is refused."""

    about: ClassVar = About(
        "approve",
        "settle",
        "settling:approve",
        {**LINK, "plan": "0" * 64},
        writes=True,
        exits=_OUTCOMES,
    )
    plan: Digest
