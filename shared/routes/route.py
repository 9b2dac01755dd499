"""A route: one pair of scopes, and how the policies between them are mirrored."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from functools import cached_property
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, ValidationInfo, field_validator, model_validator

from shared.routes.custom_metrics import CustomMetrics
from shared.routes.names import Names, shared_name
from shared.routes.scopes import AwsScope, AzureScope, Part
from shared.routes.wording import Misfit, Misfits, shown
from shared.translation.catalog import stem
from shared.translation.pairing import MESSAGE_METRICS
from shared.translation.side import Side
from shared.translation.values import seconds

Mode = Literal["two-way", "aws-to-azure", "azure-to-aws", "observe"]
Bootstrap = Literal["hold", "prefer-aws", "prefer-azure", "strictest"]
Conflict = Literal["hold", "strictest", "prefer-aws", "prefer-azure", "newest"]
Approximation = Literal["stronger", "weaker", "unknown"]

BOTH = frozenset(Side)
_SOURCES: dict[Mode, frozenset[Side]] = {
    "two-way": BOTH,
    "aws-to-azure": frozenset({Side.AWS}),
    "azure-to-aws": frozenset({Side.AZURE}),
    "observe": BOTH,
}
_TARGETS: dict[Mode, frozenset[Side]] = {
    "two-way": BOTH,
    "aws-to-azure": frozenset({Side.AZURE}),
    "azure-to-aws": frozenset({Side.AWS}),
    "observe": frozenset(),
}


LONGEST_WINDOW = 2_147_483_647
"""Seconds. AWS keeps a window in an int32."""


def _duration(value: str) -> str:
    total = seconds(value)
    if total is None:
        raise ValueError(
            f"{shown(value)} is no duration of whole days, hours, minutes and seconds; wanted: one like PT5M"
        )
    if not 0 < total <= LONGEST_WINDOW:
        raise ValueError(f"{shown(value)} is {total} s; a window has 1 to {LONGEST_WINDOW} s")
    return value


def _approximate(values: dict[str, Any]) -> tuple[Approximation, ...]:
    return () if values.get("mode") == "two-way" else ("stronger",)


Slug = Annotated[
    str,
    Field(
        pattern=r"^[a-z0-9]([a-z0-9-]{0,62}[a-z0-9])?$",
        description="1-64 of a-z 0-9 and inner hyphens, such as plant-eu",
    ),
]
Duration = Annotated[str, AfterValidator(_duration), Field(description="a duration such as PT5M")]


class Route(Part):
    """The defaults are the cautious choices; the comments of ``routes.example.yaml`` explain each."""

    id: Slug
    aws: AwsScope = Field(description="a mapping with account and region")
    azure: AzureScope = Field(description="a mapping with hub")
    names: Names = Field(default=Names(), description="a mapping of include and exclude")
    mode: Mode = "two-way"
    first_contact: Literal["observe", "sync"] = "observe"
    bootstrap: Bootstrap = "hold"
    conflict: Conflict = "hold"
    delete: Literal["hold", "mirror"] = "hold"
    canary: str | None = Field(
        default=None,
        pattern=r"^[a-zA-Z0-9:_-]{1,128}$",
        description="the name of a policy that stands on both clouds, of 1-128 of a-z A-Z 0-9 : _ -",
    )
    loosening: Literal["apply", "approve"] = "apply"
    suppressed: Literal["mirror", "hold"] = "mirror"
    windows: tuple[Duration, ...] = Field(
        default=("PT5M", "PT15M", "PT30M"),
        min_length=1,
        max_length=100,
        description='a list of durations such as ["PT5M", "PT15M"]',
    )
    protocol: Literal["mqtt", "amqp", "http"] = "mqtt"
    custom_metrics: CustomMetrics = Field(
        default=CustomMetrics(), description="a mapping of mode and metrics"
    )
    approximate: tuple[Approximation, ...] = Field(
        default_factory=_approximate,
        max_length=3,
        description="a list of the effects on detection that are allowed: stronger, weaker, unknown",
    )

    @cached_property
    def window_seconds(self) -> frozenset[int]:
        return frozenset(total for window in self.windows if (total := seconds(window)))

    @property
    def sources(self) -> frozenset[Side]:
        """The sides whose changes matter. An edit on the target of a one-way route is held by the sweep."""
        return _SOURCES[self.mode]

    @property
    def targets(self) -> frozenset[Side]:
        """The sides that may be written."""
        return _TARGETS[self.mode]

    def scope(self, side: Side) -> str:
        return self.aws.scope if side is Side.AWS else self.azure.scope

    @field_validator("custom_metrics")
    @classmethod
    def _unpaired(cls, value: CustomMetrics, info: ValidationInfo) -> CustomMetrics:
        """A binding that ``protocol`` overrules would do nothing, and nobody would know."""
        protocol = str(info.data.get("protocol"))
        paired = {protocol.capitalize() + suffix: metric for metric, suffix in MESSAGE_METRICS.items()}
        problems = [
            Misfit(
                ("metrics", given),
                f"{stem(given)} pairs with {paired[stem(given)]} under protocol: {protocol}",
            )
            for given in value.metrics
            if given in paired
        ]
        if problems:
            raise Misfits(problems)
        return value

    @field_validator("approximate")
    @classmethod
    def _one_way_only(
        cls, value: tuple[Approximation, ...], info: ValidationInfo
    ) -> tuple[Approximation, ...]:
        """A two-way route would carry the approximation back to where it came from."""
        if value and info.data.get("mode") == "two-way":
            raise ValueError(
                "a two-way route never approximates: leave it out, or give the route one direction"
            )
        return value

    def normal(self) -> dict[str, Any]:
        """JSON in which two routes are equal when they do the same."""
        said = self.model_dump(mode="json", exclude={"canary"} if self.canary is None else None)
        return said | {
            "azure": self.azure.model_dump(mode="json") | {"hub": self.azure.scope},
            "names": {k: sorted(set(v)) for k, v in self.names.model_dump(mode="json").items()},
            "windows": sorted(self.window_seconds),
            "approximate": sorted(set(self.approximate)),
        }


def _contest(one: Route, other: Route) -> Side | None:
    """The side that both write, each one way, in the same place and from different ones."""
    if len(one.targets) != 1 or one.targets != other.targets:
        return None
    (side,) = one.targets
    same_place = one.scope(side) == other.scope(side)
    return side if same_place and one.scope(side.other) != other.scope(side.other) else None


def _version(value: Any) -> Any:
    """The text 1 is what a routes document holds, where every scalar is text."""
    return 1 if value == "1" else value


class Routes(Part):
    """Every route of one deployment; ``load.py`` reads it and merges the document's ``defaults``."""

    version: Annotated[Literal[1], BeforeValidator(_version), Field(description="1")]
    routes: tuple[
        Annotated[Route, Field(description="a mapping with id, aws and azure")],
        ...,
    ] = Field(min_length=1, max_length=500, description="a list of routes, each with id, aws and azure")

    @model_validator(mode="after")
    def _apart(self) -> Routes:
        problems = [*self._same_ids(), *self._same_policies(), *self._contested()]
        if problems:
            raise Misfits(problems)
        return self

    def _same_ids(self) -> Iterator[Misfit]:
        first: dict[str, int] = {}
        for index, route in enumerate(self.routes):
            earlier = first.setdefault(route.id, index)
            if earlier != index:
                yield Misfit(("routes", index, "id"), f"{route.id!r} is the id of routes[{earlier}] too")

    def _same_policies(self) -> Iterator[Misfit]:
        pairs: dict[tuple[str, str], list[Route]] = {}
        for index, route in enumerate(self.routes):
            group = pairs.setdefault((route.aws.scope, route.azure.scope), [])
            for earlier in group:
                name = shared_name(earlier.names, route.names)
                if name is not None:
                    problem = (
                        f"a policy named {name!r} would belong to this route and to {earlier.id!r}, "
                        "which joins the same account and hub: exclude it in one of them"
                    )
                    yield Misfit(("routes", index, "names"), problem)
                    break
            group.append(route)

    def _contested(self) -> Iterator[Misfit]:
        """Of two one-way routes into one place, each would take for a foreign edit what the other writes."""
        for index, route in enumerate(self.routes):
            for earlier in self.routes[:index]:
                side = _contest(earlier, route)
                name = None if side is None else shared_name(earlier.names, route.names)
                if name is not None:
                    problem = (
                        f"a policy named {name!r} would be written on {side} by this route and by "
                        f"{earlier.id!r}, from different sources: exclude it in one of them"
                    )
                    yield Misfit(("routes", index, "names"), problem)
                    break

    def digest(self) -> str:
        """SHA-256 in hex. Order, case of the hub and spelling of durations do not change it; settings do."""
        content = sorted((route.normal() for route in self.routes), key=lambda route: str(route["id"]))
        text = json.dumps({"version": self.version, "routes": content}, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()
