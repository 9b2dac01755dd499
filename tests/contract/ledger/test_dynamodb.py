"""What is DynamoDB's own: keys, limits, lost answers and the time-to-live."""

from __future__ import annotations

import logging
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.exceptions import ReadTimeoutError
from hypothesis import given
from hypothesis import strategies as st
from moto.core.models import botocore_stubber
from msgspec.structs import replace
from mypy_boto3_dynamodb import DynamoDBClient

from shared.errors import LedgerConflict, LedgerError, LedgerUnavailable
from shared.ledger.dynamo_items import (
    ITEM_LIMIT,
    entry_place,
    entry_seq,
    item_size,
    link_key,
    link_place,
    require_room,
    scope_place,
)
from shared.ledger.dynamodb import DynamoLedger, dynamo_client
from shared.sync.journal import Verdict, appended, verify
from shared.sync.link import Entry, LinkKey, Scope, State
from tests.contract.ledger.conftest import REGION, TABLE, counter
from tests.contract.ledger.records import KEY, entry, link, noise

if TYPE_CHECKING:
    from shared.ledger.dynamo_items import Item

DAY = 86400
BURIED_AT = 1_700_000_000.5
EXPIRY = str(1_700_000_000 + 90 * DAY)


@pytest.fixture
def ledger(client: DynamoDBClient) -> DynamoLedger:
    return DynamoLedger(TABLE, client, nonce=counter())


def expiries(client: DynamoDBClient) -> dict[str, str | None]:
    """Of everything in the table, by sort key; of an entry by its number."""
    return {
        re.sub(r"^J#0*(\d+)$", r"\1", item["sk"]["S"]): item.get("expires", {}).get("N")
        for item in client.scan(TableName=TABLE, ConsistentRead=True)["Items"]
    }


# --- keys


@given(st.lists(st.builds(LinkKey, st.text("#1a:é"), st.text("#1a:é")), min_size=2, max_size=2, unique=True))
def test_two_links_never_share_a_place_nor_a_journal(keys: list[LinkKey]) -> None:
    one, two = keys
    assert link_place(one) != link_place(two)
    assert entry_place(one, 1)["pk"] != entry_place(two, 1)["pk"]


@given(st.builds(LinkKey, st.text("#RLJa"), st.text("#RLJa")), st.integers(0, 10**20 - 1))
def test_a_place_tells_its_record(key: LinkKey, seq: int) -> None:
    assert link_key(link_place(key)) == key
    assert entry_seq(entry_place(key, seq)) == seq


@given(st.text("#RSLJ1a"), st.text("#RSLJ1a"), st.text("#RSLJ1a"))
def test_links_scopes_and_entries_never_share_a_partition(route: str, other: str, name: str) -> None:
    places = [link_place(LinkKey(route, name)), scope_place(other), entry_place(LinkKey(other, name), 0)]
    assert len({place["pk"]["S"] for place in places}) == 3


@pytest.mark.parametrize(
    ("key", "problem"),
    [
        (LinkKey("fleet", "é" * 512), "the name takes 1026 bytes as a key, DynamoDB's limit is 1024"),
        (LinkKey("é" * 1024, "x"), "the route takes 2050 bytes as a key, DynamoDB's limit is 2048"),
        (LinkKey("é" * 800, "é" * 400), r"the route and name takes \d+ bytes as a key"),
    ],
    ids=["name", "route", "both"],
)
def test_a_name_too_long_for_a_key_is_refused(ledger: DynamoLedger, key: LinkKey, problem: str) -> None:
    with pytest.raises(LedgerError, match=problem):
        ledger.save(link(key), [entry(0, key)])
    assert ledger.links([KEY]) == {}


def test_the_longest_name_that_fits_is_stored(ledger: DynamoLedger) -> None:
    key = LinkKey("é" * 400, "é" * 511)
    ledger.save(link(key), [entry(0, key)])
    assert ledger.link(key) == link(key)
    assert list(ledger.journal(key)) == [entry(0, key)]


# --- limits


def test_a_link_over_the_item_limit_is_refused_with_its_size(ledger: DynamoLedger) -> None:
    with pytest.raises(LedgerError, match=r"link 'fleet/thermostats' takes \d{6} bytes .* limit is 409600"):
        ledger.save(link(names={noise(450_000): ()}))
    assert ledger.link(KEY) is None


def test_an_entry_over_the_item_limit_is_refused_and_its_link_not_saved(ledger: DynamoLedger) -> None:
    with pytest.raises(LedgerError, match=r"journal entry 4 of link 'fleet/thermostats' takes \d{6} bytes"):
        ledger.save(link(), [entry(3), entry(4, after={"x": noise(450_000)})])
    assert ledger.link(KEY) is None


def test_the_item_limit_counts_names_and_values_to_the_byte(ledger: DynamoLedger) -> None:
    item: Item = {"pk": {"S": "é"}, "sk": {"S": "S"}, "rev": {"N": "1"}, "body": {"B": b""}}
    room = ITEM_LIMIT - item_size(item)
    require_room([("it", {**item, "body": {"B": bytes(room)}})])
    with pytest.raises(LedgerError, match="it takes 409601 bytes"):
        require_room([("it", {**item, "body": {"B": bytes(room + 1)}})])


def test_a_link_of_hundreds_of_kilobytes_is_stored(ledger: DynamoLedger) -> None:
    whole = link(names={noise(250_000): ()})  # moto counts binary values a third too long
    ledger.save(whole)
    assert ledger.link(KEY) == whole


def test_a_transaction_over_its_limit_is_refused_with_its_size(ledger: DynamoLedger) -> None:
    lines = [entry(n, before={"x": noise(340_000, n)}) for n in range(11)]
    with pytest.raises(LedgerError, match=r"with its journal entries takes \d{7} bytes .* limit is 4194304"):
        ledger.save(link(), lines)
    assert ledger.link(KEY) is None


def test_a_save_has_at_most_99_entries(ledger: DynamoLedger) -> None:
    with pytest.raises(LedgerError, match="101 records in one save, DynamoDB's limit is 100"):
        ledger.save(link(), [entry(n) for n in range(100)])
    ledger.save(link(), [entry(n) for n in range(99)])
    assert len(list(ledger.journal(KEY))) == 99


# --- requests


@pytest.fixture
def requests(client: DynamoDBClient) -> list[tuple[str, dict[str, Any]]]:
    seen: list[tuple[str, dict[str, Any]]] = []

    def note(params: dict[str, Any], model: Any, **_: Any) -> None:
        seen.append((model.name, params))

    client.meta.events.register("provide-client-params.dynamodb", note)
    return seen


def test_every_read_is_strongly_consistent(
    ledger: DynamoLedger, requests: list[tuple[str, dict[str, Any]]]
) -> None:
    ledger.link(KEY)
    ledger.links([KEY])
    ledger.scope("fleet")
    list(ledger.route_links("fleet"))
    list(ledger.journal(KEY))
    consistent = [
        (name, params.get("RequestItems", {TABLE: params})[TABLE]["ConsistentRead"])
        for name, params in requests
    ]
    reads = ["GetItem", "BatchGetItem", "GetItem", "Query", "Query"]
    assert consistent == [(read, True) for read in reads]


def test_a_save_without_entries_is_the_cheap_single_write(
    ledger: DynamoLedger, requests: list[tuple[str, dict[str, Any]]]
) -> None:
    ledger.save_scope(Scope("fleet", rev=1))
    ledger.save(link())
    requests.clear()
    ledger.save(link(rev=2))
    assert [name for name, _ in requests] == ["PutItem"]


def test_a_transaction_carries_the_nonce_as_its_token(
    ledger: DynamoLedger, requests: list[tuple[str, dict[str, Any]]]
) -> None:
    ledger.save(link(), [entry(0)])
    (name, params) = requests[-1]
    assert name == "TransactWriteItems"
    nonces = {action["Put"]["Item"]["nonce"]["S"] for action in params["TransactItems"]}
    assert nonces == {params["ClientRequestToken"]}


def test_a_record_without_its_body_is_named(client: DynamoDBClient, ledger: DynamoLedger) -> None:
    client.put_item(TableName=TABLE, Item={**link_place(KEY), "rev": {"N": "1"}})
    with pytest.raises(LedgerError, match="link 'fleet/thermostats' is damaged: empty"):
        ledger.link(KEY)


# --- lost answers


class Wire:
    """Loses answers of the first requests that match, after they were applied; counts them all."""

    def __init__(self) -> None:
        self.lose = 0
        self.sent = 0
        self.meanwhile: Callable[[], None] = lambda: None

    def __call__(self, event_name: str, request: Any, **_: Any) -> None:
        self.sent += 1
        if self.sent <= self.lose:
            botocore_stubber(event_name, request)
            self.meanwhile()
            raise ReadTimeoutError(endpoint_url=request.url)


@pytest.fixture
def wire() -> Wire:
    return Wire()


@pytest.fixture
def on_wire(
    client: DynamoDBClient, session: boto3.Session, wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> DynamoLedger:
    """A ledger over the client that the functions use, with its three attempts, but no pauses."""
    monkeypatch.setattr("botocore.endpoint.time", SimpleNamespace(sleep=lambda _: None))
    patient = dynamo_client(REGION, session=session)
    for operation in ("PutItem", "TransactWriteItems"):
        patient.meta.events.register_first(f"before-send.dynamodb.{operation}", wire)
    return DynamoLedger(TABLE, patient, nonce=counter("mine"))


@pytest.mark.parametrize("lost", [1, 2])
@pytest.mark.parametrize("entries", [[], [entry(0)]], ids=["single write", "transaction"])
def test_a_save_whose_answer_was_lost_is_found_to_have_succeeded(
    on_wire: DynamoLedger, wire: Wire, entries: list[Entry], lost: int
) -> None:
    wire.lose = lost
    on_wire.save(link(token=5), entries)
    assert wire.sent == lost + 1
    assert on_wire.link(KEY) == link(token=5)
    assert list(on_wire.journal(KEY)) == entries


def test_a_scope_whose_answer_was_lost_is_found_to_have_been_saved(on_wire: DynamoLedger, wire: Wire) -> None:
    wire.lose = 1
    on_wire.save_scope(Scope("fleet", rev=1, known=3))
    assert wire.sent == 2
    assert on_wire.scope("fleet").known == 3


@pytest.mark.parametrize("entries", [[], [entry(0)]], ids=["single write", "transaction"])
def test_a_save_that_was_overtaken_while_its_answer_was_lost_is_a_conflict(
    on_wire: DynamoLedger, ledger: DynamoLedger, wire: Wire, entries: list[Entry]
) -> None:
    wire.lose = 1
    wire.meanwhile = lambda: ledger.save(link(rev=2, token=9))
    with pytest.raises(LedgerConflict):
        on_wire.save(link(token=5), entries)
    assert on_wire.link(KEY) == link(rev=2, token=9)


def test_an_equal_save_by_somebody_else_is_still_a_conflict(
    on_wire: DynamoLedger, ledger: DynamoLedger
) -> None:
    ledger.save(link())
    with pytest.raises(LedgerConflict):
        on_wire.save(link())


def test_a_save_that_is_never_answered_is_unavailable(on_wire: DynamoLedger, wire: Wire) -> None:
    wire.lose = 3
    with pytest.raises(LedgerUnavailable, match="no answer from table ledger"):
        on_wire.save(link(token=5))
    assert wire.sent == 3
    assert on_wire.link(KEY) == link(token=5)


def test_the_client_gives_up_before_a_function_does() -> None:
    config: Any = dynamo_client(REGION).meta.config
    assert (config.connect_timeout, config.read_timeout) == (3, 5)
    assert config.retries == {"total_max_attempts": 3, "mode": "standard"}


# --- time-to-live


def test_nothing_that_lives_expires(client: DynamoDBClient, ledger: DynamoLedger) -> None:
    for rev, state in enumerate([State.NEW, State.BOUND], start=1):
        ledger.save(link(rev=rev, state=state, updated_at=BURIED_AT), [entry(rev)])
    ledger.save_scope(Scope("fleet", rev=1))
    assert expiries(client) == {"S": None, "L#thermostats": None, "1": None, "2": None}


def test_a_tombstone_expires_with_its_whole_journal(client: DynamoDBClient, ledger: DynamoLedger) -> None:
    for rev in (1, 2):
        ledger.save(link(rev=rev), [entry(70 * rev + n) for n in range(70)])
    elsewhere = LinkKey("fleet", "pumps")
    ledger.save(link(elsewhere), [entry(1000, elsewhere)])
    ledger.save(link(rev=3, state=State.TOMBSTONE, updated_at=BURIED_AT), [entry(999)])
    expected = {str(n): EXPIRY for n in [*range(70, 210), 999]}
    expected["L#thermostats"] = EXPIRY
    assert expiries(client) == {**expected, "L#pumps": None, "1000": None}
    assert [line.seq for line in ledger.journal(KEY)] == [*range(70, 210), 999]


def test_how_long_a_tombstone_is_kept_is_the_deployers_choice(client: DynamoDBClient) -> None:
    ledger = DynamoLedger(TABLE, client, nonce=counter(), keep_days=7)
    ledger.save(link(state=State.TOMBSTONE, updated_at=BURIED_AT))
    assert expiries(client) == {"L#thermostats": str(1_700_000_000 + 7 * DAY)}


def test_each_save_of_a_tombstone_puts_its_end_off(client: DynamoDBClient, ledger: DynamoLedger) -> None:
    for rev in (1, 2):
        ledger.save(link(rev=rev, state=State.TOMBSTONE, updated_at=BURIED_AT + (rev - 1) * DAY))
    assert expiries(client) == {"L#thermostats": str(int(EXPIRY) + DAY)}


def test_a_link_that_comes_back_to_life_lives(client: DynamoDBClient, ledger: DynamoLedger) -> None:
    ledger.save(link(), [entry(0)])
    ledger.save(link(rev=2, state=State.TOMBSTONE, updated_at=BURIED_AT), [entry(1)])
    ledger.save(link(rev=3, updated_at=BURIED_AT + DAY), [entry(2)])
    assert expiries(client) == {"L#thermostats": None, "0": EXPIRY, "1": EXPIRY, "2": None}


def test_a_name_is_used_again_while_the_old_journal_is_half_gone(
    client: DynamoDBClient, ledger: DynamoLedger
) -> None:
    ledger.save(link(), [entry(n) for n in range(5)])
    ledger.save(link(rev=2, state=State.TOMBSTONE, updated_at=BURIED_AT))
    client.delete_item(TableName=TABLE, Key=link_place(KEY))
    for n in (0, 3):
        client.delete_item(TableName=TABLE, Key=entry_place(KEY, n))
    for rev in range(1, 6):
        ledger.save(link(rev=rev), [entry(rev - 1, actor="reborn")])
    assert [(line.seq, line.actor) for line in ledger.journal(KEY)] == [(n, "reborn") for n in range(5)]
    assert set(expiries(client).values()) == {None}


def test_a_name_is_used_again_even_if_its_old_journal_was_never_condemned(
    client: DynamoDBClient, ledger: DynamoLedger
) -> None:
    ledger.save(link(), [entry(n) for n in range(3)])
    client.delete_item(TableName=TABLE, Key=link_place(KEY))
    ledger.save(link(updated_at=BURIED_AT), [entry(0, actor="reborn")])
    assert expiries(client) == {"L#thermostats": None, "0": None, "1": "1700000000", "2": "1700000000"}


def test_what_an_earlier_link_left_behind_is_no_part_of_the_new_ones_journal(
    client: DynamoDBClient, ledger: DynamoLedger
) -> None:
    ledger.save(link(), [entry(n) for n in range(1, 4)])
    ledger.save(link(rev=2, state=State.TOMBSTONE, updated_at=BURIED_AT))
    client.delete_item(TableName=TABLE, Key=link_place(KEY))
    record, lines = appended(link(), entry(0))
    ledger.save(record, lines)
    assert list(ledger.journal(KEY)) == list(lines)
    record, more = appended(replace(record, rev=2), entry(0))
    ledger.save(record, more)
    assert verify(record, ledger.journal(KEY)) == Verdict(checked=2)


def test_a_first_save_that_comes_too_late_condemns_nothing(
    client: DynamoDBClient, ledger: DynamoLedger
) -> None:
    ledger.save(link(), [entry(0)])
    with pytest.raises(LedgerConflict):
        ledger.save(link(token=9), [entry(0)])
    assert expiries(client) == {"L#thermostats": None, "0": None}


def test_a_tombstone_is_stored_even_if_its_journal_cannot_be_condemned(
    client: DynamoDBClient, ledger: DynamoLedger, caplog: pytest.LogCaptureFixture
) -> None:
    ledger.save(link(), [entry(0)])
    wire = Wire()
    wire.lose = 1
    client.meta.events.register_first("before-send.dynamodb.TransactWriteItems", wire)
    grave = link(rev=2, state=State.TOMBSTONE, updated_at=BURIED_AT)
    with caplog.at_level(logging.WARNING):
        ledger.save(grave)
    assert wire.sent == 1
    assert ledger.link(KEY) == grave
    assert "the journal of a tombstone will not expire: link 'fleet/thermostats': no answer" in caplog.text


# --- house


def test_the_sdk_is_not_loaded_before_it_is_used() -> None:
    root = Path(__file__).resolve().parents[3]
    program = "import sys, shared.ledger.dynamodb; print(sorted({'boto3', 'botocore'} & set(sys.modules)))"
    loaded = subprocess.run(
        [sys.executable, "-c", program], cwd=root, capture_output=True, text=True, check=True
    )
    assert loaded.stdout == "[]\n"
