"""Commands on whole policies: explained, and as files for review."""

from __future__ import annotations

from typing import Annotated, ClassVar

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

MOST_FILES = 2000
EXAMPLE = "version: 1\nroute: sandbox\npolicy: pumps\nrules:\n  active-connections: {max: 30}\n"

Text = Annotated[str, Field(max_length=1_048_576)]
Files = Annotated[
    dict[str, Text],
    Field(min_length=1, max_length=MOST_FILES, description="name of each policy file, and its text"),
]


class Explain(OneLink):
    """What each rule means in words, what is held or lost, and what that does to detection."""

    about: ClassVar = About("explain", "look", "documents:explain", LINK)


class Export(Arguments):
    """Policies as YAML for review in git: what both clouds share, and as comments what they do not."""

    about: ClassVar = About("export", "documents", "documents:export", {"route": "sandbox"})
    route: RouteId | None = None
    name: Name | None = None
    after: After | None = None
    limit: int = limit(100, MOST_FILES, "policies")


class Import(Arguments):
    """Make both clouds show what policy files say. Without a plan: only tell what that would write.

    With the digest of the plan that was told: exactly that plan or nothing, through the same engine and the
    same guards as every other write. The digest also approves what it loosens. A rule that a file leaves out
    is removed; a policy that no file names is left alone.
    """

    about: ClassVar = About(
        "import",
        "documents",
        "importing:import_files",
        {"files": {"pumps.yaml": EXAMPLE}},
        writes=True,
        exits=(Exit.DIFFERS, Exit.WAITS, Exit.UNFINISHED),
    )
    files: Files
    plan: Digest | None = None
