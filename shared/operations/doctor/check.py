"""One thing that was checked, and what to do where it is not well."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from enum import StrEnum
from typing import Any

from msgspec import Struct

from shared.errors import Denied, MirrorError


class Grade(StrEnum):
    """The worst first."""

    BAD = "bad"  # nothing is mirrored, or not all of it
    DOUBT = "doubt"  # it works, but not as well as it should, or not for long
    UNKNOWN = "unknown"  # it could not be looked at
    GOOD = "good"


class Check(Struct, frozen=True):
    """``what`` was looked at, as a stable slug; ``said``: what was found; ``way_out``: what to do."""

    what: str
    where: str
    grade: Grade
    said: str
    way_out: str = ""

    def to_json(self) -> dict[str, Any]:
        return {
            "check": self.what,
            "where": self.where,
            "grade": str(self.grade),
            "said": self.said,
            "way_out": self.way_out,
        }


Examine = Callable[[], Iterator[Check]]


def looked_at(what: str, where: str, examine: Examine, *, needed: bool = False) -> Iterator[Check]:
    """What ``examine`` finds. Where it may not look, or nobody answers, that is what was found. ``needed``: a
    function looks itself, at what every look of it needs."""
    try:
        yield from examine()
    except Denied as error:
        if needed:
            way_out = "grant it to this function's identity, as template.yaml and infra/azure do"
            yield bad(what, where, str(error), way_out)
            return
        way_out = "give whoever runs this check-up that permission; the functions themselves do not need it"
        yield Check(what, where, Grade.UNKNOWN, str(error), way_out)
    except MirrorError as error:
        yield Check(what, where, Grade.BAD, str(error), "mend that first, then check again")


def good(what: str, where: str, said: str) -> Check:
    return Check(what, where, Grade.GOOD, said)


def bad(what: str, where: str, said: str, way_out: str) -> Check:
    return Check(what, where, Grade.BAD, said, way_out)


def doubt(what: str, where: str, said: str, way_out: str) -> Check:
    return Check(what, where, Grade.DOUBT, said, way_out)
