"""What pydantic found wrong, in the words of a routes document and at its lines."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Annotated, Any, NamedTuple, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from shared.routes.nodes import Node
from shared.routes.problem import Problem, Spot, below
from shared.routes.route import Routes
from shared.routes.wording import Misfits, did_you_mean, shown

Loc = tuple[str | int, ...]
KEY = "[key]"  # pydantic's last step to a key itself, rather than to its value


def explained(error: ValidationError, root: Node) -> Iterator[Problem]:
    """``root`` is the document that was validated, with its defaults merged."""
    for details in error.errors(include_url=False):
        if _follows_from_another(details):
            continue
        loc, cause = details["loc"], details.get("ctx", {}).get("error")
        if isinstance(cause, Misfits):
            for misfit in cause.misfits:
                yield Problem(find(root, (*loc, *misfit.at)), misfit.problem)
        elif details["type"] == "extra_forbidden":
            yield Problem(find(root, (*loc, KEY)), _unknown_key(loc))
        else:
            yield Problem(find(root, loc), _text(details))


def _follows_from_another(details: ErrorDetails) -> bool:
    """pydantic also counts only the valid entries of a list, and leaves out defaults that it cannot make."""
    return details["type"] == "default_factory_not_called" or (
        details["type"] == "too_short" and len(details["input"]) > 0
    )


def find(root: Node, loc: Loc) -> Spot:
    """Where ``loc`` stands; for what is missing, where the mapping begins that misses it."""
    node, key = root, root.spot
    for step in loc:
        if step == KEY:
            return key
        if isinstance(node.value, list) and isinstance(step, int):
            node = node.value[step]
            key = node.spot
        elif isinstance(node.value, dict):
            member = node.value.get(str(step))
            if member is None:
                return Spot(node.spot.line, node.spot.column, below(node.spot.path, step))
            key, node = member
    return node.spot


class _Wanted(NamedTuple):
    kind: Any  # a type, without Annotated and Optional
    words: str = ""
    private: bool = False


def _wanted(loc: Loc) -> _Wanted:
    """What the models want at ``loc``, followed through their annotations."""
    wanted = _Wanted(Routes, "a mapping of version and routes")
    for step in loc:
        inner = get_args(wanted.kind)
        if isinstance(wanted.kind, type) and issubclass(wanted.kind, BaseModel):
            field = wanted.kind.model_fields[str(step)]
            wanted = _Wanted(_bare(field.annotation)[0], field.description or "", not field.repr)
        elif inner:
            wanted = _Wanted(
                *_bare(inner[-1] if get_origin(wanted.kind) is dict and step != KEY else inner[0])
            )
    return wanted


def _bare(annotation: Any) -> tuple[Any, str]:
    """The type inside Annotated and Optional, and the description on the way."""
    words = ""
    while True:
        inner = get_args(annotation)
        if get_origin(annotation) is Annotated:
            words = next(
                (m.description for m in inner[1:] if isinstance(m, FieldInfo) and m.description), words
            )
        elif type(None) not in inner:
            return annotation, words
        annotation = inner[0]


def _unknown_key(loc: Loc) -> str:
    allowed = list(_wanted(loc[:-1]).kind.model_fields)
    if len(loc) == 1:
        allowed.append("defaults")
    if loc[-1] == "<<":
        return "merge keys (<<) are not read; what routes have in common belongs under defaults"
    return f"unknown key{did_you_mean(str(loc[-1]), allowed)}; allowed: {', '.join(allowed)}"


def _text(details: ErrorDetails) -> str:
    wanted = _wanted(details["loc"])
    given = details["input"]
    context = details.get("ctx", {})
    refusal = "has no value" if given is None else f"{shown(given)} is not allowed"
    match details["type"]:
        case "missing":
            return f"is missing; wanted: {wanted.words}"
        case "value_error":
            return str(context["error"])
        case "literal_error":
            allowed = re.findall(r"[\w-]+", str(context["expected"]).replace(" or ", " "))
            near = did_you_mean(given, allowed) if isinstance(given, str) else ""
            return f"{refusal}{near}; allowed: {', '.join(allowed)}"
        case "too_long":
            return f"has {context['actual_length']} entries; at most {context['max_length']}"
        case "too_short":
            refusal = "is empty"
    if wanted.private:
        refusal = "the value is not allowed"
    return f"{refusal}; wanted: {wanted.words}"
