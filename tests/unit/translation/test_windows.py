"""Windows: in step only where both clouds have them; approximated only on a one-way route, by effect."""

from __future__ import annotations

from typing import Any

import pytest

from shared.policy.loss import Effect, Fidelity
from shared.translation.pairing import Options
from shared.translation.side import Side
from tests.unit.translation.documents import (
    ACTIVE,
    CONNECTIONS,
    D2C,
    FROM_DEVICE,
    Document,
    behavior,
    counts,
    group,
    profile,
    read,
    rule,
    translated,
)

STRONGER = frozenset({Effect.STRONGER})
ANY = frozenset({Effect.STRONGER, Effect.UNKNOWN})


def one_way(
    source: Side, *, accept: frozenset[Effect] = STRONGER, windows: set[int] | None = None
) -> Options:
    return Options(source=source, approximate=accept, windows=frozenset(windows or {300, 900, 1800}))


@pytest.mark.parametrize(
    ("document", "code", "words"),
    [
        (profile(behavior("b", "less-than", 9, window=None)), "no-window", "needs one"),
        (profile(behavior("b", "less-than", 9, window=600)), "window-not-allowed", "PT10M"),
        (profile(behavior("b", "less-than", 9, window=-5)), "window-not-allowed", "-5 s"),
        (profile(behavior("b", "less-than", 9, window=0)), "window-not-allowed", "PT0S"),
        (group(rule(window="PT1H")), "window-not-allowed", "(PT5M, PT15M, PT30M)"),
        (group(rule(window="P1M")), "window-not-allowed", "P1M"),
        (group(rule(window=None)), "no-window", "needs one"),
        (
            profile(behavior("a", "greater-than", 1), behavior("b", "less-than", 9, window=900)),
            "mixed-windows",
            "PT5M, PT15M",
        ),
    ],
)
def test_a_window_that_both_clouds_cannot_state_holds_the_rule(
    document: Document, code: str, words: str
) -> None:
    reading = read(document)
    assert {hold.code for hold in reading.holds} == {code}
    assert all(words in hold.reason for hold in reading.holds)
    assert reading.held_signals == {FROM_DEVICE}


def test_a_window_may_be_spelt_with_a_fraction_of_nothing() -> None:
    """As a client that reads every number as a float spells it."""
    assert read(profile(behavior("b", "less-than", 9, window=300.0))).atoms == {
        FROM_DEVICE: counts(0, 8, 300)
    }


def test_a_route_may_allow_other_windows() -> None:
    options = Options(windows=frozenset({600, 3600}))
    assert read(profile(behavior("b", "less-than", 9, window=600)), options).atoms == {
        FROM_DEVICE: counts(0, 8, 600)
    }
    assert read(group(rule(D2C, 0, 8, "PT60M")), options).atoms == {FROM_DEVICE: counts(0, 8, 3600)}
    assert read(group(rule(D2C, 0, 8, "PT5M")), options).atoms == {}


@pytest.mark.parametrize(
    ("operators", "window", "chosen", "effect"),
    [
        (("less-than",), 600, 1800, Effect.STRONGER),  # 900 is longer too, but no multiple
        (("less-than",), 450, 900, Effect.STRONGER),
        (("less-than",), 60, 300, Effect.STRONGER),
        (("greater-than",), 3600, 1800, Effect.STRONGER),
        (("greater-than",), 600, 300, Effect.STRONGER),
        (("greater-than", "less-than"), 600, 1800, Effect.UNKNOWN),
    ],
)
def test_one_way_takes_the_next_longer_multiple_for_an_upper_and_a_divisor_for_a_lower_bound(
    operators: tuple[str, ...], window: int, chosen: int, effect: Effect
) -> None:
    """More happens in a longer window: an upper bound over it alarms at least as often; a lower one less."""
    counted = {"less-than": 100, "greater-than": 1}
    bounds = [behavior(operator, operator, counted[operator], window=window) for operator in operators]
    done = translated(profile(*bounds), one_way(Side.AWS, accept=ANY))
    (written,) = done.document["properties"]["timeWindowRules"]
    assert written["timeWindowSize"] == f"PT{chosen // 60}M"
    losses = [loss for loss in done.losses if loss.code == "window-approximated"]
    assert [(loss.path, loss.fidelity, loss.effect) for loss in losses] == [
        (f"behaviors[{operator}].criteria.durationSeconds", Fidelity.APPROXIMATED, effect)
        for operator in operators
    ]
    assert {loss.after for loss in losses} == {f"PT{chosen // 60}M"}
    assert done.holds == ()


def test_an_azure_window_is_approximated_for_aws_alike() -> None:
    done = translated(group(rule(D2C, 0, 5, "PT10M")), one_way(Side.AZURE))
    assert done.document["behaviors"][0]["criteria"]["durationSeconds"] == 1800
    (loss,) = done.losses
    assert (loss.path, loss.before, loss.after) == (
        f"timeWindowRules[{D2C}].timeWindowSize",
        "PT10M",
        "PT30M",
    )


@pytest.mark.parametrize(
    ("document", "options"),
    [
        (profile(behavior("b", "less-than", 9, window=600)), Options()),  # two-way
        (profile(behavior("b", "less-than", 9, window=600)), one_way(Side.AZURE)),  # the other way
        (profile(behavior("b", "less-than", 9, window=600)), one_way(Side.AWS, accept=frozenset())),
        (profile(behavior("b", "less-than", 9, window=3600)), one_way(Side.AWS)),  # nothing longer
        (profile(behavior("b", "less-than", 9, window=-300)), one_way(Side.AWS)),
        (profile(behavior("b", "greater-than", 9, window=60)), one_way(Side.AWS)),  # nothing shorter
        (
            profile(behavior("a", "greater-than", 1, window=600), behavior("b", "less-than", 9, window=600)),
            one_way(Side.AWS),  # both bounds: nobody knows what it means for detection
        ),
    ],
)
def test_otherwise_the_rule_is_held(document: Document, options: Options) -> None:
    reading = read(document, options)
    assert {hold.code for hold in reading.holds} == {"window-not-allowed"}
    assert reading.atoms == {}


def test_a_source_that_was_approximated_is_not_written() -> None:
    options = one_way(Side.AWS)
    document = profile(behavior("b", "less-than", 9, window=600))
    target = translated(document, options).document
    again = translated(document, options, onto=target)
    assert again.document is target


@pytest.mark.parametrize("window", ["PT30M", "PT05M", "P1D", None])
def test_the_window_of_open_connections_is_neither_shared_nor_a_reason_to_hold(window: Any) -> None:
    reading = read(group(rule(ACTIVE, 0, 9, window)))
    assert reading.atoms == {"active-connections": counts(0, 9, None)}
    assert reading.holds == ()


def test_what_each_side_says_about_the_window_of_open_connections_is_a_loss() -> None:
    on_aws = translated(profile(behavior("open", "less-than", 9, metric=CONNECTIONS, window=300)))
    on_azure = translated(group(rule(ACTIVE, 0, 9, "PT05M")))
    assert [(loss.path, loss.before) for loss in (*on_aws.losses, *on_azure.losses)] == [
        ("behaviors[open].criteria.durationSeconds", 300),
        (f"timeWindowRules[{ACTIVE}].timeWindowSize", "PT05M"),
    ]


def test_azures_default_window_is_chosen_only_where_none_is_there() -> None:
    document = profile(behavior("open", "less-than", 9, metric=CONNECTIONS, window=None))
    fresh = translated(document)
    onto = translated(document, onto=group(rule(ACTIVE, 0, 0, "PT1H", on=False)))
    assert [note.code for note in fresh.notes if note.code == "window-chosen"] == ["window-chosen"]
    assert "window-chosen" not in {note.code for note in onto.notes}
    assert onto.document == group(rule(ACTIVE, 0, 8, "PT1H"))
