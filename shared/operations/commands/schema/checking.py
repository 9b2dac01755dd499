"""The command that checks the deployment itself."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from shared.operations.commands.schema.fields import About, Arguments, Exit, RouteId


class Doctor(Arguments):
    """What is wrong with the deployment, and what to do about it: rights, events, sweeps, clocks, journal.

    Everything is only looked at; what whoever asks may not look at is told as unknown. A function that is
    asked in its console tells what it can see, and the command that tells the rest. A probe also asks both
    clouds what no document tells, on throw-away objects, and answers with a dated report.
    """

    about: ClassVar = About(
        "doctor", "check", "checking:doctor", writes=True, exits=(Exit.WAITS, Exit.TAMPERED)
    )
    route: RouteId | None = None
    probe: bool = Field(default=False, description="ask what no document tells, on throw-away objects")
    consent: bool = Field(
        default=False, description="agree that a probe creates and deletes one object on each cloud"
    )
