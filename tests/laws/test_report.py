"""Report: whatever a fresh round trip changes is named, and an empty report means that nothing changed."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from shared.policy.loss import Fidelity, Hold, Loss
from shared.translation.codes import HOLDS, LOSSES, NOTES
from shared.translation.pairing import Options, pairing
from shared.translation.side import Side
from shared.translation.translators import Translation, reading_of, translate
from tests.laws.aws_documents import profiles
from tests.laws.azure_documents import groups
from tests.laws.differences import of_groups, of_profiles, unnamed
from tests.laws.options import some_options

Document = dict[str, Any]

any_profile = st.one_of(profiles(), profiles(junk=True))
any_group = st.one_of(groups(), groups(junk=True))
DIFFERENCES = {Side.AWS: of_profiles, Side.AZURE: of_groups}


def _there_and_back(side: Side, document: Document, options: Options) -> None:
    shared = pairing(options)
    there = translate(side, document, shared, None, "p")
    back = translate(side.other, there.document, shared, None, "p").document
    _well_formed(there)
    named = {item.path for item in _items(there)}
    assert unnamed(DIFFERENCES[side](document, back), named) == []
    view = reading_of(side, document, shared).atoms
    assert reading_of(side.other, there.document, shared).atoms == view
    assert reading_of(side, back, shared).atoms == view
    if not there.losses and not there.holds:
        spelt = {item.path for item in there.notes if item.fidelity is Fidelity.NORMALIZED}
        assert unnamed(DIFFERENCES[side](document, back), spelt) == []


def _items(translation: Translation) -> list[Loss | Hold]:
    return [*translation.losses, *translation.notes, *translation.holds]


def _well_formed(translation: Translation) -> None:
    for item in (*translation.losses, *translation.notes):
        assert item.code in (LOSSES if item in translation.losses else NOTES)
        assert list(item.to_json()) == ["path", "fidelity", "effect", "code", "before", "after", "reason"]
        assert item.reason
    for hold in translation.holds:
        assert hold.code in HOLDS
        assert list(hold.to_json()) == ["path", "code", "reason"]
    json.dumps([item.to_json() for item in _items(translation)])
    json.dumps(translation.policy.to_json())


@given(any_profile, some_options)
@settings(settings.get_profile("laws"))
def test_what_a_profile_loses_on_azure_is_named(profile: Document, options: Options) -> None:
    _there_and_back(Side.AWS, profile, options)


@given(any_group, some_options)
@settings(settings.get_profile("laws"))
def test_what_a_group_loses_on_aws_is_named(group: Document, options: Options) -> None:
    _there_and_back(Side.AZURE, group, options)
