"""A route: one pair of scopes, and how the policies between them are mirrored."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Annotated, Any, ClassVar, Literal

from msgspec import UNSET, to_builtins
from msgspec.structs import force_setattr

from shared.routes.custom_metrics import CustomMetrics
from shared.routes.names import Names, shared_name
from shared.routes.reading import Part, meta
from shared.routes.scopes import AwsScope, AzureScope
from shared.routes.wording import Misfit, shown
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


_BY_MODE: Any = UNSET
"""Where a route does not say what it may approximate, its mode does."""

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


Slug = Annotated[
    str,
    meta(
        "1-64 of a-z 0-9 and inner hyphens, such as plant-eu",
        pattern=r"^[a-z0-9]([a-z0-9-]{0,62}[a-z0-9])?\Z",
    ),
]
Duration = Annotated[str, meta("a duration such as PT5M", check=_duration)]
Canary = Annotated[
    str,
    meta(
        "the name of a policy that stands on both clouds, of 1-128 of a-z A-Z 0-9 : _ -",
        pattern=r"^[a-zA-Z0-9:_-]{1,128}\Z",
    ),
]
Approximations = Annotated[
    tuple[Approximation, ...],
    meta(
        "a list of the effects on detection that are allowed: stronger, weaker, unknown",
        max_length=3,
    ),
]


class Route(Part, frozen=True, dict=True):
    """The defaults are the cautious choices; the comments of ``routes.example.yaml`` explain each."""

    id: Slug
    aws: Annotated[AwsScope, meta("a mapping with account and region")]
    azure: Annotated[AzureScope, meta("a mapping with hub")]
    names: Annotated[Names, meta("a mapping of include and exclude")] = Names()
    mode: Mode = "two-way"
    first_contact: Literal["observe", "sync"] = "observe"
    bootstrap: Bootstrap = "hold"
    conflict: Conflict = "hold"
    delete: Literal["hold", "mirror"] = "hold"
    canary: Canary | None = None
    loosening: Literal["apply", "approve"] = "apply"
    suppressed: Literal["mirror", "hold"] = "mirror"
    windows: Annotated[
        tuple[Duration, ...],
        meta('a list of durations such as ["PT5M", "PT15M"]', min_length=1, max_length=100),
    ] = ("PT5M", "PT15M", "PT30M")
    protocol: Literal["mqtt", "amqp", "http"] = "mqtt"
    custom_metrics: Annotated[CustomMetrics, meta("a mapping of mode and metrics")] = CustomMetrics()
    approximate: Approximations = _BY_MODE

    def __post_init__(self) -> None:
        if self.approximate is _BY_MODE:
            force_setattr(self, "approximate", () if self.mode == "two-way" else ("stronger",))

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

    @classmethod
    def clashes(cls, said: Mapping[str, Any]) -> Iterator[Misfit]:
        yield from _paired_already(said)
        if said.get("mode") == "two-way" and said.get("approximate"):
            # It would carry the approximation back to where it came from.
            problem = "a two-way route never approximates: leave it out, or give the route one direction"
            yield Misfit(("approximate",), problem)

    def normal(self) -> dict[str, Any]:
        """JSON in which two routes are equal when they do the same."""
        said: dict[str, Any] = to_builtins(self)
        if self.canary is None:
            del said["canary"]
        return said | {
            "azure": said["azure"] | {"hub": self.azure.scope},
            "names": {key: sorted(set(globs)) for key, globs in said["names"].items()},
            "windows": sorted(self.window_seconds),
            "approximate": sorted(set(self.approximate)),
        }


def _paired_already(said: Mapping[str, Any]) -> Iterator[Misfit]:
    """A binding that ``protocol`` overrules would do nothing, and nobody would know."""
    if "custom_metrics" not in said or "protocol" not in said:
        return
    protocol = said["protocol"]
    paired = {protocol.capitalize() + suffix: metric for metric, suffix in MESSAGE_METRICS.items()}
    for given in said["custom_metrics"].metrics:
        if given in paired:
            problem = f"{stem(given)} pairs with {paired[stem(given)]} under protocol: {protocol}"
            yield Misfit(("custom_metrics", "metrics", given), problem)


def _contest(one: Route, other: Route) -> Side | None:
    """The side that both write, each one way, in the same place and from different ones."""
    if len(one.targets) != 1 or one.targets != other.targets:
        return None
    (side,) = one.targets
    same_place = one.scope(side) == other.scope(side)
    return side if same_place and one.scope(side.other) != other.scope(side.other) else None


class Routes(Part, frozen=True):
    """Every route of one deployment; ``load.py`` reads it and merges the document's ``defaults``."""

    also: ClassVar[tuple[str, ...]] = ("defaults",)

    version: Annotated[Literal["1"], meta("1")]
    routes: Annotated[
        tuple[Annotated[Route, meta("a mapping with id, aws and azure")], ...],
        meta("a list of routes, each with id, aws and azure", min_length=1, max_length=500),
    ]

    @classmethod
    def clashes(cls, said: Mapping[str, Any]) -> Iterator[Misfit]:
        routes = said.get("routes", ())
        yield from _same_ids(routes)
        yield from _same_policies(routes)
        yield from _contested(routes)

    def digest(self) -> str:
        """SHA-256 in hex. Order, case of the hub and spelling of durations do not change it; settings do."""
        content = sorted((route.normal() for route in self.routes), key=lambda route: str(route["id"]))
        text = json.dumps(
            {"version": int(self.version), "routes": content}, sort_keys=True, separators=(",", ":")
        )
        return hashlib.sha256(text.encode()).hexdigest()


def _same_ids(routes: tuple[Route, ...]) -> Iterator[Misfit]:
    first: dict[str, int] = {}
    for index, route in enumerate(routes):
        earlier = first.setdefault(route.id, index)
        if earlier != index:
            yield Misfit(("routes", index, "id"), f"{route.id!r} is the id of routes[{earlier}] too")


def _same_policies(routes: tuple[Route, ...]) -> Iterator[Misfit]:
    pairs: dict[tuple[str, str], list[Route]] = {}
    for index, route in enumerate(routes):
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


def _contested(routes: tuple[Route, ...]) -> Iterator[Misfit]:
    """Of two one-way routes into one place, each would take for a foreign edit what the other writes."""
    for index, route in enumerate(routes):
        for earlier in routes[:index]:
            side = _contest(earlier, route)
            name = None if side is None else shared_name(earlier.names, route.names)
            if side is not None and name is not None:
                problem = (
                    f"a policy named {name!r} would be written on {side.cloud} by this route and by "
                    f"{earlier.id!r}, from different sources: exclude it in one of them"
                )
                yield Misfit(("routes", index, "names"), problem)
                break
