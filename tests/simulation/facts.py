"""What native documents say, read and edited in the plainest way: the judge must not share the engine's code.

A cell is one value that a user can change: ``(signal, field)``. Fields of a range are ``lo``, ``hi`` and
``window``; each value of a list is a field of its own; ``on`` says that the rule is in force. Cells of the
signal ``own`` are what the other cloud cannot have, a shared signal that is said so that it is held too.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from typing import Any, NamedTuple

from shared.policy.atom import AllowAtom, Atom, RangeAtom
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
_GIVEN = {"securityProfileArn", "version", "creationDate", "lastModifiedDate", "behaviors", "tags"}
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
        if not _plain(behavior):
            cells[OWN, behavior["name"]] = _text(behavior["criteria"])
    for signal in SIGNALS:
        mine = statement(Side.AWS, document, signal)
        if not mine:
            continue
        if holds(Side.AWS, document, signal):
            cells[OWN, signal.name] = _text(mine)
            continue
        cells[signal.name, "on"] = True
        for behavior in mine:
            cells |= _stated(signal, behavior["criteria"])
    return cells


def _plain(behavior: Document) -> bool:
    """Whether it is of a shared signal and states a limit or a list, not a percentile."""
    return behavior["metric"] in _BY_METRIC and "value" in behavior["criteria"]


def _stated(signal: Signal, criteria: Document) -> Cells:
    if signal is TARGETS:
        return {(signal.name, value): True for value in criteria["value"]["cidrs"]}
    field, shift = _LIMITS[criteria["comparisonOperator"]]
    said: Cells = {(signal.name, field): criteria["value"]["count"] + shift}
    return said | ({(signal.name, "window"): criteria["durationSeconds"]} if signal.windowed else {})


def azure_cells(document: Document) -> Cells:
    cells: Cells = {}
    for rule in document["properties"].get("timeWindowRules") or ():
        if rule["isEnabled"] and rule["ruleType"] not in _BY_TYPE:
            cells[OWN, rule["ruleType"]] = rule["maxThreshold"]
    for signal in RANGES:
        (rule,) = statement(Side.AZURE, document, signal) or [{"isEnabled": False}]
        if not rule["isEnabled"]:
            continue
        if holds(Side.AZURE, document, signal):
            cells[OWN, signal.name] = (rule["minThreshold"], rule["maxThreshold"])
            continue
        cells |= _limits(signal, rule)
    for rule in document["properties"].get("allowlistRules") or ():
        if rule["isEnabled"]:
            cells[TARGETS.name, "on"] = True
            cells |= {(TARGETS.name, value): True for value in rule.get("allowlistValues") or ()}
    return cells


def _limits(signal: Signal, rule: Document) -> Cells:
    said: Cells = {(signal.name, "on"): True}
    if rule["minThreshold"] > 0:
        said[signal.name, "lo"] = rule["minThreshold"]
    if rule["maxThreshold"] < NO_LIMIT:
        said[signal.name, "hi"] = rule["maxThreshold"]
    if signal.windowed:
        said[signal.name, "window"] = whole_seconds(rule["timeWindowSize"])
    return said


def statement(side: Side, document: Document, signal: Signal) -> list[Document]:
    """The native rules that state ``signal``, as they stand there."""
    if side is Side.AWS:
        behaviors = document.get("behaviors") or ()
        return [b for b in behaviors if b["metric"] == signal.metric and _plain(b)]
    given = document["properties"]
    rules = [*(given.get("timeWindowRules") or ()), *(given.get("allowlistRules") or ())]
    return [rule for rule in rules if rule["ruleType"] == signal.rule_type]


def holds(side: Side, document: Document, signal: Signal) -> bool:
    """Whether ``document`` states this signal in a way that the other cloud cannot."""
    mine = statement(side, document, signal)
    if signal is TARGETS:
        return len(mine) > 1
    if side is Side.AWS:
        limits = Counter(_LIMITS[b["criteria"]["comparisonOperator"]][0] for b in mine)
        return max(limits.values(), default=0) > 1
    return any(
        rule["isEnabled"]
        and (
            rule["minThreshold"] > rule["maxThreshold"]
            or (rule["minThreshold"], rule["maxThreshold"]) == (0, NO_LIMIT)
        )
        for rule in mine
    )


def complement(side: Side, document: Document) -> str:
    """All that is not a statement of a shared signal, to the letter, less what the server fills in."""
    if side is Side.AWS:
        rest = {key: value for key, value in document.items() if key not in _GIVEN}
        return _text(rest | {"behaviors": [b for b in document.get("behaviors") or () if not _plain(b)]})
    given = document["properties"]
    lists = {
        kind: [_less_texts(rule) for rule in rules or () if rule["ruleType"] not in _BY_TYPE]
        for kind, rules in given.items()
    }
    return _text({kind: rules for kind, rules in lists.items() if rules})


def _less_texts(rule: Document) -> Document:
    return {key: value for key, value in rule.items() if key not in {"displayName", "valueType"}}


def _text(value: Any) -> str:
    return json.dumps(value, sort_keys=True)


def atoms(cells: Mapping[Cell, Any]) -> dict[str, Atom]:
    """Cells as the ledger keeps them."""
    said: dict[str, Atom] = {}
    for signal in SIGNALS:
        mine = {cell[1]: value for cell, value in cells.items() if cell[0] == signal.name}
        if mine and signal is TARGETS:
            said[signal.name] = AllowAtom(frozenset(mine.keys() - {"on"}))
        elif mine:
            said[signal.name] = RangeAtom(mine.get("lo", 0), mine.get("hi"), mine.get("window"))
    return said


def whole_seconds(duration: str) -> int:
    """``PT5M``, ``PT300S`` or ``PT05M``; nothing else is spelt here."""
    number, unit = int(duration[2:-1]), duration[-1]
    return number * {"S": 1, "M": 60, "H": 3600}[unit]


def shared(cells: Cells) -> Cells:
    return {cell: value for cell, value in cells.items() if cell[0] != OWN}


def own(cells: Cells) -> Cells:
    return {cell: value for cell, value in cells.items() if cell[0] == OWN}
