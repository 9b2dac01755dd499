"""What a delivery asks for, whatever trigger brought it. Events yield a key only, never content.

Named tuples: to make a dataclass takes a millisecond more, and a cold event that concerns nobody pays for
each.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

from shared.errors import MirrorError
from shared.translation.side import Side

if TYPE_CHECKING:  # the engine loads with the first event that concerns it
    from shared.sync.ports import Touch


class Cause(NamedTuple):
    """Why somebody looks: for the log, the journal and the race detector, never for decisions. But what a
    sweep asked for can wait.

    ``trace`` leads from an event to the writes that follow from it (:func:`shared.telemetry.trace_of`).
    ``at``: when the event says it happened, in seconds since the epoch. ``foreign``: the write that somebody
    else made, as the event tells it. ``swept``: no event asked, a sweep did.
    """

    trace: str = ""
    at: float | None = None
    foreign: Touch | None = None
    swept: bool = False


NO_CAUSE = Cause()


class Look(NamedTuple):
    """Go and look at one policy (or, without a name, at the whole scope).

    ``scope``: for AWS ``account/region``; for Azure the hub's resource id in lower case, without a trailing
    slash. ``trace``, ``at`` (ISO-8601 UTC), ``request`` (what the client called it) and ``by`` (the
    application that wrote) are for the log and the race detector, never for decisions.
    """

    side: Side
    scope: str
    name: str | None
    trace: str = ""
    at: str | None = None
    request: str | None = None
    by: str | None = None

    def __repr__(self) -> str:
        """Without ``by``, which is a claim: nothing for a log."""
        told = ", ".join(f"{name}={value!r}" for name, value in self._asdict().items() if name != "by")
        return f"Look({told})"


class Reconcile(NamedTuple):
    """One link, as a sweep enqueues it, or as it went back to the queue."""

    route: str
    name: str
    cause: Cause = NO_CAUSE


class Sweep(NamedTuple):
    """Every link of one route, or of all. ``after``: only those after this place, of a sweep that is in the
    middle of the route; None of one that begins. ``tries``: how often nothing came of this very part.
    ``asked``: when the schedule asked for it, in seconds since the epoch, where it had to wait its turn."""

    route: str | None = None
    after: str | None = None
    tries: int = 0
    asked: float | None = None


class Command(NamedTuple):
    """Typed by a person in a console or a terminal. ``actor``: who that is, as far as anybody said: a label
    for the journal, never a reason to trust."""

    name: str
    arguments: Mapping[str, Any] = MappingProxyType({})
    actor: str = ""


class Ignored(NamedTuple):
    """Nothing to do. ``reason`` is a stable slug and is counted: not-a-write, failed-call, other-service,
    not-a-policy, outside-routes."""

    reason: str


Request = Look | Reconcile | Sweep | Command | Ignored


class LookAgain(MirrorError):
    """Links of this delivery were busy or in error: the platform should deliver it once more.
    ``told`` has what came of all of them, as lines."""

    code = "look-again"

    def __init__(self, links: list[str], told: list[dict[str, Any]]) -> None:
        super().__init__(f"{len(links)} links to look at again, the first is {links[0]}")
        self.told = told

    @property
    def failed(self) -> bool:
        """Whether any of them was in error, and not just busy."""
        return any(line["event"] == "error" for line in self.told)


class NotReady(MirrorError):
    """The deployment's settings or routes are wrong: the delivery is fine, and has to come once more."""

    code = "not-ready"
