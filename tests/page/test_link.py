"""One policy in full: both documents side by side, what is held, in conflict, and what happened."""

from __future__ import annotations

import json

import pytest

from shared.errors import Denied, MirrorError, Unreachable
from tests.page.asking import WHERE, Browser
from tests.page.reading import Element
from tests.unit.operations.asking import ask, bound, conflicting
from tests.unit.sync.documents import LEARNED, at_most, group, profile
from tests.unit.sync.world import World, world


def shown(w: World, **where: str) -> Element:
    browser = Browser(w)
    page = browser.get("link", **{**WHERE, **where})
    assert browser.reply.status == 200
    return page


def rows(page: Element) -> list[Element]:
    return page.one("table", class_="documents").all("tr")[1:]


def documents(row: Element) -> list[list[object]]:
    """The JSON in the first and in the last cell."""
    cells = row.all("td")
    return [[json.loads(pre.text) for pre in cell.all("pre")] for cell in (cells[0], cells[-1])]


def test_the_rule_that_both_state_stands_in_one_row_with_what_it_means() -> None:
    first = rows(shown(bound()))[0]
    aws, azure = documents(first)
    assert [each["metric"] for each in aws] == ["aws:num-messages-sent"]  # type: ignore[index]
    assert [each["ruleType"] for each in azure] == ["MqttD2CMessagesNotInAllowedRange"]  # type: ignore[index]
    middle = first.one("th").text
    assert "mqtt-messages-from-device" in middle
    assert "at most 100 in 5 min" in middle
    assert "the same on both sides" in middle


def test_two_bounds_of_aws_stand_beside_the_one_rule_of_azure() -> None:
    w = world()
    w.in_step("pumps", profile(sent=(5, 100, 300)), group(sent=(5, 100, 300)))
    aws, azure = documents(rows(shown(w))[0])
    assert (len(aws), len(azure)) == (2, 1)


def test_every_rule_of_both_documents_is_shown_once() -> None:
    w = bound()
    w.aws.put("pumps", profile(LEARNED, sent=at_most(60)))
    page = shown(w)
    told = [json.dumps(each) for row in rows(page)[:-1] for side in documents(row) for each in side]
    properties = w.azure.census()["pumps"].document["properties"]  # type: ignore[union-attr]
    azure = [*properties["timeWindowRules"], *properties["allowlistRules"]]
    native = [*w.aws.document()["behaviors"], *azure]
    assert sorted(told) == sorted(map(json.dumps, native))


def test_a_rule_that_differs_says_what_each_side_says() -> None:
    first = rows(shown(conflicting()))[0]
    assert first.attributes["class"] == "differs"
    middle = first.one("th").text
    assert "AWS: at most 60 in 5 min" in middle
    assert "Azure: at most 80 in 5 min" in middle


def test_a_held_rule_stands_alone_with_its_reason() -> None:
    w = bound()
    w.aws.put("pumps", profile(LEARNED, sent=at_most(100)))
    (held,) = [row for row in rows(shown(w)) if row.attributes["class"] == "held"]
    assert "only on AWS" in held.one("th").text
    assert "a model learns what is normal" in held.one("th").text


def test_a_conflict_is_told_with_both_values_and_the_one_before() -> None:
    line = shown(conflicting()).one("section", **{"aria-labelledby": "conflicts"}).all("tr")[1]
    assert [cell.text for cell in (*line.all("th"), *line.all("td"))] == [
        "mqtt-messages-from-device",
        "at most",
        "100",
        "60",
        "80",
    ]


def test_what_a_look_would_write_is_told_and_not_written() -> None:
    w = bound()
    w.azure.put("pumps", group(sent=at_most(70)))
    outlook = shown(w).one("section", **{"aria-labelledby": "outlook"})
    assert "Change it on AWS" in outlook.text
    assert "was at most 100 in 5 min → became at most 70 in 5 min" in outlook.text
    lines = {kind: [line.text for line in outlook.all("span", class_=kind)] for kind in ("removed", "added")}
    assert lines == {"removed": ['- "count": 100'], "added": ['+ "count": 70']}
    assert w.took() == []


@pytest.mark.parametrize("error", [Unreachable("aws", "no answer"), Denied("azure", "no right to read")])
def test_where_a_cloud_does_not_answer_the_ledger_still_does(
    monkeypatch: pytest.MonkeyPatch, error: MirrorError
) -> None:
    w = conflicting()

    def read(name: str, *, whole: bool = False) -> None:
        raise error

    monkeypatch.setattr(w.azure, "read", read)
    page = shown(w)
    assert f"From the ledger only: {error}" in page.text
    assert page.all("h2", id="todo")
    assert not page.all("table", class_="documents")


def test_a_policy_that_nobody_has_is_shown_as_that() -> None:
    page = shown(world(), name="ghost")
    assert page.one("h1").text.startswith("ghost")
    assert "the policy is not there" in page.text


def test_its_history_tells_what_was_mirrored() -> None:
    w = bound()
    w.aws.put("pumps", profile(sent=at_most(60)))
    w.look()
    ask(w, "pause", **WHERE, by="ada")
    items = shown(w).one("ol", class_="timeline").all("li")
    told = [item.text for item in items if "mirrored" in (item.attributes.get("class") or "")]
    assert "Mirrored AWS → Azure by local" in told[0]
    assert "was at most 100 in 5 min → became at most 60 in 5 min" in told[0]
    assert "Paused by ada" in items[0].text


def test_a_name_that_no_route_covers_is_not_even_read() -> None:
    browser = Browser(world())
    assert "does not cover" in browser.get("link", route="fleet", name="default").text
    assert browser.reply.status == 400
