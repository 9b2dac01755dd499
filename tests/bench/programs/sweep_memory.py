"""What a sweep of any number of links in step holds at most, with both SDKs loaded. argv: how many links.

Clouds and ledger make up what they are asked for, so that nothing of the estate itself lies in this process.
Sixteen thousand links are swept at most, in parts: after ten thousand both clouds are listed anew, and from
there on nothing is different.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from functions.local.sandbox.azure_catalog import TIME_WINDOW
from functions.local.sandbox.clients import cloud_ports
from shared.bootstrap import THREADS
from shared.ledger.codec import decode_link, encode
from shared.operations.mirror import Mirror
from shared.operations.requests import NO_CAUSE, Cause, Sweep
from shared.sync.job import Outcome
from shared.sync.link import Link, LinkKey, Scope
from shared.sync.ports import Found
from shared.translation.side import Side
from tests.unit.sync.documents import at_most, group, profile
from tests.unit.sync.world import FUNCTION, World, world

SWEPT = 16_000
PART = 4_000
"""Links that are read in ten seconds of its clock."""

PAGE = {Side.AWS: 250, Side.AZURE: 100}


class Cloud:
    """The reading half of a port; names come in no order."""

    def __init__(self, side: Side, found: Found, estate: Estate) -> None:
        self._side, self._text, self._found = side, json.dumps(found.document), found
        self._estate = estate

    def read(self, name: str, *, whole: bool = False) -> Found:
        del whole
        self._estate.now += 10.0 / PART
        return self._made(name)

    def pages(self) -> Iterator[Mapping[str, Found | None]]:
        names, size = self._estate.shuffled(), PAGE[self._side]
        while page := [name for _, name in zip(range(size), names, strict=False)]:
            yield {name: None if self._side is Side.AWS else self._made(name) for name in page}

    def _made(self, name: str) -> Found:
        return replace(self._found, name=name, document=json.loads(self._text))


class Estate:
    """Also the ledger: every link is a copy of one, as it is read from a table."""

    def __init__(self, w: World, links: int) -> None:
        self.now, self._links, self._scope = w.now, links, Scope(w.route.id)
        w.in_step("pumps", profile(sent=at_most(100)), filled())
        self._body, self._key = encode(w.link()), w.link_key()
        aws, azure = w.aws.read("pumps"), w.azure.read("pumps")
        assert aws is not None
        assert azure is not None
        self.clouds = {Side.AWS: Cloud(Side.AWS, aws, self), Side.AZURE: Cloud(Side.AZURE, azure, self)}

    def shuffled(self) -> Iterator[str]:
        return (_name(number * 7919 % self._links) for number in range(self._links))

    def route_links(self, route: str, after: str | None = None, most: int | None = None) -> Iterator[Link]:
        first = 0 if not after else int(after.removeprefix("link-")) + 1
        last = self._links if most is None else min(self._links, first + most)
        for number in range(first, last):
            yield replace(decode_link(self._body, self._key), key=LinkKey(route, _name(number)))

    def scope(self, route: str) -> Scope:
        del route
        return self._scope

    def save_scope(self, scope: Scope, entries: Sequence[Any] = ()) -> None:
        del entries
        self._scope = scope


def _name(number: int) -> str:
    return f"link-{number:07}"


def filled() -> dict[str, Any]:
    """As Azure answers: every rule type is there, most of them disabled."""
    document = group(sent=at_most(100))
    there = {rule["ruleType"] for rule in document["properties"]["timeWindowRules"]}
    off = {"isEnabled": False, "minThreshold": 0, "maxThreshold": 0, "timeWindowSize": "PT15M"}
    for kind, text in TIME_WINDOW.items():
        if kind not in there:
            told = {"displayName": text.display_name, "description": text.description}
            document["properties"]["timeWindowRules"].append({"ruleType": kind, **off, **told})
    return document


def sweep(links: int) -> int:
    """How many links of the estate were seen to be in step."""
    w = world()
    estate, parts, seen = Estate(w, links), [Sweep(w.route.id)], 0

    def enqueue(asked: Sequence[LinkKey | Sweep], delay: float, cause: Cause = NO_CAUSE) -> None:
        del delay, cause
        parts.extend(each for each in asked if isinstance(each, Sweep))

    with ThreadPoolExecutor(THREADS) as pool:
        mirror = Mirror(
            routes=w.routes,
            worker=FUNCTION,
            ledger=estate,  # type: ignore[arg-type]  # a sweep in step saves no link
            clouds=lambda _: estate.clouds,  # type: ignore[arg-type, return-value]  # and writes to no cloud
            clock=lambda: estate.now,
            time_left=lambda: 30.0,
            pool=pool,
        )
        while parts and seen < SWEPT:
            for outcome in mirror.perform(parts.pop(0), enqueue):
                assert isinstance(outcome, Outcome)
                assert outcome.code == "in-step", outcome
                seen += 1
    return seen


def main(links: int) -> None:
    route = world().route
    sdks = cloud_ports("http://127.0.0.1:9", "http://127.0.0.1:9", route, user="nobody")
    assert sweep(links) >= min(links, SWEPT)
    assert sdks
    print(json.dumps({"peak": _peak()}))


def _peak() -> float:
    """MB, of this program alone: ``ru_maxrss`` begins with what the process held that started it."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    (kilobytes,) = re.findall(r"VmHWM:\s+(\d+) kB", status)
    return int(kilobytes) / 1024


if __name__ == "__main__":
    main(int(sys.argv[1]))
