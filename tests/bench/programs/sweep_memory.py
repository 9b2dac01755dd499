"""What a sweep of any number of links in step holds at most, with both SDKs loaded. argv: how many links.

Clouds and ledger make up what they are asked for, so that nothing of the estate itself lies in this process.
The clock is moved on by what waits for its turn in the clouds' quotas. So it goes as it would on a real
account: a hundred thousand links are too many to be listed in one invocation, and a thousand are not.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from functions.local.sandbox.azure_catalog import TIME_WINDOW
from functions.local.sandbox.clients import cloud_ports
from shared.bootstrap.assembly import THREADS
from shared.ledger.codec import decode_link, encode
from shared.operations.mirror import Mirror
from shared.operations.quotas import RESERVE, Quotas
from shared.operations.requests import NO_CAUSE, Cause, Sweep
from shared.sync.job import Outcome
from shared.sync.link import Link, LinkKey, Scope
from shared.sync.ports import Found, Page
from shared.translation.side import Side
from tests.unit.sync.documents import at_most, group, profile
from tests.unit.sync.world import FUNCTION, World, world

LIFE = RESERVE + 2 * (30.0 - RESERVE)
"""Seconds of one invocation: on this clock the two listings wait one after the other, not side by side."""

PAGE = {Side.AWS: 250, Side.AZURE: 100}


class Cloud:
    """The reading half of a port; names come in no order."""

    def __init__(self, side: Side, found: Found, estate: Estate) -> None:
        self._side, self._text, self._found = side, json.dumps(found.document), found
        self._estate = estate

    def read(self, name: str, *, whole: bool = False) -> Found:
        del whole
        return self._made(name)

    def page(self, at: str | None = None) -> Page:
        first = int(at or 0)
        names = self._estate.shuffled(range(first, first + PAGE[self._side]))
        found = {name: None if self._side is Side.AWS else self._made(name) for name in names}
        following = first + len(found)
        return Page(found, str(following) if following < self._estate.count else None)

    def _made(self, name: str) -> Found:
        return replace(self._found, name=name, document=json.loads(self._text))


class Estate:
    """Also the ledger: every link is a copy of one, as it is read from a table."""

    def __init__(self, w: World, links: int) -> None:
        self.now, self.ends, self.count, self._scope = w.now, w.now, links, Scope(w.route.id)
        w.in_step("pumps", profile(sent=at_most(100)), filled())
        self._body, self._key = encode(w.link()), w.link_key()
        aws, azure = w.aws.read("pumps"), w.azure.read("pumps")
        assert aws is not None
        assert azure is not None
        self.clouds = {Side.AWS: Cloud(Side.AWS, aws, self), Side.AZURE: Cloud(Side.AZURE, azure, self)}

    def sleep(self, seconds: float) -> None:
        self.now += seconds

    def shuffled(self, some: range) -> Iterator[str]:
        return (_name(number * 7919 % self.count) for number in some if number < self.count)

    def route_links(self, route: str, after: str | None = None, most: int | None = None) -> Iterator[Link]:
        first = 0 if not after else int(after.removeprefix("link-")) + 1
        last = self.count if most is None else min(self.count, first + most)
        for number in range(first, last):
            yield replace(decode_link(self._body, self._key), key=LinkKey(route, _name(number)))

    def links(self, keys: Iterable[LinkKey]) -> Mapping[LinkKey, Link]:
        return {key: replace(decode_link(self._body, self._key), key=key) for key in keys}

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
            time_left=lambda: estate.ends - estate.now,
            pool=pool,
            quotas=Quotas(lambda: estate.now, estate.sleep, lambda: 0.0),
        )
        while parts:
            estate.ends = estate.now + LIFE
            for outcome in mirror.perform(parts.pop(0), enqueue):
                assert isinstance(outcome, Outcome)
                assert outcome.code == "in-step", outcome
                seen += 1
    return seen


def main(links: int) -> None:
    route = world().route
    sdks = cloud_ports("http://127.0.0.1:9", "http://127.0.0.1:9", route, user="nobody")
    assert sweep(links) == links
    assert sdks
    print(json.dumps({"peak": _peak()}))


def _peak() -> float:
    """MB, of this program alone: ``ru_maxrss`` begins with what the process held that started it."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    (kilobytes,) = re.findall(r"VmHWM:\s+(\d+) kB", status)
    return int(kilobytes) / 1024


if __name__ == "__main__":
    main(int(sys.argv[1]))
