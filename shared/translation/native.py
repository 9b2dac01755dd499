"""What both translators give: a document read as a policy, and a document edited to show other rules."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from msgspec import Struct

from shared.policy.atom import View
from shared.policy.loss import Hold
from shared.policy.rule import Policy
from shared.translation.pairing import Pairing
from shared.translation.side import Side
from shared.translation.view import Reading

Document = dict[str, Any]


class Memory(Struct, frozen=True):
    """What a link remembers of its AWS behaviors, by signal: the names of those that were written from here,
    and the JSON of those that were removed."""

    names: Mapping[str, tuple[str, ...]] = {}
    graveyard: Mapping[str, tuple[Document, ...]] = {}


class Edit(Struct, frozen=True):
    """``document`` shows the wanted rules, or is the very same object when it did already.
    ``holds``: wanted rules that were not written, and why."""

    document: Document
    memory: Memory
    holds: tuple[Hold, ...] = ()


class Translator(Protocol):
    """One per cloud. Pure: no method changes what it is given."""

    @property
    def side(self) -> Side: ...

    def parse(self, document: Document, pairing: Pairing) -> Policy:
        """Never raises: what cannot be understood becomes an ``Unread`` rule or an unknown member."""

    def put(self, want: View, document: Document, pairing: Pairing, memory: Memory, last: View) -> Edit:
        """``document`` edited so that its shared view is ``want``; what it holds stays as it is.
        ``last``: values that were last written, for rules whose values the cloud does not tell."""

    def edit(
        self, want: View, document: Document, reading: Reading, pairing: Pairing, memory: Memory, last: View
    ) -> Edit:
        """:meth:`put` where ``document`` was read already: ``reading``, with the same ``last``."""

    def blank(self, name: str) -> Document:
        """A document of that name without any rule."""
