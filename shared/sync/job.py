"""One look at one link: what is asked, and what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from functools import cached_property

from msgspec import Struct

from shared.policy.atom import Atom
from shared.policy.loss import Loss
from shared.policy.merge import Resolution
from shared.routes.options import pairing_options
from shared.routes.route import Route
from shared.sync.link import Finding, LinkKey
from shared.sync.ports import Touch
from shared.translation.pairing import Pairing, pairing
from shared.translation.side import Side


class Worker(Struct, frozen=True):
    """Who looks. The AWS function may write only Azure, the Azure function only AWS."""

    name: str
    may_write: frozenset[Side]


class Wanted(Struct, frozen=True):
    """What a person asks both sides to show, whoever edited what: ``rules``, and no others, save the signals
    in ``apart``, which are merged as ever."""

    rules: Mapping[str, Atom]
    apart: frozenset[str] = frozenset()

    def settles(self, signal: str) -> bool:
        return signal not in self.apart


class Job(Struct, frozen=True, dict=True):
    """``origin``: the side whose event asked for this look, None for a sweep or a person. ``foreign``: the
    write that somebody else made there, as the event tells it; it may raise an alarm, and decides nothing.
    ``event_at``: when that event says it happened, for the journal: how long a mirrored edit took.
    ``asked_by``: the person who typed a command, a label for the journal. ``trace``: an id that leads from
    the event to what was written, for log and journal. ``reviewed``: digest of the only plan that may be
    carried out; of one with ``wanted`` that is its approval too."""

    key: LinkKey
    route: Route
    worker: Worker
    origin: Side | None = None
    foreign: Touch | None = None
    event_at: float | None = None
    asked_by: str = ""
    trace: str = ""
    reviewed: str | None = None
    wanted: Wanted | None = None

    @property
    def actor(self) -> str:
        """Whom the journal names."""
        return f"{self.worker.name} for {self.asked_by}" if self.asked_by else self.worker.name

    @cached_property
    def pairing(self) -> Pairing:
        return pairing(pairing_options(self.route))

    def resolution(self, chosen: str | None) -> Resolution:
        """The merge's word for the route's conflict policy; AWS is its left side.

        ``newest`` holds: Azure tells no time of change, and an event's is a hint: there is no clear gap.
        """
        words: dict[str, Resolution] = {
            "strictest": "strictest",
            "prefer-aws": "prefer-left",
            "prefer-azure": "prefer-right",
        }
        return words.get(chosen or self.route.conflict, "hold")


class Kind(StrEnum):
    MIRRORED = "mirrored"
    NO_OP = "no-op"
    HELD = "held"
    CONFLICT = "conflict"
    OBSERVED = "observed"  # what would be done, on a route that only observes
    PENDING = "pending"  # another worker has to write
    BUSY = "busy"  # somebody else is at it, or a cloud asks to wait: look again
    ERROR = "error"


class Outcome(Struct, frozen=True):
    """``wrote``: the sides that were written. ``retry_after``: look again after so many seconds.
    ``respelt``: the name as Azure spells it, where an event spelt it otherwise. ``told``: what this worker's
    notices have told of the link, None where they never told any. ``trace``, ``swept``: of what asked for the
    look; ``lag``: seconds since that happened, where an event told when."""

    key: LinkKey
    kind: Kind
    wrote: tuple[Side, ...] = ()
    findings: tuple[Finding, ...] = ()
    losses: tuple[Loss, ...] = ()
    reason: str = ""
    code: str = ""
    plan: str | None = None
    retry_after: float | None = None
    respelt: str | None = None
    told: tuple[str, ...] | None = None
    trace: str = ""
    swept: bool = False
    lag: float | None = None
