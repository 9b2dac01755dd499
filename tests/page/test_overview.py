"""The front page: whether anything is wrong, and what to do about it."""

from __future__ import annotations

from itertools import pairwise

import pytest
from msgspec.structs import replace

from shared.operations.page.attention import SHOWN
from shared.operations.page.listing import Wanted
from shared.operations.page.overview import overview
from shared.operations.standing import LEVELS, Condition, Level, Standing
from shared.sync.link import Scope
from tests.page.estate import CASES, SWEPT, every_condition, frame, many, named, shown, standing_of
from tests.page.reading import Element

ACTING = [condition for condition in CASES if LEVELS[condition] is Level.ACT]


def page_of(standing: Standing, **settings: object) -> Element:
    return shown(overview(frame(**settings), standing, Wanted()))


def verdict(standing: Standing) -> str:
    return page_of(standing).one("h1").text.lstrip("▲◆● ")


@pytest.mark.parametrize(
    ("conditions", "said"),
    [
        ([], "Nothing is mirrored yet."),
        ([Condition.IN_STEP], "The one policy is in step."),
        ([Condition.IN_STEP] * 3 + [Condition.GONE], "All 3 policies are in step."),
        ([Condition.IN_STEP, Condition.PENDING], "Nothing needs you."),
        ([Condition.PAUSED], "Nothing needs you."),
        ([Condition.CONFLICT, Condition.IN_STEP], "1 policy needs you."),
        ([Condition.CONFLICT, Condition.BLOCKED], "2 policies need you."),
    ],
)
def test_the_first_sentence_says_whether_anything_is_wrong(conditions: list[Condition], said: str) -> None:
    links = [named(condition, f"p{number}") for number, condition in enumerate(conditions)]
    assert verdict(standing_of(links)) == said


def test_a_frozen_route_is_said_first() -> None:
    frozen = replace(SWEPT, frozen="more than 2 deletions in an hour")
    page = page_of(standing_of([named(Condition.CONFLICT, "pumps")], frozen))
    assert page.one("h1").text.endswith("Route fleet is frozen. 1 policy needs you.")
    first = page.all("li", class_="card")[0]
    assert "more than 2 deletions in an hour" in first.text
    assert "policy-mirror release fleet" in first.text


@pytest.mark.parametrize("condition", ACTING)
def test_what_waits_stands_with_its_reason_and_the_command(condition: Condition) -> None:
    page = page_of(standing_of([named(condition, "pumps")]))
    (card,) = page.all("li", class_="card")[:1]
    assert card.one("h3").text.startswith("pumps")
    assert card.all("code")
    assert all(code.text.startswith("policy-mirror ") for code in card.all("code"))


def test_there_is_no_button_for_whom_may_not_act() -> None:
    assert not page_of(standing_of(every_condition())).all("a", href="confirm")
    buttons = page_of(standing_of(every_condition()), person=None).all("a", class_="button")
    assert [button.text for button in buttons] == ["Look now"]


def test_who_may_act_has_buttons_that_lead_to_a_confirmation() -> None:
    page = page_of(standing_of([named(Condition.CONFLICT, "a&b")]), person="ada")
    hrefs = {button.text: button.attributes["href"] for button in page.all("a", class_="button")}
    assert hrefs["Take AWS"] == "confirm?command=resolve&route=fleet&name=a%26b&take=aws"


def test_what_is_paused_on_purpose_is_no_task() -> None:
    page = page_of(standing_of([named(Condition.PAUSED, "pumps")], replace(SWEPT, paused=True)))
    assert not page.all("h2", id="attention")


def test_beyond_a_dozen_the_table_has_the_rest() -> None:
    links = [named(Condition.CONFLICT, f"p{number:02}") for number in range(SHOWN + 3)]
    section = page_of(standing_of(links)).one("section", **{"aria-labelledby": "attention"})
    assert len(section.all("li", class_="card")) == SHOWN
    assert "And 3 policies more" in section.text


def test_an_empty_ledger_says_how_to_look_further() -> None:
    page = page_of(standing_of([], Scope("fleet")))
    assert "policy-mirror drift fleet" in page.text


def test_what_is_held_is_told_by_reason_with_what_it_means() -> None:
    page = page_of(standing_of([named(Condition.IN_STEP, "a"), named(Condition.IN_STEP, "b")]))
    row = page.one("section", **{"aria-labelledby": "held"}).all("tr")[1]
    assert row.text.startswith("learned")
    assert "weaker" in row.text
    assert "2 in 2 policies" in row.text


@pytest.mark.parametrize("count", [0, 1, 9, 300])
def test_ids_are_there_once_and_every_label_finds_its_own(count: int) -> None:
    page = page_of(standing_of(many(count)), person="ada")
    ids = [element.attributes["id"] for element in page.all() if "id" in element.attributes]
    assert len(ids) == len(set(ids))
    for element in page.all():
        for name in ("for", "aria-labelledby"):
            assert set((element.attributes.get(name) or "").split()) <= set(ids)


def test_headings_leave_out_no_level() -> None:
    page = page_of(standing_of(every_condition()))
    levels = [int(each.tag[1]) for each in page.all() if each.tag in {"h1", "h2", "h3", "h4"}]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
