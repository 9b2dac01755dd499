"""What a mirror does not say, or says differently, about the rules that it does carry.

The law: every member that differs after a round trip through a fresh document is named in the report, by its
path or by that of what contains it. Holds name whole rules.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from msgspec.structs import replace

from shared.policy.atom import COUNT_MAX, Atom, RangeAtom
from shared.policy.loss import Effect, Fidelity, Loss
from shared.policy.rule import Allow, Range, Rule
from shared.translation.codes import loss
from shared.translation.pairing import Pair, Pairing, Part
from shared.translation.side import Side
from shared.translation.values import duration, highest, lowest, network
from shared.translation.view import Reading


def report(reading: Reading, side: Side, pairing: Pairing) -> tuple[list[Loss], list[Loss]]:
    """(losses, notes) of the shared rules of ``reading``, a document of ``side``, when the other cloud states
    them. Losses change a meaning; notes only a spelling, or tell what a reader should know."""
    losses: list[Loss] = list(reading.approximated)
    notes: list[Loss] = []
    for signal, rules in reading.members.items():
        pair, atom = pairing.pairs[signal], reading.atoms[signal]
        for rule in rules:
            for item in _from_aws(rule, pair, atom) if side is Side.AWS else _from_azure(rule, pair):
                changes_meaning = item.fidelity in (Fidelity.DROPPED, Fidelity.APPROXIMATED)
                (losses if changes_meaning else notes).append(item)
        notes.extend(_remarks(pair, side, rules[0].path))
    return losses, notes


def _from_aws(rule: Rule, pair: Pair, atom: Atom) -> Iterator[Loss]:
    condition, criteria = rule.condition, f"{rule.path}.criteria"
    part: Part = "allowed"
    if isinstance(condition, Range):
        if _idle(condition):
            yield loss(rule.path, "idle-bound", Fidelity.NORMALIZED, None, None)
            return
        part = "max" if condition.low is None else "min"
        yield from _bound(condition, pair, criteria)
    name = rule.path.removeprefix("behaviors[").removesuffix("]")
    if name != pair.born_name(part):
        yield loss(f"{rule.path}.name", "name-not-carried", Fidelity.NORMALIZED, name, None)
    if isinstance(atom, RangeAtom) and atom.hi is None:
        yield loss(rule.path, "maybe-inverted", Fidelity.EXACT, None, None, lo=atom.lo)
    yield from _respelt_values(rule, f"{criteria}.value")
    if rule.window is not None and not pair.shares_window:
        reason = "AWS counts what stands at each report; the window on Azure stays Azure's own"
        yield _dropped(f"{criteria}.durationSeconds", "window-not-shared", rule.window, reason=reason)
    yield from _settings(rule, criteria)


def _idle(condition: Range) -> bool:
    low, high = _limits(condition)
    return low in (None, 0) and high in (None, COUNT_MAX)


def _limits(condition: Range) -> tuple[int | None, int | None]:
    """The smallest and the largest count that a range of whole numbers admits."""
    low, high = condition.low, condition.high
    return (
        None if low is None else lowest(low, int(low.value)),
        None if high is None else highest(high, int(high.value)),
    )


def _bound(condition: Range, pair: Pair, criteria: str) -> Iterator[Loss]:
    for bound, limit, operator in zip(
        (condition.low, condition.high), _limits(condition), ("greater-than", "less-than"), strict=True
    ):
        if bound is None:
            continue
        if not bound.inclusive:
            yield _respelt(f"{criteria}.comparisonOperator", operator, f"{operator}-equals")
        before, after = {condition.of: bound.value}, {"number" if pair.custom else "count": limit}
        if before != after:
            yield _respelt(f"{criteria}.value", before, after)


def _settings(rule: Rule, criteria: str) -> Iterator[Loss]:
    """What AWS says beside the condition. Its defaults, spelt out, mean the same as nothing."""
    for key, count, word in (("Alarm", rule.to_alarm, "alarm"), ("Clear", rule.to_clear, "clear")):
        path = f"{criteria}.consecutiveDatapointsTo{key}"
        if count == 1:
            yield loss(path, "default-left-out", Fidelity.NORMALIZED, 1, None)
        elif count is not None:
            yield _dropped(path, f"datapoints-to-{word}", count)
    muted, exported = f"{rule.path}.suppressAlerts", f"{rule.path}.exportMetric"
    if rule.muted:
        yield _dropped(muted, "alert-suppression", True)
        yield loss(muted, "alerts-suppressed-on-aws", Fidelity.EXACT, True, True)
    if rule.exported:
        yield _dropped(exported, "metric-export", True)
    for path, flag in ((muted, rule.muted), (exported, rule.exported)):
        if flag is False:
            yield loss(path, "default-left-out", Fidelity.NORMALIZED, False, None)


def _from_azure(rule: Rule, pair: Pair) -> Iterator[Loss]:
    window = f"{rule.path}.timeWindowSize"
    if rule.window is not None and not pair.shares_window:
        reason = "AWS has no window for this metric; it stays Azure's own"
        yield _dropped(window, "window-not-shared", rule.spelling, reason=reason)
    elif rule.spelling is not None and rule.window is not None and rule.spelling != duration(rule.window):
        yield _respelt(window, rule.spelling, duration(rule.window))
    yield from _respelt_values(rule, f"{rule.path}.allowlistValues")


def _respelt_values(rule: Rule, path: str) -> Iterator[Loss]:
    condition = rule.condition
    if not isinstance(condition, Allow) or condition.values is None:
        return
    values = list(condition.values)
    spelt = sorted({network(value) or value for value in values} if condition.of == "cidr" else set(values))
    if values != spelt:
        yield _respelt(path, _few(values), _few(spelt))


def _few(values: list[Any]) -> list[Any]:
    return values if len(values) <= 5 else [*values[:5], f"… {len(values) - 5} more"]


def _remarks(pair: Pair, side: Side, path: str) -> Iterator[Loss]:
    if pair.inert:
        effect = Effect.WEAKER if side is Side.AWS else Effect.STRONGER
        yield replace(loss(path, "inert", Fidelity.INERT, None, None, reason=pair.inert), effect=effect)
    if pair.note:
        yield loss(path, "vacuous", Fidelity.EXACT, None, None, reason=pair.note)
    if pair.custom and side is Side.AZURE:
        yield loss(path, "custom-metric-needed", Fidelity.EXACT, None, pair.metric, name=pair.metric)


def _dropped(path: str, code: str, before: Any, **words: Any) -> Loss:
    return loss(path, code, Fidelity.DROPPED, before, None, **words)


def _respelt(path: str, before: Any, after: Any) -> Loss:
    return loss(path, "respelt", Fidelity.NORMALIZED, before, after)
