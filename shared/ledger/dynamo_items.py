"""Where each record lies in the table, and how large it may be.

===============  ==========================  ======================  ==============================
record           pk                          sk                      other attributes
===============  ==========================  ======================  ==============================
link             ``R#<route>``               ``L#<name>``            body, rev, nonce, (expires)
scope            ``S#<route>``               ``S``                   body, rev, nonce
journal entry    ``J#<n>#<route>#<name>``    ``J#<seq, 20 digits>``  body, nonce, (expires, past)
===============  ==========================  ======================  ==============================

``n`` is the length of the route in characters, so no two (route, name) spell one key, whatever ``#`` they
carry. A route's own journal has the name ``*``. ``body`` is what the codec wrote, ``nonce`` names the save
that wrote it, ``expires`` is for DynamoDB's time-to-live, in seconds since the epoch; ``past`` marks what an
earlier link of this name left behind.

The links of a route are one partition: a query lists them strongly consistent and in the order of their
names (UTF-8 bytes, which is code points), which no global secondary index could. A partition takes 1000 write
units and 3000 read units a second. Client-side pacing allows 5 cloud writes a second, each with 3 saves of a
link of 1 KiB, doubled by the transaction: 30 units. Only with links of 33 KiB throughout would a partition be
full. Journals, which take most of the bytes, are a partition each.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from shared.errors import LedgerError
from shared.ledger.codec import link_label, require_text, scope_label
from shared.sync.link import LinkKey

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import AttributeValueTypeDef

    Item = dict[str, AttributeValueTypeDef]

# DynamoDB developer guide, "Constraints in Amazon DynamoDB", read 2026-11-22. KB and MB are binary there.
ITEM_LIMIT = 400 * 1024
TRANSACTION_LIMIT = 4 * 1024 * 1024
TRANSACTION_ITEMS = 100
BATCH_GET_KEYS = 100
PARTITION_KEY_LIMIT = 2048
SORT_KEY_LIMIT = 1024

_NUMBER_BYTES = 21  # at most, whatever the number
_ITEM_OVERHEAD = 100  # what DynamoDB may add for its own bookkeeping


def route_partition(route: str) -> str:
    label = scope_label(route)
    require_text(label, route)
    return _within(label, "route", f"R#{route}", PARTITION_KEY_LIMIT)


def link_place(key: LinkKey) -> Item:
    label = link_label(key)
    require_text(label, *key)
    sort = _within(label, "name", f"L#{key.name}", SORT_KEY_LIMIT)
    return {"pk": {"S": route_partition(key.route)}, "sk": {"S": sort}}


def link_key(place: Mapping[str, AttributeValueTypeDef]) -> LinkKey:
    """The inverse of :func:`link_place`."""
    return LinkKey(place["pk"]["S"].removeprefix("R#"), place["sk"]["S"].removeprefix("L#"))


def scope_place(route: str) -> Item:
    label = scope_label(route)
    require_text(label, route)
    return {"pk": {"S": _within(label, "route", f"S#{route}", PARTITION_KEY_LIMIT)}, "sk": {"S": "S"}}


def journal_partition(key: LinkKey) -> str:
    label = link_label(key)
    require_text(label, *key)
    partition = f"J#{len(key.route)}#{key.route}#{key.name}"
    return _within(label, "route and name", partition, PARTITION_KEY_LIMIT)


def entry_place(key: LinkKey, seq: int) -> Item:
    return {"pk": {"S": journal_partition(key)}, "sk": {"S": f"J#{seq:020d}"}}


def entry_seq(place: Mapping[str, AttributeValueTypeDef]) -> int:
    """The inverse of :func:`entry_place`, as far as it goes."""
    return int(place["sk"]["S"].removeprefix("J#"))


def item_size(item: Mapping[str, AttributeValueTypeDef]) -> int:
    """Bytes as DynamoDB counts them, rounded up: attribute names and values."""
    return _ITEM_OVERHEAD + sum(len(name) + _value_size(value) for name, value in item.items())


def require_room(records: Sequence[tuple[str, Item]]) -> None:
    """Raise LedgerError for a save that DynamoDB would refuse. ``records`` are labels and items, the one on
    condition first. It is not split over several requests: a save holds as a whole or not at all."""
    label = records[0][0]
    if len(records) > TRANSACTION_ITEMS:
        raise LedgerError(
            f"{label}: {len(records)} records in one save, DynamoDB's limit is {TRANSACTION_ITEMS}: "
            "save fewer journal entries at a time"
        )
    sizes = [item_size(item) for _, item in records]
    for (own_label, _), size in zip(records, sizes, strict=True):
        _require_size(own_label, size, ITEM_LIMIT)
    _require_size(f"{label} with its journal entries", sum(sizes), TRANSACTION_LIMIT)


def _value_size(value: AttributeValueTypeDef) -> int:
    if "B" in value:
        return len(value["B"])
    return len(value["S"].encode()) if "S" in value else _NUMBER_BYTES


def _within(label: str, what: str, text: str, limit: int) -> str:
    if (size := len(text.encode())) > limit:
        raise LedgerError(
            f"{label}: the {what} takes {size} bytes as a key, DynamoDB's limit is {limit}: shorten it"
        )
    return text


def _require_size(label: str, size: int, limit: int) -> None:
    if size > limit:
        raise LedgerError(
            f"{label} takes {size} bytes compressed, DynamoDB's limit is {limit}: make the policy smaller"
        )
