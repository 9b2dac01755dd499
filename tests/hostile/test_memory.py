"""However large and odd the input, what reading it takes grows with its size and no faster.

Memory is counted in allocated bytes, at the peak, over what was there before: the same on any machine.
"""

from __future__ import annotations

import json
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from itertools import count
from typing import Any

import pytest

from functions.aws_lambda import events as aws
from functions.azure_app import events as azure
from functions.azure_app.app import answer
from shared.errors import MirrorError
from shared.translation.json_text import loads
from shared.translation.native import Document
from shared.translation.pairing import pairing
from shared.translation.side import Side
from shared.translation.translators import translate
from tests.hostile.place import Place
from tests.hostile.samples import AWS_EVENTS, AZURE_EVENTS, COMMANDS, GROUP, PROFILE

LARGE, MORE = 60_000, 4
"""Characters of the smaller input, and how many times longer the other one is."""

PER_CHARACTER = 30
"""Bytes. A text of ``[],[],`` is 19 a character as lists of Python's, and nothing may come on top of it."""

ALLOWANCE = 100_000
"""Bytes, whatever the size."""

SHAPES: dict[str, Callable[[int], Any]] = {
    "empty lists": lambda size: [[] for _ in range(size // 3)],
    "one long text": lambda size: "x" * size,
    "one long key": lambda size: {"k" * size: 1},
    "many keys": lambda size: {f"key-{n}": n for n in range(size // 16)},
    "deep": lambda size: _deep(min(size // 2, 400)),
    "numbers": lambda size: [7] * (size // 3),
}


def _deep(levels: int) -> Any:
    value: Any = []
    for _ in range(levels):
        value = [value]
    return value


def peak(act: Callable[[], object]) -> int:
    """Bytes. A refusal is as good as an answer."""
    tracemalloc.start()
    try:
        with suppress(MirrorError):
            act()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def check(act: Callable[[Any], object], shaped: Callable[[int], Any], sizes: Callable[[Any], int]) -> None:
    small, large = shaped(LARGE), shaped(LARGE * MORE)
    act(small)  # what is made once, of code tables and compiled patterns, is nobody's input
    for given in (small, large):
        assert peak(partial(act, given)) <= PER_CHARACTER * sizes(given) + ALLOWANCE


def size(value: Any) -> int:
    return len(value if isinstance(value, str | bytes) else json.dumps(value))


def padded(source: Document, shape: str, length: int) -> Document:
    """The padding where a parser would look last, and beside everything that it looks at."""
    return {**source, "padding": SHAPES[shape](length), "detail": _with(source.get("detail"), shape, length)}


def _with(detail: Any, shape: str, length: int) -> Any:
    return {**detail, "padding": SHAPES[shape](length)} if isinstance(detail, dict) else detail


@pytest.mark.parametrize("shape", SHAPES)
def test_events_are_read_in_memory_of_their_size(shape: str) -> None:
    for parser, source in ((aws.requests_of, AWS_EVENTS[0]), (azure.requests_of, AZURE_EVENTS[0])):
        check(_quiet(parser), partial(padded, source, shape), size)


@pytest.mark.parametrize("shape", SHAPES)
def test_so_is_any_json(shape: str) -> None:
    check(_quiet(loads), lambda length: json.dumps(SHAPES[shape](length)), size)


@pytest.mark.parametrize("shape", SHAPES)
def test_and_a_body_of_the_command_endpoint(shape: str) -> None:
    with Place() as place:
        check(lambda body: answer(lambda: place.mirror, body), partial(body_of, shape), size)


def body_of(shape: str, length: int) -> bytes:
    return json.dumps({**COMMANDS[0], "x": SHAPES[shape](length)}).encode()


def many(rules: list[Document], length: int, key: str) -> Iterator[Document]:
    """The rules again and again, under names of their own."""
    numbers, written = count(), 0
    while written < length:
        for rule in rules:
            written += len(json.dumps(rule))
            yield {**rule, key: f"{rule.get(key, '')}-{next(numbers)}"}


def long_profile(length: int) -> Document:
    return {**PROFILE, "behaviors": list(many(PROFILE["behaviors"], length, "name"))}


def long_group(length: int) -> Document:
    properties = GROUP["properties"]
    rules = list(many(properties["timeWindowRules"], length, "displayName"))
    return {**GROUP, "properties": {**properties, "timeWindowRules": rules}}


@pytest.mark.parametrize(("side", "documents"), [(Side.AWS, long_profile), (Side.AZURE, long_group)])
def test_a_document_is_translated_in_memory_of_its_size(
    side: Side, documents: Callable[[int], Document]
) -> None:
    pairs = pairing()
    check(lambda document: translate(side, document, pairs, None, "prod-pumps"), documents, size)


def _quiet(parser: Callable[[Any], object]) -> Callable[[Any], object]:
    def act(given: Any) -> None:
        with suppress(MirrorError):
            parser(given)

    return act
