"""The ledger in one DynamoDB table: strongly consistent, every write conditional.

A save is one transaction: the link on condition of its ``rev``, each journal entry on condition that its
place is free. The SDK repeats a request whose answer was lost, and the repetition may fail on the very
condition that the first one changed. Each save therefore leaves a nonce of its own, and a conflict counts as
success where that nonce is found.

Time-to-live: a tombstone expires ``keep_days`` after its last save, and the journal up to it ``keep_days``
after the tombstone, also if the link comes back to life. Nothing else expires. DynamoDB deletes within a few
days of ``expires``, the link and its entries in any order, and nothing here depends on when: the first save
of a link condemns what still lies in its journal, and a condemned place is free to be written over.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any

from shared.errors import LedgerConflict, LedgerError
from shared.ledger.codec import (
    decode_entry,
    decode_link,
    decode_scope,
    encode,
    entry_label,
    link_label,
    require_chained,
    scope_label,
)
from shared.ledger.dynamo_items import (
    BATCH_GET_KEYS,
    TRANSACTION_ITEMS,
    entry_place,
    entry_seq,
    journal_partition,
    link_key,
    link_place,
    require_room,
    route_partition,
    scope_place,
)
from shared.ledger.dynamo_table import ClientWhenAsked, Table, dynamo_client
from shared.sync.link import Entry, Link, LinkKey, Scope, State

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

    from shared.ledger.dynamo_items import Item

__all__ = ["KEEP_DAYS", "ClientWhenAsked", "DynamoLedger", "dynamo_client"]

KEEP_DAYS = 90
_DAY = 86400
_FREE = {"ConditionExpression": "attribute_not_exists(pk) OR attribute_exists(expires)"}

_log = logging.getLogger(__name__)


class DynamoLedger:
    """A :class:`shared.sync.ports.Ledger` in ``table``. Safe to share between threads, as ``client`` is.

    ``nonce`` gives a new text of 1 to 36 characters at each call, e.g. a UUID. Names are in the order of
    their code points.
    """

    def __init__(
        self,
        table: str,
        client: DynamoDBClient | ClientWhenAsked,
        *,
        nonce: Callable[[], str],
        keep_days: int = KEEP_DAYS,
    ) -> None:
        self._table = Table(table, client)
        self._nonce = nonce
        self._keep_seconds = keep_days * _DAY

    def link(self, key: LinkKey) -> Link | None:
        item = self._table.get(link_place(key), link_label(key))
        return None if item is None else decode_link(_body(item), key)

    def links(self, keys: Iterable[LinkKey]) -> Mapping[LinkKey, Link]:
        unique = iter(dict.fromkeys(keys))
        found: dict[LinkKey, Link] = {}
        while batch := [link_place(key) for key in islice(unique, BATCH_GET_KEYS)]:
            for item in self._table.batch_get(batch):
                key = link_key(item)
                found[key] = decode_link(_body(item), key)
        return found

    def route_links(self, route: str, after: str | None = None, most: int | None = None) -> Iterator[Link]:
        """One page where there are at most ``most`` of less than 1 MB together."""
        some: dict[str, Any] = {} if most is None else {"Limit": most}
        if after is not None:
            some["after"] = link_place(LinkKey(route, after))["sk"]
        for item in islice(self._table.query(route_partition(route), scope_label(route), **some), most):
            yield decode_link(_body(item), link_key(item))

    def scope(self, route: str) -> Scope:
        item = self._table.get(scope_place(route), scope_label(route))
        return Scope(route) if item is None else decode_scope(_body(item), route)

    def journal(self, key: LinkKey, after: int = -1) -> Iterator[Entry]:
        present: dict[str, Any] = {"FilterExpression": "attribute_not_exists(past)"}
        if after >= 0:
            present["after"] = entry_place(key, after)["sk"]
        for item in self._table.query(journal_partition(key), link_label(key), **present):
            yield decode_entry(_body(item), key, entry_seq(item))

    def save(self, link: Link, entries: Sequence[Entry] = ()) -> None:
        """Also raises LedgerError, and stores nothing, where the link or an entry takes more than 400 KB
        compressed, or the entries are more than 99. Two documents of 100 behaviors and 1000 IPv6 ranges, the
        most that AWS allows, make an entry of about 66 KB."""
        require_chained(link, entries)
        label, nonce, expiry = link_label(link.key), self._nonce(), self._expiry(link)
        records = [(label, {**link_place(link.key), **_content(encode(link), nonce, link.rev), **expiry})]
        records += _lines(entries, nonce, expiry)
        require_room(records)
        if link.rev == 1:
            self._condemn_earlier_life(link)
        self._write(records, link.rev, nonce)
        if expiry:
            self._condemn_journal(link, expiry)

    def save_scope(self, scope: Scope, entries: Sequence[Entry] = ()) -> None:
        require_chained(scope, entries)
        label, nonce = scope_label(scope.route), self._nonce()
        records = [(label, {**scope_place(scope.route), **_content(encode(scope), nonce, scope.rev)})]
        records += _lines(entries, nonce, {})
        require_room(records)
        self._write(records, scope.rev, nonce)

    def _expiry(self, link: Link) -> Item:
        if link.state is not State.TOMBSTONE:
            return {}
        return {"expires": {"N": str(int(link.updated_at) + self._keep_seconds)}}

    def _write(self, records: Sequence[tuple[str, Item]], rev: int, nonce: str) -> None:
        """The first record on condition of its revision, the others where their places are free."""
        (label, head), *journal = records
        put = {"Item": head, **_at_revision(rev - 1)}
        try:
            if journal:
                puts = [("Put", put), *(("Put", {"Item": item, **_FREE}) for _, item in journal)]
                self._table.transact(puts, [name for name, _ in records], nonce)
            else:
                self._table.put(put, label)
        except LedgerConflict:
            stored = self._table.get({"pk": head["pk"], "sk": head["sk"]}, label)
            if stored is None or stored.get("nonce") != head["nonce"]:
                raise

    def _condemn_earlier_life(self, link: Link) -> None:
        """Before the first save of a link: what lies in its journal is of a link that has expired. It is no
        part of the new one's, however long DynamoDB takes to delete it."""
        expiry: Item = {"expires": {"N": str(int(link.updated_at))}, "past": {"BOOL": True}}
        self._condemn(link.key, 0, expiry, "past")

    def _condemn_journal(self, tombstone: Link, expiry: Item) -> None:
        """The tombstone is stored already: whatever fails here, the journal is merely kept for longer."""
        try:
            self._condemn(tombstone.key, tombstone.rev, expiry, "expires")
        except LedgerError as error:
            _log.warning("the journal of a tombstone will not expire: %s", error)

    def _condemn(self, key: LinkKey, rev: int, expiry: Item, unless: str) -> None:
        """Let the journal of ``key`` expire, as long as its link is at ``rev``; less what has ``unless``."""
        label = link_label(key)
        guard = {"Key": link_place(key), **_at_revision(rev)}
        lasting = self._table.query(
            journal_partition(key),
            label,
            ProjectionExpression="pk, sk",
            FilterExpression=f"attribute_not_exists({unless})",
        )
        while batch := list(islice(lasting, TRANSACTION_ITEMS - 1)):
            updates = [("Update", {"Key": place, **_expiring(expiry)}) for place in batch]
            self._table.transact(
                [("ConditionCheck", guard), *updates], [label] * TRANSACTION_ITEMS, self._nonce()
            )


def _at_revision(rev: int) -> dict[str, Any]:
    if rev == 0:
        return {"ConditionExpression": "attribute_not_exists(pk)"}
    return {"ConditionExpression": "rev = :rev", "ExpressionAttributeValues": {":rev": {"N": str(rev)}}}


def _expiring(expiry: Item) -> dict[str, Any]:
    return {
        "UpdateExpression": "SET " + ", ".join(f"{name} = :{name}" for name in expiry),
        "ConditionExpression": "attribute_exists(pk)",
        "ExpressionAttributeValues": {f":{name}": value for name, value in expiry.items()},
    }


def _lines(entries: Sequence[Entry], nonce: str, expiry: Item) -> list[tuple[str, Item]]:
    """Labels and items of journal entries."""
    return [
        (
            entry_label(entry.key, entry.seq),
            {**entry_place(entry.key, entry.seq), **_content(encode(entry), nonce), **expiry},
        )
        for entry in entries
    ]


def _content(body: bytes, nonce: str, rev: int | None = None) -> Item:
    content: Item = {"body": {"B": body}, "nonce": {"S": nonce}}
    return content if rev is None else {**content, "rev": {"N": str(rev)}}


def _body(item: Item) -> bytes:
    """Empty where it is missing: the codec says so."""
    return item.get("body", {}).get("B", b"")
