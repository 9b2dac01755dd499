"""What a user does to a native document: a whole new document, the old one untouched."""

from __future__ import annotations

from typing import Any

from shared.translation.side import Side
from tests.simulation.facts import (
    FOREIGN_METRIC,
    FOREIGN_RULE,
    MESSAGES,
    TARGETS,
    Document,
    Signal,
    statement,
)

_UPPER = ("less-than", "less-than-equals")
_LOWER = ("greater-than", "greater-than-equals")


def fresh(side: Side, name: str, low: int, limit: int) -> Document:
    if side is Side.AWS:
        behaviors = [
            _behavior(MESSAGES, "hi", limit, 300),
            _behavior(MESSAGES, "lo", low, 300),
            _allowed([f"10.9.{low % 250}.1/32"]),
        ]
        return {"securityProfileName": name, "behaviors": behaviors}
    rules = [_rule(MESSAGES, low, limit, "PT5M")]
    allowed = {
        "ruleType": TARGETS.rule_type,
        "isEnabled": True,
        "allowlistValues": [f"10.9.{low % 250}.1/32"],
    }
    return {"properties": {"timeWindowRules": rules, "allowlistRules": [allowed]}}


def limit(side: Side, signal: Signal, field: str, value: int, document: Document) -> Document:
    if side is Side.AZURE:
        member = "maxThreshold" if field == "hi" else "minThreshold"
        return _with_rule(document, signal, {member: value})
    wanted = _UPPER if field == "hi" else _LOWER
    behaviors = list(document["behaviors"])
    stated = statement(side, document, signal)
    for place in (place for place, behavior in enumerate(behaviors) if behavior in stated):
        criteria = behaviors[place]["criteria"]
        if criteria["comparisonOperator"] in wanted:
            shift = {"less-than": 1, "greater-than": -1}.get(criteria["comparisonOperator"], 0)
            said = {**criteria, "value": {"count": value + shift}}
            behaviors[place] = {**behaviors[place], "criteria": said}
            return {**document, "behaviors": behaviors}
    sibling = stated[0]["criteria"].get("durationSeconds")
    return {**document, "behaviors": [*behaviors, _behavior(signal, field, value, sibling)]}


def window(side: Side, signal: Signal, seconds: int, document: Document) -> Document:
    if side is Side.AZURE:
        return _with_rule(document, signal, {"timeWindowSize": f"PT{seconds // 60}M"})
    stated = statement(side, document, signal)
    behaviors = [
        {**b, "criteria": {**b["criteria"], "durationSeconds": seconds}} if b in stated else b
        for b in document["behaviors"]
    ]
    return {**document, "behaviors": behaviors}


def off(side: Side, signal: Signal, document: Document) -> Document:
    if side is Side.AZURE:
        return _with_rule(document, signal, {"isEnabled": False})
    return _without(signal, document)


def _without(signal: Signal, document: Document) -> Document:
    stated = statement(Side.AWS, document, signal)
    behaviors = [b for b in document.get("behaviors") or () if b not in stated]
    return {**document, "behaviors": behaviors}


def on(side: Side, signal: Signal, value: int, document: Document) -> Document:
    if side is Side.AZURE:
        return _with_rule(document, signal, {"isEnabled": True, "minThreshold": 0, "maxThreshold": value})
    window = 300 if signal.windowed else None
    rest = _without(signal, document)
    return {**rest, "behaviors": [*rest["behaviors"], _behavior(signal, "hi", value, window)]}


def muddle(side: Side, signal: Signal, value: int, document: Document) -> Document:
    """The rule said so that the other cloud cannot: two upper limits, or the lower limit above the upper."""
    if side is Side.AZURE:
        return _with_rule(document, signal, {"minThreshold": value, "maxThreshold": value - 1})
    stated = statement(side, document, signal)
    sibling = stated[0]["criteria"].get("durationSeconds")
    more = [_behavior(signal, "hi", value + more, sibling) for more in (0, 2)]
    return {**document, "behaviors": [*document["behaviors"], *more]}


def allow(side: Side, address: str, document: Document) -> Document:
    return _with_values(side, document, {address}, set())


def disallow(side: Side, address: str, document: Document) -> Document:
    return _with_values(side, document, set(), {address})


def own(side: Side, value: int, document: Document) -> Document:
    """Something that the other cloud cannot say."""
    if side is Side.AZURE:
        foreign = Signal("", "", FOREIGN_RULE, windowed=True)
        return _with_rule(document, foreign, {"isEnabled": True, "maxThreshold": value})
    if value % 2:
        return {**document, "securityProfileDescription": f"S3CRET-{value}"}
    if value % 4 == 0:
        return {**document, "behaviors": [*(document.get("behaviors") or ()), _percentile(value)]}
    foreign = Signal(f"bytes-{value}", FOREIGN_METRIC, "", windowed=True)
    rest = [b for b in document.get("behaviors") or () if b["metric"] != FOREIGN_METRIC]
    return {**document, "behaviors": [*rest, _behavior(foreign, "hi", value, 300)]}


def _with_rule(document: Document, signal: Signal, change: Document) -> Document:
    rules = [
        {**rule, **change} if rule["ruleType"] == signal.rule_type else rule
        for rule in document["properties"]["timeWindowRules"]
    ]
    return {**document, "properties": {**document["properties"], "timeWindowRules": rules}}


def _with_values(side: Side, document: Document, more: set[str], less: set[str]) -> Document:
    if side is Side.AZURE:
        rules = [
            {
                **rule,
                "isEnabled": True,
                "allowlistValues": _changed(rule["allowlistValues"] if rule["isEnabled"] else [], more, less),
            }
            for rule in document["properties"]["allowlistRules"]
        ]
        return {**document, "properties": {**document["properties"], "allowlistRules": rules}}
    behaviors = list(document.get("behaviors") or ())
    for place, behavior in enumerate(behaviors):
        if behavior["metric"] == TARGETS.metric:
            values = _changed(behavior["criteria"]["value"]["cidrs"], more, less)
            criteria = {**behavior["criteria"], "value": {"cidrs": values}}
            behaviors[place] = {**behavior, "criteria": criteria}
            return {**document, "behaviors": behaviors}
    return {**document, "behaviors": [*behaviors, _allowed(sorted(more))]}


def _changed(values: list[str], more: set[str], less: set[str]) -> list[str]:
    return [value for value in values if value not in less] + sorted(more)


def _behavior(signal: Signal, field: str, value: int, window: int | None) -> Document:
    """In one operator style or the other, by the value."""
    strict = value % 2 == 1
    operator = {"hi": _UPPER, "lo": _LOWER}[field][0 if strict else 1]
    shift = {"less-than": 1, "greater-than": -1}.get(operator, 0)
    criteria: dict[str, Any] = {"comparisonOperator": operator, "value": {"count": value + shift}}
    if window is not None:
        criteria["durationSeconds"] = window
    return {"name": f"{signal.name}-{field}-{value}", "metric": signal.metric, "criteria": criteria}


def _percentile(value: int) -> Document:
    """Of a shared metric, but evaluated apart from its limits: AWS's own."""
    criteria = {
        "comparisonOperator": "less-than",
        "statisticalThreshold": {"statistic": "p99"},
        "durationSeconds": 300,
    }
    return {"name": f"fleet-{value}", "metric": MESSAGES.metric, "criteria": criteria}


def _allowed(values: list[str]) -> Document:
    criteria = {"comparisonOperator": "in-cidr-set", "value": {"cidrs": values}}
    return {"name": "where-to", "metric": TARGETS.metric, "criteria": criteria}


def _rule(signal: Signal, low: int, high: int, window: str) -> Document:
    limits = {"minThreshold": low, "maxThreshold": high, "timeWindowSize": window}
    return {"ruleType": signal.rule_type, "isEnabled": True, **limits}
