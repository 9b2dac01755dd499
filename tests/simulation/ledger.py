"""The ledger on virtual time: the conditions of the real one, and a memory of every save."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from shared.errors import LedgerConflict
from shared.sync.journal import route_journal
from shared.sync.link import Entry, Link, LinkKey, Scope
from shared.translation.side import Side
from tests.simulation.clock import Clock


@dataclass(frozen=True, slots=True)
class Save:
    """``by``: which run of which worker moved the record."""

    at: float
    by: str
    link: Link


class SimLedger:
    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.links: dict[LinkKey, Link] = {}
        self.scopes: dict[str, Scope] = {}
        self.entries: dict[LinkKey, list[Entry]] = defaultdict(list)
        self.saves: dict[LinkKey, list[Save]] = defaultdict(list)
        self.missing_since: dict[tuple[LinkKey, Side], float] = {}

    def save(self, link: Link, entries: tuple[Entry, ...], by: str) -> None:
        current = self.links.get(link.key)
        if link.rev - 1 != (current.rev if current else 0):
            raise LedgerConflict(f"link {link.key} is not at revision {link.rev - 1}")
        journal = self.entries[link.key]
        if any(entry.seq <= journal[-1].seq for entry in entries) if journal else False:
            raise LedgerConflict(f"entry {entries[0].seq} of {link.key} exists already")
        self.links[link.key] = link
        journal.extend(entries)
        self.saves[link.key].append(Save(self.clock.now, by, link))
        for side in Side:
            if side in link.missing:
                self.missing_since.setdefault((link.key, side), self.clock.now)
            else:
                self.missing_since.pop((link.key, side), None)

    def save_scope(self, scope: Scope, entries: tuple[Entry, ...] = ()) -> None:
        if scope.rev - 1 != self.scope(scope.route).rev:
            raise LedgerConflict(f"route {scope.route} is not at revision {scope.rev - 1}")
        self.scopes[scope.route] = scope
        self.entries[route_journal(scope.route)].extend(entries)

    def scope(self, route: str) -> Scope:
        return self.scopes.get(route, Scope(route))
