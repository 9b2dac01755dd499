"""Short native documents for sentences about translation."""

from __future__ import annotations

from typing import Any

from shared.policy.atom import AllowAtom, RangeAtom, View
from shared.translation.native import Edit, Memory
from shared.translation.pairing import Options, pairing
from shared.translation.side import Side
from shared.translation.translators import TRANSLATORS, Translation, reading_of, translate
from shared.translation.view import Reading

Document = dict[str, Any]

SENT, RECEIVED = "aws:num-messages-sent", "aws:num-messages-received"
CONNECTIONS, DESTINATIONS = "aws:num-established-tcp-connections", "aws:destination-ip-addresses"
D2C, C2D = "MqttD2CMessagesNotInAllowedRange", "MqttC2DMessagesNotInAllowedRange"
ACTIVE, TO_IP = "ActiveConnectionsNotInAllowedRange", "ConnectionToIpNotAllowed"
FROM_DEVICE, TO_DEVICE = "mqtt-messages-from-device", "mqtt-messages-to-device"


def behavior(
    name: str, operator: str, count: Any, *, metric: str = SENT, window: Any = 300, **more: Any
) -> Document:
    """``more``: datapoints go to the criteria, the rest beside it."""
    criteria: Document = {"comparisonOperator": operator, "value": {"count": count}}
    if window is not None:
        criteria["durationSeconds"] = window
    criteria |= {key: more.pop(key) for key in list(more) if key.startswith("consecutive")}
    return {"name": name, "metric": metric, "criteria": criteria, **more}


def listing(name: str, *values: Any, metric: str = DESTINATIONS, operator: str = "in-cidr-set") -> Document:
    member = "cidrs" if "cidr" in operator else "strings"
    criteria = {"comparisonOperator": operator, "value": {member: list(values)}}
    return {"name": name, "metric": metric, "criteria": criteria}


def profile(*behaviors: Any, **more: Any) -> Document:
    return {"securityProfileName": "p", "behaviors": list(behaviors), **more}


def rule(kind: str = D2C, low: Any = 1, high: Any = 100, window: Any = "PT5M", *, on: Any = True) -> Document:
    limits = {"minThreshold": low, "maxThreshold": high, "timeWindowSize": window}
    return {"ruleType": kind, "isEnabled": on, **limits}


def allowed(*values: Any, kind: str = TO_IP, on: bool = True) -> Document:
    return {"ruleType": kind, "isEnabled": on, "allowlistValues": list(values)}


def group(*rules: Any, **more: Any) -> Document:
    """Rules with values go to ``allowlistRules``; ``more`` are other members of ``properties``."""
    lists: Document = {"timeWindowRules": [], "allowlistRules": []}
    for each in rules:
        listed = isinstance(each, dict) and ("allowlistValues" in each or "NotAllowed" in each["ruleType"])
        lists["allowlistRules" if listed else "timeWindowRules"].append(each)
    return {"properties": {kind: each for kind, each in lists.items() if each} | more}


def counts(lo: int, hi: int | None, window: int | None = 300) -> RangeAtom:
    return RangeAtom(lo, hi, window)


def values(*texts: str) -> AllowAtom:
    return AllowAtom(frozenset(texts))


def side_of(document: Document) -> Side:
    return Side.AZURE if "properties" in document else Side.AWS


def put(
    want: View,
    document: Document,
    options: Options | None = None,
    memory: Memory | None = None,
    last: View | None = None,
) -> Edit:
    translator = TRANSLATORS[side_of(document)]
    return translator.put(want, document, pairing(options), memory or Memory(), last or {})


def read(document: Document, options: Options | None = None, last: View | None = None) -> Reading:
    return reading_of(side_of(document), document, pairing(options), last)


def translated(
    document: Document, options: Options | None = None, onto: Document | None = None
) -> Translation:
    return translate(side_of(document), document, pairing(options), onto, "p")
