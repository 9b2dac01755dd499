"""A link, a journal entry or a scope as bytes, and back.

The first byte is the format, so that a later one can be told apart:

====  ==================================================
1     compact JSON
2     compact JSON, compressed with zlib (over 1 KiB)
====  ==================================================

What is read is validated strictly and must know every member. A field that is new with a default is therefore
read from older records, while older code refuses a newer record: it would drop the field with its next save.
Nothing is written that could not be read back.
"""

from __future__ import annotations

import json
import re
import zlib
from collections.abc import Sequence
from typing import Any, NoReturn, TypeVar

from msgspec import Struct, ValidationError, convert
from msgspec.structs import asdict, astuple

from shared.errors import LedgerError
from shared.sync.journal import chained
from shared.sync.link import Entry, Link, LinkKey, Scope
from shared.translation.json_text import deeper_than

PACK_ABOVE = 1024
"""Bytes of JSON. Below it zlib saves less than DynamoDB rounds up to (1 KiB a write)."""

_JSON = 1
_ZLIB = 2
_LABEL_CHARACTERS = 160
_MAX_LEVELS = 200  # whatever the stack that it is read on: Python's reader recurses as deep as the text is

Record = TypeVar("Record", bound=Link | Entry | Scope)


def link_label(key: LinkKey) -> str:
    return f"link {_quoted(str(key))}"


def entry_label(key: LinkKey, seq: int) -> str:
    return f"journal entry {seq} of {link_label(key)}"


def scope_label(route: str) -> str:
    return f"scope {_quoted(route)}"


def require_chained(record: Link | Scope, entries: Sequence[Entry]) -> None:
    """Raise LedgerError for entries that do not continue the journal's chain: a fault of ours."""
    if not chained(record, entries):
        raise LedgerError(f"{_label(record)}: its new journal entries do not continue the chain")


def require_text(label: str, *texts: str) -> None:
    """Raise LedgerError for a name that has no UTF-8: a lone surrogate, as a JSON escape may smuggle in."""
    for text in texts:
        try:
            text.encode()
        except UnicodeEncodeError:
            raise LedgerError(f"{label}: the name is not valid Unicode (a lone surrogate)") from None


def encode(record: Link | Entry | Scope) -> bytes:
    """Raises LedgerError for what JSON cannot hold: a lone surrogate, NaN, a nesting over 200 levels."""
    label = _label(record)
    try:
        text = json.dumps(
            record, default=_plain, ensure_ascii=False, allow_nan=False, separators=(",", ":")
        ).encode()
    except (TypeError, ValueError, RecursionError) as error:
        problem = _unwritable(error)
    else:
        _validated(type(record), text, f"{label} cannot be stored")
        return bytes([_JSON]) + text if len(text) <= PACK_ABOVE else bytes([_ZLIB]) + zlib.compress(text)
    raise LedgerError(f"{label} cannot be stored: {problem}")


def decode_link(data: bytes, key: LinkKey) -> Link:
    """Raises LedgerError unless ``data`` is the link of this very key."""
    link = _decode(Link, data, link_label(key))
    _require_own(link.key == key, link_label(key))
    return link


def decode_entry(data: bytes, key: LinkKey, seq: int) -> Entry:
    entry = _decode(Entry, data, entry_label(key, seq))
    _require_own((entry.key, entry.seq) == (key, seq), entry_label(key, seq))
    return entry


def decode_scope(data: bytes, route: str) -> Scope:
    scope = _decode(Scope, data, scope_label(route))
    _require_own(scope.route == route, scope_label(route))
    return scope


def _quoted(text: str) -> str:
    """A name for a message: nothing unprintable, and never a page of it."""
    return repr(text) if len(text) <= _LABEL_CHARACTERS else repr(text[:_LABEL_CHARACTERS]) + "..."


def _label(record: Link | Entry | Scope) -> str:
    match record:
        case Link():
            return link_label(record.key)
        case Entry():
            return entry_label(record.key, record.seq)
        case Scope():
            return scope_label(record.route)


def _plain(value: object) -> Any:
    """What json does not know. Sets are sorted: equal records have equal bytes, and zlib likes it."""
    if isinstance(value, Struct):
        config = value.__struct_config__
        return [config.tag, *astuple(value)] if config.array_like else asdict(value)
    if isinstance(value, frozenset):
        return sorted(value)
    raise TypeError


def _unwritable(error: Exception) -> str:
    match error:
        case UnicodeEncodeError():
            return "it holds text that is not valid Unicode (a lone surrogate)"
        case RecursionError():
            return "it is nested too deep"
        case TypeError():
            return "it holds something that is not JSON"
        case _:
            return "it holds NaN, an infinity, a number of over 4300 digits, or itself"


def _decode(kind: type[Record], data: bytes, label: str) -> Record:
    match data[:1]:
        case b"\x01":
            text = data[1:]
        case b"\x02":
            text = _unpacked(data[1:], label)
        case b"":
            raise LedgerError(f"{label} is damaged: empty. Restore the ledger to an earlier point in time")
        case _:
            raise LedgerError(
                f"{label} has format {data[0]}, this version reads 1 and 2: deploy the newer version"
            )
    return _validated(kind, text, f"{label} is damaged, or of a newer version than this")


def _unpacked(data: bytes, label: str) -> bytes:
    try:
        return zlib.decompress(data)
    except zlib.error:
        raise LedgerError(
            f"{label} is damaged: {len(data)} bytes that do not decompress. "
            "Restore the ledger to an earlier point in time"
        ) from None


def _validated(kind: type[Record], text: bytes, complaint: str) -> Record:
    """By way of Python's own reader: msgspec's makes floats of integers that have more than 64 bits."""
    try:
        value = json.loads(text, parse_constant=_constant)
        if text.count(b"{") + text.count(b"[") > _MAX_LEVELS and deeper_than(_MAX_LEVELS, value):
            raise RecursionError
        return convert(value, kind, str_keys=True)
    except ValidationError as error:
        problem = _without_values(str(error))
    except RecursionError:
        problem = f"it is nested too deep, over {_MAX_LEVELS} levels"
    except ValueError:
        problem = "it is no JSON"
    # The error itself may quote the input, a document: it must not even be chained.
    raise LedgerError(f"{complaint}: {problem}")


def _constant(word: str) -> NoReturn:
    raise ValueError(word)


def _without_values(problem: str) -> str:
    """msgspec tells types, names of members and where; of a wrong choice also the value."""
    return re.sub(r"^Invalid (?:enum )?value .*? - at ", "Invalid value - at ", problem, flags=re.DOTALL)


def _require_own(own: bool, label: str) -> None:
    if not own:
        raise LedgerError(f"{label} is damaged: another record lies in its place")
