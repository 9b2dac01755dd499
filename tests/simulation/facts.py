"""What native documents say, read and edited in the plainest way: the judge must not share the engine's code.

A cell is one value that a user can change: ``(signal, field)``. Fields of a range are ``lo``, ``hi`` and
``window``; each value of a list is a field of its own; ``on`` says that the rule is in force. Cells of the
signal ``own`` are what the other cloud cannot have.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from shared.translation.side import Side

Document = dict[str, Any]
Cell = tuple[str, str]
Cells = dict[Cell, Any]

NO_LIMIT = 2_147_483_647
OWN = "own"


class Signal(NamedTuple):
    name: str
    metric: str
    rule_type: str
    windowed: bool


MESSAGES = Signal(
    "mqtt-messages-from-device", "aws:num-messages-sent", "MqttD2CMessagesNotInAllowedRange", True
)
DENIALS = Signal(
    "unauthorized-operations",
    "aws:num-authorization-failures",
    "UnauthorizedOperationsNotInAllowedRange",
    True,
)
CONNECTIONS = Signal(
    "active-connections", "aws:num-established-tcp-connections", "ActiveConnectionsNotInAllowedRange", False
)
TARGETS = Signal("outbound-destinations", "aws:destination-ip-addresses", "ConnectionToIpNotAllowed", False)
RANGES = (MESSAGES, DENIALS, CONNECTIONS)
SIGNALS = (*RANGES, TARGETS)
FOREIGN_METRIC = "aws:all-bytes-out"
FOREIGN_RULE = "HttpD2CMessagesNotInAllowedRange"
RULE_TYPES = (*(signal.rule_type for signal in RANGES), FOREIGN_RULE, "FileUploadsNotInAllowedRange")
_BY_METRIC = {signal.metric: signal for signal in SIGNALS}
_BY_TYPE = {signal.rule_type: signal for signal in SIGNALS}
_LIMITS = {
    "less-than": ("hi", -1),
    "less-than-equals": ("hi", 0),
    "greater-than": ("lo", 1),
    "greater-than-equals": ("lo", 0),
}


def cells_of(side: Side, document: Document | None) -> Cells:
    if document is None:
        return {}
    return aws_cells(document) if side is Side.AWS else azure_cells(document)


def aws_cells(document: Document) -> Cells:
    cells: Cells = {}
    if text := document.get("securityProfileDescription"):
        cells[OWN, "description"] = text
    for behavior in document.get("behaviors") or ():
        signal = _BY_METRIC.get(behavior["metric"])
        criteria = behavior["criteria"]
        if signal is None:
            cells[OWN, behavior["name"]] = criteria["value"]["count"]
            continue
        cells[signal.name, "on"] = True
        if signal is TARGETS:
            cells |= {(signal.name, value): True for value in criteria["value"]["cidrs"]}
            continue
        field, shift = _LIMITS[criteria["comparisonOperator"]]
        cells[signal.name, field] = criteria["value"]["count"] + shift
        if signal.windowed:
            cells[signal.name, "window"] = criteria["durationSeconds"]
    return cells


def azure_cells(document: Document) -> Cells:
    cells: Cells = {}
    for rule in document["properties"].get("timeWindowRules") or ():
        if not rule["isEnabled"]:
            continue
        signal = _BY_TYPE.get(rule["ruleType"])
        if signal is None:
            cells[OWN, rule["ruleType"]] = rule["maxThreshold"]
            continue
        cells[signal.name, "on"] = True
        if rule["minThreshold"] > 0:
            cells[signal.name, "lo"] = rule["minThreshold"]
        if rule["maxThreshold"] < NO_LIMIT:
            cells[signal.name, "hi"] = rule["maxThreshold"]
        if signal.windowed:
            cells[signal.name, "window"] = whole_seconds(rule["timeWindowSize"])
    for rule in document["properties"].get("allowlistRules") or ():
        if rule["isEnabled"]:
            cells[TARGETS.name, "on"] = True
            cells |= {(TARGETS.name, value): True for value in rule.get("allowlistValues") or ()}
    return cells


def whole_seconds(duration: str) -> int:
    """``PT5M``, ``PT300S`` or ``PT05M``; nothing else is spelt here."""
    number, unit = int(duration[2:-1]), duration[-1]
    return number * {"S": 1, "M": 60, "H": 3600}[unit]


def shared(cells: Cells) -> Cells:
    return {cell: value for cell, value in cells.items() if cell[0] != OWN}


def own(cells: Cells) -> Cells:
    return {cell: value for cell, value in cells.items() if cell[0] == OWN}
