"""What a policy document says, statement by statement: a superset of what either cloud can say."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

Number = int | float
ValueKind = Literal["cidr", "string", "port", "number"]


class Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Bound(Model):
    value: Number
    inclusive: bool = True


class Range(Model):
    """Normal lies between the bounds; a bound that is None does not exist."""

    kind: Literal["range"] = "range"
    of: Literal["count", "number"] = "count"
    low: Bound | None = None
    high: Bound | None = None


class Allow(Model):
    """Normal is only these values. ``values`` None: the cloud did not tell them."""

    kind: Literal["allow"] = "allow"
    of: ValueKind
    values: tuple[Any, ...] | None


class Deny(Model):
    """Normal is anything but these values."""

    kind: Literal["deny"] = "deny"
    of: ValueKind
    values: tuple[Any, ...]


class Learned(Model):
    """A machine-learning model decides; ``confidence`` LOW, MEDIUM or HIGH (HIGH alarms least)."""

    kind: Literal["learned"] = "learned"
    confidence: str


class Percentile(Model):
    """Normal lies on one side of a percentile of all devices, e.g. below ``p99``."""

    kind: Literal["percentile"] = "percentile"
    statistic: str
    side: Literal["below", "above"] | None
    inclusive: bool = False


class Unread(Model):
    """A condition that nobody here understands, kept as it stands."""

    kind: Literal["unread"] = "unread"
    problem: str
    raw: Any = None


Condition = Annotated[Range | Allow | Deny | Learned | Percentile | Unread, Field(discriminator="kind")]


class TopicScope(Model):
    """Only messages on (or, with ``excluded``, outside) the topics of a named filter count."""

    dimension: str
    excluded: bool = False


class Rule(Model):
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
    unknown: dict[str, Any] = Field(default_factory=dict)


class Policy(Model):
    """A whole document. ``about`` holds its members that are no rule, under their native names;
    ``unknown`` those that nobody here knows."""

    name: str | None
    rules: tuple[Rule, ...] = ()
    about: dict[str, Any] = Field(default_factory=dict)
    unknown: dict[str, Any] = Field(default_factory=dict)
