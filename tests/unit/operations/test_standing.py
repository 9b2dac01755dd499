"""Where every route and link stands, and what a person has to do about it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from msgspec.structs import replace

from shared.ledger.sqlite import SqliteLedger
from shared.operations.commands.run import validated
from shared.operations.requests import Command
from shared.operations.standing import (
    LEVELS,
    URGENCY,
    Condition,
    Level,
    RouteStanding,
    link_standing,
    standing,
)
from shared.routes.load import load_routes
from shared.sync.link import Finding, Link, LinkKey, Scope, State
from shared.sync.progress import LATE
from shared.translation.side import Side

NOW = 1_800_000_000.0
PLAN = "ab" * 32
GROUP = "/subscriptions/11111111-2222-3333-4444-555555555555/resourceGroups/plant"
HUB = f"{GROUP}/providers/Microsoft.Devices/IotHubs/plant-hub"
ROUTES = load_routes(
    f'version: 1\nroutes:\n  - {{id: fleet, aws: {{account: "123456789012", region: eu-central-1}}, '
    f"azure: {{hub: {HUB}}}}}\n",
    "routes.yaml",
)
KEY = LinkKey("fleet", "pumps")
BOUND = Link(KEY, rev=1, state=State.BOUND, updated_at=NOW)
SWEPT = Scope("fleet", rev=1, digests={"w": ROUTES.digest()}, swept_at={"w": NOW})


def finding(kind: str, code: str, reason: str = "") -> Finding:
    return Finding(kind, Side.AWS, "sent.hi", code, reason, "sent")


CASES = {
    Condition.CONFLICT: replace(BOUND, findings=(finding("conflict", "edited-on-both"),)),
    Condition.APPROVAL: replace(
        BOUND, findings=(finding("gate", "approval-wanted", f"approve plan {PLAN}"),)
    ),
    Condition.BLOCKED: replace(BOUND, findings=(finding("gate", "deletion-held"),)),
    Condition.CHECK: replace(BOUND, findings=(finding("note", "possible-overwrite"),)),
    Condition.PAUSED: replace(BOUND, paused=True),
    Condition.UNLINKED: replace(BOUND, state=State.UNLINKED),
    Condition.PENDING: replace(BOUND, pending=frozenset({Side.AWS})),
    Condition.NEW: Link(KEY, rev=1),
    Condition.IN_STEP: replace(BOUND, findings=(finding("hold", "learned"),)),
    Condition.GONE: replace(BOUND, state=State.TOMBSTONE, findings=(finding("gate", "deletion-held"),)),
}


@pytest.fixture
def ledger() -> Iterator[SqliteLedger]:
    with SqliteLedger(":memory:") as store:
        yield store


def route_of(ledger: SqliteLedger, scope: Scope = SWEPT, *links: Link) -> RouteStanding:
    if scope.rev:
        ledger.save_scope(scope)
    for link in links:
        ledger.save(link)
    (route,) = standing(ledger, ROUTES, NOW).routes
    return route


def codes(route: RouteStanding) -> list[str]:
    return [remedy.code for remedy in route.todo]


@pytest.mark.parametrize("condition", CASES)
def test_every_condition_is_told_by_the_record(condition: Condition) -> None:
    assert link_standing(CASES[condition]).condition is condition


def test_every_condition_has_a_case_a_level_and_a_rank() -> None:
    assert list(CASES) == list(Condition) == list(LEVELS) == list(URGENCY)


def test_the_more_urgent_condition_wins() -> None:
    both = replace(BOUND, paused=True, findings=(*CASES[Condition.CHECK].findings, finding("conflict", "x")))
    assert link_standing(both).condition is Condition.CONFLICT


@pytest.mark.parametrize("condition", [c for c in Condition if LEVELS[c] is Level.ACT])
def test_what_wants_a_person_says_what_to_do(condition: Condition) -> None:
    (remedy,) = link_standing(CASES[condition]).todo
    assert remedy.what
    assert remedy.steps
    assert all(step.arguments["route"] == "fleet" for step in remedy.steps)


@pytest.mark.parametrize("condition", CASES)
def test_every_step_is_a_command_that_there_is_with_arguments_that_it_takes(condition: Condition) -> None:
    for remedy in link_standing(CASES[condition]).todo:
        for step in remedy.steps:
            validated(Command(step.command, dict(step.arguments)))


@pytest.mark.parametrize("condition", [Condition.IN_STEP, Condition.GONE, Condition.PENDING, Condition.NEW])
def test_what_wants_nobody_asks_for_nothing(condition: Condition) -> None:
    assert link_standing(CASES[condition]).todo == ()


def test_ten_rules_in_conflict_are_one_thing_to_do() -> None:
    link = replace(BOUND, findings=tuple(finding("conflict", "edited-on-both") for _ in range(10)))
    assert len(link_standing(link).todo) == 1


def test_an_approval_names_the_digest_of_the_plan() -> None:
    (remedy,) = link_standing(CASES[Condition.APPROVAL]).todo
    assert remedy.steps[-1].arguments == {"route": "fleet", "name": "pumps", "plan": PLAN}
    assert remedy.steps[-1].typed() == f"policy-mirror approve fleet/pumps --plan {PLAN}"


def test_a_name_is_quoted_for_the_shell() -> None:
    link = replace(CASES[Condition.CONFLICT], key=LinkKey("fleet", "a'; rm -rf ~"))
    typed = link_standing(link).todo[0].steps[0].typed()
    assert typed == """policy-mirror resolve 'fleet/a'"'"'; rm -rf ~' --take strictest"""


def test_a_reason_that_nobody_here_knows_still_waits_for_somebody() -> None:
    link = replace(BOUND, findings=(finding("gate", "brand-new"),))
    (remedy,) = link_standing(link).todo
    assert (remedy.code, remedy.steps) == ("brand-new", ())


def test_a_route_in_step_wants_nothing(ledger: SqliteLedger) -> None:
    route = route_of(ledger, SWEPT, BOUND)
    assert (route.level, route.todo, route.agree) == (Level.GOOD, (), True)


@pytest.mark.parametrize(
    ("changes", "code", "level"),
    [
        ({"frozen": "too many deletions"}, "frozen", Level.ACT),
        ({"paused": True}, "paused", Level.WAIT),
        ({"digests": {"w": "other"}}, "routes-differ", Level.ACT),
        ({"swept_at": {}}, "never-swept", Level.WAIT),
        ({"swept_at": {"w": NOW - LATE - 1}}, "sweep-late", Level.ACT),
    ],
)
def test_what_is_wrong_with_a_route_is_told(
    ledger: SqliteLedger, changes: dict[str, Any], code: str, level: Level
) -> None:
    route = route_of(ledger, replace(SWEPT, **changes))
    assert (codes(route), route.level) == ([code], level)


def test_a_route_is_as_bad_as_its_worst_link(ledger: SqliteLedger) -> None:
    worst = replace(CASES[Condition.CONFLICT], key=LinkKey("fleet", "valves"))
    route = route_of(ledger, SWEPT, CASES[Condition.PAUSED], worst)
    assert route.level is Level.ACT
    assert route.counts == {Condition.PAUSED: 1, Condition.CONFLICT: 1}


def test_only_the_route_that_was_asked_for_is_read(ledger: SqliteLedger) -> None:
    assert [route.route.id for route in standing(ledger, ROUTES, NOW, "fleet").routes] == ["fleet"]
    assert standing(ledger, ROUTES, NOW, "other").routes == ()


@pytest.mark.parametrize("condition", CASES)
def test_it_is_json(ledger: SqliteLedger, condition: Condition) -> None:
    told = route_of(ledger, SWEPT, CASES[condition]).to_json()
    assert json.loads(json.dumps(told)) == told
    assert told["links"][0]["condition"] == condition
