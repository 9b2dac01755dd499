"""The wanted rules put into an Azure device security group that exists, touching nothing else.

PUT replaces the whole group, so the document must go on stating every enabled and every parked rule. A rule
that disappears is parked (disabled, thresholds kept); one that appears takes the place of its parked twin.
"""

from __future__ import annotations

from typing import Any

from shared.policy.atom import COUNT_MAX, AllowAtom, Atom, RangeAtom, View
from shared.translation.azure_parse import READ_ONLY, parse, rules_of
from shared.translation.codes import hold
from shared.translation.native import Document, Edit, Memory
from shared.translation.pairing import Pair, Pairing
from shared.translation.side import Side
from shared.translation.values import duration, network, seconds
from shared.translation.view import read

DEFAULT_WINDOW = "PT15M"
"""What Azure itself fills in (recorded answers of the live service, 2019-09 to 2020-12)."""


def put(want: View, document: Document, pairing: Pairing, memory: Memory, last: View) -> Edit:
    reading = read(parse(document, pairing), Side.AZURE, pairing, last)
    properties = document.get("properties") or {}
    edited: dict[str, list[Any]] = {}
    for signal, pair in pairing.pairs.items():
        before, after = reading.atoms.get(signal), want.get(signal)
        if before == after or signal in reading.held_signals:
            continue
        kind = "timeWindowRules" if pair.kind == "count" else "allowlistRules"
        rules = edited.setdefault(kind, list(properties.get(kind) or []))
        _state(rules, pair, after)
    if not edited:
        return Edit(document, memory)
    whole = {**document, "properties": {**properties, **edited}}
    disclosed = _disclosed(whole, pairing, last)
    if disclosed is None:
        return Edit(document, memory, (hold("properties.allowlistRules", "values-hidden"),))
    return Edit(disclosed, memory)


def _state(rules: list[Any], pair: Pair, after: Atom | None) -> None:
    for position, rule in enumerate(rules):
        if isinstance(rule, dict) and rule.get("ruleType") == pair.rule_type:
            rules[position] = {**rule, "isEnabled": False} if after is None else _stating(rule, pair, after)
            return
    if after is not None:
        rules.append(_stating({"ruleType": pair.rule_type, "isEnabled": True}, pair, after))


def _stating(rule: Document, pair: Pair, atom: Atom) -> Document:
    if isinstance(atom, AllowAtom):
        return {**rule, "isEnabled": True, "allowlistValues": _spelt(rule.get("allowlistValues"), atom, pair)}
    high = COUNT_MAX if atom.hi is None else atom.hi
    return {
        **rule,
        "isEnabled": True,
        "minThreshold": atom.lo,
        "maxThreshold": high,
        "timeWindowSize": _window(rule.get("timeWindowSize"), atom),
    }


def _window(current: Any, atom: RangeAtom) -> Any:
    """The spelling that stands there if it has the right value; Azure's own window where the pair shares none."""
    if atom.window is None:
        return current if isinstance(current, str) else DEFAULT_WINDOW
    spelt = isinstance(current, str) and seconds(current) == atom.window
    return current if spelt else duration(atom.window)


def _spelt(current: Any, atom: AllowAtom, pair: Pair) -> list[Any]:
    """Values that stay keep their place and spelling; new ones are added in order."""
    spell = network if pair.kind == "cidrs" else str
    values = current if isinstance(current, list) else []
    kept = [value for value in values if isinstance(value, str) and spell(value) in atom.values]
    return kept + sorted(atom.values - {spell(value) for value in kept})


def _disclosed(document: Document, pairing: Pairing, last: View) -> Document | None:
    """The document with the lists that Azure does not tell filled in as last written, for a PUT replaces all.
    None if an enabled list was never written from here: the PUT would empty it."""
    properties = document["properties"]
    rules = list(properties.get("allowlistRules") or [])
    for position, rule in enumerate(rules):
        if not (isinstance(rule, dict) and rule.get("allowlistValues") is None):
            continue
        pair = pairing.by_rule_type.get(str(rule.get("ruleType")))
        atom = last.get(pair.signal) if pair else None
        if isinstance(atom, AllowAtom):
            rules[position] = {**rule, "allowlistValues": sorted(atom.values)}
        elif rule.get("isEnabled"):
            return None
    return {**document, "properties": {**properties, "allowlistRules": rules}} if rules else document


def put_body(document: Document) -> Document:
    """The PUT body that states ``document``: its lists, less the members that the server fills in."""
    body: dict[str, list[Any]] = {}
    for kind, _, rule in rules_of(document.get("properties") or {}):
        sent = (
            {key: value for key, value in rule.items() if key not in READ_ONLY}
            if isinstance(rule, dict)
            else rule
        )
        body.setdefault(kind, []).append(sent)
    return {"properties": body}
