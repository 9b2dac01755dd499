"""What the views are made of, read through one mirror at one moment."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from shared.operations.page.changes import Reach, Recent, recent
from shared.operations.reader import Reader
from shared.operations.standing import Standing, standing
from shared.routes.options import pairing_options
from shared.sync.link import LinkKey
from shared.translation.pairing import Pairing, pairing


@dataclass
class Sources:
    """``reader`` cannot write. ``now``: seconds since the epoch."""

    reader: Reader
    now: float

    @cached_property
    def standing(self) -> Standing:
        """One pass over the ledger, whatever is shown of it."""
        return standing(self.reader.ledger, self.reader.routes, self.now)

    def recent(self, reach: Reach) -> Recent:
        stands = self.standing
        links = (each.link for each in stands.links())
        scopes = [route.scope for route in stands.routes]
        return recent(self.reader.ledger, self.reader.pool, links, scopes, reach)

    def pairing(self, key: LinkKey) -> Pairing | None:
        """What the link's route shares; None where the route is no longer in routes.yaml."""
        return self._pairings.get(key.route)

    @cached_property
    def _pairings(self) -> dict[str, Pairing]:
        return {route.id: pairing(pairing_options(route)) for route in self.reader.routes.routes}
