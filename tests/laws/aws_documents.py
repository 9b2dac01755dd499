"""Security profiles: what AWS would take, in every style; and with ``junk`` also what it would not.

Behaviors are drawn from pools that are made once: thousands of cases cost seconds, not minutes.
"""

from __future__ import annotations

from itertools import chain, product
from typing import Any

from hypothesis import strategies as st

from tests.laws.options import CIDRS, STRINGS

Document = dict[str, Any]
Rule = tuple[Document, ...]
"""The nameless behaviors that state one rule."""

NAMES = (
    "a",
    "B",
    "active-connections-max",
    "mqtt-messages-from-device-min",
    "Unauthorized-Operations-Max",
    "x:1_2",
)
SHARED = (
    "aws:num-messages-sent",
    "aws:num-messages-received",
    "aws:num-authorization-failures",
    "aws:num-established-tcp-connections",
    "failed-local-logins",
)
UPPER, LOWER = ("less-than", "less-than-equals"), ("greater-than", "greater-than-equals")
LIMITS = ((0, 100), (3, 50), (50, 51), (2, 2_147_483_646), (1, 2_147_483_647), (100, 5000))
WINDOWS = (300, 900, 1800, 600, 3600)
ODD_WINDOWS = (0, -300, 450, "300", 300.0, 2.5, True, None)
ODD_NUMBERS = (-1, 5.5, 100.0, -0.0, 1e9, 1e300, 10**30, 2_147_483_648, True, "100", None)
SPELT_CIDRS = (*CIDRS, "10.1.2.3/8", "192.168.1.7", "2001:0DB8::/32", "::ffff:102:304", "10.0.0.0/255.0.0.0")
ODD_CIDRS = ("fe80::1%eth0", "not an address", "", 7, "10.0.0.0/33")
ODD_STRINGS = ("", "tab\t", "nul\x00", "half \ud800", 7, None)
SETTINGS: tuple[tuple[Document, Document], ...] = (  # (criteria, behavior)
    ({}, {}),
    ({"consecutiveDatapointsToAlarm": 3, "consecutiveDatapointsToClear": 2}, {"suppressAlerts": True}),
    ({"consecutiveDatapointsToAlarm": 1}, {"exportMetric": True, "suppressAlerts": False}),
)
DIMENSION = {"dimensionName": "topics", "operator": "NOT_IN"}


def behavior(metric: Any, criteria: Any, **more: Any) -> Document:
    return {"metric": metric, "criteria": criteria, **more}


def count(metric: Any, operator: Any, number: Any, window: Any = 300, setting: int = 0) -> Document:
    criteria, more = SETTINGS[setting]
    member = "count" if str(metric).startswith("aws:") else "number"
    stated = {"comparisonOperator": operator, "value": {member: number}}
    windowed = {"durationSeconds": window} if window is not None else {}
    return behavior(metric, stated | windowed | criteria, **more)


def _list(metric: str, operator: str, member: str, values: tuple[Any, ...], setting: int = 0) -> Rule:
    criteria, more = SETTINGS[setting]
    stated = {"comparisonOperator": operator, "value": {member: list(values)}}
    return (behavior(metric, stated | criteria, **more),)


def _ranges(metric: str, window: int | None, low: str, high: str, limits: Any, settings: Any) -> list[Rule]:
    lower, upper = (
        count(metric, op, n, window, s) for op, n, s in zip((low, high), limits, settings, strict=True)
    )
    return [(lower, upper), (upper,), (lower,)]


def _ranges_of(metric: str) -> list[Rule]:
    plain = product((*WINDOWS[:3], None, 600), LOWER, UPPER, LIMITS, ((0, 0), (1, 2), (2, 0)))
    rules = [_ranges(metric, *how) for how in plain if how[0] not in {None, 600} or how[-1] == (0, 0)]
    return list(chain.from_iterable(rules))


def _lists_of(metric: str, operator: str, member: str, values: tuple[Any, ...]) -> list[Rule]:
    some = product(range(4), (1, 2, 4), (0, 1))
    return [_list(metric, operator, member, values[at : at + n], how) for at, n, how in some]


_PLAIN: list[list[Rule]] = [
    *(_ranges_of(metric) for metric in SHARED),
    _lists_of("aws:destination-ip-addresses", "in-cidr-set", "cidrs", SPELT_CIDRS),
    _lists_of("inbound-sources", "in-cidr-set", "cidrs", SPELT_CIDRS),
    _lists_of("processes", "in-set", "strings", STRINGS),
]
_OTHERS: list[Rule] = [
    *(_list("aws:destination-ip-addresses", "not-in-cidr-set", "cidrs", CIDRS[:n]) for n in (0, 2)),
    _list("aws:destination-ip-addresses", "in-cidr-set", "cidrs", ()),
    _list("processes", "not-in-set", "strings", STRINGS),
    _list("users-of-mine", "in-set", "numbers", (1, 2.5)),
    _list("aws:listening-tcp-ports", "in-port-set", "ports", (22, 443)),
    *(
        (count(metric, "less-than", 9),)
        for metric in ("aws:message-byte-size", "aws:num-disconnects", "mine")
    ),
    *((count(SHARED[0], operator, 0),) for operator in (*UPPER, *LOWER)),
    *((count(metric, "less-than", 7) | {"metricDimension": DIMENSION},) for metric in SHARED[:3]),
    *((behavior(metric, {"mlDetectionConfig": {"confidenceLevel": "LOW"}}),) for metric in SHARED[:3]),
    *(
        (
            behavior(
                metric,
                {
                    "comparisonOperator": op,
                    "statisticalThreshold": {"statistic": "p90"},
                    "durationSeconds": 300,
                },
            ),
        )
        for metric, op in product(SHARED[:2], (UPPER[0], LOWER[1]))
    ),
]
ODD_CRITERIA: tuple[Any, ...] = (
    None,
    [],
    {},
    {"value": {"count": 5}},
    {"comparisonOperator": 5, "value": {"count": 5}},
    {"comparisonOperator": "less-than", "value": {"count": 5, "number": 5}},
    {"comparisonOperator": "less-than", "value": {"number": 5}},
    {"comparisonOperator": "less-than", "value": 5},
    {"comparisonOperator": "in-cidr-set", "value": {"count": 5}},
    {"comparisonOperator": "less-than", "value": {"count": 5}, "unit": "kB"},
    {"comparisonOperator": "less-than", "value": {"count": 5}, "consecutiveDatapointsToAlarm": "3"},
    {"comparisonOperator": "less-than", "mlDetectionConfig": {"confidenceLevel": "LOW", "model": 2}},
    {"comparisonOperator": "in-set", "statisticalThreshold": {"statistic": "p50"}},
    {"comparisonOperator": ["less-than"], "statisticalThreshold": {"statistic": 50}},
    {"comparisonOperator": {"less": "than"}, "value": {"count": 5}},
    {"value": {"count": 5, "cidrs": None}, "statisticalThreshold": "p50"},
)
_MALFORMED: list[Any] = [
    *(count(metric, "less-than", number) for metric, number in product(SHARED[:4], ODD_NUMBERS)),
    *(count(metric, "less-than", 9, window) for metric, window in product(SHARED[2:4], ODD_WINDOWS)),
    *chain.from_iterable(
        _list("aws:destination-ip-addresses", "in-cidr-set", "cidrs", (odd,)) for odd in ODD_CIDRS
    ),
    *chain.from_iterable(_list("processes", "in-set", "strings", ("a", odd)) for odd in ODD_STRINGS),
    *(count(metric, "less-than", 9) for metric in ("aws:of-tomorrow", 5, None)),
    *(
        count(SHARED[0], "less-than", 9) | {"metricDimension": odd}
        for odd in ("topics", {}, {"dimensionName": "d", "type": 1})
    ),
    *(
        count(SHARED[1], "less-than", 9) | {key: "yes"}
        for key in ("severity", "suppressAlerts", "exportMetric")
    ),
    *(behavior(SHARED[3], criteria) for criteria in ODD_CRITERIA),
    *(None, 7, "text", [], {}, [{}], {"name": ""}, {"name": 5}),
]
_ROLE = "arn:aws:iam::123456789012:role/detect"
_ABOUT: tuple[Document, ...] = (
    {},
    {"securityProfileDescription": "what it is for", "tags": [{"Key": "team", "Value": "fleet"}]},
    {
        "alertTargets": {
            "SNS": {"alertTargetArn": "arn:aws:sns:eu-central-1:123456789012:t", "roleArn": _ROLE}
        },
        "additionalMetricsToRetainV2": [{"metric": "aws:all-bytes-out"}],
        "metricsExportConfig": {"mqttTopic": "export", "roleArn": _ROLE},
    },
    {"securityProfileArn": "arn:aws:iot:eu-central-1:123456789012:securityprofile/p", "version": 3},
)
_ODD_ABOUT: tuple[Document, ...] = (
    *_ABOUT,
    {"riskLevel": 9},
    {"securityProfileDescription": "", "alertTargets": {}},
)

_CORE = st.tuples(*(st.sampled_from([()] * len(rules) + rules) for rules in _PLAIN))  # each is there or not
_MORE = st.lists(st.sampled_from(_OTHERS * 4 + _PLAIN[0][:99]), max_size=2)
_JUNK = st.lists(st.tuples(st.sampled_from((None, *NAMES)), st.sampled_from(_MALFORMED)), max_size=2)
_NO_LISTS = ("all of them", {"a": 1}, 7)


@st.composite
def profiles(draw: st.DrawFn, *, junk: bool = False) -> Document:
    """A profile whose plain, scoped, learned and other behaviors come in any mix. ``junk``: also elements
    that are no behavior, duplicate names, members of wrong types or that nobody knows."""
    nameless = list(chain.from_iterable((*draw(_CORE), *draw(_MORE))))
    names = chain(NAMES, (f"b-{number}" for number in range(99)))
    behaviors: list[Any] = [{"name": next(names), **each} for each in nameless]
    for name, odd in draw(_JUNK) if junk else []:
        nameable = isinstance(odd, dict) and "metric" in odd and name is not None
        behaviors.append({"name": name, **odd} if nameable else odd)
    behaviors = turned(behaviors, draw(st.integers(0, 7)))
    about = draw(st.sampled_from(_ODD_ABOUT if junk else _ABOUT))
    if junk and draw(st.integers(0, 19)) == 19:
        return {"securityProfileName": "p", "behaviors": draw(st.sampled_from(_NO_LISTS)), **about}
    return {"securityProfileName": "p", **({"behaviors": behaviors} if behaviors else {}), **about}


def turned(elements: list[Any], by: int) -> list[Any]:
    """One of several other orders."""
    start = by % max(len(elements), 1)
    rotated = elements[start:] + elements[:start]
    return rotated[::-1] if by % 2 else rotated


@st.composite
def described(draw: st.DrawFn, profile: Document) -> Document:
    """How AWS may describe ``profile``: another order, defaults spelt out, members of its own."""
    answer = {**profile, "securityProfileArn": "arn:…", "version": 7, "lastModifiedDate": 1.5}
    if isinstance(profile.get("behaviors"), list):
        by = draw(st.integers(0, 15))
        defaults = {"suppressAlerts": False, "exportMetric": False} if by & 4 else {}
        told = [{**defaults, **b} if isinstance(b, dict) else b for b in profile["behaviors"]]
        answer["behaviors"] = turned(told, by)
    return answer
