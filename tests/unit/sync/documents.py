"""Native documents of both clouds, written in few words and read back the same way.

``sent``, ``denied``, ``received`` are (lowest, highest normal count, window in seconds), ``peers`` CIDRs.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

Document = dict[str, Any]
Range = tuple[int, int, int]

METRICS = {
    "sent": "aws:num-messages-sent",
    "received": "aws:num-messages-received",
    "denied": "aws:num-authorization-failures",
}
RULES = {
    "sent": "MqttD2CMessagesNotInAllowedRange",
    "received": "MqttC2DMessagesNotInAllowedRange",
    "denied": "UnauthorizedOperationsNotInAllowedRange",
}
PEERS_METRIC, PEERS_RULE = "aws:destination-ip-addresses", "ConnectionToIpNotAllowed"
WINDOWS = {300: "PT5M", 900: "PT15M", 1800: "PT30M", 3600: "PT1H"}


def at_most(hi: int, window: int = 300) -> Range:
    return (0, hi, window)


def profile(
    *extra: Document, peers: Iterable[str] | None = None, own: Document | None = None, **ranges: Range
) -> Document:
    """A create request; ``extra`` behaviors come last, ``own`` are members that only AWS has."""
    behaviors = [bound for word, limits in ranges.items() for bound in _bounds(word, *limits)]
    if peers is not None:
        value = {"cidrs": list(peers)}
        criteria = {"comparisonOperator": "in-cidr-set", "value": value}
        behaviors.append({"name": "peers", "metric": PEERS_METRIC, "criteria": criteria})
    return {"behaviors": [*behaviors, *extra], **(own or {})}


def _bounds(word: str, lo: int, hi: int, window: int) -> Iterable[Document]:
    for part, operator, count in (("min", "greater-than-equals", lo), ("max", "less-than-equals", hi)):
        if part == "max" or lo:
            yield behavior(f"{word}-{part}", METRICS[word], operator, count, window)


def behavior(name: str, metric: str, operator: str, count: int, window: int = 300) -> Document:
    criteria = {"comparisonOperator": operator, "value": {"count": count}, "durationSeconds": window}
    return {"name": name, "metric": metric, "criteria": criteria}


LEARNED: Document = {
    "name": "learned",
    "metric": "aws:num-disconnects",
    "criteria": {"mlDetectionConfig": {"confidenceLevel": "HIGH"}},
}
"""A behavior that Azure cannot state: it is held."""


def group(*extra: Document, peers: Iterable[str] | None = None, **ranges: Range) -> Document:
    """A PUT body; ``extra`` time window rules come last."""
    rules = [window_rule(RULES[word], *limits) for word, limits in ranges.items()]
    lists = [] if peers is None else [allow_rule(PEERS_RULE, *peers)]
    return {"properties": {"timeWindowRules": [*rules, *extra], "allowlistRules": lists}}


def window_rule(rule_type: str, lo: int, hi: int, window: int = 300) -> Document:
    return {
        "ruleType": rule_type,
        "isEnabled": True,
        "minThreshold": lo,
        "maxThreshold": hi,
        "timeWindowSize": WINDOWS[window],
    }


def allow_rule(rule_type: str, *values: str) -> Document:
    return {"ruleType": rule_type, "isEnabled": True, "allowlistValues": list(values)}


def said_by_profile(document: Document) -> Document:
    """The plain rules of a profile, in the words of :func:`profile`."""
    said: Document = {}
    for each in document.get("behaviors", []):
        criteria = each["criteria"]
        if each["metric"] == PEERS_METRIC:
            said["peers"] = sorted(criteria["value"]["cidrs"])
        for word, metric in METRICS.items():
            if each["metric"] == metric and "value" in criteria:
                lo, hi, _ = said.get(word, (0, 0, 0))
                count = criteria["value"]["count"]
                lower = criteria["comparisonOperator"].startswith("greater")
                said[word] = (count, hi, _window(each)) if lower else (lo, count, _window(each))
    return said


def _window(behavior: Document) -> int:
    window: int = behavior["criteria"]["durationSeconds"]
    return window


def said_by_group(document: Document) -> Document:
    """The enabled rules of a group, in the words of :func:`group`."""
    said: Document = {}
    seconds = {spelling: window for window, spelling in WINDOWS.items()}
    for each in document["properties"].get("timeWindowRules", []):
        for word, rule_type in RULES.items():
            if each["ruleType"] == rule_type and each["isEnabled"]:
                window = seconds[each["timeWindowSize"]]
                said[word] = (each["minThreshold"], each["maxThreshold"], window)
    for each in document["properties"].get("allowlistRules", []):
        if each["ruleType"] == PEERS_RULE and each["isEnabled"]:
            said["peers"] = sorted(each["allowlistValues"])
    return said
