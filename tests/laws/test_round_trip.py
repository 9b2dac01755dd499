"""Round trip: to the other cloud and back onto the origin, without an edit, is nothing at all."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from shared.translation.native import Memory
from shared.translation.pairing import Options, pairing
from shared.translation.side import Side
from shared.translation.translators import TRANSLATORS, reading_of, translate
from tests.laws.acceptance import refused_by_aws, refused_by_azure
from tests.laws.aws_documents import described, profiles
from tests.laws.azure_documents import answers, groups
from tests.laws.options import some_options

Document = dict[str, Any]

any_profile = st.one_of(profiles(), profiles(junk=True))
any_group = st.one_of(groups(), groups(junk=True))


@given(any_profile, some_options, st.data())
@settings(settings.get_profile("laws"))
def test_aws_to_azure_and_back(profile: Document, options: Options, data: st.DataObject) -> None:
    shared = pairing(options)
    group = translate(Side.AWS, profile, shared, None, "p").document
    assert refused_by_azure(group) == []
    answer = data.draw(answers(group))
    assert translate(Side.AZURE, answer, shared, profile, "p").document is profile


@given(any_group, some_options, st.data())
@settings(settings.get_profile("laws"))
def test_azure_to_aws_and_back(group: Document, options: Options, data: st.DataObject) -> None:
    shared = pairing(options)
    profile = translate(Side.AZURE, group, shared, None, "p").document
    assert refused_by_aws(profile) == []
    answer = data.draw(described(profile))
    assert translate(Side.AWS, answer, shared, group, "p").document is group


@given(any_profile, any_group, some_options)
@settings(settings.get_profile("laws"))
def test_a_document_put_onto_another_one_shows_the_same_view_there(
    profile: Document, group: Document, options: Options
) -> None:
    """And what either side holds is left alone on the other."""
    shared = pairing(options)
    for source, document, onto in ((Side.AWS, profile, group), (Side.AZURE, group, profile)):
        here, there = (reading_of(side, d, shared) for side, d in ((source, document), (source.other, onto)))
        done = translate(source, document, shared, onto, "p")
        after = reading_of(source.other, done.document, shared)
        refused = {hold.signal for hold in done.holds if hold.code == "values-hidden-beside"}
        left_alone = here.held_signals | there.held_signals | refused
        for signal in shared.pairs:
            wanted = there.atoms if signal in left_alone else here.atoms
            assert after.atoms.get(signal) == wanted.get(signal), signal
        again = translate(source, document, shared, done.document, "p")
        assert again.document is done.document


@given(any_profile, some_options)
@settings(settings.get_profile("laws"))
def test_a_rule_that_is_switched_off_and_on_again_comes_back_as_it_was(
    profile: Document, options: Options
) -> None:
    """With its names, operators, datapoints and settings; only the order of the behaviors may differ."""
    shared, put = pairing(options), TRANSLATORS[Side.AWS].put
    want = reading_of(Side.AWS, profile, shared).atoms
    off = put({}, profile, shared, Memory(), {})
    on = put(want, off.document, shared, off.memory, {})
    assert on.document.keys() == profile.keys()
    assert _unordered(on.document) == _unordered(profile)
    assert on.memory.graveyard == {}


def _unordered(profile: Document) -> list[str]:
    behaviors = profile.get("behaviors", [])
    return sorted(map(repr, behaviors)) if isinstance(behaviors, list) else [repr(behaviors)]


@given(groups(), some_options)
@settings(settings.get_profile("laws"))
def test_a_rule_that_is_parked_and_put_in_force_again_is_as_it_was(group: Document, options: Options) -> None:
    shared, put = pairing(options), TRANSLATORS[Side.AZURE].put
    want = reading_of(Side.AZURE, group, shared).atoms
    off = put({}, group, shared, Memory(), {})
    on = put(want, off.document, shared, Memory(), {})
    assert json.dumps(on.document) == json.dumps(group)
