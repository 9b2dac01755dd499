"""Value converters that both translators share: durations, addresses, whole numbers."""

from __future__ import annotations

import ipaddress
import math
import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from shared.policy.rule import Bound

_DURATION = re.compile(
    r"P(?:(?P<weeks>\d{1,9})W)?(?:(?P<days>\d{1,9})D)?"
    r"(?:T(?:(?P<hours>\d{1,9})H)?(?:(?P<minutes>\d{1,9})M)?(?:(?P<seconds>\d{1,9})(?:\.0+)?S)?)?",
    re.ASCII,
)
_UNSHOWABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_UNITS = {"weeks": 604_800, "days": 86_400, "hours": 3_600, "minutes": 60, "seconds": 1}


@lru_cache(maxsize=256)
def seconds(text: str) -> int | None:
    """An ISO-8601 duration in whole seconds, by value: ``PT05M`` is 300. None if it is none, or has months,
    years or a fraction."""
    match = _DURATION.fullmatch(text)
    if match is None or not any(match.groupdict().values()):
        return None
    return sum(int(match[unit] or 0) * size for unit, size in _UNITS.items())


@lru_cache(maxsize=256)
def duration(total: int) -> str:
    """Seconds as ISO-8601 in the spelling that Azure echoes: ``PT5M``, ``PT1H``, ``PT1M30S``. ISO-8601 has no
    negative duration: ``-5 s``."""
    if total < 0:
        return f"{total} s"
    hours, rest = divmod(total, 3_600)
    minutes, left = divmod(rest, 60)
    parts = [f"{hours}H" * (hours > 0), f"{minutes}M" * (minutes > 0), f"{left}S" * (left > 0)]
    return "PT" + ("".join(parts) or "0S")


@lru_cache(maxsize=4096)
def network(text: str) -> str | None:
    """The canonical spelling of a CIDR or address: no host bits, always a prefix. None if it is neither, or
    has a zone (``fe80::1%eth0``), which means something on one machine only."""
    try:
        found = ipaddress.ip_network(text, strict=False)
    except ValueError:
        return None
    if "%" in text:
        return None
    if isinstance(found, ipaddress.IPv6Network) and (mapped := found.network_address.ipv4_mapped):
        return f"::ffff:{mapped}/{found.prefixlen}"  # as Python 3.13 spells it, on every Python
    return str(found)


def listed(current: Sequence[Any], wanted: frozenset[str], *, cidrs: bool) -> list[Any]:
    """The values ``wanted``: what ``current`` has of them keeps its place and spelling, the rest follows."""
    spell = network if cidrs else str
    kept = [value for value in current if isinstance(value, str) and spell(value) in wanted]
    return kept + sorted(wanted - {spell(value) for value in kept})


def plain_string(text: Any) -> str | None:
    """The string itself, or None if it is none, or has control characters or halves of characters, which no
    console can show."""
    if not isinstance(text, str) or not text or _UNSHOWABLE.search(text):
        return None
    return text


def whole(value: Any) -> int | None:
    """An integral number as int (``100.0`` is 100), else None."""
    if value is None or type(value) is int:
        return value
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    if isinstance(value, float) and not (math.isfinite(value) and value.is_integer()):
        return None
    return int(value)


def lowest(bound: Bound, number: int) -> int:
    """The smallest count that a lower bound admits: ``greater-than 5`` is 6."""
    return number if bound.inclusive else number + 1


def highest(bound: Bound, number: int) -> int:
    """The largest count that an upper bound admits: ``less-than 5`` is 4."""
    return number if bound.inclusive else number - 1
