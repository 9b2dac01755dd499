"""What a policy document says, statement by statement: a superset of what either cloud can say.

Nothing is validated here: parsers make them of what they have checked themselves, some dozens at every look.
None can hold itself (they are made of JSON), so the garbage collector need not visit them (``gc=False``).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from msgspec import Struct, to_builtins

Number = int | float
ValueKind = Literal["cidr", "string", "port", "number"]


class Bound(Struct, frozen=True, gc=False, kw_only=True):
    value: Number
    inclusive: bool = True


class Range(Struct, frozen=True, gc=False, kw_only=True, tag_field="kind", tag="range"):
    """Normal lies between the bounds; a bound that is None does not exist."""

    of: Literal["count", "number"] = "count"
    low: Bound | None = None
    high: Bound | None = None


class Allow(Struct, frozen=True, gc=False, kw_only=True, tag_field="kind", tag="allow"):
    """Normal is only these values. ``values`` None: the cloud did not tell them."""

    of: ValueKind
    values: tuple[Any, ...] | None


class Deny(Struct, frozen=True, gc=False, kw_only=True, tag_field="kind", tag="deny"):
    """Normal is anything but these values."""

    of: ValueKind
    values: tuple[Any, ...]


class Learned(Struct, frozen=True, gc=False, kw_only=True, tag_field="kind", tag="learned"):
    """A machine-learning model decides; ``confidence`` LOW, MEDIUM or HIGH (HIGH alarms least)."""

    confidence: str


class Percentile(Struct, frozen=True, gc=False, kw_only=True, tag_field="kind", tag="percentile"):
    """Normal lies on one side of a percentile of all devices, e.g. below ``p99``."""

    statistic: str
    side: Literal["below", "above"] | None
    inclusive: bool = False


class Unread(Struct, frozen=True, gc=False, kw_only=True, tag_field="kind", tag="unread"):
    """A condition that nobody here understands, kept as it stands."""

    problem: str
    raw: Any = None


Condition = Range | Allow | Deny | Learned | Percentile | Unread


class TopicScope(Struct, frozen=True, gc=False, kw_only=True):
    """Only messages on (or, with ``excluded``, outside) the topics of a named filter count."""

    dimension: str
    excluded: bool = False


class Rule(Struct, frozen=True, gc=False, kw_only=True):
    """One statement of one document.

    ``path`` names the native member; ``signal`` is a catalogue row; ``window`` is in seconds, ``spelling``
    its text where the document has one; ``to_alarm`` and ``to_clear`` count consecutive datapoints. None is
    where the document does not say. ``unknown`` maps members that nobody here understands to their values.
    """

    path: str
    native: str
    signal: str | None
    condition: Condition
    window: int | None = None
    spelling: str | None = None
    scope: TopicScope | None = None
    enabled: bool = True
    muted: bool | None = None
    exported: bool | None = None
    to_alarm: int | None = None
    to_clear: int | None = None
    unknown: Mapping[str, Any] = {}


class Policy(Struct, frozen=True, gc=False, kw_only=True):
    """A whole document. ``about`` holds its members that are no rule, under their native names;
    ``unknown`` those that nobody here knows."""

    name: str | None
    rules: tuple[Rule, ...] = ()
    about: dict[str, Any] = {}
    unknown: dict[str, Any] = {}

    def to_json(self) -> dict[str, Any]:
        said: dict[str, Any] = to_builtins(self)
        return said
