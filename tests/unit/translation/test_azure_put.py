"""What becomes of an Azure device security group when a rule changes (sync protocol, section 2)."""

from __future__ import annotations

from typing import Any

import pytest

from shared.policy.atom import COUNT_MAX, View
from shared.translation.azure_put import put_body
from tests.unit.translation.documents import (
    ACTIVE,
    C2D,
    D2C,
    FROM_DEVICE,
    TO_DEVICE,
    TO_IP,
    allowed,
    counts,
    group,
    put,
    read,
    rule,
    values,
)

Document = dict[str, Any]


def rules(document: Document, kind: str = "timeWindowRules") -> list[Any]:
    listed: list[Any] = document["properties"][kind]
    return listed


def test_a_rule_that_disappears_is_parked_with_its_thresholds() -> None:
    edit = put({}, group(rule(D2C, 1, 100, "PT05M"), allowed("10.0.0.1")))
    assert edit.document == group(rule(D2C, 1, 100, "PT05M", on=False), allowed("10.0.0.1", on=False))


def test_a_rule_that_appears_takes_the_place_of_its_parked_twin() -> None:
    parked = rule(D2C, 3, 4, "PT30M", on=False) | {"displayName": "Messages"}
    other = rule("TwinUpdatesNotInAllowedRange")
    edit = put({FROM_DEVICE: counts(1, 50, 900)}, group(parked, other))
    assert rules(edit.document) == [rule(D2C, 1, 50, "PT15M") | {"displayName": "Messages"}, other]
    assert rules(edit.document)[1] is other


def test_a_rule_that_was_never_there_is_added_with_all_that_azure_requires() -> None:
    edit = put({FROM_DEVICE: counts(1, 50), "outbound-destinations": values("10.0.0.0/8")}, group())
    assert edit.document == group(rule(D2C, 1, 50, "PT5M"), allowed("10.0.0.0/8"))


@pytest.mark.parametrize(
    ("atom", "low", "high"),
    [(counts(0, 5), 0, 5), (counts(5, None), 5, COUNT_MAX), (counts(0, 0), 0, 0), (counts(7, 7), 7, 7)],
)
def test_a_bound_that_is_not_there_is_0_or_the_largest_int32(atom: Any, low: int, high: int) -> None:
    edit = put({FROM_DEVICE: atom}, group(rule(D2C, 1, 100)))
    assert edit.document == group(rule(D2C, low, high))
    assert read(edit.document).atoms == {FROM_DEVICE: atom}


def test_a_window_of_the_same_value_keeps_its_spelling() -> None:
    edit = put({FROM_DEVICE: counts(1, 50)}, group(rule(D2C, 1, 100, "PT05M")))
    assert edit.document == group(rule(D2C, 1, 50, "PT05M"))
    edit = put({FROM_DEVICE: counts(1, 50, 900)}, group(rule(D2C, 1, 100, "PT05M")))
    assert edit.document == group(rule(D2C, 1, 50, "PT15M"))


def test_the_window_of_open_connections_is_azures_own() -> None:
    want = {"active-connections": counts(1, 5, None)}
    assert rules(put(want, group(rule(ACTIVE, 1, 9, "PT1H"))).document) == [rule(ACTIVE, 1, 5, "PT1H")]
    assert rules(put(want, group()).document) == [rule(ACTIVE, 1, 5, "PT15M")]


def test_absent_and_disabled_are_the_same_no_rule() -> None:
    filled_in = group(rule(D2C, 0, 0, "PT15M", on=False), allowed(on=False))
    assert read(filled_in).atoms == read(group()).atoms == {}
    assert read(filled_in).holds == ()
    assert put({}, filled_in).document is filled_in


def test_what_a_parked_rule_says_is_azures_own_and_is_reported() -> None:
    parked = group(rule(D2C, 5, 9, on=False), rule("TwinUpdatesNotInAllowedRange", 1, 2, on=False))
    assert [(hold.path, hold.code, hold.signal) for hold in read(parked).holds] == [
        (f"timeWindowRules[{D2C}]", "parked", FROM_DEVICE),
        ("timeWindowRules[TwinUpdatesNotInAllowedRange]", "parked", None),
    ]
    assert put({TO_DEVICE: counts(0, 5)}, parked).document == group(
        rule(D2C, 5, 9, on=False),
        rule("TwinUpdatesNotInAllowedRange", 1, 2, on=False),
        rule(C2D, 0, 5),
    )


def test_a_parked_rule_with_a_member_that_nobody_knows_is_not_put_in_force() -> None:
    """Once in force it would say something that nobody here understands."""
    document = group(rule(D2C, 0, 0, "PT15M", on=False) | {"severity": "High"})
    edit = put({FROM_DEVICE: counts(1, 5)}, document)
    assert edit.document is document
    assert read(document).held_signals == {FROM_DEVICE}


def test_a_list_keeps_the_place_and_spelling_of_what_stays() -> None:
    edit = put(
        {"outbound-destinations": values("10.0.0.0/8", "192.168.1.7/32", "1.1.1.1/32")},
        group(allowed("192.168.1.7", "10.1.2.3/8", "9.9.9.9")),
    )
    assert edit.document == group(allowed("192.168.1.7", "10.1.2.3/8", "1.1.1.1/32"))


HIDDEN = {"ruleType": TO_IP, "isEnabled": True}


def test_hidden_values_stand_for_what_was_last_written_and_are_marked_opaque() -> None:
    last = {"outbound-destinations": values("10.0.0.0/8")}
    reading = read(group(HIDDEN), last=last)
    assert reading.atoms == last
    assert reading.opaque == {"outbound-destinations"}
    assert read(group(allowed("10.0.0.0/8")), last=last).opaque == frozenset()


def test_a_write_sends_hidden_values_back_as_they_were_last_written() -> None:
    last = {"outbound-destinations": values("10.0.0.0/8", "1.1.1.1/32")}
    edit = put({**last, FROM_DEVICE: counts(1, 5)}, group(HIDDEN), last=last)
    assert edit.document == {
        "properties": {
            "allowlistRules": [allowed("1.1.1.1/32", "10.0.0.0/8")],
            "timeWindowRules": [rule(D2C, 1, 5)],
        }
    }


def test_a_hidden_list_that_is_parked_now_keeps_the_values_that_were_last_written() -> None:
    last = {"outbound-destinations": values("10.0.0.0/8")}
    assert put({}, group(HIDDEN), last=last).document == group(allowed("10.0.0.0/8", on=False))


def test_hidden_values_that_were_never_written_from_here_hold_the_rule_and_every_write() -> None:
    """A PUT replaces the whole group: it would empty the list."""
    document = group(HIDDEN, rule(C2D))
    assert [hold.code for hold in read(document).holds] == ["values-hidden"]
    edit = put({FROM_DEVICE: counts(1, 5), TO_DEVICE: counts(1, 100)}, document)
    assert edit.document is document
    assert [(hold.path, hold.code, hold.signal) for hold in edit.holds] == [
        (f"timeWindowRules[{D2C}]", "values-hidden-beside", FROM_DEVICE)
    ]
    assert f"allowlistRules[{TO_IP}]" in edit.holds[0].reason


def test_hidden_values_of_a_rule_that_nobody_shares_hold_every_write_too() -> None:
    document = group({"ruleType": "LocalUserNotAllowed", "isEnabled": True})
    edit = put({FROM_DEVICE: counts(1, 5)}, document)
    assert edit.document is document
    assert [hold.code for hold in edit.holds] == ["values-hidden-beside"]


def test_a_disabled_list_that_azure_does_not_tell_is_sent_empty() -> None:
    """allowlistValues is a required member of a PUT, and a list that is not in force alarms nowhere."""
    disabled = {"ruleType": "LocalUserNotAllowed", "isEnabled": False}
    edit = put({FROM_DEVICE: counts(1, 5)}, group(disabled))
    assert rules(edit.document, "allowlistRules") == [allowed(kind="LocalUserNotAllowed", on=False)]


def test_unknown_rule_types_and_members_stay_where_they_are() -> None:
    tomorrow = {"ruleType": "OfTomorrow", "isEnabled": True, "maxThreshold": 5}
    document = group(tomorrow, newRules=[{"ruleType": "N"}]) | {"etag": "x"}
    edit = put({FROM_DEVICE: counts(1, 5)}, document)
    assert edit.document["etag"] == "x"
    assert edit.document["properties"]["newRules"] == [{"ruleType": "N"}]
    assert rules(edit.document)[0] is tomorrow
    assert list(edit.document) == list(document)


@pytest.mark.parametrize("odd", ["none", {"a": 1}, 7])
@pytest.mark.parametrize(
    ("odd_list", "other_list", "written"),
    [
        ("timeWindowRules", "allowlistRules", allowed("10.0.0.0/8")),
        ("allowlistRules", "timeWindowRules", rule(D2C, 1, 5)),
    ],
)
def test_a_list_that_is_none_is_not_written_over(
    odd: Any, odd_list: str, other_list: str, written: Document
) -> None:
    want: View = {FROM_DEVICE: counts(1, 5), "outbound-destinations": values("10.0.0.0/8")}
    edit = put(want, {"properties": {odd_list: odd}})
    assert edit.document == {"properties": {odd_list: odd, other_list: [written]}}


@pytest.mark.parametrize("odd", ["none", [1], 7])
def test_properties_that_are_none_are_not_written_over(odd: Any) -> None:
    document = {"properties": odd}
    assert put({FROM_DEVICE: counts(1, 5)}, document).document is document
    assert FROM_DEVICE in read(document).held_signals


def test_a_put_body_says_everything_but_what_the_server_fills_in() -> None:
    texts = {"displayName": "A", "description": "B", "valueType": "IpCidr"}
    answer = {
        "id": "/…/p",
        "name": "p",
        "type": "Microsoft.Security/deviceSecurityGroups",
        "properties": {
            "thresholdRules": [],
            "timeWindowRules": [rule(D2C) | texts, rule(C2D, on=False) | texts, "odd"],
            "allowlistRules": [allowed("10.0.0.1") | texts | {"severity": "High"}],
            "denylistRules": None,
            "newRules": [{"ruleType": "N", "displayName": "kept"}],
        },
    }
    assert put_body(answer) == {
        "properties": {
            "newRules": [{"ruleType": "N", "displayName": "kept"}],
            "timeWindowRules": [rule(D2C), rule(C2D, on=False), "odd"],
            "allowlistRules": [allowed("10.0.0.1") | {"severity": "High"}],
        }
    }
    assert put_body({"properties": None}) == {"properties": {}}
