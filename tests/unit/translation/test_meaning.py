"""A rule in sentences, as a person reads it."""

from __future__ import annotations

from typing import Any

import pytest

from shared.policy.loss import Effect
from shared.policy.rule import (
    Allow,
    Bound,
    Deny,
    Learned,
    Percentile,
    Range,
    Rule,
    TopicScope,
    Unread,
)
from shared.translation.explain import combined
from shared.translation.meaning import sentences

SENT = "mqtt-messages-from-device"


def rule(condition: Any, signal: str | None = SENT, **members: Any) -> Rule:
    return Rule(path="p", native="aws:x", signal=signal, condition=condition, **members)


def bounded(
    low: Any = None, high: Any = None, of: Any = "count", inclusive: bool = True, **members: Any
) -> Rule:
    ends = [None if v is None else Bound(value=v, inclusive=inclusive) for v in (low, high)]
    return rule(Range(of=of, low=ends[0], high=ends[1]), **members)


def after(text: str) -> str:
    return text.partition(": ")[2]


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (bounded(5, 99), "normal is 5 to 99. It alarms on less than 5, or more than 99."),
        (bounded(5, 99, inclusive=False), "normal is 6 to 98. It alarms on less than 6, or more than 98."),
        (bounded(0, 99), "normal is at most 99. It alarms on more than 99."),
        (bounded(5), "normal is at least 5. It alarms on less than 5."),
        (bounded(5, 2147483647), "normal is at least 5. It alarms on less than 5."),
        (bounded(7, 7), "normal is exactly 7. It alarms on less than 7, or more than 7."),
        (bounded(0, 2147483647), "normal is anything. It never alarms."),
        (bounded(9, 3), "normal is nothing, for 9 is more than 3. It alarms on less than 9, or more than 3."),
        (bounded(high=3.5), "normal is at most 3.5. It alarms on more than 3.5."),
        (bounded(low=-4, of="number"), "normal is at least -4. It alarms on less than -4."),
        (
            bounded(1, 3.5, of="number", inclusive=False),
            "normal is more than 1 and less than 3.5. It alarms on 1 or less, or 3.5 or more.",
        ),
        (bounded(high=9, window=300), "normal is at most 9 in 5 min. It alarms on more than 9."),
        (bounded(high=9, spelling="P1M"), "normal is at most 9 in P1M. It alarms on more than 9."),
        (
            bounded(high=9, to_alarm=3),
            "normal is at most 9. It alarms on more than 9, after 3 datapoints in a row.",
        ),
        (
            bounded(high=9, muted=True),
            "normal is at most 9. It alarms on more than 9. "
            "Its alerts are suppressed: violations are recorded and nobody is told.",
        ),
        (bounded(high=9, enabled=False), "normal is at most 9. It is disabled, so nothing raises an alarm."),
    ],
)
def test_a_limit(given: Rule, told: str) -> None:
    assert after(sentences(given)) == told


@pytest.mark.parametrize(
    ("condition", "told"),
    [
        (Allow(of="cidr", values=("::/0",)), "normal is only ::/0. It alarms on any other value."),
        (Allow(of="cidr", values=()), "nothing is normal, the list is empty. It alarms on any other value."),
        (
            Allow(of="cidr", values=None),
            "normal is a list that the cloud does not tell. It alarms on any other value.",
        ),
        (Deny(of="port", values=(22,)), "normal is anything but 22. It alarms on any of them."),
        (Deny(of="port", values=()), "everything is normal. It never alarms."),
        (
            Learned(confidence="LOW"),
            "a model learns what is normal (confidence LOW). It alarms on what the model takes for unusual.",
        ),
        (
            Percentile(statistic="p99", side="below"),
            "normal is below p99 of all devices. It alarms on anything beyond that.",
        ),
        (Unread(problem="it has no operator"), "nobody here understands it, it has no operator."),
    ],
)
def test_another_condition(condition: Any, told: str) -> None:
    assert after(sentences(rule(condition))) == told


def test_a_topic_filter_is_named() -> None:
    told = sentences(bounded(high=9, scope=TopicScope(dimension="telemetry", excluded=True)))
    assert told.startswith(
        "Messages that the device sends to the cloud over MQTT, only outside the topics of telemetry: "
    )


def test_a_custom_metric_bears_its_own_name() -> None:
    told = sentences(bounded(high=9, signal="custom-number"))
    assert told.startswith("The custom metric aws:x, a number that the user's agent reports: ")


def test_a_metric_that_nobody_knows_is_named() -> None:
    told = sentences(bounded(high=9, signal=None))
    assert told.startswith("Something that no catalogue row knows (aws:x): ")


def test_control_characters_are_not_repeated() -> None:
    assert sentences(rule(Allow(of="string", values=("a\x1b[31m",)))).isprintable()


@pytest.mark.parametrize(
    ("effects", "together"),
    [
        ((), Effect.NONE),
        ((Effect.NONE, Effect.WEAKER), Effect.WEAKER),
        ((Effect.WEAKER, Effect.STRONGER), Effect.UNKNOWN),
        ((Effect.UNKNOWN, Effect.WEAKER), Effect.UNKNOWN),
    ],
)
def test_effects_are_combined(effects: tuple[Effect, ...], together: Effect) -> None:
    assert combined(effects) is together
