"""What people hear of without looking: once, with the way out, and again only if it could not be sent."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest
from msgspec import structs
from msgspec.structs import replace

from shared.errors import MirrorError, Unreachable
from shared.operations import notice_cards as cards
from shared.operations.mirror import Mirror
from shared.operations.notices import MOST, Announcer, Kind, Matter, Notice, matters
from shared.operations.remedies import Remedy
from shared.operations.requests import Reconcile, Sweep
from shared.sync.link import Finding, Lease, LinkKey
from shared.translation.side import Side
from tests.unit.sync.documents import LEARNED, at_most, behavior, group, profile
from tests.unit.sync.world import ANYONE, World, world

KEY = LinkKey("fleet", "pumps")


@dataclass
class Inbox:
    notices: list[Notice] = field(default_factory=list)
    problems: list[MirrorError] = field(default_factory=list)
    closed: bool = False

    def __call__(self, notice: Notice) -> None:
        if self.closed:
            raise Unreachable("SNS topic", "no answer")
        self.notices.append(notice)

    def took(self) -> list[tuple[str, list[str]]]:
        """Kind and codes of what came since this was last asked."""
        came = [(str(each.kind), [m.remedy.code for m in each.matters]) for each in self.notices]
        self.notices.clear()
        return came


def watched(w: World, inbox: Inbox) -> Mirror:
    mirror = w.mirror()
    mirror.announcer = Announcer(inbox, ANYONE, w.ledger, lambda: w.now, inbox.problems.append)
    return mirror


def look(mirror: Mirror, name: str = "pumps") -> None:
    list(mirror.perform(Reconcile("fleet", name)))


def in_conflict(w: World) -> None:
    w.in_step("pumps", profile(sent=at_most(100)), group(sent=at_most(100)))
    w.aws.put("pumps", profile(sent=at_most(50)))
    w.azure.put("pumps", group(sent=at_most(70)))


def test_a_conflict_is_told_once_with_the_command_that_settles_it() -> None:
    w, inbox = world(), Inbox()
    mirror = watched(w, inbox)
    in_conflict(w)
    look(mirror)
    (notice,) = inbox.notices
    assert (notice.kind, notice.where) == (Kind.CONFLICT, "fleet/pumps")
    assert "policy-mirror resolve fleet/pumps --take strictest" in "\n".join(notice.lines())
    inbox.notices.clear()
    look(mirror)
    assert inbox.took() == []


def test_what_has_passed_is_told_once() -> None:
    w, inbox = world(), Inbox()
    mirror = watched(w, inbox)
    in_conflict(w)
    look(mirror)
    inbox.took()
    w.azure.put("pumps", group(sent=at_most(50)))
    look(mirror)
    (notice,) = inbox.notices
    assert notice.kind is Kind.RECOVERED
    assert notice.passed == ("edited-on-both mqtt-messages-from-device.hi",)
    inbox.took()
    look(mirror)
    assert inbox.took() == []


def test_a_notice_that_could_not_be_sent_is_sent_by_the_next_look_and_fails_nothing() -> None:
    w, inbox = world(), Inbox(closed=True)
    mirror = watched(w, inbox)
    in_conflict(w)
    look(mirror)
    assert [error.code for error in inbox.problems] == ["unreachable"]
    inbox.closed = False
    look(mirror)
    assert inbox.took() == [("conflict", ["edited-on-both"])]


def test_a_link_without_news_costs_no_ledger_access() -> None:
    w, inbox = world(), Inbox()
    mirror = watched(w, inbox)
    w.in_step("pumps", profile(sent=at_most(100)), group(sent=at_most(100)))
    rev = w.link().rev
    look(mirror)
    assert (w.link().rev, inbox.took()) == (rev, [])


def test_the_record_of_a_link_that_somebody_works_on_is_left_alone() -> None:
    w, inbox = world(), Inbox()
    mirror = watched(w, inbox)
    in_conflict(w)
    look(mirror)
    link = w.link()
    held = structs.replace(link, rev=link.rev + 1, told={}, lease=Lease("other", 9, w.now + 60.0))
    w.ledger.save(held)
    inbox.took()
    assert mirror.announcer is not None
    outcome = w.look()
    mirror.announcer.looked(structs.replace(outcome, told=None))
    assert w.link() == held


def test_what_is_held_from_the_first_look_on_is_no_news_but_what_is_held_later_is() -> None:
    w, inbox = world(), Inbox()
    mirror = watched(w, inbox)
    w.aws.put("pumps", profile(LEARNED, sent=at_most(100)))
    look(mirror)
    assert inbox.took() == []
    size = behavior("size", "aws:message-byte-size", "less-than", 9)
    w.aws.put("pumps", profile(LEARNED, size, sent=at_most(100)))
    look(mirror)
    assert inbox.took() == [("hold", ["no-counterpart"])]


def test_a_route_that_freezes_is_told_at_once_and_told_when_it_is_released() -> None:
    w, inbox = world(), Inbox()
    mirror = watched(w, inbox)
    w.in_step("pumps", profile(sent=at_most(100)), group(sent=at_most(100)))
    w.aws.put("pumps", profile(sent=at_most(50)))
    w.freeze("more than 2 deletions in an hour")
    look(mirror)
    look(mirror)
    (notice,) = inbox.notices
    assert (notice.kind, notice.where) == (Kind.FREEZE, "fleet")
    assert "policy-mirror release fleet" in "\n".join(notice.lines())
    inbox.took()
    scope = w.scope()
    w.ledger.save_scope(structs.replace(scope, rev=scope.rev + 1, frozen=None))
    list(mirror.perform(Sweep("fleet")))
    assert ("recovered", []) in inbox.took()


def test_a_policy_without_a_link_is_told_once_all_the_same() -> None:
    w, inbox = world(), Inbox()
    mirror = watched(w, inbox)
    w.azure.put("a pump", group(sent=at_most(100)))
    look(mirror, "a pump")
    assert inbox.took() == [("hold", ["name-not-spellable"])]
    look(mirror, "a pump")
    assert inbox.took() == []


def test_an_approval_is_news_again_when_its_plan_is_another() -> None:
    why = Finding("gate", Side.AZURE, "s", "approval-wanted", "it loosens the rule")
    first, second = matters(KEY, [why], "a" * 64), matters(KEY, [why], "b" * 64)
    assert first.keys() != second.keys()


@pytest.mark.parametrize("code", ["own-member", "parked"])
def test_what_changes_nothing_about_detection_is_no_matter_for_a_notice(code: str) -> None:
    assert matters(KEY, [Finding("hold", Side.AWS, "description", code, "kept")]) == {}


# Formats


def crowded(count: int = MOST + 5) -> Notice:
    remedy = Remedy("refused", "The cloud refused this change")
    many = tuple(Matter(Kind.HOLD, f"k{n}", f"<b>&*[x](y) {n}", remedy) for n in range(count))
    return Notice(Kind.HOLD, "fleet/<script>é", 1_800_000_000.0, many, ("old",))


def test_the_same_notice_has_the_same_id_and_another_one_another() -> None:
    notice = crowded()
    assert notice.id == replace(notice, at=notice.at + 60).id
    assert notice.id != replace(notice, passed=()).id != replace(notice, where="fleet/x").id


def test_a_notice_stays_small_and_says_how_much_it_leaves_out() -> None:
    told = list(crowded().lines())
    assert sum(line.startswith("hold: ") for line in told) == MOST
    assert "and 5 more: policy-mirror status" in told


def test_a_subject_is_ascii_and_at_most_as_long_as_sns_takes() -> None:
    long = replace(crowded(), where="fleet/" + "é" * 200)
    assert cards.subject(long).isascii()
    assert len(cards.subject(long)) == cards.SNS_SUBJECT


def test_an_event_grid_event_has_what_its_schema_requires() -> None:
    event = cards.event_grid(crowded())
    assert event["eventType"] == "PolicyMirror.Hold"
    assert event["eventTime"] == "2027-01-15T08:00:00+00:00"
    assert {"id", "subject", "eventType", "eventTime", "dataVersion", "data"} == event.keys()


def test_a_teams_card_has_plain_runs_only() -> None:
    card = cards.teams(crowded())["attachments"][0]["content"]
    assert {block["type"] for block in card["body"]} == {"RichTextBlock"}


def test_a_slack_message_has_plain_text_only_and_escapes_its_fallback() -> None:
    message = cards.slack(crowded())
    assert {block["text"]["type"] for block in message["blocks"]} == {"plain_text"}
    assert "<script>" not in message["text"]
    assert all(len(block["text"]["text"]) <= cards.SLACK_TEXT for block in message["blocks"])
