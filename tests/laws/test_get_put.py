"""GetPut and Fixpoint: what a document shows already is not written again."""

from __future__ import annotations

import copy
import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from shared.policy.atom import Atom
from shared.translation.native import Memory
from shared.translation.pairing import Options, pairing
from shared.translation.side import Side
from shared.translation.translators import TRANSLATORS, reading_of
from tests.laws.aws_documents import profiles
from tests.laws.azure_documents import groups
from tests.laws.options import edits, some_options

Document = dict[str, Any]
Edits = tuple[Options, Document, list[dict[str, Atom]]]

any_profile = st.one_of(profiles(), profiles(junk=True))
any_group = st.one_of(groups(), groups(junk=True))


def _put_what_it_shows(side: Side, document: Document, options: Options) -> None:
    shared, before = pairing(options), json.dumps(document)
    memory = Memory({"x": ("y",)}, {"mqtt-messages-from-device": ({"name": "gone"},)})
    edit = TRANSLATORS[side].put(reading_of(side, document, shared).atoms, document, shared, memory, {})
    assert edit.document is document
    assert edit.memory is memory
    assert edit.holds == ()
    assert json.dumps(document) == before


@given(any_profile, some_options)
@settings(settings.get_profile("laws"))
def test_a_profile_that_shows_what_is_wanted_is_the_same_object(profile: Document, options: Options) -> None:
    _put_what_it_shows(Side.AWS, profile, options)


@given(any_group, some_options)
@settings(settings.get_profile("laws"))
def test_a_group_that_shows_what_is_wanted_is_the_same_object(group: Document, options: Options) -> None:
    _put_what_it_shows(Side.AZURE, group, options)


def _put_twice(side: Side, edit: Edits) -> None:
    options, document, (want,) = edit
    put, shared, before = TRANSLATORS[side].put, pairing(options), copy.deepcopy(document)
    once = put(want, document, shared, Memory(), {})
    twice = put(want, once.document, shared, once.memory, {})
    assert twice.document is once.document
    assert twice.memory is once.memory
    assert twice.holds == once.holds
    assert document == before


@given(edits(any_profile))
@settings(settings.get_profile("laws"))
def test_putting_into_a_profile_twice_is_putting_once(edit: Edits) -> None:
    _put_twice(Side.AWS, edit)


@given(edits(any_group))
@settings(settings.get_profile("laws"))
def test_putting_into_a_group_twice_is_putting_once(edit: Edits) -> None:
    _put_twice(Side.AZURE, edit)
