"""One rule of either cloud in sentences: what is normal, and what raises an alarm."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from shared.policy.atom import COUNT_MAX
from shared.policy.rule import Allow, Bound, Condition, Deny, Learned, Percentile, Range, Rule, Unread
from shared.translation.catalog import OWN_METRIC, rows
from shared.translation.clip import clipped
from shared.translation.values import whole
from shared.translation.words import some, span

IN_THE_WINDOW = ", in the window"
NEVER = "nothing"


def subject(rule: Rule) -> str:
    """What the rule looks at: ``messages that the device sends to the cloud over MQTT``."""
    row = rows().get(rule.signal or "")
    if row is None:
        return f"something that no catalogue row knows ({clipped(rule.native) or 'no metric'})"
    about = row.meaning.removesuffix(IN_THE_WINDOW)
    if row.signal.startswith(OWN_METRIC):
        about = f"the custom metric {clipped(rule.native)}, {about}"
    if rule.scope is not None:
        where = "outside" if rule.scope.excluded else "on"
        about += f", only {where} the topics of {clipped(rule.scope.dimension)}"
    return about


def sentences(rule: Rule) -> str:
    """The rule's meaning, whatever it says: never raises."""
    return " ".join(_sentences(rule))


def _sentences(rule: Rule) -> Iterator[str]:
    about = subject(rule)
    yield f"{about[:1].upper()}{about[1:]}: {_normal(rule)}."
    if not rule.enabled:
        yield "It is disabled, so nothing raises an alarm."
        return
    if alarm := _alarm(rule.condition):
        after = rule.to_alarm
        late = f", after {after} datapoints in a row" if after is not None and after > 1 else ""
        yield f"It alarms on {alarm}{late}." if alarm != NEVER else "It never alarms."
    if rule.muted:
        yield "Its alerts are suppressed: violations are recorded and nobody is told."


def _normal(rule: Rule) -> str:
    window = ""
    if rule.window is not None and rule.window > 0:
        window = f" in {span(rule.window)}"
    elif rule.spelling is not None:
        window = f" in {clipped(rule.spelling)}"
    return f"{_stated(rule.condition)}{window}"


def _stated(condition: Condition) -> str:
    match condition:
        case Range():
            return f"normal is {_between(condition)}"
        case Allow(values=None):
            return "normal is a list that the cloud does not tell"
        case Allow(values=values):
            return (
                f"normal is only {some(list(values))}" if values else "nothing is normal, the list is empty"
            )
        case Deny(values=values):
            return f"normal is anything but {some(list(values))}" if values else "everything is normal"
        case Learned(confidence=confidence):
            return f"a model learns what is normal (confidence {clipped(confidence)})"
        case Percentile():
            side = condition.side or "on one side of"
            up_to = " or on" if condition.inclusive else ""
            return f"normal is {side}{up_to} {clipped(condition.statistic)} of all devices"
        case Unread(problem=problem):
            return f"nobody here understands it, {problem}"


def _alarm(condition: Condition) -> str:
    """When one is raised; empty where the normal says it all."""
    match condition:
        case Range():
            return _outside(condition)
        case Allow():
            return "any other value"
        case Deny(values=values):
            return "any of them" if values else NEVER
        case Learned():
            return "what the model takes for unusual"
        case Percentile():
            return "anything beyond that"
    return ""


class _Limit(NamedTuple):
    """A bound in the words of a reader: an exclusive one of whole numbers is told as the next number."""

    value: int | float
    inclusive: bool


def _limits(condition: Range) -> tuple[_Limit | None, _Limit | None]:
    """Without those that every count meets."""
    low = _limit(condition, condition.low, 1)
    high = _limit(condition, condition.high, -1)
    if condition.of == "count":
        low = None if low is not None and low.inclusive and low.value <= 0 else low
        high = None if high is not None and high.inclusive and high.value >= COUNT_MAX else high
    return low, high


def _limit(condition: Range, bound: Bound | None, step: int) -> _Limit | None:
    if bound is None:
        return None
    number = whole(bound.value) if condition.of == "count" else None
    if number is None or bound.inclusive:
        return _Limit(bound.value if number is None else number, bound.inclusive)
    return _Limit(number + step, True)


def _between(condition: Range) -> str:
    low, high = _limits(condition)
    least = "" if low is None else f"{'at least' if low.inclusive else 'more than'} {_said(low.value)}"
    most = "" if high is None else f"{'at most' if high.inclusive else 'less than'} {_said(high.value)}"
    if low is None or high is None:
        return least or most or "anything"
    if low.value > high.value:
        return f"nothing, for {_said(low.value)} is more than {_said(high.value)}"
    if not (low.inclusive and high.inclusive):
        return f"{least} and {most}"
    return f"{_said(low.value)} to {_said(high.value)}" if low != high else f"exactly {_said(high.value)}"


def _outside(condition: Range) -> str:
    low, high = _limits(condition)
    parts: list[str] = []
    if low is not None:
        parts.append(f"less than {_said(low.value)}" if low.inclusive else f"{_said(low.value)} or less")
    if high is not None:
        parts.append(f"more than {_said(high.value)}" if high.inclusive else f"{_said(high.value)} or more")
    return ", or ".join(parts) or NEVER


def _said(value: int | float) -> str:
    return clipped(value, 40)
