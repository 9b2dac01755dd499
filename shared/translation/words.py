"""Atoms and native rules in words that fit a narrow column."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from shared.policy.atom import AllowAtom, Atom, RangeAtom
from shared.policy.rule import Allow, Bound, Condition, Deny, Learned, Percentile, Range, Rule
from shared.translation.catalog import rows, stem
from shared.translation.clip import clipped
from shared.translation.side import Side
from shared.translation.values import duration

FEW = 3


def meaning(signal: str, atom: Atom) -> str:
    """What is normal: ``messages that ...: 5 to 100 in 5 min``."""
    return f"{rows()[signal].meaning}: {normal(atom)}"


def normal(atom: Atom | None) -> str:
    """``5 to 100 in 5 min``; None is no rule in force."""
    if atom is None:
        return "no rule"
    if isinstance(atom, AllowAtom):
        return "only " + some(sorted(atom.values))
    window = "" if atom.window is None else f" in {span(atom.window)}"
    return _between(atom) + window


def _between(atom: RangeAtom) -> str:
    if atom.hi is None:
        return f"at least {atom.lo}"
    if atom.lo == 0:
        return f"at most {atom.hi}"
    return f"{atom.lo} to {atom.hi}" if atom.lo < atom.hi else f"exactly {atom.hi}"


def span(seconds: int) -> str:
    """300 -> ``5 min``."""
    for size, unit in ((86_400, "d"), (3_600, "h"), (60, "min")):
        if seconds and seconds % size == 0:
            return f"{seconds // size} {unit}"
    return f"{seconds} s"


def some(values: list[Any]) -> str:
    """The first few, and how many more there are."""
    more = f" and {len(values) - FEW} more" if len(values) > FEW else ""
    return ", ".join(clipped(value, 40) for value in values[:FEW]) + more


def native(side: Side, rule: Rule) -> list[str]:
    """A rule in its own cloud's words: name, metric and limit, a line each."""
    if side is Side.AZURE:
        return [line for line in (stem(rule.native), _azure_limit(rule)) if line]
    name = rule.path.removeprefix("behaviors[").removesuffix("]")
    return [name, *filter(None, (rule.native, *_aws_limit(rule)))]


def _azure_limit(rule: Rule) -> str:
    match rule.condition:
        case Range(low=Bound(value=low), high=Bound(value=high)):
            window = f", {rule.spelling}" if rule.spelling else ""
            return f"{low} .. {high}{window}"
        case Allow(values=None):
            return "values not told"
        case Allow(values=values):
            return some(list(values or ()))
        case Deny(values=values):
            return f"not {some(list(values))}" if values else ""
    return ""


def _aws_limit(rule: Rule) -> list[str]:
    lines = list(_aws_condition(rule.condition))
    if rule.window is not None:
        lines.append(f"{rule.window} s ({duration(rule.window) if rule.window > 0 else 'no window'})")
    if rule.scope is not None:
        lines.append(f"topics {'NOT_IN' if rule.scope.excluded else 'IN'} {clipped(rule.scope.dimension)}")
    return lines


def _aws_condition(condition: Condition) -> Iterator[str]:
    match condition:
        case Range(low=low, high=high):
            for operator, bound in (("greater-than", low), ("less-than", high)):
                if bound is not None:
                    yield f"{operator}{'-equals' * bound.inclusive} {bound.value}"
        case Allow(of=kind, values=values) | Deny(of=kind, values=values):
            sort = {"cidr": "cidr-", "port": "port-"}.get(kind, "")
            no = "not-" * isinstance(condition, Deny)
            yield f"{no}in-{sort}set {some(list(values or ()))}"
        case Percentile(statistic=statistic, side=side, inclusive=inclusive):
            operator = {"below": "less-than", "above": "greater-than"}.get(side or "", "")
            yield f"{operator}{'-equals' * inclusive} {clipped(statistic)}".strip()
        case Learned(confidence=confidence):
            yield f"a model, confidence {clipped(confidence)}"
