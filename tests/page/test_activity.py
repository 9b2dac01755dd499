"""The view of what happened: charts that count what the journal and the sweeps say."""

from __future__ import annotations

from msgspec.structs import replace

from shared.operations.page.activity import activity, charts
from shared.operations.page.changes import Recent, changes
from shared.operations.page.timeline import timeline
from shared.routes.options import pairing_options
from shared.sync.link import Scope
from shared.sync.tally import HOUR
from shared.translation.pairing import pairing
from shared.translation.side import Side
from tests.page.estate import NOW, frame, shown
from tests.page.reading import Element
from tests.page.test_changes import END, INTENT
from tests.unit.operations.asking import bound
from tests.unit.sync.documents import at_most, group, profile

HOUR_NOW = int(NOW // HOUR)
TO_AZURE = [replace(INTENT, at=NOW - 70, detail={"event_at": NOW - 73}), replace(END, at=NOW - 69)]
TO_AWS = [replace(INTENT, at=NOW - 10, side=Side.AWS, detail={}), replace(END, at=NOW - 9)]


def drawn(recent: Recent, *scopes: Scope) -> Element:
    return shown(charts(frame(), recent, scopes))


def numbers(page: Element, title: str) -> list[list[str]]:
    figure = next(each for each in page.all("figure") if each.one("h3").text == title)
    return [[cell.text for cell in row.all("td")] for row in figure.all("tr")[1:]]


def test_an_edit_is_counted_on_the_side_where_it_was_made() -> None:
    page = drawn(Recent((*changes(TO_AWS), *changes(TO_AZURE))))
    assert numbers(page, "Edits mirrored") == [["1", "0"], ["0", "1"]]


def test_a_change_of_both_sides_is_one_edit_made_on_neither() -> None:
    """A policy file that was imported, for one."""
    there = [replace(INTENT, at=NOW - 10), replace(INTENT, at=NOW - 10, side=Side.AWS)]
    page = drawn(Recent((*changes([*there, replace(END, at=NOW - 9)]), *changes(TO_AZURE))))
    assert numbers(page, "Edits mirrored") == [["1", "0", "0"], ["0", "0", "1"]]
    assert page.all("desc")[0].text.startswith("2 edits since ")


def test_only_edits_whose_event_told_a_time_have_a_delay() -> None:
    page = drawn(Recent((*changes(TO_AWS), *changes(TO_AZURE))))
    assert numbers(page, "From edit to mirror") == [["1", "4.0 s", "4.0 s"]]


def test_what_is_held_is_summed_over_the_routes_and_holds_until_the_next_count() -> None:
    one = Scope("a", tally={HOUR_NOW - 3: (5, 10, 1), HOUR_NOW - 1: (5, 12, 0)})
    two = Scope("b", tally={HOUR_NOW - 2: (2, 3, 2)})
    page = drawn(Recent(), one, two)
    assert numbers(page, "Held, and waiting") == [["10", "1"], ["13", "3"], ["15", "2"], ["15", "2"]]
    assert page.one("desc").text == "15 held and 2 waiting when last swept."


def test_where_nothing_was_counted_there_is_no_chart() -> None:
    assert not drawn(Recent(), Scope("a")).all("figure")
    page = shown(activity(frame(), Recent(), [Scope("a")], lambda _: None))
    assert page.one("p", class_="empty").text == "Nothing has been mirrored or decided yet."


def test_what_became_the_same_on_both_sides_is_told_once() -> None:
    shares = pairing(pairing_options(bound().route))
    before, after = ({Side.AWS: profile(sent=at_most(n)), Side.AZURE: group(sent=at_most(n))} for n in (9, 7))
    intents = [replace(INTENT, side=side, before=before[side], after=after[side]) for side in Side]
    page = shown(timeline(frame(), changes([*intents, END]), lambda _: shares))
    (rule,) = page.one("ul", class_="rules").all("li")
    assert "at most 9" in rule.text
    assert "at most 7" in rule.text
