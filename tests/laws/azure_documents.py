"""Device security groups: as the service answers, as a PUT states them, and with ``junk`` as neither does.

Rules are drawn from pools that are made once: thousands of cases cost seconds, not minutes.
"""

from __future__ import annotations

from itertools import product
from typing import Any

from hypothesis import strategies as st

from shared.translation.catalog import by_rule_type
from shared.translation.values import seconds
from tests.laws.aws_documents import ODD_CIDRS, ODD_STRINGS, SPELT_CIDRS, turned
from tests.laws.options import STRINGS

Document = dict[str, Any]

TYPES = {
    "timeWindowRules": tuple(t for t in by_rule_type() if t.endswith("NotInAllowedRange")),
    "allowlistRules": tuple(t for t in by_rule_type() if t.endswith("NotAllowed")),
}
COMMON = (
    "MqttD2CMessagesNotInAllowedRange",
    "MqttC2DMessagesNotInAllowedRange",
    "UnauthorizedOperationsNotInAllowedRange",
    "ActiveConnectionsNotInAllowedRange",
    "FailedLocalLoginsNotInAllowedRange",
    "AmqpD2CMessagesNotInAllowedRange",
)
CIDR_TYPES = ("ConnectionToIpNotAllowed", "ConnectionFromIpNotAllowed")
STRING_TYPES = ("ProcessNotAllowed", "LocalUserNotAllowed")
HIDEABLE = (CIDR_TYPES[0], *STRING_TYPES)
LIMITS = ((0, 30), (1, 5), (5, 2_147_483_647), (100, 100), (0, 0), (2, 2_147_483_646))
WINDOWS = ("PT5M", "PT05M", "PT15M", "PT30M", "PT900S")
ODD_LIMITS = (
    *((30, 1), (0, 2_147_483_647), (-1, 5), (-5, -1), (5.0, 9.0), (0, 5.5), (0, 1e300), (0, 2_147_483_648)),
    *(("5", 9), (True, 9), (None, None)),
)
ODD_WINDOWS = ("PT10M", "PT1H", "P1D", "PT0S", "P1M", "PT1.5M", "soon", "", 5, None)
TEXTS: tuple[Document, ...] = ({}, {"displayName": "A name", "description": "Get an alert when …"})


def window_rule(kind: Any, limits: Any, window: Any = "PT5M", enabled: Any = True, text: int = 0) -> Document:
    low, high = limits
    stated = {"minThreshold": low, "maxThreshold": high, "timeWindowSize": window}
    return {"ruleType": kind, **TEXTS[text], "isEnabled": enabled, **stated}


def list_rule(kind: Any, values: Any, enabled: Any = True) -> Document:
    told = {} if kind == CIDR_TYPES[1] else TEXTS[1]
    return {"ruleType": kind, **told, "isEnabled": enabled, "allowlistValues": values}


def _windowed(kind: str) -> list[Document]:
    told = ((True, 0), (True, 1), (False, 1))
    return [window_rule(kind, *how[:2], *how[2]) for how in product(LIMITS, WINDOWS, told)]


def _listed(kind: str, values: tuple[str, ...]) -> list[Document]:
    some = product(range(4), (0, 1, 2, 4), (True, True, False))
    return [list_rule(kind, list(values[at : at + n]), on) for at, n, on in some]


def _or_none(rules: list[Document]) -> st.SearchStrategy[Document | None]:
    return st.sampled_from([None] * len(rules) + rules)


_RARE = product(TYPES["timeWindowRules"][6:9], ((0, 0),), ("PT15M",), (True, False))
_WINDOWED = [*(_windowed(kind) for kind in COMMON), [window_rule(*how) for how in _RARE]]
_LISTED = [
    *(_listed(kind, SPELT_CIDRS) for kind in CIDR_TYPES),
    _listed(STRING_TYPES[0], STRINGS) + _listed(STRING_TYPES[1], STRINGS),
]
_ODD_WINDOWED: list[Any] = [
    *(window_rule(kind, limits) for kind, limits in product(COMMON[:4], ODD_LIMITS)),
    *(window_rule(kind, (1, 9), window) for kind, window in product(COMMON[:4], ODD_WINDOWS)),
    *(window_rule(kind, (1, 9)) for kind in ("OfTomorrow", CIDR_TYPES[0], 5, None, ["a"], "")),
    *(window_rule(kind, (1, 9), enabled=odd) for kind, odd in product(COMMON[:2], ("yes", None, 1))),
    *(
        window_rule(kind, (0, 0), enabled=on) | {"severity": "High"}
        for kind, on in product(COMMON[:4], (True, False))
    ),
    *({"ruleType": kind, "isEnabled": False} for kind in (*COMMON[:3], "OfTomorrow")),
    *(None, 7, "text", [], {}, {"isEnabled": True}),
]
_ODD_LISTED: list[Any] = [
    *(list_rule(kind, [odd]) for kind, odd in product(CIDR_TYPES, ODD_CIDRS)),
    *(list_rule(kind, ["a", odd]) for kind, odd in product(STRING_TYPES, ODD_STRINGS)),
    *(list_rule(kind, odd) for kind, odd in product(HIDEABLE, (None, "all", 7))),
    *(list_rule(kind, ["a"]) for kind in ("OfTomorrowIp", COMMON[0], None)),
    *(None, 7, "text", [], {}),
]
_OTHER_LISTS: tuple[Document, ...] = (
    {},
    {"thresholdRules": [], "denylistRules": []},
    {"denylistRules": None},
    {
        "thresholdRules": [
            {"ruleType": "SomeThreshold", "isEnabled": True, "minThreshold": 1, "maxThreshold": 2}
        ],
        "denylistRules": [{"ruleType": "SomeIpDenied", "isEnabled": True, "denylistValues": ["10.0.0.1"]}],
    },
)
_ABOUT: tuple[Document, ...] = (
    {},
    {"id": "/subscriptions/s/…/p", "name": "p", "type": "Microsoft.Security/deviceSecurityGroups"},
)
_ODD_ABOUT: tuple[Document, ...] = (*_ABOUT, {"etag": "x"})
_NO_PROPERTIES: tuple[Document, ...] = (
    {"properties": "none"},
    {"properties": [1]},
    {"properties": None},
    {},
    {"properties": {"timeWindowRules": "none"}},
    {"properties": {"timeWindowRules": {"a": 1}, "allowlistRules": 7}},
    {"properties": {"timeWindowRules": [window_rule(COMMON[0], (1, 9))], "allowlistRules": "none"}},
    {"properties": {"newRules": [{"ruleType": "N"}], "timeWindowRules": None}},
)

_WINDOW_LIST = st.tuples(*map(_or_none, _WINDOWED))
_ALLOW_LIST = st.tuples(*map(_or_none, _LISTED))
_WINDOW_JUNK = st.lists(st.sampled_from(_ODD_WINDOWED + _WINDOWED[0]), max_size=2)
_ALLOW_JUNK = st.lists(st.sampled_from(_ODD_LISTED + _LISTED[0]), max_size=1)


@st.composite
def groups(draw: st.DrawFn, *, junk: bool = False) -> Document:
    """A group with rules in force, disabled and parked ones, and lists that are empty or missing. ``junk``:
    also duplicate and unknown types, members of wrong types, and things that are no rule."""
    about = draw(st.sampled_from(_ODD_ABOUT if junk else _ABOUT))
    if junk and draw(st.integers(0, 14)) == 14:
        return {**about, **draw(st.sampled_from(_NO_PROPERTIES))}
    lists: dict[str, list[Any]] = {
        "timeWindowRules": [rule for rule in draw(_WINDOW_LIST) if rule is not None],
        "allowlistRules": [rule for rule in draw(_ALLOW_LIST) if rule is not None],
    }
    if junk:
        lists["timeWindowRules"] += draw(_WINDOW_JUNK)
        lists["allowlistRules"] += draw(_ALLOW_JUNK)
    empty: Any = draw(st.sampled_from(([], None, "missing")))
    stated = {kind: rules or empty for kind, rules in lists.items() if rules or empty != "missing"}
    return {**about, "properties": stated | draw(st.sampled_from(_OTHER_LISTS))}


def hidden(group: Document) -> Document:
    """The group as a service answers that does not tell the values of three types."""
    properties = dict(group["properties"])
    properties["allowlistRules"] = [
        {
            key: value
            for key, value in rule.items()
            if key != "allowlistValues" or rule["ruleType"] not in HIDEABLE
        }
        for rule in properties.get("allowlistRules") or []
    ]
    return {**group, "properties": properties}


@st.composite
def answers(draw: st.DrawFn, group: Document) -> Document:
    """What the service may answer after a PUT of ``group``: other types filled in, durations respelt, another
    order, texts of its own."""
    properties = group.get("properties") or {}
    if not isinstance(properties, dict):
        return group
    by = draw(st.integers(0, 31))
    told: Document = {"thresholdRules": [], "denylistRules": []} | {
        kind: rules for kind, rules in properties.items() if rules is not None
    }
    for kind, types in TYPES.items():
        rules = told.get(kind, [])
        if isinstance(rules, list):
            types_there = [rule.get("ruleType") for rule in rules if isinstance(rule, dict)]
            filled = rules + [default(kind, t) for t in types if t not in types_there]
            told[kind] = turned([_retold(rule, respelt=bool(by & 8)) for rule in filled], by)
    return {**group, "properties": told}


def default(kind: str, rule_type: str) -> Document:
    """What Azure fills in for a type that a PUT leaves out (recorded answers, 2019-09 to 2020-12)."""
    if kind == "allowlistRules":
        return {"ruleType": rule_type, "isEnabled": False, "allowlistValues": []}
    return window_rule(rule_type, (0, 0), "PT15M", enabled=False)


def _retold(rule: Any, *, respelt: bool) -> Any:
    if not isinstance(rule, dict):
        return rule
    window = rule.get("timeWindowSize")
    total = seconds(window) if isinstance(window, str) else None
    spelt = {"timeWindowSize": f"PT{total}S"} if respelt and total is not None else {}
    return {**rule, **spelt, "displayName": "Another text"}
