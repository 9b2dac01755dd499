"""The first names of a listing, of pages in any order, without holding the rest."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from shared.errors import Unreachable
from shared.operations.listings import OLDEST, Listings, first_names
from shared.sync import effects as do
from shared.sync.ports import Found
from shared.translation.side import Side
from tests.unit.sync.documents import at_most, group

Page = Mapping[str, Found | None]
names = st.text("abXY0-\u00e9\U0001f600", min_size=1, max_size=3)


def found(name: str) -> Found:
    return Found(name, {**group(sent=at_most(len(name))), "odd": ["\ud800", 10**30, None, 1.5]})


@given(st.lists(st.lists(names, max_size=9), max_size=9), names | st.just(""), st.integers(1, 12))
def test_they_are_those_of_the_whole_listing_in_order(pages: list[list[str]], after: str, most: int) -> None:
    told = first_names([{name: found(name) for name in page} for page in pages], after, most)
    behind = sorted({name for page in pages for name in page if name > after})
    assert dict(told.found) == {name: found(name) for name in behind[:most]}
    assert list(told.found) == behind[:most]
    assert told.end == (behind[most - 1] if len(behind) > most else None)


@pytest.mark.parametrize(
    ("age", "having", "now", "enough"),
    [
        (60.0, None, 1059.0, True),
        (60.0, None, 1060.0, False),
        (60.0, None, 999.0, False),  # a clock that was put back
        (0.0, None, 1000.0, False),
        (0.0, "pumps", 1000.0, True),
        (0.0, "pumps", 1000.0 + OLDEST, False),
        (0.0, "valves", 1000.0, False),
    ],
)
def test_a_listing_serves_for_as_long_as_is_asked_or_while_it_has_a_name(
    age: float, having: str | None, now: float, enough: bool
) -> None:
    kept = Listings()
    kept.keep(Side.AWS, 1000.0, ["pumps"])
    wanted = do.Census(Side.AWS, age, having)
    assert kept.find(wanted, now) == ({"pumps": None} if enough else None)
    assert kept.find(replace(wanted, side=Side.AZURE), now) is None


def test_names_without_documents_stay_so() -> None:
    assert dict(first_names([{"b": None}, {"a": None}], "", 9).found) == {"a": None, "b": None}


def test_half_a_listing_is_none() -> None:
    def pages() -> Iterator[Page]:
        yield {"a": None}
        raise Unreachable("aws", "503")

    with pytest.raises(Unreachable):
        first_names(pages(), "", 9)


def test_no_more_are_held_than_are_asked_for_and_a_page() -> None:
    held: list[int] = []

    class Told(dict[str, None]):
        """Says when it was dropped."""

        def __del__(self) -> None:
            held.append(-1)

    def pages() -> Iterator[Page]:
        for number in reversed(range(500)):
            held.append(1)
            yield Told({f"{number:03}": None})

    assert list(first_names(pages(), "", 5).found) == [f"{number:03}" for number in range(5)]
    assert max(sum(held[:end]) for end in range(len(held))) <= 2
