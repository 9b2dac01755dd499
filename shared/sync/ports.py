"""What the outside must be able to do for the engine. Clouds, ledgers and the simulator implement these."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple, Protocol

from msgspec import Struct

from shared.errors import Unreachable
from shared.sync.link import Entry, Link, LinkKey, Scope

Document = dict[str, Any]


class Found(Struct, frozen=True):
    """A native document as a cloud told it.

    ``name`` as that cloud spells it; ``incarnation`` distinguishes a recreated object from its predecessor
    (AWS: creation date) and ``version`` counts its updates, both None where the cloud has neither (Azure).
    ``told_at``: when the cloud said so by its own clock, in seconds since the epoch (HTTP Date).
    """

    name: str
    document: Document
    incarnation: str | None = None
    version: int | None = None
    told_at: float | None = None

    def __eq__(self, other: object) -> bool:
        """When it was told makes no difference."""
        return isinstance(other, Found) and self._said == other._said

    __hash__ = None  # type: ignore[assignment]  # a document has none

    @property
    def _said(self) -> tuple[object, ...]:
        return self.name, self.document, self.incarnation, self.version


class Written(Struct, frozen=True):
    """``found``: what the cloud says it holds after our write, None after a delete.
    ``surprise``: why the answer shows that somebody else wrote in between (Azure: 201 to an update, 204 to a
    delete of a group that was there), else None. ``told_at``: as with :class:`Found`."""

    found: Found | None
    surprise: str | None = None
    told_at: float | None = None


class Touch(Struct, frozen=True):
    """Somebody, maybe ourselves, wrote this object ``at`` that time, by the cloud's clock.

    ``by``: the application that it was written with; ``request``: what the client called its request. Both as
    the cloud tells them, if it does.
    """

    name: str
    at: float
    request: str | None = None
    by: str | None = None

    def foreign(self, own: str | None) -> bool:
        """Whether it tells of somebody other than the application ``own``. Where that cannot be said, it does
        if it names its request: which of those are ours, the engine knows."""
        if self.by is not None and own is not None:
            return self.by.lower() != own.lower()
        return self.request is not None


class Names(NamedTuple):
    """``found``: names in their order, each with its document where the listing carries it. ``end``: the last
    of them, if more come after it."""

    found: Mapping[str, Found | None]
    end: str | None = None


class Page(NamedTuple):
    """Some names of a scope, each with its document where the listing carries it. ``following``: what the
    cloud calls its next page; None: this was the last one."""

    found: Mapping[str, Found | None]
    following: str | None = None


class AuditTrail(Protocol):
    """What a cloud keeps about who wrote what (Azure Activity Log)."""

    def foreign_writes(self, since: float) -> Iterable[Touch]:
        """Writes and deletions by others, as far as the cloud tells (:meth:`Touch.foreign`).
        Raises only :class:`shared.errors.CloudError`."""


class ReadableCloud(Protocol):
    """One scope of one cloud: an AWS account and region, or an Azure IoT hub.

    Every method raises only :class:`shared.errors.CloudError`.
    """

    def read(self, name: str, *, whole: bool = False) -> Found | None:
        """None is a positive not-found for this very object. ``whole`` also fetches what lives apart from the
        document (AWS tags)."""

    def census(self) -> Mapping[str, Found | None]:
        """Every name in the scope; with its document where the listing carries it."""

    def page(self, at: str | None = None) -> Page:
        """The same in the cloud's own pages and order; ``at``: what an earlier one calls this one, and nobody
        vouches for it. Raises StalePage where the cloud does not know it any more, or it is of another
        scope."""


def pages_of(
    cloud: ReadableCloud, where: str, before: Callable[[int], None] = lambda _: None
) -> Iterator[Mapping[str, Found | None]]:
    """Every page, of which one is held at a time. Half of them are no listing: an error may come with any.
    ``before`` is told, before each but the first, how many there were."""
    page = cloud.page()
    seen: set[str] = set()
    while True:
        yield page.found
        if page.following is None:
            return
        if page.following in seen:
            raise Unreachable(where, "the listing leads back to a page that was read already")
        seen.add(page.following)
        before(len(seen))
        page = cloud.page(page.following)


class Cloud(ReadableCloud, Protocol):
    """``request``: what a cloud's own records should call the write, a UUID. AWS has no place for it."""

    def create(self, name: str, document: Document, *, request: str | None = None) -> Written:
        """Raises RevisionConflict when the object exists already."""

    def update(self, name: str, document: Document, base: Found, *, request: str | None = None) -> Written:
        """Replace ``base``. Conditional on its version where the cloud can (AWS: RevisionConflict).
        ``document`` is a whole native document, derived from ``base.document``."""

    def delete(self, name: str, base: Found, *, request: str | None = None) -> Written: ...

    def ensure_metric(self, name: str, kind: str) -> None:
        """Create a custom metric unless it is there. A cloud without such a thing does nothing."""


class ReadableLedger(Protocol):
    """Strongly consistent. Raises only :class:`shared.errors.LedgerError`."""

    def link(self, key: LinkKey) -> Link | None: ...

    def links(self, keys: Iterable[LinkKey]) -> Mapping[LinkKey, Link]:
        """Those that exist, read in batches."""

    def route_links(self, route: str, after: str | None = None, most: int | None = None) -> Iterator[Link]:
        """Links of a route after that name, at most so many, in the order of names, page by page, tombstones
        included."""

    def scope(self, route: str) -> Scope:
        """A route that was never saved has an empty scope of ``rev`` 0."""

    def journal(self, key: LinkKey, after: int = -1) -> Iterator[Entry]:
        """Entries with a ``seq`` above ``after``, in its order; none of an earlier link that expired."""


class Ledger(ReadableLedger, Protocol):
    def save(self, link: Link, entries: Sequence[Entry] = ()) -> None:
        """Store ``link`` and append ``entries`` in one transaction, on condition that the stored ``rev`` is
        ``link.rev - 1`` (0: not stored). Raises LedgerConflict otherwise, and nothing is stored. Raises
        LedgerError for entries that break the chain (:mod:`shared.sync.journal`)."""

    def save_scope(self, scope: Scope, entries: Sequence[Entry] = ()) -> None:
        """The same condition on ``scope.rev``; ``entries`` are the route's own."""
