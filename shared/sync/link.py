"""What the ledger remembers: a link per mirrored policy, a scope per route, and the journal.

Times are seconds since the epoch, from the injected clock. ``rev`` grows by one with each save and is the
condition of the next one, so that two workers can never both move a record.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Any, NamedTuple

from msgspec import Struct

from shared.policy.atom import AllowAtom, Atom, RangeAtom
from shared.translation.side import Side


class LinkKey(NamedTuple):
    """``name`` is the policy's name, spelt alike on both sides."""

    route: str
    name: str

    def __str__(self) -> str:
        return f"{self.route}/{self.name}"


class State(StrEnum):
    NEW = "new"  # seen, not yet in step
    BOUND = "bound"  # both sides were in step once: the shadows hold
    TOMBSTONE = "tombstone"  # both sides are gone
    UNLINKED = "unlinked"  # a person took the pair apart: left alone until it is adopted


class Shadow(Struct, frozen=True, forbid_unknown_fields=True):
    """What one side showed when it was last in step. ``lossy``: signals whose value the cloud changed when we
    wrote it; ``opaque``: signals whose values the cloud does not tell."""

    view: dict[str, Atom] = {}
    lossy: frozenset[str] = frozenset()
    opaque: frozenset[str] = frozenset()


class Lease(Struct, frozen=True, forbid_unknown_fields=True):
    owner: str
    token: int
    until: float


class Intent(Struct, frozen=True, forbid_unknown_fields=True):
    """Written ahead of any cloud write. ``sides`` are about to be written; their before-images are in the
    journal entries from ``entry`` on."""

    token: int
    at: float
    sides: frozenset[Side]
    plan: str  # digest of the plan
    entry: int  # first journal sequence number of this intent


class Attempt(Struct, frozen=True, forbid_unknown_fields=True):
    """A cloud write of ours, from the look before it (``since``) to its answer (``until``, None: never), in
    the clouds' time.

    ``makes``: the rules that the side shows after it, kept while it may still land. ``spared``: what in them
    a user had edited before, not yet in step then; by rule, its fields or values. ``gone``: it deletes.
    ``version``: what it is conditional on. ``asleep``: the incarnation whose version has passed that: only if
    the profile is recreated may it still land. ``raced``: what showed that somebody else wrote in between.
    ``near``: a foreign write just after it, which Azure showed at once: when, and its request id. ``kept``:
    a look with the lease has shown it too.
    """

    side: Side
    token: int
    since: float
    until: float | None = None
    makes: dict[str, Atom] | None = None
    spared: dict[str, tuple[str, ...]] = {}
    gone: bool = False
    version: int | None = None
    asleep: str = ""
    raced: str = ""
    near: tuple[float, str] | None = None
    kept: bool = False

    @property
    def open(self) -> bool:
        """Whether it may still land on what is there now."""
        return self.makes is not None and not self.asleep


class Restore(Struct, frozen=True, forbid_unknown_fields=True):
    """A person wants ``document`` back on ``side``: the before-image of journal entry ``entry``. ``over``
    identifies what it may replace (:mod:`shared.sync.restoring`)."""

    side: Side
    document: dict[str, Any]
    entry: int
    over: str


class Latest(NamedTuple):
    """Which state of an AWS profile was seen last; see :class:`shared.sync.ports.Found`."""

    incarnation: str
    version: int


class Finding(Struct, frozen=True, forbid_unknown_fields=True):
    """One line of what is held, in conflict, lost or remarkable, as last reported for this link."""

    kind: str  # hold | conflict | loss | note
    side: Side | None
    path: str
    code: str
    reason: str
    signal: str | None = None


class Link(Struct, frozen=True, forbid_unknown_fields=True):
    key: LinkKey
    rev: int = 0
    state: State = State.NEW
    shadows: dict[Side, Shadow] = {}
    names: dict[str, tuple[str, ...]] = {}  # signal -> behavior names
    graveyard: dict[str, tuple[dict[str, Any], ...]] = {}  # signal -> behaviors
    token: int = 0
    lease: Lease | None = None
    intent: Intent | None = None
    attempts: tuple[Attempt, ...] = ()  # recent writes, and what may still come of them
    pending: frozenset[Side] = frozenset()  # sides that another worker has to write
    missing: dict[Side, float] = {}  # when a side was first seen absent
    findings: tuple[Finding, ...] = ()
    settling: frozenset[str] = frozenset()  # paths of conflicts that were settled, on one side only so far
    writes: tuple[float, ...] = ()  # recent cloud writes, for the write budget
    entries: int = 0  # journal entries so far
    head: str = ""  # hash of the last one; empty before the journal was a chain
    lapsing: int = 0  # entries up to here were a tombstone's: a store may have let them go
    paused: bool = False
    approved: str | None = None  # digest of the one plan that a person approved
    approved_rest: str | None = None  # the same, of what is left of it when its first side is written
    refused: str | None = None  # digest of the write that a cloud refused: not tried again
    resolution: str | None = None  # how a person settled the open conflicts, until no worker needs it
    settled: dict[str, str | RangeAtom | AllowAtom] = {}  # the same for one signal
    restore: Restore | None = None  # what a person wants back, until it is written or somebody edits it
    adopted: bool = False  # a person let it in, whatever the route's first contact does
    told: dict[str, tuple[str, ...]] = {}  # worker -> what its notices have told
    updated_at: float = 0.0
    latest: Latest | None = None  # the profile as it was when the shadows were taken


class Entry(Struct, frozen=True, forbid_unknown_fields=True):
    """One line of the journal, never changed. ``before`` and ``after`` are native documents or None.
    :func:`shared.sync.journal.appended` gives it its number and its place in the chain."""

    key: LinkKey
    seq: int
    at: float
    actor: str
    decision: str  # intent | committed | conflict | held | tombstone | ...
    side: Side | None = None
    before: dict[str, Any] | None = None
    after: dict[str, Any] | None = None
    plan: str | None = None
    detail: dict[str, Any] = {}
    prev: str = ""  # hash of the entry before; empty in those of before the journal was a chain


class Paging(Struct, frozen=True, forbid_unknown_fields=True):
    """How far the listings are that take more than one invocation, first AWS's, then Azure's. ``side``: whose
    is read; None: both were, to their ends. ``at``: the cloud's own words for its next page, which are for
    nobody else; None: its first. ``read``: pages so far. ``lost``: how often a cloud did not know its words
    any more."""

    side: Side | None = Side.AWS
    at: str | None = None
    read: int = 0
    lost: int = 0

    def __repr__(self) -> str:
        return f"Paging({self.side}, read={self.read}, lost={self.lost})"


class Progress(Struct, frozen=True, forbid_unknown_fields=True):
    """How far a sweep is that takes more than one invocation: through with every link up to ``after``.

    ``at``: when that was noted. ``count``: links that are mirrored, rules that are held, links that wait for
    a person, up to there. ``paging``: of a scope that is too large to be listed in one go. ``quiet``: until
    when AWS asked for silence, if it did.
    """

    began: float
    at: float
    after: str = ""
    count: tuple[int, int, int] = (0, 0, 0)
    paging: Paging | None = None
    quiet: float = 0.0

    @property
    def place(self) -> str:
        """What the message says that asks for the next part: each place has a name of its own. No policy's
        name has a slash in it."""
        if self.paging is not None and (self.paging.side is not None or not self.after):
            return f"page/{self.paging.read}"
        return self.after


class Scope(Struct, frozen=True, forbid_unknown_fields=True):
    """What the guards of one route remember. ``frozen`` says why nothing is written, None while it is not."""

    route: str
    rev: int = 0
    frozen: str | None = None
    frozen_at: float | None = None
    deletes: dict[int, int] = {}  # minute since the epoch -> deletions in it
    updates: dict[int, int] = {}  # minute -> links updated for the first time lately
    digests: dict[str, str] = {}  # worker -> digest of its routes
    swept_at: dict[str, float] = {}  # worker -> end of its last whole sweep
    sweeps: dict[str, Progress] = {}  # worker -> the sweep that it is in the middle of
    known: int = 0  # links that are bound, as last counted
    tally: dict[int, tuple[int, int, int]] = {}  # hour -> links, held rules, waiting
    told: dict[str, tuple[str, ...]] = {}  # worker -> what its notices have told
    unaudited: str | None = None  # why the audit trail could not be read when it was last asked
    paused: bool = False
    entries: int = 0  # entries of the route's own journal
    head: str = ""  # hash of the last one
