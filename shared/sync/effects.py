"""What the engine may ask of the outside, one value per request.

A program is a generator that yields an effect, or a tuple of effects to perform in parallel, and is sent the
result (a tuple of results). A failed effect is thrown into it as a :class:`shared.errors.MirrorError`.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping
from typing import Any, TypeVar

from msgspec import Struct

from shared.sync.link import Entry, Link, LinkKey, Scope
from shared.sync.ports import Document, Found, Written
from shared.translation.side import Side

T = TypeVar("T")


class Now(Struct, frozen=True):
    """Seconds since the epoch."""


class TimeLeft(Struct, frozen=True):
    """Seconds until the platform ends this worker; infinite where nothing does."""


class Read(Struct, frozen=True):
    side: Side
    name: str
    whole: bool = False


class Census(Struct, frozen=True):
    """The names in a scope. ``age``: a listing of so many seconds ago will do; ``having``: or an older one
    that has this name in it."""

    side: Side
    age: float = 0.0
    having: str | None = None


class FirstNames(Struct, frozen=True):
    """The first ``most`` names in a scope after that one, as :class:`~shared.sync.ports.Names`. However many
    there are, no more than those are held at once."""

    side: Side
    after: str
    most: int


class ListPage(Struct, frozen=True):
    """One page of a listing, as :class:`~shared.sync.ports.Page`; ``at``: what the one before calls it."""

    side: Side
    at: str | None


class Audit(Struct, frozen=True):
    """Foreign writes on Azure since then; none where no audit trail is at hand."""

    since: float


class Create(Struct, frozen=True):
    """``request``, here and below: what the cloud's own records should call it."""

    side: Side
    name: str
    document: Document
    request: str | None = None


class Update(Struct, frozen=True):
    side: Side
    name: str
    document: Document
    base: Found
    request: str | None = None


class Delete(Struct, frozen=True):
    side: Side
    name: str
    base: Found
    request: str | None = None


class EnsureMetric(Struct, frozen=True):
    name: str
    kind: str


class LoadLink(Struct, frozen=True):
    key: LinkKey


class LoadLinks(Struct, frozen=True):
    """Those of them that exist, by key."""

    keys: tuple[LinkKey, ...]


class SaveLink(Struct, frozen=True):
    link: Link
    entries: tuple[Entry, ...] = ()


class CountLinks(Struct, frozen=True):
    """How many links of a route are bound, counted up to ``limit``."""

    route: str
    limit: int


class RouteLinks(Struct, frozen=True):
    """The first ``most`` links of a route after that name, tombstones included, in the order of names."""

    route: str
    after: str
    most: int


class LoadScope(Struct, frozen=True):
    route: str


class SaveScope(Struct, frozen=True):
    scope: Scope
    entries: tuple[Entry, ...] = ()


CloudWrite = Create | Update | Delete
Effect = (
    Now
    | TimeLeft
    | Read
    | Census
    | FirstNames
    | ListPage
    | Audit
    | CloudWrite
    | EnsureMetric
    | LoadLink
    | LoadLinks
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
