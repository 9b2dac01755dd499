"""Whatever a cloud says is in the policy: a document can be made again of what it was read as."""

from __future__ import annotations

from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from shared.translation.pairing import Options, pairing
from shared.translation.side import Side
from shared.translation.translators import TRANSLATORS
from tests.laws import said_again
from tests.laws.aws_documents import profiles
from tests.laws.azure_documents import groups
from tests.laws.differences import AWS_OWN, TEXTS
from tests.laws.options import some_options
from tests.laws.said_again import without_empty

Document = dict[str, Any]

any_profile = st.one_of(profiles(), profiles(junk=True))
any_group = st.one_of(groups(), groups(junk=True))


@given(any_profile, some_options)
@settings(settings.get_profile("laws"))
def test_a_profile_can_be_made_again_of_its_policy(profile: Document, options: Options) -> None:
    policy = TRANSLATORS[Side.AWS].parse(profile, pairing(options))
    told = {key: value for key, value in profile.items() if key not in AWS_OWN and value not in ({}, "")}
    assert without_empty(said_again.profile(policy)) == without_empty(told)


@given(any_group, some_options)
@example({"properties": {"allowlistRules": [{"ruleType": "", "isEnabled": True}]}}, Options())
@settings(settings.get_profile("laws"))
def test_a_group_can_be_made_again_of_its_policy(group: Document, options: Options) -> None:
    policy = TRANSLATORS[Side.AZURE].parse(group, pairing(options))
    made = said_again.group(policy)
    told = {key: value for key, value in group.items() if key not in {"id", "type"}}
    assert _lists(made) == _lists(told)


def _lists(group: Document) -> Any:
    """Without the texts that Azure fills in, and without lists of nothing."""
    properties = group.get("properties")
    if not isinstance(properties, dict):
        return without_empty({**group, "properties": properties or {}})
    told = {}
    for kind, rules in properties.items():
        told[kind] = [_without_texts(rule) for rule in rules] if isinstance(rules, list) else rules
    return without_empty(
        {**group, "properties": {kind: rules for kind, rules in told.items() if rules != []}}
    )


def _without_texts(rule: Any) -> Any:
    return {key: value for key, value in rule.items() if key not in TEXTS} if isinstance(rule, dict) else rule
