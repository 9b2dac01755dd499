"""What members of both clouds' documents have in common: their checks, and a value as an error shows it."""

from __future__ import annotations

import json
import re
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict
from pydantic.alias_generators import to_camel
from pydantic_core import PydanticCustomError

from shared.translation.clip import clipped

MISFIT = "misfit"
"""The type of our own errors; their message is a whole problem already."""

NAME = re.compile(r"[a-zA-Z0-9:_-]{1,128}")
"""SecurityProfileName, BehaviorName, DimensionName (botocore 1.43.11)."""

# ISO 8601, years to seconds. What the pair cannot take (months, fractions, a sign) is held later.
_DURATION = re.compile(
    "[+-]?P(?=[0-9T])(?:nY)?(?:nM)?(?:nW)?(?:nD)?(?:T(?=[0-9])(?:nH)?(?:nM)?(?:nS)?)?".replace(
        "n", "[0-9]+(?:[.,][0-9]+)?"
    )
)


class Member(BaseModel):
    """An object of a document. Only looked at: the document itself goes on, with every member nobody here
    knows. A null member counts as absent where the member is optional."""

    model_config = ConfigDict(strict=True, extra="ignore", alias_generator=to_camel)


def misfit(wanted: str, value: Any) -> PydanticCustomError:
    return PydanticCustomError(MISFIT, "{problem}", {"problem": f"wanted {wanted}, got {shown(value)}"})


def shown(value: Any) -> str:
    """A value as an error quotes it: short, on one line."""
    match value:
        case str():
            return f"{clipped(value, 40)!r}" + (f" ({len(value)} characters)" if len(value) > 40 else "")
        case dict():
            return "an object"
        case list():
            return f"a list of {len(value)}"
        case _:
            return clipped(json.dumps(value), 40)


def _number(value: Any) -> Any:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise misfit("a number", value)
    return value


def _name(value: str) -> str:
    if not NAME.fullmatch(value):
        raise misfit("1 to 128 of a-z A-Z 0-9 : _ -", value)
    return value


def _duration(value: str) -> str:
    if not _DURATION.fullmatch(value):
        raise misfit("an ISO 8601 duration such as PT5M", value)
    return value


def between(least: int, most: int) -> AfterValidator:
    def check(value: int) -> int:
        if not least <= value <= most:
            raise misfit(f"a whole number from {least} to {most}", value)
        return value

    return AfterValidator(check)


def length(least: int, most: int) -> AfterValidator:
    def check(value: str) -> str:
        if not least <= len(value) <= most:
            raise misfit(f"{least} to {most} characters", value)
        return value

    return AfterValidator(check)


Name = Annotated[str, AfterValidator(_name)]
Number = Annotated[Any, AfterValidator(_number)]
Duration = Annotated[str, AfterValidator(_duration)]
