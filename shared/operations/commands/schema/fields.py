"""Arguments that several commands share, and what a command says about itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Annotated, Any, ClassVar, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field
from pydantic.fields import FieldInfo


class Exit(IntEnum):
    """What a terminal ends with, and what every answer says as ``exit_code``."""

    DONE = 0  # done, and nothing is left to do about it
    FAILED = 1  # a cloud, the ledger or the output failed
    BAD_INPUT = 2  # the command, a file or routes.yaml
    DIFFERS = 3  # looked, and found something that is not in step
    WAITS = 4  # something waits for a person: a hold, a conflict, an approval, a freeze
    UNFINISHED = 5  # the other cloud's function has to write, or somebody else was at it: look again
    TAMPERED = 6  # the journal is not as it was written


EXITS: Mapping[Exit, str] = {
    Exit.DONE: "done, and nothing is left to do about it",
    Exit.FAILED: "a cloud, the ledger or the output failed",
    Exit.BAD_INPUT: "bad input: an argument, a file, routes.yaml",
    Exit.DIFFERS: "looked, and found something that is not in step",
    Exit.WAITS: "something waits for a person: a hold, a conflict, an approval, a freeze",
    Exit.UNFINISHED: "not finished: the other cloud's function has to write, or somebody else was at it",
    Exit.TAMPERED: "the journal is not as it was written",
}

Group = Literal["look", "settle", "halt", "undo", "documents", "check"]
GROUPS: Mapping[Group, str] = {
    "look": "Look (writes nothing)",
    "settle": "Mirror and settle",
    "halt": "Stop and go on",
    "undo": "Look back and undo",
    "documents": "Policies as files",
    "check": "Check the deployment (a probe alone writes)",
}


@dataclass(frozen=True, slots=True)
class About:
    """``run``: ``module:function`` below :mod:`shared.operations.commands`, imported when it is called. A
    command that does not write is given a :class:`~shared.operations.reader.Reader`, else a Mirror.
    ``example``: its arguments, for a link ``pumps`` of a route ``sandbox``. ``exits``: what it may end with,
    but for 0, 1 and 2. ``positional``: fields that a terminal takes without an option."""

    name: str
    group: Group
    run: str
    example: Mapping[str, Any] = field(default_factory=dict)
    writes: bool = False
    exits: tuple[Exit, ...] = ()
    positional: tuple[str, ...] = ()


class Arguments(BaseModel):
    """Of one command, as they come: JSON types only, nothing unknown, nothing converted."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)
    about: ClassVar[About]


RouteId = Annotated[str, Field(min_length=1, max_length=64, description="the route's id in routes.yaml")]
Name = Annotated[
    str, Field(min_length=1, max_length=256, description="the policy's name, spelt as in both clouds")
]
Digest = Annotated[
    str,
    Field(
        pattern="^[0-9a-f]{64}$", description="the digest of a reviewed plan, as the command plan tells it"
    ),
]
After = Annotated[
    str,
    Field(min_length=1, max_length=400, description="go on behind this link: the answer before said next"),
]
Reason = Annotated[str, Field(min_length=1, max_length=200, description="why, for whoever reads it later")]
Rev = Annotated[int, Field(ge=1, le=10**12, description="number of the journal entry, as history tells it")]


def limit(default: int, most: int, what: str = "links") -> Any:
    """A field that bounds the answer."""
    return Field(default=default, ge=1, le=most, description=f"how many {what} to tell at most")


def described(field: FieldInfo) -> str:
    """What is said of an argument, also where it is optional: pydantic keeps that inside of the union."""
    inside = [told for kind in get_args(field.annotation) for told in get_args(kind)]
    told = [each.description for each in (*inside, field) if isinstance(each, FieldInfo) and each.description]
    return told[-1] if told else ""


class OneLink(Arguments):
    route: RouteId
    name: Name


LINK: Mapping[str, Any] = {"route": "sandbox", "name": "pumps"}
