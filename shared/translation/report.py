"""What a mirror does not say, or says differently, about the rules that it does carry.

The law: every member that differs after a round trip through a fresh document is named in the report, by its
path or by that of what contains it. Holds name whole rules.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from shared.policy.atom import COUNT_MAX, AllowAtom, Atom
from shared.policy.loss import Effect, Fidelity, Loss
from shared.policy.rule import Allow, Range, Rule
from shared.translation.codes import loss
from shared.translation.pairing import Pair, Pairing, Part
from shared.translation.side import Side
from shared.translation.values import duration, highest, lowest
from shared.translation.view import Reading

_NORMALIZED = Fidelity.NORMALIZED  # looked up once: it takes as long as making a note does


class _Report:
    """Losses change a meaning; notes only a spelling, or tell what a reader should know."""

    def __init__(self, losses: Iterable[Loss]) -> None:
        self.losses = list(losses)
        self.notes: list[Loss] = []

    def dropped(self, path: str, code: str, before: Any, **words: Any) -> None:
        self.losses.append(loss(path, code, Fidelity.DROPPED, before, None, **words))

    def normalized(self, path: str, code: str, before: Any, after: Any = None) -> None:
        self.notes.append(loss(path, code, _NORMALIZED, before, after))

    def exact(self, path: str, code: str, before: Any = None, after: Any = None, **words: Any) -> None:
        self.notes.append(loss(path, code, Fidelity.EXACT, before, after, **words))


def report(reading: Reading, side: Side, pairing: Pairing) -> tuple[list[Loss], list[Loss]]:
    """(losses, notes) of the shared rules of ``reading``, a document of ``side``, when the other cloud states
    them."""
    said = _Report(reading.approximated)
    of_rule = _from_aws if side is Side.AWS else _from_azure
    for signal, rules in reading.members.items():
        pair, atom = pairing.pairs[signal], reading.atoms[signal]
        for rule in rules:
            of_rule(said, rule, pair, atom)
        _remarks(said, pair, side, rules[0].path)
    return said.losses, said.notes


def _from_aws(said: _Report, rule: Rule, pair: Pair, atom: Atom) -> None:
    path, condition = rule.path, rule.condition
    part: Part = "allowed"
    if isinstance(condition, Range):
        part = "max" if condition.low is None else "min"
        if not _bound(said, condition, pair, path):
            return
    name = path[len("behaviors[") : -len("]")]
    if name != pair.born_name(part):
        said.normalized(f"{path}.name", "name-not-carried", name)
    if isinstance(atom, AllowAtom):
        _values(said, rule, f"{path}.criteria.value", atom)
    elif atom.hi is None:
        said.exact(path, "maybe-inverted", lo=atom.lo)
    if rule.window is not None and not pair.shares_window:
        reason = "AWS counts what stands at each report; the window on Azure stays Azure's own"
        said.dropped(f"{path}.criteria.durationSeconds", "window-not-shared", rule.window, reason=reason)
    if not (rule.to_alarm is rule.to_clear is rule.muted is rule.exported is None):
        _settings(said, rule)


def _bound(said: _Report, condition: Range, pair: Pair, path: str) -> bool:
    """The one bound that a behavior states; whether it bounds anything."""
    if condition.low is not None:
        bound, operator, nothing = condition.low, "greater-than", 0
        limit = lowest(bound, int(bound.value))
    else:
        assert condition.high is not None
        bound, operator, nothing = condition.high, "less-than", COUNT_MAX
        limit = highest(bound, int(bound.value))
    if limit == nothing:
        said.normalized(path, "idle-bound", None)
        return False
    if not bound.inclusive:
        said.normalized(f"{path}.criteria.comparisonOperator", "respelt", operator, f"{operator}-equals")
    member = "number" if pair.custom else "count"
    if limit != bound.value or member != condition.of:
        before, after = {condition.of: bound.value}, {member: limit}
        said.normalized(f"{path}.criteria.value", "respelt", before, after)
    return True


def _settings(said: _Report, rule: Rule) -> None:
    """What AWS says beside the condition. Its defaults, spelt out, mean the same as nothing."""
    for key, count, word in (("Alarm", rule.to_alarm, "alarm"), ("Clear", rule.to_clear, "clear")):
        path = f"{rule.path}.criteria.consecutiveDatapointsTo{key}"
        if count == 1:
            said.normalized(path, "default-left-out", 1)
        elif count is not None:
            said.dropped(path, f"datapoints-to-{word}", count)
    muted, exported = f"{rule.path}.suppressAlerts", f"{rule.path}.exportMetric"
    if rule.muted:
        said.dropped(muted, "alert-suppression", True)
        said.exact(muted, "alerts-suppressed-on-aws", True, True)
    if rule.exported:
        said.dropped(exported, "metric-export", True)
    for path, flag in ((muted, rule.muted), (exported, rule.exported)):
        if flag is False:
            said.normalized(path, "default-left-out", False)


def _from_azure(said: _Report, rule: Rule, pair: Pair, atom: Atom) -> None:
    if isinstance(atom, AllowAtom):
        _values(said, rule, f"{rule.path}.allowlistValues", atom)
    if rule.spelling is None:
        return
    path = f"{rule.path}.timeWindowSize"
    if not pair.shares_window:
        reason = "AWS has no window for this metric; it stays Azure's own"
        said.dropped(path, "window-not-shared", rule.spelling, reason=reason)
    elif rule.window is not None and rule.spelling != duration(rule.window):
        said.normalized(path, "respelt", rule.spelling, duration(rule.window))


def _values(said: _Report, rule: Rule, path: str, atom: AllowAtom) -> None:
    """In the atom each has its canonical spelling already."""
    condition = rule.condition
    if not isinstance(condition, Allow) or condition.values is None:
        return
    values, spelt = list(condition.values), sorted(atom.values)
    if values != spelt:
        said.normalized(path, "respelt", _few(values), _few(spelt))


def _few(values: list[Any]) -> list[Any]:
    return values if len(values) <= 5 else [*values[:5], f"… {len(values) - 5} more"]


def _remarks(said: _Report, pair: Pair, side: Side, path: str) -> None:
    if pair.inert:
        effect = Effect.WEAKER if side is Side.AWS else Effect.STRONGER
        said.notes.append(loss(path, "inert", Fidelity.INERT, None, None, effect=effect, reason=pair.inert))
    if pair.note:
        said.exact(path, "vacuous", reason=pair.note)
    if pair.custom and side is Side.AZURE:
        said.exact(path, "custom-metric-needed", None, pair.metric, name=pair.metric)
