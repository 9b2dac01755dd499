"""What a mirror does not say, or says differently, about the rules that it does carry.

The law: every field that differs after a round trip is named in the report; holds name whole rules.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from shared.policy.atom import RangeAtom
from shared.policy.loss import Effect, Fidelity, Loss
from shared.policy.rule import Allow, Range, Rule
from shared.translation.codes import loss
from shared.translation.pairing import Pair, Pairing
from shared.translation.side import Side
from shared.translation.values import duration, network
from shared.translation.view import Reading


def report(reading: Reading, side: Side, pairing: Pairing) -> tuple[list[Loss], list[Loss]]:
    """(losses, notes) of the shared rules of ``reading``, a document of ``side``, when the other cloud states
    them. Losses change a meaning; notes only a spelling, or tell what a reader should know."""
    losses: list[Loss] = list(reading.approximated)
    notes: list[Loss] = []
    for signal, rules in reading.members.items():
        pair = pairing.pairs[signal]
        for rule in rules:
            found = _from_aws(rule, pair) if side is Side.AWS else _from_azure(rule, pair)
            for item in found:
                changes_meaning = item.fidelity in (Fidelity.DROPPED, Fidelity.APPROXIMATED)
                (losses if changes_meaning else notes).append(item)
        notes.extend(_remarks(reading, pair, rules[0].path))
    return losses, notes


def _from_aws(rule: Rule, pair: Pair) -> Iterator[Loss]:
    criteria = f"{rule.path}.criteria"
    name = rule.path.removeprefix("behaviors[").removesuffix("]")
    if not name.startswith(pair.signal + "-"):
        yield loss(f"{rule.path}.name", "name-not-carried", Fidelity.NORMALIZED, name, None)
    if isinstance(rule.condition, Range):
        yield from _bounds(rule.condition, criteria)
    yield from _respelt_values(rule, f"{criteria}.value")
    if rule.window is not None and not pair.shares_window:
        reason = "AWS counts what stands at each report; the window on Azure stays Azure's own"
        yield _dropped(f"{criteria}.durationSeconds", "window-not-shared", rule.window, reason=reason)
    for key, count, word in (("Alarm", rule.to_alarm, "alarm"), ("Clear", rule.to_clear, "clear")):
        path = f"{criteria}.consecutiveDatapointsTo{key}"
        if count == 1:
            yield _respelt(path, 1, None)
        elif count is not None:
            yield _dropped(path, f"datapoints-to-{word}", count)
    yield from _flags(rule)


def _flags(rule: Rule) -> Iterator[Loss]:
    muted, exported = f"{rule.path}.suppressAlerts", f"{rule.path}.exportMetric"
    if rule.muted:
        yield _dropped(muted, "alert-suppression", True)
        yield loss(muted, "alerts-suppressed-on-aws", Fidelity.EXACT, True, True)
    if rule.exported:
        yield _dropped(exported, "metric-export", True)
    for path, flag in ((muted, rule.muted), (exported, rule.exported)):
        if flag is False:
            yield _respelt(path, False, None)


def _bounds(condition: Range, criteria: str) -> Iterator[Loss]:
    for bound, word in ((condition.low, "greater-than"), (condition.high, "less-than")):
        if bound is not None and not bound.inclusive:
            step = 1 if word == "greater-than" else -1
            yield _respelt(f"{criteria}.comparisonOperator", f"{word} {bound.value}", bound.value + step)
    if condition.high is None and condition.low is not None and condition.low.value == 0:
        yield _respelt(f"{criteria}.value", "at least 0", None)


def _from_azure(rule: Rule, pair: Pair) -> Iterator[Loss]:
    window = f"{rule.path}.timeWindowSize"
    if rule.window is not None and not pair.shares_window:
        reason = "AWS has no window for this metric; it stays Azure's own"
        yield _dropped(window, "window-not-shared", duration(rule.window), reason=reason)
    elif rule.spelling is not None and rule.window is not None and rule.spelling != duration(rule.window):
        yield _respelt(window, rule.spelling, duration(rule.window))
    yield from _respelt_values(rule, f"{rule.path}.allowlistValues")


def _respelt_values(rule: Rule, path: str) -> Iterator[Loss]:
    condition = rule.condition
    if not isinstance(condition, Allow) or condition.values is None:
        return
    values = list(condition.values)
    spelt = (
        sorted({network(value) or value for value in values})
        if condition.of == "cidr"
        else sorted(set(values))
    )
    if values != spelt:
        yield _respelt(path, _few(values), _few(spelt))


def _few(values: list[Any]) -> list[Any]:
    return values if len(values) <= 5 else [*values[:5], f"… {len(values) - 5} more"]


def _remarks(reading: Reading, pair: Pair, path: str) -> Iterator[Loss]:
    atom = reading.atoms[pair.signal]
    if isinstance(atom, RangeAtom) and atom.hi is None:
        yield loss(path, "maybe-inverted", Fidelity.EXACT, None, None, lo=atom.lo)
    if pair.inert:
        yield loss(path, "inert", Fidelity.INERT, None, None, reason=pair.inert)
    if pair.note:
        yield loss(path, "vacuous", Fidelity.EXACT, None, None, reason=pair.note)
    if pair.custom:
        yield loss(path, "custom-metric-needed", Fidelity.EXACT, None, pair.metric, name=pair.metric)


def _dropped(path: str, code: str, before: Any, **words: Any) -> Loss:
    return loss(path, code, Fidelity.DROPPED, before, None, **words)


def _respelt(path: str, before: Any, after: Any) -> Loss:
    return loss(path, "respelt", Fidelity.NORMALIZED, before, after)._replace(effect=Effect.NONE)
