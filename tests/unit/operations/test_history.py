"""``history`` and ``show``: who changed what, page by page, and whether anybody changed the journal."""

from __future__ import annotations

from typing import Any

import pytest

from shared.operations.commands.journal import differences
from shared.operations.commands.schema.fields import Exit
from shared.sync.journal import entry_hash
from shared.sync.link import Entry, LinkKey
from shared.translation.side import Side
from tests.unit.operations.asking import LINK, ask, bound, refused
from tests.unit.sync.documents import at_most, group, profile
from tests.unit.sync.world import LAMBDA, World


def lively(edits: int = 6) -> World:
    """A link that AWS edited so often, each edit mirrored: an intent and its end for each."""
    w = bound()
    for n in range(edits):
        w.aws.put("pumps", profile(sent=at_most(90 - n)))
        w.later(600, worker=LAMBDA)
    return w


def revs(answer: Any) -> list[int]:
    return [entry["rev"] for entry in answer["entries"]]


def test_the_newest_comes_first_and_pages_follow_each_other() -> None:
    w = lively()
    first = ask(w, "history", **LINK, limit=5)
    assert (revs(first), first["total"], first["next"]) == ([12, 11, 10, 9, 8], 12, 8)
    second = ask(w, "history", **LINK, limit=5, before=first["next"])
    third = ask(w, "history", **LINK, limit=5, before=second["next"])
    assert (revs(second), revs(third), third["next"]) == ([7, 6, 5, 4, 3], [2, 1], None)


def test_the_oldest_comes_first_from_any_entry_on() -> None:
    w = lively()
    first = ask(w, "history", **LINK, limit=5, since=1)
    assert (revs(first), first["next"]) == ([1, 2, 3, 4, 5], 6)
    second = ask(w, "history", **LINK, limit=5, since=first["next"])
    third = ask(w, "history", **LINK, limit=5, since=second["next"])
    assert (revs(second), revs(third), third["next"]) == ([6, 7, 8, 9, 10], [11, 12], None)
    assert "choose one" in refused(w, "history", **LINK, since=1, before=9)


def test_what_was_exported_can_be_checked_without_the_ledger() -> None:
    """With nothing but what an entry says: its hash is recomputed, and is what the next one carries."""
    w = lively(2)
    exported = ask(w, "history", **LINK, since=1, documents=True)["entries"]
    hashes = []
    for told in exported:
        entry = Entry(
            LinkKey("fleet", "pumps"),
            told["rev"],
            told["seconds"],
            told["actor"],
            told["decision"],
            None if told["side"] is None else Side(told["side"]),
            told["before"],
            told["after"],
            told["plan"],
            told["detail"],
            told["prev"] or "",
        )
        hashes.append(entry_hash(entry))
    assert [told["hash"] for told in exported] == hashes
    assert [told["prev"] for told in exported[1:]] == hashes[:-1]
    assert hashes[-1] == w.link().head


def test_entries_are_asked_for_by_decision_and_actor() -> None:
    w = lively(2)
    ask(w, "pause", **LINK, by="alice via terminal")
    assert revs(ask(w, "history", **LINK, decision="intent")) == [3, 1]
    assert revs(ask(w, "history", **LINK, actor="ALICE")) == [5]
    assert revs(ask(w, "history", **LINK, actor="nobody")) == []


def test_an_entry_tells_time_actor_decision_side_and_plan() -> None:
    w = lively(1)
    committed, intent = ask(w, "history", **LINK)["entries"]
    assert intent["at"] == "2027-01-15T08:10:00+00:00"
    assert (intent["actor"], intent["decision"], intent["side"]) == ("aws-lambda", "intent", "azure")
    assert intent["plan"] == committed["plan"]
    assert (intent["restorable"], committed["restorable"]) == (True, False)
    assert "before" not in intent


def test_show_tells_both_documents_and_what_changed_between_them() -> None:
    w = lively(1)
    answer = ask(w, "show", **LINK, rev=1)
    assert answer["before"]["properties"]["timeWindowRules"][0]["maxThreshold"] == 100
    assert answer["after"]["properties"]["timeWindowRules"][0]["maxThreshold"] == 90
    assert answer["changes"] == [
        {"path": "properties.timeWindowRules[0].maxThreshold", "before": 100, "after": 90}
    ]
    assert answer["prev"]
    assert answer["hash"]


def test_each_exported_entry_carries_the_hash_of_the_one_before() -> None:
    entries = ask(lively(), "history", **LINK, documents=True)["entries"]
    newer, older = entries[:-1], entries[1:]
    assert [entry["prev"] for entry in newer] == [entry["hash"] for entry in older]


def test_an_intact_journal_is_told_as_such_with_its_head() -> None:
    w = lively(2)
    answer = ask(w, "history", **LINK, verify=True)
    assert answer["verified"] == {
        "intact": True,
        "checked": 4,
        "unchained": 0,
        "lapsed": 0,
        "problems": [],
        "head": w.link().head,
    }
    assert answer["exit_code"] == 0


@pytest.mark.parametrize(
    ("statement", "problem"),
    [
        ("DELETE FROM entry WHERE seq = 2", "entry 2 is missing"),
        ("DELETE FROM entry WHERE seq > 2", "entries 3 to 4 are missing"),
        (
            "UPDATE entry SET body = CAST(replace(body, 'aws-lambda', 'nobody') AS BLOB) WHERE seq = 2",
            "entry 2 is not what it was when entry 3 was written",
        ),
    ],
    ids=["one taken out", "the end cut off", "one changed"],
)
def test_whatever_is_done_to_the_file_behind_our_back_shows(statement: str, problem: str) -> None:
    w = lively(2)
    with w.ledger._connected() as connection:
        rows = connection.execute(statement).rowcount
    assert rows > 0
    answer = ask(w, "history", **LINK, verify=True)
    assert answer["verified"]["problems"] == [problem]
    assert answer["exit_code"] == Exit.TAMPERED


def test_what_is_not_there_is_named_with_the_way_on() -> None:
    w = lively(1)
    assert refused(w, "show", **LINK, rev=99) == (
        "link fleet/pumps: its journal has no entry 99; see the command history"
    )
    assert "the ledger does not know it" in refused(w, "history", route="fleet", name="valves")


def test_a_route_without_a_journal_has_an_empty_one() -> None:
    assert ask(bound(), "history", route="fleet")["entries"] == []


def test_a_list_that_grew_differs_as_a_whole() -> None:
    assert list(differences({"a": [1], "b": {"c": 1}}, {"a": [1, 2], "b": {"c": 2}})) == [
        {"path": "a", "before": [1], "after": [1, 2]},
        {"path": "b.c", "before": 1, "after": 2},
    ]
    assert list(differences(None, {"a": 1})) == [{"path": "", "before": None, "after": {"a": 1}}]
    assert list(differences(group(), group())) == []
