"""What the engine may ask of the outside, one value per request.

A program is a generator that yields an effect, or a tuple of effects to perform in parallel, and is sent the
result (a tuple of results). A failed effect is thrown into it as a :class:`shared.errors.MirrorError`.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from shared.sync.link import Entry, Link, LinkKey, Scope
from shared.sync.ports import Document, Found, Written
from shared.translation.side import Side

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Now:
    """Seconds since the epoch."""


@dataclass(frozen=True, slots=True)
class TimeLeft:
    """Seconds until the platform ends this worker; infinite where nothing does."""


@dataclass(frozen=True, slots=True)
class Read:
    side: Side
    name: str
    whole: bool = False


@dataclass(frozen=True, slots=True)
class Census:
    """The names in a scope. ``age``: a listing of so many seconds ago will do; ``having``: or an older one
    that has this name in it."""

    side: Side
    age: float = 0.0
    having: str | None = None


@dataclass(frozen=True, slots=True)
class Audit:
    """Foreign writes on Azure since then; none where no audit trail is at hand."""

    since: float


@dataclass(frozen=True, slots=True)
class Create:
    """``request``, here and below: what the cloud's own records should call it."""

    side: Side
    name: str
    document: Document
    request: str | None = None


@dataclass(frozen=True, slots=True)
class Update:
    side: Side
    name: str
    document: Document
    base: Found
    request: str | None = None


@dataclass(frozen=True, slots=True)
class Delete:
    side: Side
    name: str
    base: Found
    request: str | None = None


@dataclass(frozen=True, slots=True)
class EnsureMetric:
    name: str
    kind: str


@dataclass(frozen=True, slots=True)
class LoadLink:
    key: LinkKey


@dataclass(frozen=True, slots=True)
class SaveLink:
    link: Link
    entries: tuple[Entry, ...] = ()


@dataclass(frozen=True, slots=True)
class CountLinks:
    """How many links of a route are bound, counted up to ``limit``."""

    route: str
    limit: int


@dataclass(frozen=True, slots=True)
class RouteLinks:
    """Every link of a route, tombstones included, in the order of names."""

    route: str


@dataclass(frozen=True, slots=True)
class LoadScope:
    route: str


@dataclass(frozen=True, slots=True)
class SaveScope:
    scope: Scope
    entries: tuple[Entry, ...] = ()


CloudWrite = Create | Update | Delete
Effect = (
    Now
    | TimeLeft
    | Read
    | Census
    | Audit
    | CloudWrite
    | EnsureMetric
    | LoadLink
    | SaveLink
    | CountLinks
    | RouteLinks
    | LoadScope
    | SaveScope
)
Program = Generator[Effect | tuple[Effect, ...], Any, T]


def now() -> Program[float]:
    seconds: float = yield Now()
    return seconds


def census(side: Side) -> Program[Mapping[str, Found | None]]:
    names: Mapping[str, Found | None] = yield Census(side)
    return names


def read(side: Side, name: str) -> Program[Found | None]:
    found: Found | None = yield Read(side, name)
    return found


def write(effect: CloudWrite) -> Program[Written]:
    written: Written = yield effect
    return written


def load_scope(route: str) -> Program[Scope]:
    scope: Scope = yield LoadScope(route)
    return scope
