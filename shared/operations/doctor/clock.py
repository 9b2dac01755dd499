"""Whether the clocks agree: signatures and tokens are refused where they do not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial

from shared.operations.doctor.check import Check, bad, doubt, good, looked_at
from shared.operations.reader import Reader
from shared.routes.route import Route
from shared.sync.ports import ReadableCloud
from shared.translation.side import Side

NOTICED, REFUSED = 30.0, 300.0
"""Seconds. AWS refuses a signature that is five minutes off (IAM user guide, 2026)."""


def clock_checks(reader: Reader, route: Route, clouds: Mapping[Side, ReadableCloud]) -> Iterator[Check]:
    for side in Side:
        yield from looked_at("clock", str(side), partial(_clock, reader, side, clouds[side]))


def _clock(reader: Reader, side: Side, cloud: ReadableCloud) -> Iterator[Check]:
    """By the time that a read of any policy was answered."""
    name = next(iter(cloud.census()), None)
    found = None if name is None else cloud.read(name)
    if found is None or found.told_at is None:
        return
    skew = reader.clock() - found.told_at
    said = f"this clock and that of {side.cloud} are {abs(skew):.0f} s apart"
    if abs(skew) >= REFUSED:
        yield bad("clock", str(side), said, "set this machine's clock by NTP")
    elif abs(skew) >= NOTICED:
        yield doubt("clock", str(side), said, "set this machine's clock by NTP")
    else:
        yield good("clock", str(side), said)
