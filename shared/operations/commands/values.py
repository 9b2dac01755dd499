"""A rule as people write and read it in a command: ``{"lo": 0, "hi": 50, "window": "PT5M"}``, or a list."""

from __future__ import annotations

from typing import Any

from shared.errors import BadInput
from shared.policy.atom import COUNT_MAX, AllowAtom, Atom, RangeAtom
from shared.translation.pairing import Pair, Pairing
from shared.translation.values import duration, network, plain_string, seconds

MOST_VALUES = 1000
"""As many as an AWS security profile holds."""

Value = dict[str, Any] | list[str]


def shown(atom: Atom | None) -> Any:
    """JSON that :func:`meant` reads back to an equal rule; None where no rule is in force."""
    match atom:
        case RangeAtom(lo, hi, window):
            value: dict[str, Any] = {"lo": lo, "hi": hi}
            return value if window is None else value | {"window": duration(window)}
        case AllowAtom(values):
            return sorted(values)
    return None


def meant(value: Value, pair: Pair, pairing: Pairing) -> Atom:
    """Raises BadInput for a rule that could not be stated in both clouds, naming what could."""
    listed = pair.kind != "count"
    if isinstance(value, list) is not listed:
        what = "a list of what is allowed" if listed else '{"lo": 0, "hi": 50, "window": "PT5M"}'
        raise BadInput(f"take: a rule of {pair.signal} is {what}")
    atom = _allowed(value, pair) if isinstance(value, list) else _range(value, pair, pairing)
    if not atom.statable:
        raise BadInput(
            f"take: {pair.signal}: it bounds nothing, or nothing is normal: lo is 0 to hi, a list has values"
        )
    return atom


def _range(value: dict[str, Any], pair: Pair, pairing: Pairing) -> RangeAtom:
    unknown = sorted(value.keys() - {"lo", "hi", "window"})
    if unknown:
        raise BadInput(f"take: {len(unknown)} members are unknown; a rule has lo, hi and window")
    hi = _count(value, "hi")
    return RangeAtom(
        _count(value, "lo") or 0,
        None if hi == COUNT_MAX else hi,
        _window(value.get("window"), pair, pairing),
    )


def _count(value: dict[str, Any], member: str) -> int | None:
    count = value.get(member)
    if count is not None and (type(count) is not int or not 0 <= count <= COUNT_MAX):
        raise BadInput(f"take: {member}: a whole number of 0 to {COUNT_MAX} is wanted")
    return count


def _window(window: Any, pair: Pair, pairing: Pairing) -> int | None:
    if not pair.shares_window:
        if window is not None:
            raise BadInput(f"take: window: only one of the clouds has one for {pair.signal}: leave it out")
        return None
    total = seconds(window) if isinstance(window, str) else None
    if total not in pairing.options.windows:
        allowed = ", ".join(duration(each) for each in sorted(pairing.options.windows))
        raise BadInput(f"take: window: one that the route allows is wanted: {allowed}")
    return total


def _allowed(value: list[str], pair: Pair) -> AllowAtom:
    if len(value) > MOST_VALUES:
        raise BadInput(f"take: {len(value)} values; a profile holds at most {MOST_VALUES}")
    spell = network if pair.kind == "cidrs" else plain_string
    spelt = [spell(each) for each in value]
    if None in spelt:
        what = "an address or CIDR" if pair.kind == "cidrs" else "a text without control characters"
        raise BadInput(f"take: value {spelt.index(None) + 1} is not {what}")
    return AllowAtom(frozenset(filter(None, spelt)))
