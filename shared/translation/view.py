"""The shared view of a policy: which of its rules both clouds can state exactly, and why others are held.

A rule with a dimension, a model or a percentile is another rule and is held on its own. The plain rules of
one signal state one atom together, or are held together.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache

from msgspec import Struct

from shared.policy.atom import View
from shared.policy.loss import Hold, Loss
from shared.policy.rule import Allow, Condition, Deny, Learned, Percentile, Policy, Range, Rule, Unread
from shared.translation.catalog import Binding, Cannot, by_metric, by_rule_type, rows
from shared.translation.codes import hold
from shared.translation.grouping import Group, Held, Stated, list_atom, range_atom
from shared.translation.pairing import Pair, Pairing
from shared.translation.side import Side


class Reading(Struct, frozen=True):
    """``atoms`` is the shared view; ``members`` the rules that state each atom; ``held_signals`` may neither
    be written nor inferred from; ``opaque`` signals show what was last written, not what the cloud told;
    ``approximated`` lists windows that a one-way route respelt."""

    policy: Policy
    atoms: View
    members: Mapping[str, tuple[Rule, ...]]
    holds: tuple[Hold, ...]
    held_signals: frozenset[str]
    opaque: frozenset[str]
    approximated: tuple[Loss, ...] = ()


def read(policy: Policy, side: Side, pairing: Pairing, last: View | None = None) -> Reading:
    """``last``: the atoms last written to this side, which stand in for values that the cloud hides."""
    holds = list(_member_holds(policy))
    plain: dict[str, list[Rule]] = {}
    for rule in policy.rules:
        alone = _held_alone(rule, pairing)
        if alone is not None:
            holds.append(alone)
        if rule.signal in pairing.pairs and (alone is None or alone.signal is not None):
            plain.setdefault(str(rule.signal), []).append(rule)
    repeated = _repeated(policy.rules)
    stated: dict[str, Stated] = {}
    members: dict[str, tuple[Rule, ...]] = {}
    held = _closed(policy, side, pairing)
    for signal, rules in plain.items():
        active = tuple(rule for rule in rules if rule.enabled)
        group = Group(pairing.pairs[signal], side, active, pairing.options, (last or {}).get(signal))
        try:
            _understood(rules, repeated)
            if active:
                stated[signal] = range_atom(group) if group.pair.kind == "count" else list_atom(group)
                members[signal] = active
        except Held as why:
            held.add(signal)
            holds.extend(hold(rule.path, why.code, signal, **why.words) for rule in active or rules)
    return Reading(
        policy=policy,
        atoms={signal: result.atom for signal, result in stated.items()},
        members=members,
        holds=tuple(holds),
        held_signals=frozenset(held),
        opaque=frozenset(signal for signal, result in stated.items() if result.opaque),
        approximated=tuple(loss for result in stated.values() for loss in result.losses),
    )


def _closed(policy: Policy, side: Side, pairing: Pairing) -> set[str]:
    """Signals that have no place in the document: what stands for their list is none."""

    if not policy.unknown:
        return set()

    def places(pair: Pair) -> set[str]:
        return {"behaviors"} if side is Side.AWS else {"properties", f"properties.{pair.rule_list}"}

    return {signal for signal, pair in pairing.pairs.items() if places(pair) & policy.unknown.keys()}


def _repeated(rules: Sequence[Rule]) -> Mapping[str, int]:
    """Paths that stand more than once, and how often."""
    paths = [rule.path for rule in rules]
    if len(set(paths)) == len(paths):
        return {}
    return {path: count for path, count in Counter(paths).items() if count > 1}


def _understood(rules: Sequence[Rule], repeated: Mapping[str, int]) -> None:
    """Parked rules too: the pair may put them in force, and would not know what it says then."""
    unknown: set[str] = set()
    for rule in rules:
        if rule.path in repeated:
            raise Held("duplicate-name", count=repeated[rule.path])
        unknown.update(rule.unknown)
    if unknown:
        raise Held("unknown-member", members=", ".join(sorted(unknown)))


def _held_alone(rule: Rule, pairing: Pairing) -> Hold | None:
    """Why this rule is no plain rule of a shared signal. A parked rule keeps its signal: the pair may put it
    in force; what it says while it is parked is its own cloud's."""
    condition = rule.condition
    code = _NEVER_SHARED.get(type(condition))
    if code is not None:
        return hold(rule.path, code)
    if isinstance(condition, Unread):
        if rule.scope is not None or not rule.native:
            return hold(rule.path, "unread-condition", problem=condition.problem)
    elif rule.scope is not None:
        return hold(rule.path, "topic-scope")
    shared = rule.signal in pairing.pairs
    if rule.enabled or rule.signal is None:
        return None if shared else _no_pair(rule)
    if _says_something(rule):
        return hold(rule.path, "parked", rule.signal if shared else None)
    return None


_NEVER_SHARED: dict[type[Condition], str] = {
    Learned: "learned",
    Percentile: "percentile",
    Deny: "deny-set",
}


def _says_something(rule: Rule) -> bool:
    """Whether a disabled rule differs from what Azure fills in by itself: 0, 0, PT15M, no values."""
    condition = rule.condition
    if isinstance(condition, Range):
        zero = all(bound is not None and bound.value == 0 for bound in (condition.low, condition.high))
        return not zero or rule.window != 900 or bool(rule.unknown)
    return not (isinstance(condition, Allow) and not condition.values and not rule.unknown)


def _no_pair(rule: Rule) -> Hold:
    place = rule.path.partition("[")[0]
    why = _why_no_pair if len(rule.native) <= LONGEST_KEPT else _why_no_pair.__wrapped__
    code, reason = why(place, rule.signal, rule.native)
    return Hold(rule.path, code, reason)


LONGEST_KEPT = 128
"""Characters of a metric's name. The same few are read in every sweep, and a sentence takes longer to make
than to find; what is kept is bounded, whatever the names are."""


@lru_cache(maxsize=1024)
def _why_no_pair(place: str, signal: str | None, native: str) -> tuple[str, str]:
    """Code and reason. ``place``: the list that the rule stands in."""
    held = _unpaired(place, signal, native)
    return held.code, held.reason


def _unpaired(place: str, signal: str | None, native: str) -> Hold:
    row = rows().get(signal or "")
    if place == "thresholdRules":
        return hold("", "unsupported-rule-kind", native=native)
    if row is None:
        if place == "behaviors":
            return hold("", "unknown-metric", native=native or "a behavior without a metric")
        return hold("", "unknown-rule-type", native=native or "a rule without a type")
    if isinstance(row.aws, Binding) and row.aws.custom is not None:
        return hold("", "custom-metric-off", suggested=row.aws.native, type=row.aws.custom)
    if isinstance(row.azure, Cannot):
        if native not in by_rule_type() and native not in by_metric():
            return hold("", "unbound-custom-metric", native=native)
        return hold("", "no-counterpart", reason=row.azure.reason)
    return hold("", "no-counterpart", reason="the route pairs this signal with another protocol")


def _member_holds(policy: Policy) -> Iterator[Hold]:
    for path in policy.about:
        yield hold(path, "own-member", reason=OWN_MEMBERS.get(path, "only its own cloud has it"))
    for path in policy.unknown:
        yield hold(path, "unknown-document-member")


OWN_MEMBERS: dict[str, str] = {
    "securityProfileDescription": "a device security group has no description",
    "alertTargets": "where alerts go is set apart from the group on Azure: nobody there is told through SNS",
    "additionalMetricsToRetain": "Azure does not retain metrics for a group",
    "additionalMetricsToRetainV2": "Azure does not retain metrics for a group",
    "metricsExportConfig": "Azure does not export the metrics of a group",
    "tags": "a device security group has no tags",
}
"""Members of a document that are no rule, and why the other cloud has none."""
