"""``plan``: what a look would do, by the engine itself, and nothing written anywhere."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from msgspec.structs import replace

from shared.errors import Throttled
from shared.operations.commands.schema.fields import Exit
from shared.sync.link import Lease
from tests.unit.operations.asking import LINK, ROUTE, ask, bound, conflicting, refused
from tests.unit.sync.documents import at_most, group, profile
from tests.unit.sync.world import World, world


def untouched(w: World) -> tuple[Any, ...]:
    """Everything that a write would change."""
    links = list(w.ledger.route_links("fleet"))
    journals = [list(w.ledger.journal(link.key)) for link in links]
    return list(w.writes), links, journals, w.scope(), w.aws.stored, w.azure.stored


def planned(w: World, **arguments: Any) -> Any:
    before = untouched(w)
    answer = ask(w, "plan", **arguments)
    assert untouched(w) == before
    return answer


def test_a_plan_tells_what_would_come_of_it() -> None:
    w = bound()
    w.aws.put("pumps", profile(sent=at_most(60)))
    answer = planned(w, **LINK)
    assert answer["outcome"] == {"event": "mirrored", "code": "written", "reason": "", "retry_after": None}
    assert set(answer["writes"]) == {"azure"}
    assert answer["exit_code"] == Exit.DIFFERS


def test_nothing_to_do_ends_with_0() -> None:
    answer = planned(bound(), **LINK)
    assert (answer["outcome"]["event"], answer["writes"], answer["exit_code"]) == ("no-op", {}, 0)


@pytest.mark.parametrize(
    ("prepare", "event", "code"),
    [
        (lambda w: w.freeze("too much at once"), "held", "frozen"),
        (lambda w: w.pause_route(True), "held", "paused"),
        (lambda w: w.pause_link(True), "held", "paused"),
    ],
    ids=["frozen route", "paused route", "paused link"],
)
def test_a_plan_knows_why_nothing_would_be_written(prepare: Any, event: str, code: str) -> None:
    w = bound()
    w.aws.put("pumps", profile(sent=at_most(60)))
    prepare(w)
    answer = planned(w, **LINK)
    assert (answer["outcome"]["event"], answer["outcome"]["code"]) == (event, code)


def test_a_plan_knows_that_a_name_differs_only_in_case() -> None:
    w = world()
    w.aws.put("pumps", profile(sent=at_most(60)))
    w.azure.put("Pumps", group(sent=at_most(60)))
    assert planned(w, **LINK)["outcome"]["code"] == "name-case-differs"


def test_a_plan_knows_that_an_absence_is_looked_at_twice() -> None:
    w = bound(delete="mirror")
    w.azure.remove("pumps")
    answer = planned(w, **LINK)
    assert answer["deletes"] == "aws"
    assert (answer["outcome"]["code"], answer["outcome"]["retry_after"]) == ("look-again", 60.0)


def test_a_plan_knows_of_a_worker_that_is_at_it() -> None:
    w = bound()
    w.aws.put("pumps", profile(sent=at_most(60)))
    link = w.link()
    w.ledger.save(replace(link, rev=link.rev + 1, lease=Lease("aws-lambda", 9, w.now + 50)))
    assert planned(w, **LINK)["outcome"]["code"] == "leased"


def test_a_plan_of_a_link_that_a_route_only_observes_tells_what_it_would_write() -> None:
    w = world(first_contact="observe")
    w.aws.put("pumps", profile(sent=at_most(60)))
    answer = planned(w, **LINK)
    assert (answer["outcome"]["event"], answer["outcome"]["reason"]) == ("observed", "would write azure")


def test_a_plan_of_a_conflict_waits_for_a_person() -> None:
    answer = planned(conflicting(), **LINK)
    assert (answer["outcome"]["event"], answer["exit_code"]) == ("conflict", Exit.WAITS)


# A whole route


def fleet(count: int, **settings: str) -> World:
    """So many profiles, in step; each then edited on AWS."""
    w = world(**settings)
    for n in range(count):
        w.in_step(f"pumps-{n:02}", profile(sent=at_most(100)), group(sent=at_most(100)))
    w.now += 3600
    for n in range(count):
        w.aws.put(f"pumps-{n:02}", profile(sent=at_most(60)))
    return w


def test_a_route_is_planned_as_a_whole_less_what_is_in_step() -> None:
    w = fleet(3)
    w.in_step("valves", profile(sent=at_most(100)), group(sent=at_most(100)))
    answer = planned(w, **ROUTE)
    assert [link["link"] for link in answer["links"]] == [f"fleet/pumps-{n:02}" for n in range(3)]
    assert [link["writes"] for link in answer["links"]] == [["update azure"]] * 3
    assert answer["counts"] == {"mirrored": 3, "no-op": 1}
    assert (answer["looked_at"], answer["next"], answer["exit_code"]) == (4, None, Exit.DIFFERS)


def test_a_planned_route_meets_its_own_guards() -> None:
    """Ten links may be updated in ten minutes: the eleventh would freeze the route."""
    answer = planned(fleet(12), **ROUTE)
    assert answer["counts"] == {"held": 2, "mirrored": 10}
    assert answer["links"][10]["outcome"]["code"] == "frozen"


def test_a_route_is_planned_page_by_page() -> None:
    w = fleet(5)
    first = planned(w, **ROUTE, limit=2)
    second = planned(w, **ROUTE, limit=2, after=first["next"])
    third = planned(w, **ROUTE, limit=2, after=second["next"])
    told = [link["link"] for answer in (first, second, third) for link in answer["links"]]
    assert told == [f"fleet/pumps-{n:02}" for n in range(5)]
    assert third["next"] is None


def test_a_page_ends_before_the_platform_would_end_the_worker() -> None:
    w = fleet(5)
    w.seconds_left = 5.0
    answer = planned(w, **ROUTE)
    assert (answer["looked_at"], answer["next"]) == (1, "fleet/pumps-00")


def test_a_link_that_cannot_be_read_is_told_among_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    w = fleet(2)
    read = w.aws.read

    def throttled(name: str, **options: Any) -> Any:
        if name == "pumps-00":
            raise Throttled("aws", "slow down")
        return read(name, **options)

    monkeypatch.setattr(w.aws, "read", throttled)
    answer = planned(w, **ROUTE)
    assert answer["links"][0]["error"]["code"] == "throttled"
    assert answer["links"][1]["writes"] == ["update azure"]
    assert answer["exit_code"] == Exit.FAILED


def test_exactly_the_reviewed_plan_of_a_route_is_carried_out() -> None:
    w = fleet(3)
    digest = planned(w, **ROUTE)["plan"]
    answer = ask(w, "sync", **ROUTE, plan=digest)
    assert [line["event"] for line in answer["outcomes"]] == ["mirrored"] * 3
    assert w.azure.said("pumps-02") == {"sent": at_most(60)}


def test_a_route_that_changed_since_its_review_is_left_alone() -> None:
    w = fleet(3)
    digest = planned(w, **ROUTE)["plan"]
    w.aws.put("pumps-01", profile(sent=at_most(50)))
    assert "its plan is now " in refused(w, "sync", **ROUTE, plan=digest)
    assert w.azure.said("pumps-00") == {"sent": at_most(100)}


def test_half_a_listing_is_no_plan(monkeypatch: pytest.MonkeyPatch) -> None:
    w = fleet(2)

    def down() -> Any:
        raise Throttled("azure", "slow down")

    monkeypatch.setattr(w.azure, "census", down)
    with pytest.raises(Throttled):
        ask(w, "plan", **ROUTE)


def test_a_plan_reads_each_document_once_or_twice_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    """Describing is what a sweep's quota goes to; tags are asked for only where something changes."""
    w = fleet(3)
    w.in_step("valves", profile(sent=at_most(100)), group(sent=at_most(100)))
    asked: Counter[str] = Counter()
    reads = {"aws": w.aws.read, "azure": w.azure.read}

    def counting(side: str) -> Any:
        def read(name: str, **options: Any) -> Any:
            asked[f"{side} {name}"] += 1
            return reads[side](name, **options)

        return read

    monkeypatch.setattr(w.aws, "read", counting("aws"))
    monkeypatch.setattr(w.azure, "read", counting("azure"))
    planned(w, **ROUTE)
    assert asked == {"aws pumps-00": 2, "aws pumps-01": 2, "aws pumps-02": 2, "aws valves": 1}
