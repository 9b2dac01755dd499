"""The shared view of a policy: which of its rules both clouds can state exactly, and why others are held.

A rule with a dimension, a model or a percentile is another rule and is held on its own. The plain rules of
one signal state one atom together, or are held together.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from msgspec import Struct

from shared.policy.atom import Atom, View
from shared.policy.loss import Hold, Loss
from shared.policy.rule import Allow, Condition, Deny, Learned, Percentile, Policy, Range, Rule, Unread
from shared.translation.codes import hold
from shared.translation.grouping import Group, Held, list_atom, range_atom
from shared.translation.pairing import Pair, Pairing
from shared.translation.side import Side
from shared.translation.unpaired import no_pair


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
    plain = _plain(policy.rules, pairing, holds)
    repeated = _repeated(policy.rules)
    atoms: dict[str, Atom] = {}
    members: dict[str, tuple[Rule, ...]] = {}
    approximated: list[Loss] = []
    opaque: set[str] = set()
    held = _closed(policy, side, pairing)
    for signal, rules in plain.items():
        active = tuple([rule for rule in rules if rule.enabled])
        try:
            _understood(rules, repeated)
            if active:
                stood = last.get(signal) if last else None
                group = Group(pairing.pairs[signal], side, active, pairing.options, stood)
                stated = range_atom(group) if group.pair.kind == "count" else list_atom(group)
                atoms[signal], members[signal] = stated.atom, active
                approximated += stated.losses
                if stated.opaque:
                    opaque.add(signal)
        except Held as why:
            held.add(signal)
            holds.extend(hold(rule.path, why.code, signal, **why.words) for rule in active or rules)
    return Reading(
        policy=policy,
        atoms=atoms,
        members=members,
        holds=tuple(holds),
        held_signals=frozenset(held),
        opaque=frozenset(opaque),
        approximated=tuple(approximated),
    )


def _plain(rules: Sequence[Rule], pairing: Pairing, holds: list[Hold]) -> dict[str, list[Rule]]:
    """The plain rules of every signal that the pair shares; ``holds`` gets why others are held alone."""
    plain: dict[str, list[Rule]] = {}
    pairs = pairing.pairs
    for rule in rules:
        signal = rule.signal
        if rule.enabled and rule.scope is None and type(rule.condition) in _SHARED:  # as nearly every one is
            alone = None if signal in pairs else no_pair(rule, pairing)
        else:
            alone = _held_alone(rule, pairing)
        if alone is not None:
            holds.append(alone)
            if alone.signal is None:
                continue
        if signal is not None and signal in pairs:
            plain.setdefault(signal, []).append(rule)
    return plain


def _closed(policy: Policy, side: Side, pairing: Pairing) -> set[str]:
    """Signals that have no place in the document: what stands for their list is none."""
    if not policy.unknown:
        return set()

    def places(pair: Pair) -> set[str]:
        return {"behaviors"} if side is Side.AWS else {"properties", f"properties.{pair.rule_list}"}

    return {signal for signal, pair in pairing.pairs.items() if places(pair) & policy.unknown.keys()}


def _repeated(rules: Sequence[Rule]) -> Mapping[str, int]:
    """Paths that stand more than once, and how often."""
    if len({rule.path for rule in rules}) == len(rules):
        return {}
    paths = Counter(rule.path for rule in rules)
    return {path: count for path, count in paths.items() if count > 1}


def _understood(rules: Sequence[Rule], repeated: Mapping[str, int]) -> None:
    """Parked rules too: the pair may put them in force, and would not know what it says then."""
    for rule in rules:
        if rule.path in repeated or rule.unknown:
            raise _not_understood(rules, repeated)


def _not_understood(rules: Sequence[Rule], repeated: Mapping[str, int]) -> Held:
    for rule in rules:
        if rule.path in repeated:
            return Held("duplicate-name", count=repeated[rule.path])
    unknown = {member for rule in rules for member in rule.unknown}
    return Held("unknown-member", members=", ".join(sorted(unknown)))


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
        return None if shared else no_pair(rule, pairing)
    if _says_something(rule):
        return hold(rule.path, "parked", rule.signal if shared else None)
    return None


_SHARED = frozenset({Range, Allow})
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
