"""One rule of a policy file as an atom."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from shared.policy.atom import COUNT_MAX, AllowAtom, Atom, RangeAtom
from shared.routes.nodes import Member, Node
from shared.routes.problem import Problem, Spot
from shared.routes.route import Route
from shared.routes.wording import did_you_mean, shown
from shared.translation.grouping import MAX_VALUES
from shared.translation.pairing import Pair
from shared.translation.values import duration, network, plain_string, seconds

_LIMITS = ("min", "max", "window")


class Misread(Exception):
    """Control flow of this package: a value that cannot be taken as it stands."""

    def __init__(self, spot: Spot, text: str) -> None:
        super().__init__(text)
        self.problem = Problem(spot, text)


def known(members: Mapping[str, Member], keys: Iterable[str]) -> Mapping[str, Member]:
    """``members``, if all of them are among ``keys``."""
    allowed = tuple(keys)
    for key, member in members.items():
        if key not in allowed:
            near = did_you_mean(key, allowed)
            raise Misread(member.key, f"unknown key{near}; allowed: {', '.join(allowed)}")
    return members


def atom_of(pair: Pair, node: Node, route: Route) -> Atom:
    """Raises Misread."""
    keys = _LIMITS if pair.kind == "count" else ("allow",)
    if not isinstance(node.value, dict) or not node.value:
        raise Misread(node.spot, f"a mapping of {', '.join(keys)} is wanted")
    members = known(node.value, keys)
    if pair.kind != "count":
        return _list(pair, members["allow"].node)
    lo, hi = _count(members, "min") or 0, _count(members, "max")
    atom = RangeAtom(lo, hi, _window(pair, node, members, route))
    if not atom.statable:
        upper = "any number" if hi is None else hi
        raise Misread(node.spot, f"{lo} to {upper} is no limit that both clouds can state")
    return atom


def _count(members: Mapping[str, Member], key: str) -> int | None:
    if key not in members:
        return None
    value, spot = members[key].node.value, members[key].node.spot
    digits = value if isinstance(value, str) and value.isascii() and value.isdigit() else ""
    if not 0 < len(digits) <= 10 or int(digits) >= COUNT_MAX:
        raise Misread(spot, f"{shown(value)} is no whole number from 0 to {COUNT_MAX - 1}")
    return int(digits)


def _window(pair: Pair, node: Node, members: Mapping[str, Member], route: Route) -> int | None:
    member = members.get("window")
    if not pair.shares_window:
        if member is not None:
            raise Misread(member.key, "the clouds share no window for this signal; leave it out")
        return None
    allowed = ", ".join(duration(window) for window in sorted(route.window_seconds))
    if member is None:
        raise Misread(node.spot, f"window is missing; the route allows {allowed}")
    value = member.node.value
    window = seconds(value) if isinstance(value, str) else None
    if window not in route.window_seconds:
        raise Misread(member.node.spot, f"{shown(value)} is not among those the route allows: {allowed}")
    return window


def _list(pair: Pair, node: Node) -> Atom:
    given = node.value if isinstance(node.value, list) else []
    if not 0 < len(given) <= MAX_VALUES:
        raise Misread(node.spot, f"a list of 1 to {MAX_VALUES} values is wanted")
    return AllowAtom(frozenset(_value(pair, each) for each in given))


def _value(pair: Pair, node: Node) -> str:
    text = plain_string(node.value)
    if text is None:
        raise Misread(node.spot, f"{shown(node.value)} is no text without control characters")
    value = text if pair.kind == "strings" else network(text)
    if value is None:
        raise Misread(node.spot, f"{shown(text)} is no IP address or CIDR")
    return value
