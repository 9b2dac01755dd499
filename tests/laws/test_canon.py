"""Canon: one text, hence one hash, exactly when two views are equal."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from shared.policy.atom import AllowAtom, Atom, RangeAtom, atom_from_json, atom_to_json
from shared.policy.canon import canonical, digest
from shared.translation.pairing import Options, pairing
from shared.translation.side import Side
from shared.translation.translators import reading_of
from tests.laws.aws_documents import profiles
from tests.laws.azure_documents import answers, groups
from tests.laws.options import CUSTOM, LISTS, RANGES, some_options, views

any_view = some_options.flatmap(views)
any_profile = st.one_of(profiles(), profiles(junk=True))
any_group = st.one_of(groups(), groups(junk=True))


@given(any_view, any_view)
@settings(settings.get_profile("laws"))
def test_the_digest_is_equal_exactly_when_the_views_are(one: dict[str, Atom], other: dict[str, Atom]) -> None:
    assert (digest(one) == digest(other)) == (canonical(one) == canonical(other)) == (one == other)


def test_no_two_atoms_share_a_digest() -> None:
    atoms: list[Atom] = [*RANGES, *LISTS, RangeAtom(5, 9, None), AllowAtom(frozenset({"1", "2"}))]
    apart = [AllowAtom(frozenset({"1,2"})), AllowAtom(frozenset({'1","2'})), AllowAtom(frozenset({"None"}))]
    digests = {digest({"signal": atom}) for atom in (*atoms, *apart)}
    assert len(digests) == len(atoms) + len(apart)


@given(any_view)
@settings(settings.get_profile("laws"))
def test_canon_is_idempotent_and_knows_no_order(view: dict[str, Atom]) -> None:
    again = {signal: atom_from_json(atom) for signal, atom in json.loads(canonical(view)).items()}
    assert again == view
    assert canonical(again) == canonical(dict(reversed(view.items()))) == canonical(view)
    for atom in view.values():
        assert atom_to_json(atom_from_json(atom_to_json(atom))) == atom_to_json(atom)


@given(any_group, some_options, st.data())
@settings(settings.get_profile("laws"))
def test_how_azure_spells_a_group_does_not_matter(
    group: dict[str, Any], options: Options, data: st.DataObject
) -> None:
    answer, shared = data.draw(answers(group)), pairing(options)
    one, other = (reading_of(Side.AZURE, document, shared) for document in (group, answer))
    assert digest(one.atoms) == digest(other.atoms)


def test_two_enabled_rules_that_differ_in_anything_have_two_digests() -> None:
    shared = pairing(Options(custom=CUSTOM))
    rule = {"ruleType": "FailedLocalLoginsNotInAllowedRange", "isEnabled": True}
    variants = [
        rule | {"minThreshold": low, "maxThreshold": high, "timeWindowSize": window}
        for low, high, window in [(0, 5, "PT5M"), (1, 5, "PT5M"), (1, 6, "PT5M"), (1, 5, "PT15M")]
    ]
    variants.append(variants[1] | {"ruleType": "MqttD2CMessagesNotInAllowedRange"})
    documents = [{"properties": {"timeWindowRules": [variant]}} for variant in variants]
    digests = {digest(reading_of(Side.AZURE, document, shared).atoms) for document in documents}
    assert len(digests) == len(variants)
