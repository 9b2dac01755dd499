"""A routes document that is JSON, as a tree of nodes: quickly, and without loading YAML.

Nothing is refused here. What YAML could read otherwise, or refuse, is left to it: numbers are the text that
stands there, but escapes and what is not ASCII could be folded, and ``true`` is no text.
"""

from __future__ import annotations

import json
from typing import Any, NoReturn

from shared.routes.nodes import MAX_DEPTH, MAX_VALUES, Member, Node
from shared.routes.problem import Spot
from shared.translation.json_text import deeper_than, each_key_once

_NOWHERE = Spot(0, 0)


def json_tree(text: str) -> Node | None:
    """The document, its places unknown. None: only YAML tells what it is."""
    if text.lstrip()[:1] != "{" or not text.isascii() or "\\" in text or _values(text) > MAX_VALUES:
        return None
    try:
        value = _DECODER.decode(text)
    except (ValueError, RecursionError):
        return None
    return None if deeper_than(MAX_DEPTH, value) else _node(value)


def _values(text: str) -> int:
    """No fewer than there are."""
    return 1 + sum(map(text.count, ":,["))


def _node(value: Any) -> Node:
    if isinstance(value, dict):
        return Node(_NOWHERE, {key: Member(_NOWHERE, _node(each)) for key, each in value.items()})
    if isinstance(value, list):
        return Node(_NOWHERE, [_node(each) for each in value])
    return Node(_NOWHERE, value)


def _no_text(word: str) -> NoReturn:
    raise ValueError(word)


_DECODER = json.JSONDecoder(
    object_pairs_hook=each_key_once, parse_int=str, parse_float=str, parse_constant=_no_text
)
