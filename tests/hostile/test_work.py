"""Work grows with the input and no faster: counted in calls and comparisons, not in seconds.

Documents are built of texts that count every comparison and hash, so that a search through a list inside a
loop shows, although it is one call.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from types import FrameType
from typing import Any

import pytest

from functions.aws_lambda import events as aws
from functions.azure_app import events as azure
from shared.errors import BadInput
from shared.translation.json_text import loads
from shared.translation.native import Memory
from shared.translation.pairing import pairing
from shared.translation.side import Side
from shared.translation.translators import TRANSLATORS, reading_of, translate
from tests.hostile.samples import aws_record, azure_event, behavior, window_rule

SMALL, TIMES = 150, 4
SLACK = 1.35
"""How much more than ``TIMES`` the work may grow: what is sorted takes a little more than its share."""


class Counted(str):
    """Text whose comparisons are calls, as ``sys.setprofile`` counts them."""

    __slots__ = ()

    def __eq__(self, other: object) -> bool:
        return str.__eq__(self, other)

    def __hash__(self) -> int:
        return str.__hash__(self)


def counted(value: Any) -> Any:
    match value:
        case str():
            return Counted(value)
        case dict():
            return {Counted(key): counted(inner) for key, inner in value.items()}
        case list():
            return [counted(inner) for inner in value]
        case _:
            return value


def work(job: Callable[[Any], object], given: Any) -> int:
    """Calls that ``job`` makes, in Python and into C. A refusal is a fair end."""
    calls = 0

    def note(_: FrameType, event: str, __: Any) -> None:
        nonlocal calls
        calls += event in {"call", "c_call"}

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        job(given)
    except BadInput:
        pass
    finally:
        sys.setprofile(before)
    return calls


def profile(behaviors: list[Any]) -> Any:
    return counted({"securityProfileName": "p", "behaviors": behaviors})


def group(rules: list[Any], kind: str = "timeWindowRules") -> Any:
    return counted({"name": "g", "properties": {kind: rules}})


def _count(name: str, metric: str) -> Any:
    return behavior(name, metric, "less-than", {"count": 5}, durationSeconds=300)


def _cidrs(n: int) -> list[str]:
    return [f"10.{i // 250}.{i % 250}.0/24" for i in range(n)]


def _listed(n: int) -> Any:
    return behavior("peers", "aws:destination-ip-addresses", "in-cidr-set", {"cidrs": _cidrs(n)})


def _allowed(n: int) -> Any:
    return {"ruleType": "ConnectionToIpNotAllowed", "isEnabled": True, "allowlistValues": _cidrs(n)}


MESSAGES = "MqttD2CMessagesNotInAllowedRange"
PROFILES: dict[str, Callable[[int], Any]] = {
    "behaviors of many metrics": lambda n: profile([_count(f"b{i}", f"aws:metric-{i}") for i in range(n)]),
    "behaviors of one metric": lambda n: profile(
        [_count(f"b{i}", "aws:num-messages-sent") for i in range(n)]
    ),
    "behaviors of one name": lambda n: profile([_count("b", "aws:num-messages-sent")] * n),
    "names in use": lambda n: profile(
        [_count(f"mqtt-messages-from-device-max-{i}", "aws:x") for i in range(n)]
    ),
    "values": lambda n: profile([_listed(n)]),
    "members of a behavior": lambda n: profile([_count("b", "m") | {f"member-{i}": i for i in range(n)}]),
    "members of a profile": lambda n: counted({f"member-{i}": i for i in range(n)}),
}
GROUPS: dict[str, Callable[[int], Any]] = {
    "rules of many types": lambda n: group([window_rule(f"T{i}NotInAllowedRange", 0, 5) for i in range(n)]),
    "rules of one type": lambda n: group([window_rule(MESSAGES, 0, 5)] * n),
    "values": lambda n: group([_allowed(n)], "allowlistRules"),
    "hidden values": lambda n: group([{**_allowed(0), "allowlistValues": None}] * n, "allowlistRules"),
    "lists": lambda n: counted({"properties": {f"list-{i}": [i] for i in range(n)}}),
}
TEXTS: dict[str, Callable[[int], str | bytes]] = {
    "quotes": lambda n: '"' * n * 50,
    "backslashes": lambda n: '"' + "\\" * n * 50,
    "open strings": lambda n: '["' * n * 20,
    "keys": lambda n: json.dumps({f"k{i}": i for i in range(n)}),
    "equal keys of many objects": lambda n: json.dumps([{"k": i} for i in range(n)]),
    "brackets": lambda n: "[" * n * 50,
    "numbers": lambda n: "[" + "1e5," * n * 20 + "1]",
    "one number": lambda n: "1" * n * 50,
    "no UTF-8": lambda n: b'"' + b"\xc3\xa4" * n * 20 + b"\xff",
    "lines": lambda n: "\n" * n * 50 + "x",
}


def check(job: Callable[[Any], object], family: Callable[[int], Any]) -> None:
    small, large = family(SMALL), family(SMALL * TIMES)
    work(job, large)  # what is cached is cached from here on
    assert work(job, large) <= work(job, small) * TIMES * SLACK + 200


def _read(side: Side) -> Callable[[Any], object]:
    return lambda document: reading_of(side, document, pairing())


def _empty(side: Side) -> Callable[[Any], object]:
    return lambda document: TRANSLATORS[side].put({}, document, pairing(), Memory(), {})


def _translated(side: Side) -> Callable[[Any], object]:
    return lambda document: translate(side, document, pairing(), None, "p")


@pytest.mark.parametrize("job", [_read, _empty, _translated], ids=["read", "emptied", "translated"])
@pytest.mark.parametrize("family", PROFILES.values(), ids=PROFILES)
def test_the_work_on_a_profile_grows_with_it(
    job: Callable[[Side], Callable[[Any], object]], family: Callable[[int], Any]
) -> None:
    check(job(Side.AWS), family)


@pytest.mark.parametrize("job", [_read, _empty, _translated], ids=["read", "emptied", "translated"])
@pytest.mark.parametrize("family", GROUPS.values(), ids=GROUPS)
def test_the_work_on_a_group_grows_with_it(
    job: Callable[[Side], Callable[[Any], object]], family: Callable[[int], Any]
) -> None:
    check(job(Side.AZURE), family)


@pytest.mark.parametrize("family", TEXTS.values(), ids=TEXTS)
def test_the_work_on_a_text_grows_with_it(family: Callable[[int], str | bytes]) -> None:
    check(loads, family)


def test_the_work_on_a_delivery_grows_with_its_events() -> None:
    check(azure.requests_of, lambda n: [counted(azure_event(f"prod-{i}")) for i in range(n)])


@pytest.mark.parametrize(
    "text", ["%2F", "/", "%", "a%20", "/providers/Microsoft.Security/deviceSecurityGroups"]
)
def test_the_work_on_a_resource_id_grows_with_it(text: str) -> None:
    check(azure.requests_of, lambda n: azure_event("x" + text * n))


@pytest.mark.parametrize("text", ["a", ":", "arn:aws:iot:"])
def test_the_work_on_a_name_grows_with_it(text: str) -> None:
    check(aws.requests_of, lambda n: aws_record(text * n))


def test_a_loop_in_a_loop_would_be_noticed() -> None:
    with pytest.raises(AssertionError):
        check(lambda texts: [text in texts for text in texts], lambda n: counted([str(i) for i in range(n)]))
