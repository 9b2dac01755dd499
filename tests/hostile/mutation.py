"""Valid JSON made hostile, one small damage after the other, from one seeded source.

A marked value (:mod:`tests.hostile.canary`) is damaged like any other, but never gets the name of a member
that messages may repeat: a policy's name is no secret, and must not become one.
"""

from __future__ import annotations

import json
import marshal
from collections.abc import Callable, Sequence
from random import Random
from typing import Any
from urllib.parse import quote

from tests.hostile.canary import MARK

INTEGERS = (
    *(
        0,
        1,
        -1,
        2,
        59,
        100,
        299,
        300,
        301,
        900,
        2**31 - 2,
        2**31 - 1,
        2**31,
        -(2**31),
        2**53 + 1,
        2**63,
        10**30,
    ),
    *(int("9" * 640), -int("9" * 4299), int("9" * 4300)),
)
FLOATS = (
    0.0,
    -0.0,
    0.5,
    5.0,
    100.0,
    299.999,
    1e9,
    1e300,
    -1e300,
    5e-324,
    float("nan"),
    float("inf"),
    float("-inf"),
)
TEXTS = (
    *("", " ", "\x00", "a\nb", "\x7f", "\u2028", "\u202eevil", "\ud800", "\udfff\ud800", "\ufeff", "\u200b"),
    *(
        "ﬀ",
        "İ",
        "ſ",
        "K",
        "e\u0301",
        "💧" * 3,
        "ÿ" * 257,
        "x" * 2049,
        "%",
        "%2",
        "%2F..%2F",
        "%ff",
        "%00",
        "%25",
    ),
    *("..", "../..", "/", "//", "\\", "*", "prod-*", "default", "null", "{}", "[]", "[" * 70, '{"a":' * 70),
    *(
        "true",
        "NaN",
        "1e999",
        "9" * 5000,
        "http://[",
        "https://[::1",
        "arn:aws:iot:::",
        "PT5M",
        "P1Y",
        "-PT5M",
    ),
    *(
        "aws.scheduler",
        "aws.events",
        "10.0.0.0/8",
        "10.0.0.0/99",
        "::/0",
        "fe80::1%eth0",
        "in-cidr-set",
        "p99",
    ),
)
MEMBERS = (
    *("command", "sweep", "route", "name", "detail", "detail-type", "source", "Records", "body", "errorCode"),
    *("eventName", "eventSource", "readOnly", "requestParameters", "responseElements", "securityProfileName"),
    *("resourceArn", "recipientAccountId", "awsRegion", "account", "region", "eventTime", "eventID", "id"),
    *(
        "eventType",
        "type",
        "specversion",
        "data",
        "subject",
        "topic",
        "operationName",
        "authorization",
        "scope",
    ),
    *("action", "httpRequest", "url", "resourceUri", "claims", "properties", "timeWindowRules", "ruleType"),
    *("allowlistRules", "denylistRules", "thresholdRules", "isEnabled", "minThreshold", "maxThreshold"),
    *(
        "timeWindowSize",
        "allowlistValues",
        "behaviors",
        "metric",
        "criteria",
        "value",
        "count",
        "number",
        "cidrs",
    ),
    *(
        "strings",
        "numbers",
        "comparisonOperator",
        "durationSeconds",
        "statisticalThreshold",
        "mlDetectionConfig",
    ),
    *("metricDimension", "suppressAlerts", "exportMetric", "consecutiveDatapointsToAlarm", "tags", "version"),
)
DEEPEST = 150
Way = tuple[Any, Any]
"""A list or object, and the place in it."""


def copied(value: Any) -> Any:
    """A deep copy of JSON; half the time of ``copy.deepcopy``."""
    return marshal.loads(marshal.dumps(value))


def mutated(rng: Random, value: Any, most: int = 4) -> Any:
    """A copy with one to ``most`` damages; the root may become anything."""
    root = [copied(value)]
    for _ in range(rng.randint(1, most)):
        holder, place = _way(rng, root)
        rng.choice(_DAMAGES)(rng, holder, place)
        if not root:
            root.append(None)
    return root[0]


def mutated_inside(rng: Random, value: dict[str, Any], most: int = 4) -> dict[str, Any]:
    """The same, with the root still an object."""
    damaged = mutated(rng, value, most)
    return damaged if isinstance(damaged, dict) else {**value, rng.choice(MEMBERS): damaged}


def anything(rng: Random, depth: int = 3) -> Any:
    """JSON of any shape."""
    kind = rng.randrange(9 if depth else 7)
    match kind:
        case 0 | 1 | 2:
            return rng.choice(TEXTS)
        case 3:
            return rng.choice(INTEGERS)
        case 4:
            return rng.choice(FLOATS)
        case 5:
            return rng.random() < 0.5
        case 6:
            return None
        case 7:
            return [anything(rng, depth - 1) for _ in range(rng.randrange(4))]
        case _:
            return {rng.choice(MEMBERS): anything(rng, depth - 1) for _ in range(rng.randrange(5))}


def _way(rng: Random, root: list[Any]) -> Way:
    """Down from the root, and a place to stop on the way."""
    holder: Any = root
    place: Any = 0
    while True:
        inner = holder[place]
        if not inner or not isinstance(inner, dict | list) or rng.random() < 0.15:
            return holder, place
        holder = inner
        place = rng.choice(list(inner)) if isinstance(inner, dict) else rng.randrange(len(inner))


def _marked(value: Any) -> bool:
    return MARK in repr(value)


def _replace(rng: Random, holder: Any, place: Any) -> None:
    holder[place] = anything(rng)


def _delete(rng: Random, holder: Any, place: Any) -> None:
    del holder[place]


def _repeat(rng: Random, holder: Any, place: Any) -> None:
    if isinstance(holder, list):
        holder[place:place] = [holder[place]] * rng.choice((1, 1, 2, 40))
    elif not _marked(holder[place]):
        holder[rng.choice(MEMBERS)] = holder[place]


def _rename(rng: Random, holder: Any, place: Any) -> None:
    if isinstance(holder, dict):
        known = (place.swapcase(), place + rng.choice(TEXTS), rng.choice(TEXTS))
        name = rng.choice(known if _marked(holder[place]) else (*known, rng.choice(MEMBERS)))
        holder[name] = holder.pop(place)


def _swap(rng: Random, holder: Any, place: Any) -> None:
    """Two neighbours change places."""
    other = rng.choice(list(holder)) if isinstance(holder, dict) else rng.randrange(len(holder))
    if not (_marked(holder[place]) or _marked(holder[other])):
        holder[place], holder[other] = holder[other], holder[place]


def _nest(rng: Random, holder: Any, place: Any) -> None:
    value = holder[place]
    for _ in range(rng.choice((1, 2, 60, 70, DEEPEST))):
        value = [value] if rng.random() < 0.5 else {"a": value}
    holder[place] = value


def _retype(rng: Random, holder: Any, place: Any) -> None:
    """The same in another type: a number as text, a flag as a number, an object as JSON text."""
    value = holder[place]
    if isinstance(value, bool):
        holder[place] = rng.choice((int(value), str(value), [value]))
    elif isinstance(value, int) and abs(value) < 10**4000:  # Python prints no more than 4300 digits
        holder[place] = rng.choice(
            (bool(value), -value, value + 1, value - 1, str(value)[:50], 10**30 + value)
        )
    elif isinstance(value, dict | list):
        holder[place] = rng.choice((json.dumps, lambda v: [v], lambda v: {"0": v}))(value)
    else:
        holder[place] = rng.choice(
            ([value], {"value": value}, str(value).encode().hex() if value is None else value)
        )


def _respell(rng: Random, holder: Any, place: Any) -> None:
    """Text in another case or encoding, or with something put into it."""
    value = holder[place]
    if isinstance(value, str):
        at = rng.randint(0, len(value))
        holder[place] = rng.choice(_SPELLINGS)(value, at, rng)


def _inserted(value: str, at: int, rng: Random) -> str:
    return value[:at] + rng.choice(TEXTS) + value[at:]


_SPELLINGS: Sequence[Callable[[str, int, Random], str]] = (
    _inserted,
    _inserted,
    lambda value, at, rng: value.swapcase(),
    lambda value, at, rng: value[:at],
    lambda value, at, rng: value[:at] + quote(value[at:].encode("utf-8", "replace"), safe="0123456789-"),
    lambda value, at, rng: (
        value[:at] + "".join(f"%{ord(c) % 256:02x}" for c in value[at : at + 3]) + value[at + 3 :]
    ),
    lambda value, at, rng: value * rng.choice((2, 3, 40)),
    lambda value, at, rng: f"/{value}/",
)
_DAMAGES: Sequence[Callable[[Random, Any, Any], None]] = (
    *(_replace, _replace, _delete, _repeat, _rename, _swap, _nest, _retype, _retype),
    *(_respell, _respell, _respell),
)
