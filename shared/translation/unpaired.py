"""Why a rule stays with its own cloud: its signal is in no pair of the route, or nobody knows the signal."""

from __future__ import annotations

from functools import lru_cache

from shared.policy.loss import Hold
from shared.policy.rule import Rule
from shared.translation.codes import hold
from shared.translation.pairing import Pairing


def no_pair(rule: Rule, pairing: Pairing) -> Hold:
    why = pairing.unpaired.get(rule.signal or "")
    if why is None:
        why = _unheard_of(rule) if rule.signal is None else _custom(rule.native)
    return Hold(rule.path, why.code, why.reason)


def _unheard_of(rule: Rule) -> Hold:
    place = rule.path.partition("[")[0]
    if place == "thresholdRules":
        return hold("", "unsupported-rule-kind", native=rule.native)
    if place == "behaviors":
        return hold("", "unknown-metric", native=rule.native or "a behavior without a metric")
    return hold("", "unknown-rule-type", native=rule.native or "a rule without a type")


def _custom(metric: str) -> Hold:
    return _unbound(metric) if len(metric) <= LONGEST_KEPT else _unbound.__wrapped__(metric)


LONGEST_KEPT = 128
"""Characters of a metric's name. The same few are read in every sweep, and a sentence takes longer to make
than to find; what is kept is bounded, whatever the names are."""


@lru_cache(maxsize=1024)
def _unbound(metric: str) -> Hold:
    return hold("", "unbound-custom-metric", native=metric)
