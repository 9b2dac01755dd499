"""The plain rules of one signal, together: one atom, or the reason why they are held."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NoReturn

from msgspec import Struct

from shared.policy.atom import COUNT_MAX, AllowAtom, Atom, RangeAtom
from shared.policy.loss import Effect, Fidelity, Loss
from shared.policy.rule import Allow, Bound, Range, Rule, Unread
from shared.translation.codes import loss
from shared.translation.pairing import Options, Pair
from shared.translation.side import Side
from shared.translation.values import duration, highest, lowest, network, plain_string, whole

MAX_VALUES = 1000
"""Value elements of one AWS security profile (AWS General Reference, quotas of Device Defender, 2026)."""


class Held(Exception):
    """Control flow of this package: the rules of a signal cannot be shared. ``words`` fill the sentence."""

    def __init__(self, code: str, **words: Any) -> None:
        super().__init__(code)
        self.code = code
        self.words = words


class Group(Struct, frozen=True):
    pair: Pair
    side: Side
    rules: tuple[Rule, ...]
    options: Options
    last: Atom | None


class Stated(Struct, frozen=True):
    atom: Atom
    opaque: bool = False
    losses: tuple[Loss, ...] = ()


def range_atom(group: Group) -> Stated:
    lows, highs = _bounds(group.rules)
    _check_alerts(group)
    if len(lows) > 1:
        raise Held("two-lower-bounds", count=len(lows))
    if len(highs) > 1:
        raise Held("two-upper-bounds", count=len(highs))
    lo = lowest(lows[0], _whole(lows[0])) if lows else 0
    hi = highest(highs[0], _whole(highs[0])) if highs else None
    if lo > COUNT_MAX:
        raise Held("out-of-range", value=lo)
    if hi is not None and not 0 <= hi <= COUNT_MAX:
        raise Held("negative" if hi < 0 else "out-of-range", value=hi)
    hi = None if hi == COUNT_MAX else hi
    if hi is not None and lo > hi:
        raise Held("inverted-range", lo=lo, hi=hi)
    if lo == 0 and hi is None:
        raise Held("no-bound")
    window = _window(group)
    if window is None or window in group.options.windows:
        return Stated(RangeAtom(lo, hi, window))
    return _approximate(group, RangeAtom(lo, hi, window))


def _bounds(rules: Iterable[Rule]) -> tuple[list[Bound], list[Bound]]:
    lows, highs = [], []
    for rule in rules:
        condition = rule.condition
        if not isinstance(condition, Range):
            problem = condition.problem if isinstance(condition, Unread) else "it states a list, not a limit"
            raise Held("unread-condition", problem=problem)
        if condition.low is not None:
            lows.append(condition.low)
        if condition.high is not None:
            highs.append(condition.high)
    return lows, highs


def _whole(bound: Bound) -> int:
    number = whole(bound.value)
    if number is None:
        raise Held("not-an-integer", value=bound.value)
    if number < 0:
        raise Held("negative", value=number)
    return number


def _check_alerts(group: Group) -> None:
    if group.options.hold_suppressed and any(rule.muted for rule in group.rules):
        raise Held("alerts-suppressed")


def _window(group: Group) -> int | None:
    """The window that the rules state in common; None where the pair shares none."""
    if not group.pair.shares_window:
        return None
    windows = {rule.window for rule in group.rules}
    if None in windows:
        _no_window(group)
    if len(windows) > 1:
        raise Held("mixed-windows", windows=_durations(w for w in windows if w is not None))
    return windows.pop()


def _no_window(group: Group) -> NoReturn:
    """A window that is no whole number of seconds (``P1M``) is there, but nobody allows it."""
    for spelling in filter(None, (rule.spelling for rule in group.rules)):
        raise Held("window-not-allowed", window=spelling, allowed=_durations(group.options.windows))
    raise Held("no-window")


def _durations(windows: Iterable[int]) -> str:
    return ", ".join(duration(window) for window in sorted(windows))


def _approximate(group: Group, atom: RangeAtom) -> Stated:
    """A window that the other cloud lacks, on a one-way route: never simply the nearest one.

    More happens in a longer window, so an upper bound over the next longer multiple alarms at least as often,
    and so does a lower bound over a shorter window that divides it. With both bounds nothing can be said.
    """
    assert atom.window is not None
    options, window = group.options, atom.window
    words = {"window": duration(window), "allowed": _durations(options.windows)}
    if options.source is not group.side or window <= 0:
        raise Held("window-not-allowed", **words)
    longer = [w for w in options.windows if w > window and w % window == 0]
    shorter = [w for w in options.windows if w < window and window % w == 0]
    upper, lower = atom.hi is not None, atom.lo > 0
    effect = Effect.UNKNOWN if upper and lower else Effect.STRONGER
    choice = min(longer, default=None) if upper else max(shorter, default=None)
    if choice is None or effect not in options.approximate:
        raise Held("window-not-allowed", **words)
    before, after = words["window"], duration(choice)
    member = "criteria.durationSeconds" if group.side is Side.AWS else "timeWindowSize"
    losses = (
        loss(
            f"{rule.path}.{member}",
            "window-approximated",
            Fidelity.APPROXIMATED,
            before,
            after,
            effect=effect,
        )
        for rule in group.rules
    )
    return Stated(RangeAtom(atom.lo, atom.hi, choice), losses=tuple(losses))


def list_atom(group: Group) -> Stated:
    if len(group.rules) > 1:
        raise Held("two-lists", count=len(group.rules))
    _check_alerts(group)
    rule = group.rules[0]
    condition = rule.condition
    wanted = "cidr" if group.pair.kind == "cidrs" else "string"
    if not isinstance(condition, Allow) or condition.of != wanted:
        problem = condition.problem if isinstance(condition, Unread) else f"it is no list of {wanted} values"
        raise Held("unread-condition", problem=problem)
    if condition.values is None:
        if not isinstance(group.last, AllowAtom):
            raise Held("values-hidden")
        return Stated(group.last, opaque=True)
    return Stated(AllowAtom(_values(condition)))


def _values(condition: Allow) -> frozenset[str]:
    values = condition.values or ()
    if not values:
        raise Held("empty-list")
    if len(values) > MAX_VALUES:
        raise Held("too-many-values", count=len(values))
    is_cidr = condition.of == "cidr"
    spell = network if is_cidr else plain_string
    spelt: set[str] = set()
    for value in values:
        text = spell(value) if isinstance(value, str) else None
        if text is None:
            raise Held("not-a-cidr", value=value) if is_cidr else Held("control-character")
        spelt.add(text)
    return frozenset(spelt)
