"""Loss is a value, not a log line.

A :class:`Loss` says that one member of a document is said differently, or not at all, by its mirror, and what
that does to detection. A :class:`Hold` says that a whole rule or member stays with its own cloud.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from msgspec import Struct
from msgspec.structs import asdict


class Fidelity(StrEnum):
    EXACT = "exact"  # the same in every word
    NORMALIZED = "normalized"  # the same meaning in another spelling
    APPROXIMATED = "approximated"  # another meaning, as near as the other format comes
    DROPPED = "dropped"  # not said at all
    INERT = "inert"  # said, but nothing feeds the rule any more


class Effect(StrEnum):
    """What the mirror detects, compared with the original."""

    NONE = "none"
    WEAKER = "weaker"  # may miss what the original alarms on
    STRONGER = "stronger"  # may alarm where the original does not
    UNKNOWN = "unknown"


class Loss(Struct, frozen=True, gc=False):
    path: str
    fidelity: Fidelity
    effect: Effect
    code: str
    before: Any
    after: Any
    reason: str

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


class Hold(Struct, frozen=True, gc=False):
    """``signal`` is the rule it holds, where it holds one that the pair could otherwise share."""

    path: str
    code: str
    reason: str
    signal: str | None = None

    def to_json(self) -> dict[str, Any]:
        return {"path": self.path, "code": self.code, "reason": self.reason}
