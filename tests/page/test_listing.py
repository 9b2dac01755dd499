"""The table of policies: filtered and paged by the server."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.operations.page.listing import PAGE, Wanted, listing
from shared.operations.standing import URGENCY, Condition
from shared.sync.link import Link
from tests.page.estate import every_condition, frame, many, named, shown, standing_of
from tests.page.reading import Element


def table_of(links: list[Link], **query: str) -> Element:
    return shown(listing(frame(), standing_of(links), Wanted.read(query)))


def names(page: Element) -> list[str]:
    return [row.one("bdi").text for row in page.all("tr")[1:]]


def test_the_most_urgent_comes_first() -> None:
    ranks = [URGENCY[Condition(name.removesuffix("-pump"))] for name in names(table_of([*every_condition()]))]
    assert ranks == sorted(ranks)
    assert len(ranks) == len(Condition)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"q": "CONF"}, ["conflict-pump"]),
        ({"q": "fleet/pau"}, ["paused-pump"]),
        ({"state": "wait"}, ["paused-pump", "unlinked-pump", "pending-pump", "new-pump"]),
        ({"state": "good"}, ["in-step-pump"]),
        ({"state": "held"}, ["in-step-pump"]),
        ({"state": "gone"}, ["gone-pump"]),
        ({"q": "nothing-like-it"}, []),
        ({"route": "fleet", "q": "new"}, ["new-pump"]),
        ({"route": "other"}, []),
    ],
)
def test_a_filter_shows_what_it_says(query: dict[str, str], expected: list[str]) -> None:
    page = table_of([*every_condition()], **query)
    assert names(page) == expected if expected else "No policy is like that." in page.text


def test_a_page_has_so_many_rows_and_leads_to_the_next() -> None:
    links = [*many(2 * PAGE + 1)]
    seen = [name for number in ("1", "2", "3") for name in names(table_of(links, page=number))]
    assert len(seen) == len(set(seen)) == 2 * PAGE + 1
    first = table_of(links, state="", page="1")
    (following,) = [a for a in first.all("a") if a.text.startswith("Next")]
    assert following.attributes["href"] == "./?page=2#policies"


def test_the_filter_goes_on_to_the_next_page() -> None:
    page = table_of([*many(3 * PAGE)], q="-")
    (following,) = [a for a in page.all("a") if a.text.startswith("Next")]
    assert following.attributes["href"] == "./?q=-&page=2#policies"


def test_a_link_that_waits_for_the_other_function_says_which_cloud() -> None:
    assert "has to write AWS" in table_of([named(Condition.PENDING, "p")]).text


@given(st.dictionaries(st.sampled_from(["q", "state", "route", "page"]), st.text()))
def test_no_query_is_an_error(query: dict[str, str]) -> None:
    wanted = Wanted.read(query)
    assert wanted.page >= 0
    assert shown(listing(frame(), STANDING, wanted)).all("section")


STANDING = standing_of(every_condition())
