"""What was stored comes back equal, and what cannot be read is named without being shown."""

from __future__ import annotations

import json
import traceback
import zlib
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings

from shared.errors import LedgerError
from shared.ledger.codec import PACK_ABOVE, decode_entry, decode_link, decode_scope, encode
from shared.sync.link import Entry, Link, LinkKey, Scope, Shadow
from shared.translation.side import Side
from tests.contract.ledger import records
from tests.contract.ledger.records import KEY, RICH, any_record

LAWS = settings(settings.get_profile("laws"))


def plain(record: Link | Entry | Scope) -> dict[str, Any]:
    """The JSON of a record that is too short to be compressed."""
    data = encode(record)
    assert data[:1] == b"\x01"
    members: dict[str, Any] = json.loads(data[1:])
    return members


def as_bytes(members: dict[str, Any]) -> bytes:
    return b"\x01" + json.dumps(members).encode()


@LAWS
@given(any_record(Link))
def test_a_link_comes_back_equal(link: Link) -> None:
    assert decode_link(encode(link), link.key) == link


@given(any_record(Entry))
def test_a_journal_entry_comes_back_equal(entry: Entry) -> None:
    back = decode_entry(encode(entry), entry.key, entry.seq)
    assert back == entry
    # 1 and 1.0 and True are equal to Python, but not the same JSON.
    assert repr((back.before, back.after, back.detail)) == repr((entry.before, entry.after, entry.detail))


@given(any_record(Scope))
def test_a_scope_comes_back_equal(scope: Scope) -> None:
    assert decode_scope(encode(scope), scope.route) == scope


def test_a_rich_link_comes_back_with_its_very_types() -> None:
    back = decode_link(encode(RICH), KEY)
    assert back == RICH
    assert type(back.key) is LinkKey
    assert [type(side) for side in back.shadows] == [type(side) for side in RICH.shadows]
    assert type(back.intent and back.intent.sides) is frozenset
    assert type(back.names["connections"]) is tuple


def test_equal_links_have_equal_bytes_whatever_the_order_of_their_sets() -> None:
    values = [f"10.0.0.{n}/32" for n in range(200)]
    first, second = (
        records.link(shadows={Side.AWS: Shadow(lossy=frozenset(order))}) for order in (values, values[::-1])
    )
    assert encode(first) == encode(second)


def test_a_short_record_stays_readable() -> None:
    assert plain(records.link())["key"] == [*KEY]


def test_a_long_record_is_compressed() -> None:
    entry = records.entry(1, before={"text": "x" * PACK_ABOVE})
    data = encode(entry)
    assert data[:1] == b"\x02"
    assert len(data) < PACK_ABOVE
    assert json.loads(zlib.decompress(data[1:]))["before"] == entry.before


def test_documents_as_large_as_aws_allows_stay_far_below_the_400_kb_of_an_item() -> None:
    entry = records.entry(1, before=records.largest_profile(1), after=records.largest_profile(2))
    assert len(encode(entry)) < 80_000
    assert len(encode(records.largest_link())) < 80_000


def nested(levels: int) -> list[Any]:
    value: list[Any] = []
    for _ in range(levels):
        value = [value]
    return value


UNREADABLE: dict[str, tuple[Any, str]] = {
    "surrogate": ("\ud800", "lone surrogate"),
    "surrogate in a name": ({"\udfff": 1}, "lone surrogate"),
    "NaN": (float("nan"), "NaN"),
    "infinity": (float("inf"), "infinity"),
    "long number": (10**5000, "4300 digits"),
    "bytes": (b"bytes", "not JSON"),
    "set": ({1, 2}, "not JSON"),
    "deep": (nested(250), "over 200 levels"),
    "bottomless": (nested(100_000), "nested too deep"),
}


@pytest.mark.parametrize(("value", "problem"), UNREADABLE.values(), ids=UNREADABLE)
def test_what_could_not_be_read_back_is_refused(value: Any, problem: str) -> None:
    with pytest.raises(LedgerError, match=problem) as caught:
        encode(records.entry(3, before={"x": value}))
    assert "journal entry 3 of link 'fleet/thermostats' cannot be stored" in str(caught.value)


def test_a_document_may_be_190_levels_deep() -> None:
    entry = records.entry(3, before={"x": nested(190)})
    assert decode_entry(encode(entry), KEY, 3) == entry


def test_a_member_of_the_wrong_type_is_refused_before_it_is_stored() -> None:
    with pytest.raises(LedgerError, match=r"cannot be stored: Expected `int`, got `str` - at `\$\.rev`"):
        encode(records.link(rev="1"))  # type: ignore[arg-type]


SECRET = "sesame"  # nothing of a document may be seen in an error


def secretive() -> bytes:
    return encode(records.entry(3, before={SECRET: SECRET, "padding": SECRET * 400}))


def flipped(data: bytes) -> bytes:
    middle = len(data) // 2
    return data[:middle] + bytes([data[middle] ^ 0xFF]) + data[middle + 1 :]


DAMAGES: dict[str, Callable[[bytes], bytes]] = {
    "empty": lambda _: b"",
    "cut off": lambda data: data[:-5],
    "flipped": flipped,
    "not JSON": lambda data: b"\x01" + zlib.decompress(data[1:]) + b"]",
    "not UTF-8": lambda data: b"\x01" + zlib.decompress(data[1:]).replace(b"padding", b"\xff\xfe"),
    "not an entry": lambda data: b"\x01" + zlib.decompress(data[1:]).replace(b'"seq":3', b'"seq":"3"'),
    "unknown member": lambda data: b"\x01" + zlib.decompress(data[1:]).replace(b'"seq"', b'"sequence"'),
    "a list": lambda data: b"\x01[" + zlib.decompress(data[1:]) + b"]",
    "later format": lambda data: b"\x03" + data[1:],
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_a_damaged_value_is_named_and_never_shown(damage: Callable[[bytes], bytes]) -> None:
    with pytest.raises(LedgerError, match="journal entry 3 of link 'fleet/thermostats'") as caught:
        decode_entry(damage(secretive()), KEY, 3)
    assert SECRET not in "".join(traceback.format_exception(caught.value))
    assert caught.value.__cause__ is None


@pytest.mark.parametrize("record", [RICH, records.link()], ids=["compressed", "plain"])
def test_no_prefix_of_a_value_is_taken_for_the_whole(record: Link) -> None:
    whole = encode(record)
    for length in range(len(whole)):
        with pytest.raises(LedgerError):
            decode_link(whole[:length], record.key)


def test_a_later_format_asks_for_the_later_version() -> None:
    with pytest.raises(LedgerError, match="format 9, this version reads 1 and 2: deploy the newer version"):
        decode_link(b"\x09{}", KEY)


def test_a_record_of_an_older_version_gets_the_defaults_of_its_new_members() -> None:
    members = plain(records.link(rev=4))
    del members["paused"]
    assert decode_link(as_bytes(members), KEY) == records.link(rev=4)


def test_a_record_of_a_newer_version_is_refused_lest_its_new_members_be_dropped() -> None:
    members = plain(records.link()) | {"approvals": []}
    with pytest.raises(LedgerError, match=r"newer version than this: .* unknown field `approvals`"):
        decode_link(as_bytes(members), KEY)


@pytest.mark.parametrize(
    "read",
    [
        lambda: decode_link(encode(records.link()), LinkKey("fleet", "pumps")),
        lambda: decode_entry(encode(records.entry(1)), KEY, 2),
        lambda: decode_entry(encode(records.entry(1)), LinkKey("fleet", "pumps"), 1),
        lambda: decode_scope(encode(Scope("fleet")), "other"),
    ],
    ids=["link", "entry number", "entry", "scope"],
)
def test_a_record_under_the_key_of_another_is_refused(read: Callable[[], object]) -> None:
    with pytest.raises(LedgerError, match="another record lies in its place"):
        read()


def test_a_message_shows_neither_control_characters_nor_a_page_of_name() -> None:
    key = LinkKey("fleet", "\x1b[2J\n" + "x" * 5000)
    with pytest.raises(LedgerError) as caught:
        decode_link(b"", key)
    message = str(caught.value)
    assert message.isprintable()
    assert len(message) < 400
