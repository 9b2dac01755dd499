"""Two routes over clouds in memory that keep a list of everything that is asked of them."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Self

from shared.ledger.sqlite import SqliteLedger
from shared.operations.mirror import Mirror
from shared.operations.requests import NO_CAUSE, Cause, Sweep
from shared.routes.load import load_routes
from shared.routes.route import Route
from shared.sync.job import Worker
from shared.sync.link import LinkKey
from shared.sync.ports import Cloud, Document, Found, Page, Written
from shared.translation.side import Side
from tests.hostile.mutation import copied
from tests.hostile.samples import ACCOUNT, HUB, NAMES, REGION, SMALL_GROUP, SMALL_PROFILE
from tests.unit.sync.world import Inline

OTHER_ACCOUNT, OTHER_HUB = "210987654321", HUB.replace("Pumps-Hub", "Office-Hub")
ROUTES = f"""\
version: 1
defaults:
  names: {{include: ["prod-*"], exclude: ["prod-secret-*"]}}
  first_contact: sync
  bootstrap: strictest
  conflict: strictest
routes:
  - {{id: plant, aws: {{account: "{ACCOUNT}", region: {REGION}}}, azure: {{hub: {HUB}}}}}
  - {{id: office, aws: {{account: "{OTHER_ACCOUNT}", region: {REGION}}}, azure: {{hub: {OTHER_HUB}}}}}
"""
SCOPES = {"plant": (ACCOUNT, HUB.lower()), "office": (OTHER_ACCOUNT, OTHER_HUB.lower())}
ANYONE = Worker("anyone", frozenset(Side))


def inside(name: str) -> bool:
    """What the routes take in, in words of our own."""
    return name.startswith("prod-") and not name.lower().startswith("prod-secret-")


@dataclass
class Shelf:
    """A cloud that keeps whatever document it is given, and a list of the names that it is asked for."""

    side: Side
    asked: Callable[[str], None]
    documents: dict[str, tuple[int, Document]] = field(default_factory=dict)

    def put(self, name: str, document: Document) -> None:
        version, _ = self.documents.get(name, (0, {}))
        self.documents[name] = (version + 1, copied(document))

    def read(self, name: str, *, whole: bool = False) -> Found | None:
        self.asked(name)
        return self._found(name) if name in self.documents else None

    def census(self) -> Mapping[str, Found | None]:
        return dict.fromkeys(self.documents)

    def page(self, at: str | None = None) -> Page:
        del at
        return Page(self.census())

    def create(self, name: str, document: Document, *, request: str | None = None) -> Written:
        return self._write(name, document)

    def update(self, name: str, document: Document, base: Found, *, request: str | None = None) -> Written:
        return self._write(name, document)

    def delete(self, name: str, base: Found, *, request: str | None = None) -> Written:
        self.asked(name)
        del self.documents[name]
        return Written(None)

    def ensure_metric(self, name: str, kind: str) -> None:
        raise AssertionError(f"no route provisions metrics, and {name} is one")

    def _write(self, name: str, document: Document) -> Written:
        self.asked(name)
        self.put(name, document)
        return Written(self._found(name))

    def _found(self, name: str) -> Found:
        version, document = self.documents[name]
        versioned = self.side is Side.AWS
        return Found(name, copied(document), "1" if versioned else None, version if versioned else None)


@dataclass
class Place:
    """Open until the end of its ``with`` block. ``asked``: route id -> names that its clouds were asked for;
    a route that only listed its scopes stands there with none."""

    asked: dict[str, list[str]] = field(default_factory=dict)
    queued: list[LinkKey] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.clouds = {id_: {side: Shelf(side, partial(self._note, id_)) for side in Side} for id_ in SCOPES}
        self._stock(self.clouds["plant"])
        self._minutes = itertools.count()
        self._ledger = SqliteLedger(":memory:")
        self.mirror = Mirror(
            routes=load_routes(ROUTES, "routes.yaml"),
            worker=ANYONE,
            ledger=self._ledger,
            clouds=self._ports,
            clock=lambda: 1_800_000_000.0 + 60 * next(self._minutes),
            time_left=lambda: 30.0,
            pool=Inline(),
            enqueue=self._enqueue,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._ledger.close()

    @staticmethod
    def _stock(clouds: Mapping[Side, Shelf]) -> None:
        """Policies of every name; two only on either side, so that there is something to write."""
        for name in NAMES:
            if name != "prod-lamps":
                clouds[Side.AWS].put(name, SMALL_PROFILE | {"securityProfileName": name})
            if name != "prod-valves":
                clouds[Side.AZURE].put(name, SMALL_GROUP | {"name": name})

    def take(self) -> dict[str, list[str]]:
        """What was asked since this was last asked."""
        asked, self.asked = self.asked, {}
        return asked

    def _note(self, route: str, name: str) -> None:
        self.asked.setdefault(route, []).append(name)

    def _ports(self, route: Route) -> Mapping[Side, Cloud]:
        self.asked.setdefault(route.id, [])
        return dict(self.clouds[route.id])

    def _enqueue(self, asked: Sequence[LinkKey | Sweep], delay: float, cause: Cause = NO_CAUSE) -> None:
        del delay, cause
        self.queued.extend(each for each in asked if isinstance(each, LinkKey))
