"""What a policy document says, statement by statement: a superset of what either cloud can say.

Plain dataclasses: parsers make them of what they have checked themselves, some dozens at every look.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any, Literal

Number = int | float
ValueKind = Literal["cidr", "string", "port", "number"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Bound:
    value: Number
    inclusive: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Range:
    """Normal lies between the bounds; a bound that is None does not exist."""

    kind: Literal["range"] = field(default="range", init=False)
    of: Literal["count", "number"] = "count"
    low: Bound | None = None
    high: Bound | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Allow:
    """Normal is only these values. ``values`` None: the cloud did not tell them."""

    kind: Literal["allow"] = field(default="allow", init=False)
    of: ValueKind
    values: tuple[Any, ...] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Deny:
    """Normal is anything but these values."""

    kind: Literal["deny"] = field(default="deny", init=False)
    of: ValueKind
    values: tuple[Any, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Learned:
    """A machine-learning model decides; ``confidence`` LOW, MEDIUM or HIGH (HIGH alarms least)."""

    kind: Literal["learned"] = field(default="learned", init=False)
    confidence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Percentile:
    """Normal lies on one side of a percentile of all devices, e.g. below ``p99``."""

    kind: Literal["percentile"] = field(default="percentile", init=False)
    statistic: str
    side: Literal["below", "above"] | None
    inclusive: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Unread:
    """A condition that nobody here understands, kept as it stands."""

    kind: Literal["unread"] = field(default="unread", init=False)
    problem: str
    raw: Any = None


Condition = Range | Allow | Deny | Learned | Percentile | Unread


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicScope:
    """Only messages on (or, with ``excluded``, outside) the topics of a named filter count."""

    dimension: str
    excluded: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
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
    unknown: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """A whole document. ``about`` holds its members that are no rule, under their native names;
    ``unknown`` those that nobody here knows."""

    name: str | None
    rules: tuple[Rule, ...] = ()
    about: dict[str, Any] = field(default_factory=dict)
    unknown: dict[str, Any] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        return asdict(self)
