"""A whole list that is understood is read in one go, any other rule by rule: both give the same rules."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings

from shared.translation.azure_parse import LISTS
from shared.translation.pairing import Options, pairing
from shared.translation.side import Side
from shared.translation.translators import TRANSLATORS
from tests.laws.aws_documents import profiles
from tests.laws.azure_documents import groups
from tests.laws.options import some_options

Document = dict[str, Any]

ODD_BEHAVIOR = {"name": "odd", "nobody": "knows"}
ODD_RULE = {"ruleType": "Odd", "isEnabled": True, "nobody": "knows"}


@given(profiles(), some_options)
@settings(settings.get_profile("laws"))
def test_one_odd_behavior_changes_nothing_about_the_others(profile: Document, options: Options) -> None:
    parse, paired = TRANSLATORS[Side.AWS].parse, pairing(options)
    behaviors = profile.get("behaviors") or []
    *others, odd = parse({**profile, "behaviors": [*behaviors, ODD_BEHAVIOR]}, paired).rules
    assert tuple(others) == parse(profile, paired).rules
    assert odd.unknown == {"nobody": "knows"}


@given(groups(), some_options)
@settings(settings.get_profile("laws"))
def test_one_odd_rule_in_each_list_changes_nothing_about_the_others(
    group: Document, options: Options
) -> None:
    parse, paired = TRANSLATORS[Side.AZURE].parse, pairing(options)
    given_lists = group.get("properties") or {}
    odd_lists = {kind: [*(given_lists.get(kind) or []), ODD_RULE] for kind in LISTS}
    rules = parse({**group, "properties": {**given_lists, **odd_lists}}, paired).rules
    assert tuple(rule for rule in rules if rule.native != "Odd") == parse(group, paired).rules
    assert [rule.path for rule in rules if rule.unknown] == [f"{kind}[Odd]" for kind in LISTS]
