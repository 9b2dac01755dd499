"""Commands that look back, and undo."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field

from shared.operations.commands.schema.fields import (
    LINK,
    About,
    Arguments,
    Exit,
    Name,
    OneLink,
    Rev,
    RouteId,
    limit,
)

Decision = Annotated[
    str, Field(min_length=1, max_length=40, description="only such entries: intent, committed, pause, ...")
]
Actor = Annotated[
    str, Field(min_length=1, max_length=120, description="only entries whose actor has this in the name")
]


class History(Arguments):
    """Who changed what and why, newest first: the journal of a link, or of a route itself.

    With verify, the whole chain of hashes is checked. With documents, each entry is told whole. With since,
    the oldest comes first.
    """

    about: ClassVar = About("history", "undo", "journal:history", LINK, exits=(Exit.TAMPERED,))
    route: RouteId
    name: Name | None = None
    before: Annotated[Rev, Field(description="older ones only: the answer before said next")] | None = None
    since: Annotated[Rev, Field(description="from this one on, oldest first")] | None = None
    decision: Decision | None = None
    actor: Actor | None = None
    documents: Annotated[bool, Field(description="tell each entry whole, with its documents")] = False
    verify: Annotated[bool, Field(description="check that nobody changed the journal")] = False
    limit: int = limit(50, 500, "entries")


class Show(Arguments):
    """One entry of the journal: both documents, and what changed between them."""

    about: ClassVar = About("show", "undo", "journal:show", {**LINK, "rev": 1}, positional=("rev",))
    route: RouteId
    name: Name | None = None
    rev: Rev


class Restore(OneLink):
    """Put a document back as it was before an entry of the journal, and mirror that like any edit.

    It passes the same guards as an edit. Whoever edits that side first, wins: the restore is dropped then.
    """

    about: ClassVar = About(
        "restore",
        "undo",
        "undoing:restore",
        {**LINK, "rev": 1},
        writes=True,
        exits=(Exit.WAITS, Exit.UNFINISHED),
        positional=("rev",),
    )
    rev: Rev
