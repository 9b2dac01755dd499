"""One AWS behavior with another limit, window or list, everything else as it stands; and one that is born."""

from __future__ import annotations

from collections.abc import Container, Sequence
from typing import Any

from shared.policy.atom import AllowAtom, Atom
from shared.translation.native import Document
from shared.translation.pairing import Pair, Part
from shared.translation.values import listed, whole

_SHIFT = {"less-than": 1, "greater-than": -1}
"""From a bound that is normal itself to the number that its operator needs."""

_INCLUSIVE = {"min": "greater-than-equals", "max": "less-than-equals"}
_SETS = {"cidrs": "in-cidr-set", "strings": "in-set"}
_DATAPOINTS = ("consecutiveDatapointsToAlarm", "consecutiveDatapointsToClear")


def with_bound(behavior: Document, bound: int) -> Document:
    """In its own operator's style. The very same object if it says so already."""
    criteria = behavior["criteria"]
    number = bound + _SHIFT.get(criteria["comparisonOperator"], 0)
    ((member, value),) = criteria["value"].items()
    if whole(value) == number:
        return behavior
    spelt = float(number) if member == "number" and isinstance(value, float) else number
    return {**behavior, "criteria": {**criteria, "value": {member: spelt}}}


def with_window(behavior: Document, window: int | None) -> Document:
    """None: the pair shares no window, and it stays as it is."""
    criteria = behavior["criteria"]
    if window is None or criteria.get("durationSeconds") == window:
        return behavior
    return {**behavior, "criteria": {**criteria, "durationSeconds": window}}


def with_values(behavior: Document, atom: AllowAtom, pair: Pair) -> Document:
    criteria = behavior["criteria"]
    ((member, current),) = criteria["value"].items()
    return {
        **behavior,
        "criteria": {**criteria, "value": {member: listed(current, atom.values, cidrs=pair.kind == "cidrs")}},
    }


def born_for(pair: Pair, atom: Atom, taken: Container[str]) -> list[Document]:
    """The behaviors that state a rule of which nothing stands there yet."""
    if isinstance(atom, AllowAtom):
        return [born(pair, "allowed", sorted(atom.values), None, (), taken)]
    limits: tuple[tuple[Part, int | None], ...] = (("min", atom.lo or None), ("max", atom.hi))
    return [born(pair, part, limit, atom.window, (), taken) for part, limit in limits if limit is not None]


def born(
    pair: Pair,
    part: Part,
    stated: int | list[str],
    window: int | None,
    siblings: Sequence[Document],
    taken: Container[str],
) -> Document:
    """A new behavior, with the datapoints of its sibling. Its name is made from the signal and is not among
    ``taken``: names in lower case, for two that differ only by case are one too many."""
    stem = name = pair.born_name(part)
    number = 2
    while name in taken:
        name, number = f"{stem}-{number}", number + 1
    operator = _INCLUSIVE[part] if part != "allowed" else _SETS[pair.kind]
    member = pair.kind if pair.kind != "count" else "number" if pair.custom else "count"
    criteria: Document = {"comparisonOperator": operator, "value": {member: stated}}
    for sibling in siblings[:1]:
        criteria |= {key: sibling["criteria"][key] for key in _DATAPOINTS if key in sibling["criteria"]}
    if window is not None:
        criteria["durationSeconds"] = window
    return {"name": name, "metric": pair.metric, "criteria": criteria}


def value_elements(behavior: Any) -> int:
    """How many of the value elements of its profile a behavior takes, whatever it is."""
    try:
        given = behavior["criteria"]["value"].values()
    except (AttributeError, KeyError, TypeError):
        return 0
    return sum([len(value) if isinstance(value, list) else 1 for value in given])
