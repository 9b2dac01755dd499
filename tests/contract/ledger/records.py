"""Links, entries and scopes to store: plain ones, rich ones, and any."""

from __future__ import annotations

import ipaddress
import random
from enum import Enum
from types import UnionType
from typing import Any, TypeVar, Union, cast, get_args, get_origin, get_type_hints

from hypothesis import strategies as st

from shared.policy.atom import AllowAtom, RangeAtom
from shared.sync.link import Entry, Finding, Intent, Lease, Link, LinkKey, Scope, Shadow, State
from shared.translation.side import Side

Record = TypeVar("Record", bound=Link | Entry | Scope)

KEY = LinkKey("fleet", "thermostats")

RICH = Link(
    KEY,
    rev=1,
    state=State.BOUND,
    shadows={
        Side.AWS: Shadow({"connections": RangeAtom(1, None, 300)}, frozenset({"sent"}), frozenset({"peers"})),
        Side.AZURE: Shadow({"peers": AllowAtom(frozenset({"10.0.0.0/8", "192.168.0.0/16"}))}),
    },
    names={"connections": ("lower", "upper"), "peers": ()},
    graveyard={"sent": ({"name": "gone", "criteria": {"value": {"count": 10**25}}, "muted": None},)},
    token=7,
    lease=Lease("lambda/1", 7, 1_700_000_090.25),
    intent=Intent(7, 1_700_000_000.5, frozenset({Side.AWS, Side.AZURE}), "digest", 3),
    pending=frozenset({Side.AZURE}),
    missing={Side.AWS: 1_700_000_000.125},
    findings=(
        Finding("hold", Side.AWS, "behaviors[x]", "learned", "no such thing there", "sent"),
        Finding("note", None, "", "quiet", "—"),
    ),
    writes=(1.0, 2.5),
    entries=5,
    paused=True,
    updated_at=1_700_000_000.75,
)


def link(key: LinkKey = KEY, rev: int = 1, **members: Any) -> Link:
    return Link(key, rev=rev, **members)


def entry(seq: int, key: LinkKey = KEY, **members: Any) -> Entry:
    fixed: dict[str, Any] = {"at": 1_700_000_000.0 + seq, "actor": "lambda", "decision": "intent"}
    return Entry(key, seq, **(fixed | members))


def noise(size: int, seed: int = 0) -> str:
    """About as many bytes after compression: random hex digits carry half a byte each."""
    return random.Random(seed).randbytes(size).hex()


def largest_profile(seed: int) -> dict[str, Any]:
    """As large as AWS allows: 100 behaviors, 1000 values, the longest names; and it compresses badly."""
    chance = random.Random(seed)

    def cidr() -> str:
        return f"{ipaddress.IPv6Address(chance.getrandbits(128))}/128"

    def behavior() -> dict[str, Any]:
        return {
            "name": "".join(chance.choices("abcdefghijklmnopqrstuvwxyz0123456789:_-", k=128)),
            "metric": "aws:destination-ip-addresses",
            "criteria": {
                "comparisonOperator": "in-cidr-set",
                "value": {"cidrs": [cidr() for _ in range(10)]},
            },
        }

    return {"securityProfileName": "x" * 128, "behaviors": [behavior() for _ in range(100)]}


def largest_link(key: LinkKey = KEY, rev: int = 1) -> Link:
    behaviors = largest_profile(1)["behaviors"]
    values = frozenset(cidr for behavior in behaviors for cidr in behavior["criteria"]["value"]["cidrs"])
    shadow = Shadow({"peers": AllowAtom(values)})
    return link(key, rev, shadows=dict.fromkeys(Side, shadow), graveyard={"peers": tuple(behaviors)})


_texts = st.text(max_size=8)
_times = st.floats(0, 4e9, allow_nan=False)
_scalars = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False, allow_infinity=False), _texts
)
_values = st.recursive(
    _scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_texts, inner, max_size=3),
    max_leaves=6,
)
_LEAVES: dict[Any, st.SearchStrategy[Any]] = {
    str: _texts,
    int: st.integers(0, 2**40),
    float: _times,
    bool: st.booleans(),
    type(None): st.none(),
    Any: _values,
}


def any_record(kind: type[Record]) -> st.SearchStrategy[Record]:
    """Every member drawn after its type, so that a new member is under the law at once."""
    return cast("st.SearchStrategy[Record]", _any(kind))


def _any(hint: Any) -> st.SearchStrategy[Any]:
    arguments = get_args(hint)
    if hint in _LEAVES:
        return _LEAVES[hint]
    if get_origin(hint) in {Union, UnionType}:
        return st.one_of([_any(argument) for argument in arguments])
    if get_origin(hint) is dict:
        return st.dictionaries(*map(_any, arguments), max_size=2)
    if get_origin(hint) is frozenset:
        return st.frozensets(_any(arguments[0]), max_size=2)
    if get_origin(hint) is tuple and arguments[-1] is ...:
        return st.lists(_any(arguments[0]), max_size=2).map(tuple)
    if get_origin(hint) is tuple:
        return st.tuples(*map(_any, arguments))
    if issubclass(hint, Enum):
        return st.sampled_from(hint)
    return st.builds(hint, **{name: _any(member) for name, member in get_type_hints(hint).items()})
