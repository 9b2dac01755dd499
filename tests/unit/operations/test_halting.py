"""What stops writing and lets it go on: pause, resume, freeze, release."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec import structs
from msgspec.structs import replace

from shared.operations.commands import run_command
from shared.operations.requests import Command
from shared.sync import effects as do
from shared.sync.journal import route_journal, verify
from shared.sync.link import Lease
from tests.unit.operations.asking import LINK, ROUTE, ask, bound, outcome
from tests.unit.sync.documents import at_most, profile
from tests.unit.sync.world import World, world


def edited() -> World:
    w = bound()
    w.aws.put("pumps", profile(sent=at_most(60)))
    return w


@pytest.mark.parametrize("what", [LINK, ROUTE, {"all": True}], ids=["link", "route", "all"])
def test_what_is_paused_is_not_written_until_it_is_resumed(what: dict[str, Any]) -> None:
    w = edited()
    ask(w, "pause", **what, reason="audit", by="alice")
    assert outcome(ask(w, "sync", **LINK)) == ("held", "paused")
    assert w.took() == []
    ask(w, "resume", **what)
    assert outcome(ask(w, "sync", **LINK)) == ("mirrored", "written")


def test_a_link_that_was_paused_by_itself_stays_so_when_its_route_is_resumed() -> None:
    w = edited()
    ask(w, "pause", **LINK)
    ask(w, "pause", **ROUTE)
    assert ask(w, "resume", **ROUTE) == {"exit_code": 0, "routes": ["fleet"], "paused": False}
    assert outcome(ask(w, "sync", **LINK)) == ("held", "paused")


def test_a_name_is_paused_before_anybody_looked_at_it() -> None:
    w = world()
    ask(w, "pause", **LINK)
    w.aws.put("pumps", profile(sent=at_most(60)))
    assert w.look().code == "paused"
    assert not w.azure.has()


def test_a_pause_does_not_wait_for_the_worker_that_is_at_the_link() -> None:
    w = edited()
    link = w.link()
    w.ledger.save(structs.replace(link, rev=link.rev + 1, lease=Lease("aws-lambda", 9, w.now + 50)))
    ask(w, "pause", **LINK)
    assert w.link().paused


def test_a_look_that_was_paused_in_its_midst_is_finished_by_the_next_one() -> None:
    w = edited()
    w.after(do.Update, lambda: ask(w, "pause", **LINK))
    assert w.look().code == "ledger-conflict"
    assert w.azure.said() == {"sent": at_most(60)}
    ask(w, "resume", **LINK)
    assert w.later(100).kind == "no-op"
    assert w.link().intent is None
    assert len(w.took()) == 1


def test_a_frozen_route_writes_nothing_and_says_who_froze_it() -> None:
    w = edited()
    answer = ask(w, "freeze", **ROUTE, reason="an audit", by="alice via terminal")
    assert answer["frozen"] == "an audit (alice via terminal)"
    (line,) = ask(w, "sync", **LINK)["outcomes"]
    assert (line["event"], line["code"], line["reason"]) == ("held", "frozen", answer["frozen"])
    assert w.took() == []
    assert ask(w, "release", **ROUTE, by="bob")["was_frozen"] == answer["frozen"]
    assert outcome(ask(w, "sync", **LINK)) == ("mirrored", "written")


def test_a_route_has_a_journal_of_who_stopped_it_and_why() -> None:
    w = bound()
    ask(w, "pause", all=True, reason="audit", by="alice")
    ask(w, "resume", **ROUTE, by="bob")
    ask(w, "freeze", **ROUTE, reason="odd", by="alice")
    ask(w, "release", **ROUTE, by="bob")
    answer = ask(w, "history", **ROUTE, verify=True)
    told = [(entry["actor"], entry["decision"], entry["detail"]) for entry in answer["entries"]]
    assert told == [
        ("bob", "release", {}),
        ("alice", "freeze", {"reason": "odd"}),
        ("bob", "resume", {}),
        ("alice", "pause", {"reason": "audit"}),
    ]
    assert answer["verified"]["intact"]
    journal = list(w.ledger.journal(route_journal("fleet")))
    assert verify(w.scope(), journal).checked == 4


def test_what_moves_the_route_meanwhile_is_not_lost() -> None:
    w = bound()
    ledger, moved = w.ledger, iter([True])
    save = ledger.save_scope

    class Racing:
        """Somebody else counts a deletion right before the first save."""

        def __getattr__(self, name: str) -> Any:
            return getattr(ledger, name)

        def save_scope(self, *record: Any) -> None:
            if next(moved, False):
                scope = ledger.scope("fleet")
                save(structs.replace(scope, rev=scope.rev + 1, known=7))
            save(*record)

    racing: Any = Racing()
    mirror = replace(w.mirror(), ledger=racing)
    run_command(mirror, Command("freeze", {**ROUTE, "reason": "odd"}, "alice"))
    assert (w.scope().known, w.scope().frozen) == (7, "odd (alice)")
