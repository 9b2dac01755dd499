"""The shared view of a policy: which of its rules both clouds can state exactly, and why others are held.

A rule with a dimension, a model or a percentile is another rule and is held on its own. The plain rules of
one signal state one atom together, or are held together.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from shared.policy.atom import Atom, View
from shared.policy.loss import Hold, Loss
from shared.policy.rule import Allow, Deny, Learned, Percentile, Policy, Range, Rule
from shared.translation.catalog import Binding, Cannot, by_metric, by_rule_type, rows
from shared.translation.codes import hold
from shared.translation.grouping import Group, Held, list_atom, range_atom
from shared.translation.pairing import Pairing
from shared.translation.side import Side


@dataclass(frozen=True, slots=True)
class Reading:
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
    names = Counter(rule.path for rule in policy.rules)
    atoms: dict[str, Atom] = {}
    members: dict[str, tuple[Rule, ...]] = {}
    held: set[str] = set()
    opaque: set[str] = set()
    approximated: list[Loss] = []
    for signal, rules in plain.items():
        active = [rule for rule in rules if rule.enabled]
        group = Group(pairing.pairs[signal], side, tuple(active), pairing.options, (last or {}).get(signal))
        try:
            _same_names(rules, names)
            if active:
                result = range_atom(group) if group.pair.kind == "count" else list_atom(group)
                atoms[signal], members[signal] = result.atom, group.rules
                opaque.update([signal] * result.opaque)
                approximated.extend(result.losses)
        except Held as why:
            held.add(signal)
            holds.extend(hold(rule.path, why.code, signal, **why.words) for rule in active or rules)
    return Reading(
        policy, atoms, members, tuple(holds), frozenset(held), frozenset(opaque), tuple(approximated)
    )


def _same_names(rules: Sequence[Rule], names: Mapping[str, int]) -> None:
    for rule in rules:
        if names[rule.path] > 1:
            raise Held("duplicate-name", count=names[rule.path])


def _held_alone(rule: Rule, pairing: Pairing) -> Hold | None:
    """Why this rule is no plain rule of a shared signal. A parked rule keeps its signal: the pair may put it
    in force; what it says while it is parked is its own cloud's."""
    condition = rule.condition
    if isinstance(condition, Learned):
        return hold(rule.path, "learned")
    if isinstance(condition, Percentile):
        return hold(rule.path, "percentile")
    if isinstance(condition, Deny):
        return hold(rule.path, "deny-set")
    if rule.scope is not None:
        return hold(rule.path, "topic-scope")
    if rule.signal is not None and not rule.enabled:
        return hold(rule.path, "parked", rule.signal) if _says_something(rule) else None
    return None if rule.signal in pairing.pairs else _no_pair(rule)


def _says_something(rule: Rule) -> bool:
    """Whether a disabled rule differs from what Azure fills in by itself: 0, 0, PT15M, no values."""
    condition = rule.condition
    if isinstance(condition, Range):
        zero = all(bound is not None and bound.value == 0 for bound in (condition.low, condition.high))
        return not zero or rule.window != 900 or bool(rule.unknown)
    return not (isinstance(condition, Allow) and not condition.values and not rule.unknown)


def _no_pair(rule: Rule) -> Hold:
    row = rows().get(rule.signal or "")
    known = rule.native in by_rule_type() or rule.native in by_metric()
    if rule.path.startswith("thresholdRules"):
        return hold(rule.path, "unsupported-rule-kind", native=rule.native)
    if row is None:
        code = "unknown-metric" if rule.path.startswith("behaviors") else "unknown-rule-type"
        return hold(rule.path, code, native=rule.native or "a rule without a type")
    if isinstance(row.aws, Binding) and row.aws.custom is not None:
        return hold(rule.path, "custom-metric-off", suggested=row.aws.native, type=row.aws.custom)
    if isinstance(row.azure, Cannot):
        if not known:
            return hold(rule.path, "unbound-custom-metric", native=rule.native)
        return hold(rule.path, "no-counterpart", reason=row.azure.reason)
    return hold(rule.path, "no-counterpart", reason="the route pairs this signal with another protocol")


def _member_holds(policy: Policy, side: Side) -> Iterator[Hold]:
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
