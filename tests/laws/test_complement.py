"""Complement: what is held, and what is no rule, is untouched; of a rule that changes, only what must."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import product
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from shared.policy.atom import Atom
from shared.translation.native import Memory
from shared.translation.pairing import Options, pairing
from shared.translation.side import Side
from shared.translation.translators import TRANSLATORS, reading_of
from shared.translation.view import Reading
from tests.laws.aws_documents import profiles
from tests.laws.azure_documents import groups
from tests.laws.options import edits

Document = dict[str, Any]
Edits = tuple[Options, Document, list[dict[str, Atom]]]

any_profile = st.one_of(profiles(), profiles(junk=True))
any_group = st.one_of(groups(), groups(junk=True))


def held(reading: Reading) -> Counter[tuple[str, str]]:
    """What is held and why, without positions: an element without a name may move up."""
    nameless = ((h.path.partition("[#")[0], h.code) for h in reading.holds)
    return Counter(nameless)


def moved(reading: Reading, want: dict[str, Atom], refused: set[str | None]) -> set[str]:
    """Signals that the edit was free to write."""
    signals = reading.atoms.keys() | want.keys()
    changed = {signal for signal in signals if reading.atoms.get(signal) != want.get(signal)}
    return {signal for signal in changed if signal not in reading.held_signals | refused}


def only_members(before: Document, after: Document, members: str) -> None:
    """Nothing but ``members`` differs, and what was there keeps its order."""
    assert [key for key in after if key in before] == list(before)
    for key in before.keys() | after.keys():
        assert key == members or after[key] is before[key], key


@given(edits(any_profile))
@settings(settings.get_profile("laws"))
def test_the_rest_of_a_profile_is_untouched(edit: Edits) -> None:
    options, profile, (want,) = edit
    shared = pairing(options)
    before = reading_of(Side.AWS, profile, shared)
    done = TRANSLATORS[Side.AWS].put(want, profile, shared, Memory(), {})
    only_members(profile, done.document, "behaviors")
    if done.document is profile:
        return
    free = moved(before, want, {hold.signal for hold in done.holds})
    mine = {rule.path for signal in free for rule in before.members.get(signal, ())}
    rest = [b for b in profile.get("behaviors", []) if not _named_in(b, mine)]
    survivors = [b for b in done.document["behaviors"] if any(b is other for other in rest)]
    assert len(survivors) == len(rest)
    assert all(one is other for one, other in zip(survivors, rest, strict=True))
    assert held(reading_of(Side.AWS, done.document, shared)) == held(before)


def _named_in(behavior: Any, paths: set[str]) -> bool:
    return isinstance(behavior, dict) and f"behaviors[{behavior.get('name')}]" in paths


@given(edits(any_profile))
@settings(settings.get_profile("laws"))
def test_a_bound_that_survives_keeps_its_name_operator_style_and_settings(edit: Edits) -> None:
    options, profile, (want,) = edit
    shared = pairing(options)
    before = reading_of(Side.AWS, profile, shared)
    done = TRANSLATORS[Side.AWS].put(want, profile, shared, Memory(), {})
    if done.document is profile:
        return
    behaviors = [b for b in done.document["behaviors"] if isinstance(b, dict)]
    for signal, rules in before.members.items():
        old = [b for b in profile["behaviors"] if _named_in(b, {rule.path for rule in rules})]
        new = [b for b in behaviors if b.get("name") in done.memory.names.get(signal, ())]
        allowed = {"value", "durationSeconds"} if shared.pairs[signal].shares_window else {"value"}
        for was, now in product(old, new):
            if was["name"] == now["name"]:
                assert _changes(was, now) <= allowed
        surviving = [b for b in old if any(b["name"] == now["name"] for now in new)]
        for born in new:
            assert not surviving or born["name"] in [b["name"] for b in old] or _alike(born, surviving[0])


def _alike(born: Document, sibling: Document) -> bool:
    """A bound that is born takes its sibling's datapoints."""
    return _datapoints(born) == _datapoints(sibling)


def _changes(was: Document, now: Document) -> set[str]:
    """Members of the criteria that changed; anything else may not."""
    only_members(was, now, "criteria")
    assert [key for key in now["criteria"] if key in was["criteria"]] == list(was["criteria"])
    keys = was["criteria"].keys() | now["criteria"].keys()
    return {key for key in keys if now["criteria"].get(key) != was["criteria"].get(key)}


def _datapoints(behavior: Document) -> dict[str, Any]:
    return {key: value for key, value in behavior["criteria"].items() if key.startswith("consecutive")}


@given(edits(any_group))
@settings(settings.get_profile("laws"))
def test_the_rest_of_a_group_is_untouched(edit: Edits) -> None:
    options, group, (want,) = edit
    shared = pairing(options)
    before = reading_of(Side.AZURE, group, shared)
    done = TRANSLATORS[Side.AZURE].put(want, group, shared, Memory(), {})
    only_members(group, done.document, "properties")
    if done.document is group:
        return
    free = moved(before, want, {hold.signal for hold in done.holds})
    types = {shared.pairs[signal].rule_type for signal in free}
    was, now = group.get("properties") or {}, done.document["properties"]
    assert [kind for kind in now if kind in was] == list(was)
    for kind in was:
        _same_rules(list(was[kind] or []), list(now[kind] or []), types)
    after = reading_of(Side.AZURE, done.document, shared)
    assert set(_held_of_others(after, types)) == set(_held_of_others(before, types))


def _same_rules(was: list[Any], now: list[Any], types: set[str]) -> None:
    """In place: a rule that changes keeps what is not its limits; the others are the very same."""
    for old, new in zip(was, now, strict=False):
        if not isinstance(old, dict) or str(old.get("ruleType")) not in types:
            assert new is old or new == {**old, "allowlistValues": []}
            continue
        changed = {key for key in old.keys() | new.keys() if old.get(key) != new.get(key)}
        limits = {"minThreshold", "maxThreshold", "timeWindowSize", "allowlistValues", "isEnabled"}
        assert changed <= ({"isEnabled"} if not new["isEnabled"] else limits)
    assert all(rule["ruleType"] in types for rule in now[len(was) :])


def _held_of_others(reading: Reading, types: set[str]) -> Iterator[tuple[str, str]]:
    """A rule that was parked or is parked now is held as such: that is what changed."""
    for hold in reading.holds:
        if not (hold.code == "parked" and any(rule_type in hold.path for rule_type in types)):
            yield hold.path, hold.code
