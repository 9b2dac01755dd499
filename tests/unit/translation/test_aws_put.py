"""What becomes of an AWS security profile when a rule changes (sync protocol, section 2)."""

from __future__ import annotations

import pytest

from shared.policy.atom import COUNT_MAX, Atom
from shared.translation.native import Memory
from shared.translation.pairing import Options
from tests.unit.translation.documents import (
    CONNECTIONS,
    DESTINATIONS,
    FROM_DEVICE,
    SENT,
    Document,
    behavior,
    counts,
    listing,
    profile,
    put,
    read,
    values,
)

LOGINS = Options(custom=(("FailedLocalLogins", "failed-local-logins"),))


def custom(name: str, operator: str, number: float, member: str = "number") -> Document:
    criteria = {"comparisonOperator": operator, "value": {member: number}, "durationSeconds": 300}
    return {"name": name, "metric": "failed-local-logins", "criteria": criteria}


@pytest.mark.parametrize(
    ("operator", "written"),
    [("less-than", 51), ("less-than-equals", 50)],
)
def test_an_upper_bound_keeps_its_operators_style(operator: str, written: int) -> None:
    edit = put({FROM_DEVICE: counts(0, 50)}, profile(behavior("chatty", operator, 100)))
    assert edit.document == profile(behavior("chatty", operator, written))


@pytest.mark.parametrize(
    ("operator", "written"),
    [("greater-than", 4), ("greater-than-equals", 5)],
)
def test_a_lower_bound_keeps_its_operators_style(operator: str, written: int) -> None:
    edit = put({FROM_DEVICE: counts(5, None)}, profile(behavior("quiet", operator, 100)))
    assert edit.document == profile(behavior("quiet", operator, written))


def test_only_the_bound_that_changed_is_rewritten() -> None:
    quiet, chatty = behavior("quiet", "greater-than", 0), behavior("chatty", "less-than", 100)
    edit = put({FROM_DEVICE: counts(1, 50)}, profile(quiet, chatty))
    first, second = edit.document["behaviors"]
    assert first is quiet
    assert second == behavior("chatty", "less-than", 51)


def test_the_smallest_upper_bound_is_0_in_either_style() -> None:
    edit = put({FROM_DEVICE: counts(0, 0)}, profile(behavior("chatty", "less-than", 100)))
    assert edit.document["behaviors"] == [behavior("chatty", "less-than", 1)]
    edit = put({FROM_DEVICE: counts(0, 0)}, profile())
    assert edit.document["behaviors"][0]["criteria"]["value"] == {"count": 0}


def test_a_lower_bound_of_0_is_no_behavior() -> None:
    edit = put({FROM_DEVICE: counts(0, 9)}, profile())
    (upper,) = edit.document["behaviors"]
    assert upper["criteria"]["comparisonOperator"] == "less-than-equals"


def test_no_upper_bound_is_no_behavior() -> None:
    edit = put({FROM_DEVICE: counts(9, None)}, profile())
    (lower,) = edit.document["behaviors"]
    assert lower["criteria"]["comparisonOperator"] == "greater-than-equals"


@pytest.mark.parametrize(
    "idle",
    [
        behavior("idle", "greater-than-equals", 0),
        behavior("idle", "less-than-equals", COUNT_MAX),
        behavior("idle", "less-than", COUNT_MAX + 1),
    ],
)
def test_a_bound_that_every_count_meets_may_stay_where_it_stands(idle: Document) -> None:
    lower = idle["criteria"]["comparisonOperator"].startswith("greater")
    other = behavior("other", "less-than-equals" if lower else "greater-than-equals", 9)
    want = counts(0, 5) if lower else counts(5, None)
    edit = put({FROM_DEVICE: want}, profile(idle, other))
    assert edit.document["behaviors"][0] is idle
    assert read(edit.document).atoms == {FROM_DEVICE: want}


def test_a_bound_that_is_born_takes_its_siblings_datapoints_and_is_remembered() -> None:
    datapoints: Document = {"consecutiveDatapointsToAlarm": 3, "consecutiveDatapointsToClear": 2}
    chatty = behavior("chatty", "less-than", 100, **datapoints, suppressAlerts=True)
    edit = put({FROM_DEVICE: counts(1, 99)}, profile(chatty))
    old, born = edit.document["behaviors"]
    assert old is chatty
    assert born["name"] == f"{FROM_DEVICE}-min"
    assert born["criteria"] == datapoints | {
        "comparisonOperator": "greater-than-equals",
        "value": {"count": 1},
        "durationSeconds": 300,
    }
    assert "suppressAlerts" not in born
    assert edit.memory.names == {FROM_DEVICE: (f"{FROM_DEVICE}-min", "chatty")}


@pytest.mark.parametrize("taken", [f"{FROM_DEVICE}-max", f"{FROM_DEVICE}-MAX"])
def test_a_name_that_is_taken_is_not_given_again_not_even_in_another_case(taken: str) -> None:
    other = behavior(taken, "less-than", 5, metric="aws:num-disconnects")
    edit = put({FROM_DEVICE: counts(0, 9)}, profile(other))
    assert [b["name"] for b in edit.document["behaviors"]] == [taken, f"{FROM_DEVICE}-max-2"]


def test_a_rule_that_disappears_goes_to_the_graveyard_and_comes_back_as_it_was() -> None:
    quiet = behavior("quiet", "greater-than", 0, consecutiveDatapointsToAlarm=2)
    chatty = behavior("chatty", "less-than", 100, exportMetric=True, suppressAlerts=True)
    gone = put({}, profile(quiet, chatty))
    assert gone.document["behaviors"] == []
    assert gone.memory == Memory({}, {FROM_DEVICE: (quiet, chatty)})
    back = put({FROM_DEVICE: counts(1, 50, 900)}, gone.document, memory=gone.memory)
    assert back.document["behaviors"] == [
        behavior("quiet", "greater-than", 0, consecutiveDatapointsToAlarm=2, window=900),
        behavior("chatty", "less-than", 51, exportMetric=True, suppressAlerts=True, window=900),
    ]
    assert back.memory == Memory({FROM_DEVICE: ("quiet", "chatty")}, {})


def test_a_single_bound_rests_in_the_graveyard_too() -> None:
    quiet, chatty = behavior("quiet", "greater-than", 0), behavior("chatty", "less-than", 100)
    without = put({FROM_DEVICE: counts(0, 99)}, profile(quiet, chatty))
    assert without.document["behaviors"] == [chatty]
    back = put({FROM_DEVICE: counts(7, 99)}, without.document, memory=without.memory)
    assert back.document["behaviors"] == [chatty, behavior("quiet", "greater-than", 6)]


def test_the_latest_of_one_name_rests_and_the_latest_of_one_side_comes_back() -> None:
    memory = Memory({}, {FROM_DEVICE: (behavior("a", "less-than", 1), behavior("b", "less-than", 2))})
    gone = put({}, profile(behavior("a", "less-than-equals", 3)), memory=memory)
    assert gone.memory.graveyard[FROM_DEVICE] == (
        behavior("b", "less-than", 2),
        behavior("a", "less-than-equals", 3),
    )
    back = put({FROM_DEVICE: counts(0, 3)}, gone.document, memory=gone.memory)
    assert back.document["behaviors"] == [behavior("a", "less-than-equals", 3)]
    assert back.memory.graveyard == {FROM_DEVICE: (behavior("b", "less-than", 2),)}


@pytest.mark.parametrize(
    "buried",
    [
        behavior("old", "less-than", 5, metric="aws:num-messages-received"),  # the route meant another metric
        behavior("OTHER", "less-than", 5),  # its name was given to somebody else
    ],
)
def test_what_would_not_state_the_rule_any_more_stays_in_the_graveyard(buried: Document) -> None:
    other = behavior("other", "less-than", 5, metric="aws:num-disconnects")
    memory = Memory({}, {FROM_DEVICE: (buried,)})
    edit = put({FROM_DEVICE: counts(0, 9)}, profile(other), memory=memory)
    assert [b["name"] for b in edit.document["behaviors"]] == ["other", f"{FROM_DEVICE}-max"]
    assert edit.memory.graveyard == {FROM_DEVICE: (buried,)}


def test_a_muted_behavior_is_not_revived_where_the_route_holds_such() -> None:
    muted = behavior("muted", "less-than", 5, suppressAlerts=True)
    memory = Memory({}, {FROM_DEVICE: (muted,)})
    edit = put({FROM_DEVICE: counts(0, 9)}, profile(), Options(hold_suppressed=True), memory)
    assert [b["name"] for b in edit.document["behaviors"]] == [f"{FROM_DEVICE}-max"]
    assert read(edit.document, Options(hold_suppressed=True)).atoms == {FROM_DEVICE: counts(0, 9)}


def test_a_window_that_changes_changes_in_every_bound() -> None:
    document = profile(behavior("quiet", "greater-than", 0), behavior("chatty", "less-than", 100))
    edit = put({FROM_DEVICE: counts(1, 99, 900)}, document)
    assert [b["criteria"]["durationSeconds"] for b in edit.document["behaviors"]] == [900, 900]


def test_open_connections_have_no_window_on_aws_and_keep_what_they_say() -> None:
    document = profile(behavior("open", "less-than", 31, metric=CONNECTIONS, window=600))
    edit = put({"active-connections": counts(1, 20, None)}, document)
    upper, born = edit.document["behaviors"]
    assert upper == behavior("open", "less-than", 21, metric=CONNECTIONS, window=600)
    assert "durationSeconds" not in born["criteria"]


def test_a_list_keeps_the_place_and_spelling_of_what_stays() -> None:
    document = profile(listing("known", "192.168.1.7", "10.1.2.3/8", "9.9.9.9"))
    edit = put({"outbound-destinations": values("10.0.0.0/8", "192.168.1.7/32", "1.1.1.1/32")}, document)
    assert edit.document == profile(listing("known", "192.168.1.7", "10.1.2.3/8", "1.1.1.1/32"))


def test_a_list_that_is_born_is_a_set_of_its_kind() -> None:
    options = Options(custom=(("Process", "processes"),))
    edit = put(
        {"outbound-destinations": values("10.0.0.0/8"), "processes": values("sshd")}, profile(), options
    )
    assert edit.document["behaviors"] == [
        listing("outbound-destinations-allowed", "10.0.0.0/8"),
        listing("processes-allowed", "sshd", metric="processes", operator="in-set"),
    ]


@pytest.mark.parametrize(
    ("before", "after"),
    [(100.0, 51.0), (100, 51)],
)
def test_a_custom_number_stays_as_it_is_spelt(before: float, after: float) -> None:
    edit = put({"failed-local-logins": counts(0, 50)}, profile(custom("logins", "less-than", before)), LOGINS)
    (written,) = edit.document["behaviors"]
    assert written == custom("logins", "less-than", after)
    assert type(written["criteria"]["value"]["number"]) is type(after)


def test_a_count_is_written_as_the_whole_number_that_aws_wants() -> None:
    edit = put({FROM_DEVICE: counts(0, 50)}, profile(behavior("chatty", "less-than", 100.0)))
    assert type(edit.document["behaviors"][0]["criteria"]["value"]["count"]) is int


def test_a_custom_bound_that_is_born_states_a_number_and_a_plain_one_a_count() -> None:
    edit = put({"failed-local-logins": counts(0, 5), FROM_DEVICE: counts(0, 5)}, profile(), LOGINS)
    assert [b["criteria"]["value"] for b in edit.document["behaviors"]] == [{"count": 5}, {"number": 5}]


def test_the_hundred_and_first_behavior_is_refused_and_everything_else_is_written() -> None:
    others = [behavior(f"b{n}", "less-than", n, metric="aws:num-disconnects") for n in range(99)]
    edit = put({FROM_DEVICE: counts(1, 9), "active-connections": counts(0, 9, None)}, profile(*others))
    assert len(edit.document["behaviors"]) == 100
    assert [(h.path, h.code, h.signal) for h in edit.holds] == [
        ("timeWindowRules[MqttD2CMessagesNotInAllowedRange]", "too-many-behaviors", FROM_DEVICE)
    ]


def test_in_a_full_profile_a_bound_can_still_change() -> None:
    others = [behavior(f"b{n}", "less-than", n, metric="aws:num-disconnects") for n in range(99)]
    edit = put({FROM_DEVICE: counts(0, 9)}, profile(behavior("chatty", "less-than", 100), *others))
    assert edit.holds == ()
    assert edit.document["behaviors"][0] == behavior("chatty", "less-than", 10)


def test_in_a_profile_that_is_too_full_already_no_rule_grows_but_any_may_change() -> None:
    others = [behavior(f"b{n}", "less-than", n, metric="aws:num-disconnects") for n in range(100)]
    document = profile(behavior("chatty", "less-than", 100), *others)
    assert put({FROM_DEVICE: counts(0, 9)}, document).holds == ()
    assert put({}, document).document == profile(*others)
    assert [hold.code for hold in put({FROM_DEVICE: counts(1, 9)}, document).holds] == ["too-many-behaviors"]


def _addresses(how_many: int) -> list[str]:
    return [f"10.0.{n // 256}.{n % 256}/32" for n in range(how_many)]


def test_more_than_1000_values_are_refused() -> None:
    ports = {"comparisonOperator": "in-port-set", "value": {"ports": list(range(995))}}
    other = {"name": "ports", "metric": "aws:listening-tcp-ports", "criteria": ports}
    want: dict[str, Atom] = {"outbound-destinations": values(*_addresses(5)), FROM_DEVICE: counts(0, 5)}
    edit = put(want, profile(other))
    assert [(h.code, h.signal) for h in edit.holds] == [("too-many-values", "outbound-destinations")]
    assert "1001 values" in edit.holds[0].reason
    assert [b["metric"] for b in edit.document["behaviors"]] == ["aws:listening-tcp-ports", SENT]


def test_a_profile_that_has_too_many_values_may_shrink() -> None:
    sources = listing("sources", *_addresses(200), metric="aws:source-ip-address")
    document = profile(listing("known", *_addresses(900)), sources)
    edit = put({"outbound-destinations": values(*_addresses(899))}, document)
    assert edit.holds == ()
    assert len(edit.document["behaviors"][0]["criteria"]["value"]["cidrs"]) == 899


def test_a_list_that_grows_may_take_the_room_of_one_that_shrinks() -> None:
    options = Options(custom=(("ConnectionFromIp", "inbound"),))
    document = profile(listing("out", "9.9.9.9"), listing("in", *_addresses(999), metric="inbound"))
    want: dict[str, Atom] = {
        "outbound-destinations": values(*_addresses(600)),
        "inbound-sources": values(*_addresses(400)),
    }
    edit = put(want, document, options)
    assert edit.holds == ()
    assert read(edit.document, options).atoms == want


def test_survivors_keep_their_places_and_newcomers_go_to_the_end() -> None:
    other = listing("deny", "1.1.1.1", operator="not-in-cidr-set", metric=DESTINATIONS)
    document = profile(behavior("chatty", "less-than", 100), other)
    edit = put({FROM_DEVICE: counts(5, 99), "outbound-destinations": values("9.9.9.9/32")}, document)
    assert [b["name"] for b in edit.document["behaviors"]] == [
        "chatty",
        "deny",
        f"{FROM_DEVICE}-min",
        "outbound-destinations-allowed",
    ]
