"""JSON text that nobody vouches for, read strictly, and JSON written so that every terminal can take it.

Python's own reader takes NaN, lets the last of two equal keys win, and recurses as deep as the text is. What
it reads is checked on the way, at the speed of its C code; where anything is wrong, a look at the tokens of
the text finds it again, with its place. That look takes many times as long, and every event is read here.
"""

from __future__ import annotations

import json
import math
import re
from typing import Any, NoReturn

from shared.errors import BadDocument
from shared.translation.clip import clipped

MAX_BYTES = 1_048_576
"""1 MiB: ten times the largest profile or group that either cloud's own limits allow."""

MAX_DEPTH = 64
"""Levels of objects and lists. The documents of both clouds have 6."""

MAX_DIGITS = 640
"""Of one number: the least that Python's own guard against slow integers can be set to."""

# Possessive, with an optional closing quote: text that never closes one costs one look, not one per quote.
_TOKEN = re.compile(r'"(?:[^"\\]+|\\.)*+"?|[\[\]{}]|[^\s\[\]{}:,"]+', re.DOTALL)
_COLON = re.compile(r"[ \t\r\n]*:")
_NUMBER = re.compile(r"-?[0-9]+(?P<fraction>\.[0-9]+)?(?P<exponent>[eE][+-]?[0-9]+)?")
_CONSTANTS = frozenset({"NaN", "Infinity", "-Infinity"})


def loads(data: str | bytes) -> Any:
    """The value of a whole JSON document. A byte-order mark and lone surrogates (``\\ud800``) are tolerated.

    Raises only :class:`BadDocument`; its path is ``LINE:COLUMN``, both from 1, where the trouble has a place.
    """
    text = _decoded(data)
    try:
        return _plain(text)
    except (_Doubtful, ValueError, RecursionError):
        return _slowly(text)


def _slowly(text: str) -> Any:
    if not text.strip(" \t\r\n"):
        raise BadDocument("", "it is empty; wanted: one JSON object")
    _look(text)
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise BadDocument(f"{error.lineno}:{error.colno}", f"not JSON: {_said(error.msg)}") from None


def dumps(value: Any, *, indent: int | None = 2) -> str:
    """ASCII only, members in their order. What :func:`loads` gave comes back as an equal value."""
    return json.dumps(value, indent=indent, ensure_ascii=True, allow_nan=False)


def refuse_size(size: int | None) -> NoReturn:
    """Raises the error of a document that is too large; ``size`` in bytes, None where nobody counted."""
    got = "more" if size is None else f"{size} bytes"
    raise BadDocument("", f"it is too large: at most {MAX_BYTES} bytes (1 MiB) are read, it has {got}")


class _Doubtful(Exception):
    """Not read, though it may be right: only :func:`_look` tells."""


def _plain(text: str) -> Any:
    """The value of a document that :func:`_look` would let pass. Raises _Doubtful, and what json raises."""
    if _LONG.search(text):
        raise _Doubtful
    value = _DECODER.decode(text)
    if text.count("{") + text.count("[") > MAX_DEPTH and deeper_than(MAX_DEPTH, value):
        raise _Doubtful
    return value


def deeper_than(most: int, container: Any) -> bool:
    """Whether more than ``most`` levels of objects and lists lie in one another."""
    level = [container]
    for _ in range(most):
        level = [
            each
            for container in level
            for each in (container.values() if isinstance(container, dict) else container)
            if isinstance(each, dict | list)
        ]
        if not level:
            return False
    return True


def each_key_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An ``object_pairs_hook``. Raises ValueError where a key stands twice."""
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("a key stands twice")
    return members


def _float(word: str) -> float:
    number = float(word)
    if not math.isfinite(number):
        raise _Doubtful
    return number


def _constant(word: str) -> NoReturn:
    raise _Doubtful(word)


_LONG = re.compile(rf"[-+.0-9eE]{{{MAX_DIGITS + 1}}}")
_DECODER = json.JSONDecoder(object_pairs_hook=each_key_once, parse_float=_float, parse_constant=_constant)


def _said(message: str) -> str:
    """Python's words where they stand in a sentence with a place of its own."""
    if message == "Extra data":
        return "something stands after the end of the document"
    return (message[:1].lower() + message[1:]).removesuffix(" at").removesuffix(" starting")


def _decoded(data: str | bytes) -> str:
    raw = data if isinstance(data, bytes) else data.encode("utf-8", "surrogatepass")
    if len(raw) > MAX_BYTES:
        refuse_size(len(raw))
    if isinstance(data, str):
        return data.removeprefix("\ufeff")
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise BadDocument("", "it is UTF-16; save it as UTF-8")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        bad = f"byte 0x{error.object[error.start]:02x} at offset {error.start}"
        raise BadDocument("", f"it is not UTF-8 text: {bad}") from None


def _look(text: str) -> None:
    """Refuse depth, equal keys and what is no JSON number. Broken syntax is left to the parser."""
    levels: list[dict[str, int]] = []  # key -> place, for every object that is open; a list has no keys
    for match in _TOKEN.finditer(text):
        word, place = match.group(), match.start()
        if word in ("{", "["):
            levels.append({})
            if len(levels) > MAX_DEPTH:
                _refuse(text, place, f"it is nested more than {MAX_DEPTH} levels deep")
        elif word in ("}", "]"):
            del levels[-1:]
        elif not word.startswith('"'):
            _check_number(text, word, place)
        elif levels and _COLON.match(text, match.end()):
            _once(text, levels[-1], word, place)


def _once(text: str, keys: dict[str, int], word: str, place: int) -> None:
    try:
        key = json.loads(word)
    except json.JSONDecodeError:
        return
    first = keys.setdefault(key, place)
    if first != place:
        problem = f"the key {clipped(key)!r} stands twice in one object, first at {_spot(text, first)}"
        _refuse(text, place, problem)


def _check_number(text: str, word: str, place: int) -> None:
    if word in _CONSTANTS:
        _refuse(text, place, f"{word} is no JSON number")
    number = _NUMBER.match(word)  # the parser, too, reads a number before it looks at what follows
    if number is None:
        return
    if number.end() > MAX_DIGITS:
        _refuse(text, place, f"a number of {number.end()} characters; at most {MAX_DIGITS} are read")
    if (number["fraction"] or number["exponent"]) and not math.isfinite(float(number[0])):
        problem = f"the number {clipped(number[0], 40)} is too large: the largest is about 1.8e308"
        _refuse(text, place, problem)


def _refuse(text: str, place: int, problem: str) -> NoReturn:
    raise BadDocument(_spot(text, place), problem)


def _spot(text: str, place: int) -> str:
    """``LINE:COLUMN`` of an index into ``text``, counted as :class:`json.JSONDecodeError` does."""
    return f"{text.count(chr(10), 0, place) + 1}:{place - text.rfind(chr(10), 0, place)}"
