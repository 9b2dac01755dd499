"""PutGet: afterwards the document shows what was wanted, also once its cloud has told it in its own words."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from shared.policy.atom import Atom, View
from shared.translation.native import Edit, Memory
from shared.translation.pairing import Options, pairing
from shared.translation.side import Side
from shared.translation.translators import TRANSLATORS, reading_of
from shared.translation.view import Reading
from tests.laws.acceptance import refused_by_aws, refused_by_azure
from tests.laws.aws_documents import described, profiles
from tests.laws.azure_documents import answers, groups, hidden
from tests.laws.options import edits

Document = dict[str, Any]
Edits = tuple[Options, Document, list[dict[str, Atom]]]

any_profile = st.one_of(profiles(), profiles(junk=True))
any_group = st.one_of(groups(), groups(junk=True))


def shows(want: View, before: Reading, after: Reading, edit: Edit) -> None:
    """Every signal shows what was wanted, but for those that are held: they show what they did."""
    refused = {hold.signal for hold in edit.holds}
    assert after.held_signals == before.held_signals
    for signal in want.keys() | before.atoms.keys() | after.atoms.keys():
        kept = signal in refused or signal in before.held_signals
        assert after.atoms.get(signal) == (before.atoms if kept else want).get(signal), signal


@given(edits(any_profile, most=3), st.data())
@settings(settings.get_profile("laws"))
def test_a_profile_shows_what_was_put_into_it(edit: Edits, data: st.DataObject) -> None:
    """Time and again, with what is remembered from one edit to the next."""
    options, profile, wants = edit
    shared, memory = pairing(options), Memory()
    for want in wants:
        before = reading_of(Side.AWS, profile, shared)
        done = TRANSLATORS[Side.AWS].put(want, profile, shared, memory, {})
        profile, memory = done.document, done.memory
        shows(want, before, reading_of(Side.AWS, profile, shared), done)
    shows(want, before, reading_of(Side.AWS, data.draw(described(profile)), shared), done)


@given(edits(any_group, most=2), st.data())
@settings(settings.get_profile("laws"))
def test_a_group_shows_what_was_put_into_it(edit: Edits, data: st.DataObject) -> None:
    options, group, wants = edit
    shared = pairing(options)
    for want in wants:
        before = reading_of(Side.AZURE, group, shared)
        done = TRANSLATORS[Side.AZURE].put(want, group, shared, Memory(), {})
        group = done.document
        shows(want, before, reading_of(Side.AZURE, group, shared), done)
    shows(want, before, reading_of(Side.AZURE, data.draw(answers(group)), shared), done)


@given(edits(groups(), most=2))
@settings(settings.get_profile("laws"))
def test_a_group_that_hides_its_values_shows_what_was_last_put_into_it(edit: Edits) -> None:
    options, group, wants = edit
    shared = pairing(options)
    last = reading_of(Side.AZURE, group, shared).atoms
    group = hidden(group)
    for want in wants:
        before = reading_of(Side.AZURE, group, shared, last)
        done = TRANSLATORS[Side.AZURE].put(want, group, shared, Memory(), last)
        if done.holds:  # a list in force that was never written from here: nothing may be written beside it
            assert done.document is group
            continue
        sent, group, last = done.document, hidden(done.document), want
        shows(want, before, reading_of(Side.AZURE, sent, shared, last), done)
        shows(want, before, reading_of(Side.AZURE, group, shared, last), done)


@given(edits(profiles(), most=3))
@settings(settings.get_profile("laws"))
def test_a_profile_that_aws_takes_is_still_one_afterwards(edit: Edits) -> None:
    options, profile, wants = edit
    memory = Memory()
    assert refused_by_aws(profile) == []
    for want in wants:
        done = TRANSLATORS[Side.AWS].put(want, profile, pairing(options), memory, {})
        profile, memory = done.document, done.memory
        assert refused_by_aws(profile) == []


@given(edits(groups()), st.booleans())
@settings(settings.get_profile("laws"))
def test_a_group_that_azure_takes_is_still_one_afterwards(edit: Edits, hides: bool) -> None:
    options, group, (want,) = edit
    assert refused_by_azure(group) == []
    told = hidden(group) if hides else group
    done = TRANSLATORS[Side.AZURE].put(want, told, pairing(options), Memory(), {})
    assert done.document is told or refused_by_azure(done.document) == []
