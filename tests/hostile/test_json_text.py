"""Whatever bytes come, they are read as Python's own reader would, or refused in one sentence."""

from __future__ import annotations

import json
from collections.abc import Callable
from random import Random
from typing import Any

import pytest

from shared.errors import BadDocument
from shared.translation.json_text import MAX_DEPTH, loads
from tests.hostile.canary import check_refusal
from tests.hostile.cases import SHARDS, run
from tests.hostile.mutation import mutated
from tests.hostile.samples import AWS_EVENTS, AZURE_EVENTS, COMMANDS, SMALL_GROUP, SMALL_PROFILE

SOURCES = [*(json.dumps(each) for each in (*AWS_EVENTS[::4], *AZURE_EVENTS[::4], *COMMANDS[::3]))]
SOURCES += [json.dumps(SMALL_PROFILE, indent=2), json.dumps(SMALL_GROUP)]
PIECES = (
    *(
        b"{",
        b"}",
        b"[",
        b"]",
        b",",
        b":",
        b'"',
        b"\\",
        b'\\"',
        b"\\u",
        b"\\ud800",
        b"\\u0000",
        b"\x00",
        b"\xff",
    ),
    *(
        b"\xed\xa0\x80",
        b"\xef\xbb\xbf",
        b"\xff\xfe",
        b"\xf0\x9f\x92\xa7",
        b"\n",
        b"\r",
        b"\xe2\x80\xa8",
        b" " * 9,
    ),
    *(
        b"NaN",
        b"-Infinity",
        b"nul",
        b"true",
        b"-",
        b"1e999",
        b"1" * 700,
        b"0x10",
        b"01",
        b"1.",
        b".5",
        b"'",
        b"//",
    ),
    *(
        b"[" * 70,
        b'{"a":' * 70,
        b"[" * 20_000,
        b"[" * 30 + b"]" * 30,
        b'"a":1,"a":2',
        b'{"x":1,"x":1}',
        b'"' * 99,
        b"\\" * 99,
    ),
)


def depth(value: Any) -> int:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else None
    return 0 if inner is None else 1 + max(map(depth, inner), default=0)


def broken(rng: Random, text: bytes) -> bytes:
    """One to five small damages to a text."""
    for _ in range(rng.randint(1, 5)):
        at = rng.randint(0, len(text))
        to = min(len(text), at + rng.choice((0, 1, 1, 2, 8, 40)))
        match rng.randrange(6):
            case 0:
                text = text[:at] + text[to:]
            case 1 | 2:
                text = text[:at] + rng.choice(PIECES) + text[to:]
            case 3:
                text = text[:to] + text[at:]
            case 4 if text:
                place = rng.randrange(len(text))
                text = text[:place] + bytes([text[place] ^ 1 << rng.randrange(8)]) + text[place + 1 :]
            case _:
                text = text[:at] if rng.random() < 0.2 else text
    return text


def case(rng: Random) -> None:
    source = rng.choice(SOURCES)
    if rng.random() < 0.2:
        source = json.dumps(mutated(rng, json.loads(source)), ensure_ascii=rng.random() < 0.5)
    data = source.encode("utf-8", "surrogatepass")
    data = broken(rng, data) if rng.random() < 0.9 else data
    given = data if rng.random() < 0.7 else data.decode("utf-8", "replace")
    try:
        value = loads(given)
    except BadDocument as error:
        check_refusal(error)
    else:
        text = given.decode("utf-8-sig") if isinstance(given, bytes) else given.removeprefix("\ufeff")
        assert value == json.loads(text)
        assert depth(value) <= MAX_DEPTH


@pytest.mark.parametrize("shard", SHARDS)
def test_any_bytes_are_json_or_are_refused(
    shard: int, record_property: Callable[[str, object], None]
) -> None:
    record_property("cases", run("json-text", shard, case))
