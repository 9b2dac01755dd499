"""Applying the patch as AWS documents it gives the wanted profile, and nothing more is ever sent."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.clouds.aws_patch import CLEARED_BY, DESCRIPTION, GIVEN_BY_AWS, CannotPatch, patch

MEMBERS = ("behaviors", "alertTargets", "additionalMetricsToRetainV2", "metricsExportConfig")
values = st.lists(st.integers(), max_size=2)
profiles = st.fixed_dictionaries(
    {"securityProfileName": st.just("pumps"), "version": st.integers(1, 9)},
    optional={DESCRIPTION: st.text(min_size=1, max_size=3), **dict.fromkeys(MEMBERS, values)},
)


def applied(body: dict[str, Any], profile: dict[str, Any]) -> dict[str, Any]:
    """UpdateSecurityProfile as documented: flags clear, present members replace, empty lists do nothing."""
    cleared = {name for name, flag in CLEARED_BY.items() if body.get(flag)}
    kept = {name: value for name, value in profile.items() if name not in cleared}
    return kept | {
        name: value for name, value in body.items() if value and name in (*CLEARED_BY, DESCRIPTION)
    }


def said(profile: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in profile.items() if value and name not in GIVEN_BY_AWS}


@given(profiles, profiles)
def test_the_patch_leads_from_the_base_to_the_document(
    document: dict[str, Any], base: dict[str, Any]
) -> None:
    body = patch(document, base)
    undone = {DESCRIPTION} if not document.get(DESCRIPTION) else set()
    after, wanted = said(applied(body, base)), said(document)
    assert {k: v for k, v in after.items() if k not in undone} == wanted


@given(profiles, profiles)
def test_a_list_and_the_flag_that_clears_it_are_never_sent_together(
    document: dict[str, Any], base: dict[str, Any]
) -> None:
    body = patch(document, base)
    assert [name for name, flag in CLEARED_BY.items() if name in body and flag in body] == []


@given(profiles)
def test_nothing_is_sent_where_nothing_differs(document: dict[str, Any]) -> None:
    assert patch({**document, "version": 99, "lastModifiedDate": 5}, document) == {}


def test_only_what_differs_is_sent() -> None:
    base = {"behaviors": [1], "alertTargets": {"SNS": 1}, DESCRIPTION: "d"}
    assert patch({**base, "behaviors": [1, 2]}, base) == {"behaviors": [1, 2]}


def test_an_emptied_list_is_cleared_by_its_flag() -> None:
    assert patch({"behaviors": []}, {"behaviors": [1]}) == {"deleteBehaviors": True}
    assert patch({}, {"alertTargets": {"SNS": 1}}) == {"deleteAlertTargets": True}


def test_a_list_that_was_empty_in_another_way_is_left_alone() -> None:
    assert patch({"behaviors": []}, {}) == {}


def test_a_description_is_taken_away_by_an_empty_one() -> None:
    assert patch({}, {DESCRIPTION: "d"}) == {DESCRIPTION: ""}


def test_one_spelling_cannot_be_set_while_the_other_is_cleared() -> None:
    base = {"additionalMetricsToRetain": ["a"]}
    with pytest.raises(CannotPatch, match="deleteAdditionalMetricsToRetain"):
        patch({"additionalMetricsToRetainV2": [{"metric": "a"}]}, base)


@pytest.mark.parametrize("member", ["tags", "securityProfileName", "tides"])
def test_what_an_update_cannot_carry_is_named(member: str) -> None:
    with pytest.raises(CannotPatch, match=member):
        patch({member: "new"}, {member: "old"})
