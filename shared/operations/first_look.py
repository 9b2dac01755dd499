"""The first look of a process, made before a snapshot of it is taken, at a policy that nobody has.

Much is made with the first of its kind: msgspec's readers of our types, the pool's threads, what Python finds
out about our code as it runs. That was a tenth of the first event after a restore. Here both clouds and the
ledger are in memory: nothing is read and nothing is sent.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import Executor

from msgspec.structs import replace

from shared.clouds.rehearsal import NAME
from shared.ledger.codec import decode_link, encode
from shared.operations.driver import Driver
from shared.operations.rehearsal import RehearsedCloud, RehearsedLedger
from shared.operations.summary import line
from shared.routes.route import Route
from shared.sync.job import Job, Outcome, Worker
from shared.sync.link import Entry, Link, LinkKey, Scope
from shared.sync.ports import Document, Found, Page
from shared.sync.reconcile import reconcile
from shared.translation.side import Side

PROFILE: Document = {
    "securityProfileName": NAME,
    "behaviors": [
        {
            "name": "sent",
            "metric": "aws:num-messages-sent",
            "criteria": {
                "comparisonOperator": "less-than",
                "value": {"count": 100},
                "durationSeconds": 300,
            },
        }
    ],
}


def look(route: Route, worker: Worker, pool: Executor) -> tuple[Outcome, Outcome]:
    """The policy is mirrored to the other side, and then found to be in step."""
    clouds = {
        side: RehearsedCloud(side, OnePolicy(found), [])
        for side, found in ((Side.AWS, Found(NAME, PROFILE, "0.0", 1)), (Side.AZURE, None))
    }
    ledger = RehearsedLedger(NothingKnown())
    driver = Driver(clouds, ledger, lambda: 0.0, lambda: math.inf, pool)
    plain = replace(route, mode="two-way", first_contact="sync", loosening="apply", canary=None)
    job = Job(LinkKey(route.id, NAME), plain, worker, Side.AWS)
    mirrored, in_step = driver.run(reconcile(job)), driver.run(reconcile(job))
    decode_link(encode(ledger.link(job.key) or Link(job.key)), job.key)
    line(in_step)
    return mirrored, in_step


class OnePolicy:
    """A :class:`~shared.sync.ports.ReadableCloud` that has one policy at most."""

    def __init__(self, found: Found | None) -> None:
        self._found = found

    def read(self, name: str, *, whole: bool = False) -> Found | None:
        del name, whole
        return self._found

    def census(self) -> Mapping[str, Found | None]:
        return {} if self._found is None else {NAME: self._found}

    def page(self, at: str | None = None) -> Page:
        del at
        return Page(self.census())


class NothingKnown:
    """A :class:`~shared.sync.ports.ReadableLedger` with nothing in it."""

    def link(self, key: LinkKey) -> Link | None:
        del key
        return None

    def links(self, keys: Iterable[LinkKey]) -> Mapping[LinkKey, Link]:
        del keys
        return {}

    def route_links(self, route: str, after: str | None = None, most: int | None = None) -> Iterator[Link]:
        del route, after, most
        return iter(())

    def scope(self, route: str) -> Scope:
        return Scope(route)

    def journal(self, key: LinkKey, after: int = -1) -> Iterator[Entry]:
        del key, after
        return iter(())
