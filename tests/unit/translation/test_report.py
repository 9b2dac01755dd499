"""What the report says about rules that are carried: losses change a meaning, notes do not."""

from __future__ import annotations

from typing import Any, NamedTuple

import pytest

from shared.policy.atom import COUNT_MAX
from shared.policy.loss import Effect, Fidelity, Loss
from shared.translation.codes import LOSSES, NOTES
from shared.translation.pairing import Options
from shared.translation.side import Side
from tests.unit.translation.documents import (
    ACTIVE,
    CONNECTIONS,
    D2C,
    TO_IP,
    Document,
    allowed,
    behavior,
    group,
    listing,
    profile,
    rule,
    translated,
)

REJECTED, LOGINS = "MqttC2DRejectedMessagesNotInAllowedRange", "FailedLocalLoginsNotInAllowedRange"
BOUND = Options(custom=(("FailedLocalLogins", "logins"), ("MqttC2DRejectedMessages", "rejected")))
COUNTED = {"comparisonOperator": "less-than-equals", "value": {"count": 5}, "durationSeconds": 300}
TO_ALARM, TO_CLEAR = "consecutiveDatapointsToAlarm", "consecutiveDatapointsToClear"
B, CRITERIA = "behaviors[b]", "behaviors[b].criteria"


class Case(NamedTuple):
    code: str
    path: str
    document: Document
    effect: Effect = Effect.NONE
    options: Options | None = None
    onto: Document | None = None


def aws(code: str, path: str, effect: Effect = Effect.NONE, **more: Any) -> Case:
    return Case(code, path, profile(behavior("b", "less-than-equals", 9, **more)), effect)


LOSS_CASES = [
    aws("datapoints-to-alarm", f"{CRITERIA}.{TO_ALARM}", Effect.STRONGER, consecutiveDatapointsToAlarm=2),
    aws("datapoints-to-clear", f"{CRITERIA}.{TO_CLEAR}", Effect.UNKNOWN, consecutiveDatapointsToClear=2),
    aws("alert-suppression", f"{B}.suppressAlerts", Effect.STRONGER, suppressAlerts=True),
    aws("metric-export", f"{B}.exportMetric", exportMetric=True),
    aws("window-not-shared", f"{CRITERIA}.durationSeconds", Effect.UNKNOWN, metric=CONNECTIONS),
    Case(
        "window-not-shared", f"timeWindowRules[{ACTIVE}].timeWindowSize", group(rule(ACTIVE)), Effect.UNKNOWN
    ),
    Case(  # AWS has no window here at all, so nobody asks whether this one is a number of seconds
        "window-not-shared",
        f"timeWindowRules[{ACTIVE}].timeWindowSize",
        group(rule(ACTIVE, window="P1M")),
        Effect.UNKNOWN,
    ),
    Case(
        "window-approximated",
        f"{CRITERIA}.durationSeconds",
        profile(behavior("b", "less-than", 9, window=600)),
        Effect.STRONGER,
        Options(source=Side.AWS, approximate=frozenset({Effect.STRONGER})),
    ),
]
IDLE_UPPER = profile(behavior("b", "less-than", COUNT_MAX + 1), behavior("c", "greater-than", 1))
IDLE_LOWER = profile(behavior("b", "greater-than-equals", 0), behavior("c", "less-than", 9))
MUTED = profile(behavior("b", "less-than", 9, suppressAlerts=True))
LESS = profile(behavior("b", "less-than", 9))
NOTE_CASES = [
    aws("alerts-suppressed-on-aws", f"{B}.suppressAlerts", suppressAlerts=True),
    Case("alerts-suppressed-on-aws", f"timeWindowRules[{D2C}]", group(rule()), onto=MUTED),
    aws("name-not-carried", f"{B}.name"),
    aws("name-in-url", "securityProfileName"),
    aws("inert", B, Effect.WEAKER, metric=CONNECTIONS),
    Case("inert", f"timeWindowRules[{ACTIVE}]", group(rule(ACTIVE)), Effect.STRONGER),
    aws("window-chosen", B, metric=CONNECTIONS),
    aws("default-left-out", f"{B}.suppressAlerts", suppressAlerts=False),
    aws("default-left-out", f"{B}.exportMetric", exportMetric=False),
    aws("default-left-out", f"{CRITERIA}.{TO_ALARM}", consecutiveDatapointsToAlarm=1),
    aws("default-left-out", f"{CRITERIA}.{TO_CLEAR}", consecutiveDatapointsToClear=1),
    Case("idle-bound", B, IDLE_UPPER),
    Case("idle-bound", B, IDLE_LOWER),
    Case("maybe-inverted", B, profile(behavior("b", "greater-than", 9))),
    Case("respelt", f"{CRITERIA}.comparisonOperator", LESS),
    Case("respelt", f"{CRITERIA}.value", LESS),
    Case("respelt", f"{CRITERIA}.value", profile(listing("b", "10.0.0.1"))),
    Case(
        "respelt",
        f"{CRITERIA}.value",
        profile({"name": "b", "metric": "logins", "criteria": COUNTED}),
        options=BOUND,
    ),
    Case("respelt", f"timeWindowRules[{D2C}].timeWindowSize", group(rule(window="PT05M"))),
    Case("respelt", f"allowlistRules[{TO_IP}].allowlistValues", group(allowed("10.0.0.1"))),
    Case("vacuous", f"timeWindowRules[{REJECTED}]", group(rule(REJECTED)), options=BOUND),
    Case("custom-metric-needed", f"timeWindowRules[{LOGINS}]", group(rule(LOGINS)), options=BOUND),
]


def _id(case: Case) -> str:
    return f"{case.code} {case.path}"


def _found(case: Case, reported: tuple[Loss, ...]) -> list[Loss]:
    return [item for item in reported if (item.code, item.path) == (case.code, case.path)]


@pytest.mark.parametrize("case", LOSS_CASES, ids=_id)
def test_a_changed_meaning_is_a_loss(case: Case) -> None:
    done = translated(case.document, case.options, case.onto)
    (loss,) = _found(case, done.losses)
    assert loss.effect is case.effect
    assert loss.fidelity in {Fidelity.DROPPED, Fidelity.APPROXIMATED}


@pytest.mark.parametrize("case", NOTE_CASES, ids=_id)
def test_what_changes_no_meaning_is_a_note(case: Case) -> None:
    done = translated(case.document, case.options, case.onto)
    (note,) = _found(case, done.notes)
    assert note.effect is case.effect
    assert note.fidelity not in {Fidelity.DROPPED, Fidelity.APPROXIMATED}


def test_no_code_is_dead() -> None:
    assert {case.code for case in LOSS_CASES} == LOSSES.keys()
    # watches-nothing-yet is the engine's: only it knows that a twin is new.
    assert {case.code for case in NOTE_CASES} | {"watches-nothing-yet"} == NOTES.keys()


def test_a_plain_rule_of_azure_is_carried_exactly() -> None:
    done = translated(group(rule(D2C, 1, 100)))
    assert (done.losses, done.notes, done.holds) == ((), (), ())


def test_a_behavior_in_azures_own_style_loses_but_what_a_url_says() -> None:
    done = translated(profile(behavior("mqtt-messages-from-device-max", "less-than-equals", 9)))
    assert (done.losses, done.holds) == ((), ())
    assert [note.code for note in done.notes] == ["name-in-url"]


@pytest.mark.parametrize("name", ["mqtt-messages-from-device", "mqtt-messages-from-device-min", "Messages"])
def test_any_other_name_is_not_carried(name: str) -> None:
    done = translated(profile(behavior(name, "less-than-equals", 9)))
    assert [note.before for note in done.notes if note.code == "name-not-carried"] == [name]


def test_an_exclusive_operator_is_told_with_the_number_that_it_means() -> None:
    done = translated(profile(behavior("b", "less-than", 121)))
    operator, value = (note for note in done.notes if note.code == "respelt")
    assert (operator.before, operator.after) == ("less-than", "less-than-equals")
    assert (value.before, value.after) == ({"count": 121}, {"count": 120})


def test_a_lower_bound_alone_is_copied_as_it_stands_with_a_warning() -> None:
    done = translated(profile(behavior("b", "greater-than", 4)))
    assert done.document == group(rule(D2C, 5, COUNT_MAX))
    (note,) = (note for note in done.notes if note.code == "maybe-inverted")
    assert "FEWER than 5" in note.reason


def test_a_range_is_never_taken_for_an_inverted_one_nor_is_a_rule_of_azure() -> None:
    both = translated(profile(behavior("b", "greater-than", 4), behavior("c", "less-than", 9)))
    lower = translated(group(rule(D2C, 5, COUNT_MAX)))
    assert "maybe-inverted" not in {note.code for note in (*both.notes, *lower.notes)}


def test_a_long_list_is_shown_in_part() -> None:
    addresses = [f"10.0.0.{n}" for n in range(9)]
    done = translated(group(allowed(*addresses)))
    (note,) = (note for note in done.notes if note.code == "respelt")
    assert note.before == [*addresses[:5], "… 4 more"]


def test_onto_another_profile_the_name_is_not_remarked_on() -> None:
    done = translated(LESS, onto=group())
    assert "name-in-url" not in {note.code for note in done.notes}
