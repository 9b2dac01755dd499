"""Explain: every rule of any document is explained, and no hold, loss or note is left untold."""

from __future__ import annotations

from collections import Counter
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from shared.policy.loss import Effect
from shared.translation.explain import Explanation, Standing, explain
from shared.translation.pairing import Options, pairing
from shared.translation.report import report
from shared.translation.side import Side
from shared.translation.translators import reading_of
from tests.laws.aws_documents import profiles
from tests.laws.azure_documents import groups
from tests.laws.options import some_options

Document = dict[str, Any]
any_profile = st.one_of(profiles(), profiles(junk=True))
any_group = st.one_of(groups(), groups(junk=True))


def _told(side: Side, document: Document, options: Options) -> Explanation:
    shared = pairing(options)
    explained = explain(side, document, shared)
    reading = reading_of(side, document, shared)
    assert [rule.path for rule in explained.rules] == [rule.path for rule in reading.policy.rules]
    losses, notes = report(reading, side, shared)
    wanted = {(item.path, item.code) for item in (*losses, *notes)}
    wanted |= {(held.path, held.code) for held in reading.holds}
    told = [(r.path, r.code) for r in explained.members]
    told += [(r.path, r.code) for rule in explained.rules for r in rule.remarks]
    assert set(told) == wanted
    for rule in explained.rules:
        _consistent(rule.to_json(), reading.atoms.keys())
    return explained


def _consistent(rule: Document, shared: Any) -> None:
    assert rule["means"].endswith(".")
    assert rule["means"].isprintable()
    assert (rule["twin"] is None) == (rule["standing"] in ("held", "parked"))
    if rule["standing"] == "shared":
        assert rule["signal"] in shared
    if rule["standing"] == "parked":
        assert rule["detection"]["effect"] == "none"


@settings(settings.get_profile("laws"))
@given(any_profile, some_options)
def test_a_profile_is_explained_whole(document: Document, options: Options) -> None:
    _told(Side.AWS, document, options)


@settings(settings.get_profile("laws"))
@given(any_group, some_options)
def test_a_group_is_explained_whole(document: Document, options: Options) -> None:
    _told(Side.AZURE, document, options)


@given(any_profile, any_group, some_options)
def test_two_documents_agree_on_what_they_share(aws: Document, azure: Document, options: Options) -> None:
    """A signal is shared, or differs, on both sides alike wherever both state it."""
    shared = pairing(options)
    here = _standings(explain(Side.AWS, aws, shared, azure))
    there = _standings(explain(Side.AZURE, azure, shared, aws))
    atoms = [reading_of(side, d, shared).atoms for side, d in ((Side.AWS, aws), (Side.AZURE, azure))]
    for signal in here.keys() & there.keys():
        agree = atoms[0][signal] == atoms[1][signal]
        wanted = Standing.SHARED if agree else Standing.DIFFERS
        assert {here[signal], there[signal]} == {wanted}


def _standings(explanation: Explanation) -> dict[str, Standing]:
    both = (Standing.SHARED, Standing.DIFFERS)
    return {str(rule.signal): rule.standing for rule in explanation.rules if rule.standing in both}


@given(any_profile)
def test_the_counts_are_those_of_the_rules(document: Document) -> None:
    explained = explain(Side.AWS, document, pairing())
    answer = explained.to_json()
    counted = Counter(str(rule.standing) for rule in explained.rules)
    assert {kind: number for kind, number in answer["counts"].items() if number} == counted
    assert sum(answer["detection"].values()) == len(explained.rules)
    assert answer["detection"].keys() == {str(effect) for effect in Effect}
