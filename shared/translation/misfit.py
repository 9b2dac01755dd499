"""What pydantic found wrong with a native document, as one sentence that names the native member."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from shared.errors import BadDocument
from shared.translation.clip import clipped
from shared.translation.shape_fields import MISFIT, shown

Loc = tuple[str | int, ...]
Element = Callable[[dict[str, Any], Loc], tuple[str, int]]
_KINDS = {
    "string_type": "text",
    "int_type": "a whole number",
    "bool_type": "true or false",
    "list_type": "a list",
    "dict_type": "an object",
    "model_type": "an object",
}


def first_misfit(error: ValidationError, document: dict[str, Any], element: Element) -> BadDocument:
    """``element`` names the element of a list that a place leads into, and the steps that took."""
    first, *more = error.errors(include_url=False)
    others = f" (and {len(more)} more {'problem' if len(more) == 1 else 'problems'})" if more else ""
    return BadDocument(_path(document, first["loc"], element), _problem(first) + others)


def _path(document: dict[str, Any], loc: Loc, element: Element) -> str:
    path, taken = element(document, loc)
    for step in loc[taken:]:
        spelt = f"[{step}]" if isinstance(step, int) else f".{clipped(step, 60)}"
        path += spelt if path else spelt.removeprefix(".")
    return path


def _problem(details: ErrorDetails) -> str:
    kind = details["type"]
    if kind == "missing":
        return "is missing"
    if kind == MISFIT:
        return details["msg"]
    if kind == "too_long":
        context = details["ctx"]
        return f"wanted at most {context['max_length']} elements, got {context['actual_length']}"
    return f"wanted {_KINDS.get(kind, details['msg'])}, got {shown(details['input'])}"
