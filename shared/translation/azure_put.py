"""The wanted rules put into an Azure device security group that exists, touching nothing else.

PUT replaces the whole group, so the document must go on stating every enabled and every parked rule. A rule
that disappears is parked (disabled, thresholds kept); one that appears takes the place of its parked twin.
"""

from __future__ import annotations

from typing import Any

from shared.policy.atom import COUNT_MAX, AllowAtom, Atom, RangeAtom, View
from shared.translation.azure_members import READ_ONLY
from shared.translation.azure_parse import LISTS, path_of, rules_of
from shared.translation.codes import hold
from shared.translation.native import Document, Edit, Memory
from shared.translation.pairing import Pair, Pairing
from shared.translation.values import duration, listed, seconds
from shared.translation.view import Reading

DEFAULT_WINDOW = "PT15M"
"""What Azure itself fills in (recorded answers of the live service, 2019-09 to 2020-12)."""


def put(
    want: View, document: Document, reading: Reading, pairing: Pairing, memory: Memory, last: View
) -> Edit:
    """``reading`` is that of ``document``."""
    changed = [
        pair
        for signal, pair in pairing.pairs.items()
        if reading.atoms.get(signal) != want.get(signal) and signal not in reading.held_signals
    ]
    if not changed:
        return Edit(document, memory)
    properties = dict(document.get("properties") or {})
    for pair in changed:
        rules = list(properties.get(pair.rule_list) or [])
        _state(rules, pair, want.get(pair.signal))
        properties[pair.rule_list] = rules
    hidden = _disclose(properties, pairing, last)
    if hidden is not None:
        holds = (hold(pair.rule_path, "values-hidden-beside", pair.signal, hidden=hidden) for pair in changed)
        return Edit(document, memory, tuple(holds))
    return Edit({**document, "properties": properties}, memory)


def _state(rules: list[Any], pair: Pair, after: Atom | None) -> None:
    for position, rule in enumerate(rules):
        if isinstance(rule, dict) and rule.get("ruleType") == pair.rule_type:
            rules[position] = {**rule, "isEnabled": False} if after is None else _stating(rule, pair, after)
            return
    if after is not None:
        rules.append(_stating({"ruleType": pair.rule_type, "isEnabled": True}, pair, after))


def _stating(rule: Document, pair: Pair, atom: Atom) -> Document:
    if isinstance(atom, AllowAtom):
        values = rule.get("allowlistValues")
        current = values if isinstance(values, list) else []
        spelt = listed(current, atom.values, cidrs=pair.kind == "cidrs")
        return {**rule, "isEnabled": True, "allowlistValues": spelt}
    return {
        **rule,
        "isEnabled": True,
        "minThreshold": atom.lo,
        "maxThreshold": COUNT_MAX if atom.hi is None else atom.hi,
        "timeWindowSize": _window(rule.get("timeWindowSize"), atom),
    }


def _window(current: Any, atom: RangeAtom) -> Any:
    """The spelling that stands there if it has the right value; Azure's own where the pair shares none."""
    if atom.window is None:
        return current if isinstance(current, str) else DEFAULT_WINDOW
    spelt = isinstance(current, str) and seconds(current) == atom.window
    return current if spelt else duration(atom.window)


def _disclose(properties: Document, pairing: Pairing, last: View) -> str | None:
    """Fill in the lists that Azure does not tell, for a PUT replaces all: as last written, or empty where the
    rule is parked. Returns the path of an enabled list that was never written from here: the PUT would empty
    it."""
    given = properties.get("allowlistRules")
    rules = list(given) if isinstance(given, list) else []
    for position, rule in enumerate(rules):
        if not isinstance(rule, dict) or rule.get("allowlistValues") is not None:
            continue
        pair = pairing.by_rule_type.get(str(rule.get("ruleType")))
        atom = last.get(pair.signal) if pair else None
        if not isinstance(atom, AllowAtom) and rule.get("isEnabled"):
            return path_of("allowlistRules", position, rule)
        values = sorted(atom.values) if isinstance(atom, AllowAtom) else []
        rules[position] = {**rule, "allowlistValues": values}
        properties["allowlistRules"] = rules
    return None


def put_body(document: Document) -> Document:
    """The PUT body that states ``document``: all its rules, less the members that the server fills in."""
    properties = document.get("properties")
    given = properties if isinstance(properties, dict) else {}
    body: Document = {key: value for key, value in given.items() if key not in LISTS}
    for kind, _, rule in rules_of(given):
        body.setdefault(kind, []).append(_sent(rule))
    return {"properties": body}


def _sent(rule: Any) -> Any:
    if not isinstance(rule, dict):
        return rule
    return {key: value for key, value in rule.items() if key not in READ_ONLY}
