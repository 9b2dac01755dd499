"""Every merge of small rules, against the same rules of merging written down as naively as can be."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import chain, combinations, product
from typing import Any

from shared.policy.atom import AllowAtom, RangeAtom
from shared.policy.merge import WHOLE, Ends, Resolution, merge
from tests.laws.naive_merge import naive

RESOLUTIONS: tuple[Resolution, ...] = ("hold", "strictest", "prefer-left", "prefer-right")
_SMALL = (RangeAtom(lo, hi, window) for lo, hi, window in product((0, 2), (1, 2, None), (300, 900)))
RANGES: list[Any] = [None, *(atom for atom in _SMALL if atom.statable)]
SETS = chain.from_iterable(combinations("abc", size) for size in (1, 2, 3))
LISTS: list[Any] = [None, *(AllowAtom(frozenset(values)) for values in SETS)]


def _agree(atoms: Iterable[Any]) -> int:
    checked = 0
    values = list(atoms)
    for shadow, now in product(map(Ends._make, product(values, repeat=2)), repeat=2):
        for resolution in RESOLUTIONS:
            result = merge(shadow, now, resolution)
            conflicts = {conflict.field: conflict.resolved for conflict in result.conflicts}
            expected = naive(shadow, now, resolution)
            assert (*result.want, conflicts) == expected, (shadow, now, resolution)
            checked += 1
    return checked


def test_every_merge_of_small_ranges_is_the_naive_one() -> None:
    assert _agree(RANGES) == len(RANGES) ** 4 * 4 == 26_244


def test_every_merge_of_small_lists_is_the_naive_one() -> None:
    assert _agree(LISTS) == len(LISTS) ** 4 * 4 == 16_384


def test_a_field_in_dispute_stays_so_until_both_sides_say_the_same() -> None:
    for shadow, now in product(map(Ends._make, product(RANGES, repeat=2)), repeat=2):
        merged = merge(shadow, now, disputed=frozenset({"hi"}))
        if getattr(now.left, "hi", "no rule") != getattr(now.right, "hi", "no rule"):
            assert merged.open_fields & {"hi", WHOLE}
        else:
            assert merged.conflicts == merge(shadow, now).conflicts


def test_a_rule_in_dispute_is_taken_as_a_whole() -> None:
    for values in (RANGES, LISTS):
        for shadow, now in product(map(Ends._make, product(values, repeat=2)), repeat=2):
            merged = merge(shadow, now, disputed=frozenset({WHOLE}))
            assert merged.want == now
            assert bool(merged.conflicts) is (now.left != now.right)
