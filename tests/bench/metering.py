"""What DynamoDB would charge for the calls of the engine on its ledger."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from math import ceil

from shared.ledger.codec import encode
from shared.ledger.dynamo_items import entry_place, item_size, link_place, scope_place
from shared.ledger.sqlite import SqliteLedger
from shared.sync.link import Entry, Link, LinkKey, Scope

READ_UNIT, WRITE_UNIT = 4096, 1024
"""Bytes of one unit; reads are strongly consistent, and a transaction writes each item twice (DynamoDB
developer guide, "Read/write capacity mode", read 2026-11)."""

READS, WRITES = "DynamoDB read units", "DynamoDB write units"


def stored_bytes(record: Link | Entry | Scope) -> int:
    """Of the item that :class:`shared.ledger.dynamodb.DynamoLedger` makes of it."""
    match record:
        case Link():
            place = link_place(record.key)
        case Entry():
            place = entry_place(record.key, record.seq)
        case Scope():
            place = scope_place(record.route)
    return item_size({**place, "body": {"B": encode(record)}, "nonce": {"S": "n" * 36}, "rev": {"N": "1"}})


def read_units(size: int) -> int:
    return max(1, ceil(size / READ_UNIT))


def write_units(sizes: Sequence[int]) -> int:
    """Of one save: of more than one item it is a transaction."""
    return (2 if len(sizes) > 1 else 1) * sum(ceil(size / WRITE_UNIT) for size in sizes)


class MeteredLedger(SqliteLedger):
    """In memory; ``units`` is what the same calls take of DynamoDB."""

    def __init__(self) -> None:
        super().__init__(":memory:")
        self.units: Counter[str] = Counter()

    def link(self, key: LinkKey) -> Link | None:
        found = super().link(key)
        self.units[READS] += read_units(0 if found is None else stored_bytes(found))
        return found

    def links(self, keys: Iterable[LinkKey]) -> Mapping[LinkKey, Link]:
        wanted = list(dict.fromkeys(keys))
        found = super().links(wanted)
        self.units[READS] += sum(
            read_units(stored_bytes(found[key]) if key in found else 0) for key in wanted
        )
        return found

    def route_links(self, route: str, after: str | None = None, most: int | None = None) -> Iterator[Link]:
        found = list(super().route_links(route, after, most))
        self.units[READS] += read_units(sum(map(stored_bytes, found)))
        return iter(found)

    def scope(self, route: str) -> Scope:
        found = super().scope(route)
        self.units[READS] += read_units(stored_bytes(found))
        return found

    def journal(self, key: LinkKey, after: int = -1) -> Iterator[Entry]:
        found = list(super().journal(key, after))
        self.units[READS] += read_units(sum(map(stored_bytes, found)))
        return iter(found)

    def save(self, link: Link, entries: Sequence[Entry] = ()) -> None:
        super().save(link, entries)
        self.units[WRITES] += write_units([stored_bytes(link), *map(stored_bytes, entries)])

    def save_scope(self, scope: Scope, entries: Sequence[Entry] = ()) -> None:
        super().save_scope(scope, entries)
        self.units[WRITES] += write_units([stored_bytes(scope), *map(stored_bytes, entries)])
