"""What the views are made of, read through one mirror at one moment."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from shared.errors import BadInput, CloudError
from shared.operations.page.changes import Reach, Recent, changes, recent
from shared.operations.page.link import Subject
from shared.operations.reader import Reader
from shared.operations.rehearsal import Rehearsal
from shared.operations.standing import Standing, link_standing, standing
from shared.routes.options import pairing_options
from shared.sync.link import Link, LinkKey, Scope
from shared.translation.pairing import Pairing, pairing

HISTORY = 60
"""Entries of one journal that are read."""


@dataclass
class Sources:
    """``reader`` cannot write. ``now``: seconds since the epoch."""

    reader: Reader
    now: float

    @cached_property
    def standing(self) -> Standing:
        """One pass over the ledger, whatever is shown of it."""
        return standing(self.reader.ledger, self.reader.routes, self.now)

    @property
    def scopes(self) -> list[Scope]:
        return [route.scope for route in self.standing.routes]

    def recent(self, reach: Reach) -> Recent:
        links = (each.link for each in self.standing.links())
        return recent(self.reader.ledger, self.reader.pool, links, self.scopes, reach)

    def subject(self, key: LinkKey) -> Subject:
        """One link: from the ledger, and from both clouds as far as they answer. Raises BadInput for a name
        that no route covers, and LedgerError."""
        link = self.reader.ledger.link(key) or Link(key)
        foreseen, unseen = None, ""
        try:
            foreseen = Rehearsal(self.reader, self.reader.route(key.route)).look(key)
        except (CloudError, BadInput) as error:  # no answer, or no way to sign in
            unseen = str(error)
        entries = self.reader.ledger.journal(key, link.entries - HISTORY)
        history = changes(entries)[::-1]
        return Subject(link_standing(link), foreseen, unseen, history, link.entries - HISTORY, self.pairing)

    def pairing(self, key: LinkKey) -> Pairing | None:
        """What the link's route shares; None where the route is no longer in routes.yaml."""
        return self._pairings.get(key.route)

    @cached_property
    def _pairings(self) -> dict[str, Pairing]:
        return {route.id: pairing(pairing_options(route)) for route in self.reader.routes.routes}
