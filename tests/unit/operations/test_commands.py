"""What people type: status, plan, sync, sweep, resolve, approve, release."""

from __future__ import annotations

import json
from typing import Any

import pytest

from shared.errors import BadInput, Throttled
from shared.operations.commands import run_command
from shared.operations.commands.registry import COMMANDS
from shared.operations.requests import Command
from shared.sync import effects as do
from tests.unit.sync.documents import LEARNED, at_most, group, profile
from tests.unit.sync.world import LAMBDA, World, raising, world

LINK = {"route": "fleet", "name": "pumps"}


def ask(w: World, command: str, **arguments: Any) -> Any:
    """The answer, which always is JSON."""
    answer = run_command(w.mirror(), Command(command, arguments))
    assert json.loads(json.dumps(answer)) == answer
    return answer


def bound(**settings: str) -> World:
    w = world(**settings)
    w.in_step("pumps", profile(LEARNED, sent=at_most(100)), group(sent=at_most(100)))
    return w


def test_status_tells_where_every_link_stands_and_why() -> None:
    w = bound()
    ask(w, "sweep")
    (route,) = ask(w, "status")["routes"]
    assert (route["route"], route["mode"], route["frozen"]) == ("fleet", "two-way", None)
    assert route["routes_agree"] is True
    assert route["swept_at"] == {"local": w.now}
    (link,) = route["links"]
    assert (link["name"], link["state"], link["pending"]) == ("pumps", "bound", [])
    (finding,) = link["findings"]
    assert (finding["kind"], finding["side"], finding["path"], finding["code"]) == (
        "hold",
        "aws",
        "behaviors[learned]",
        "learned",
    )


def test_status_of_one_route_only() -> None:
    assert [route["route"] for route in ask(bound(), "status", route="fleet")["routes"]] == ["fleet"]


def test_status_tells_when_the_two_functions_have_different_routes() -> None:
    w = bound()
    w.mirror(LAMBDA)
    ask(w, "sweep")
    assert ask(w, "status")["routes"][0]["routes_agree"]
    w.routes = world(conflict="strictest").routes
    assert not ask(w, "status")["routes"][0]["routes_agree"]


def test_plan_tells_what_would_be_written_and_writes_nothing() -> None:
    w = bound()
    w.aws.put("pumps", profile(LEARNED, sent=at_most(60)))
    rev = w.link().rev
    answer = ask(w, "plan", **LINK)
    assert (answer["link"], answer["action"]) == ("fleet/pumps", "merge")
    (rule,) = answer["writes"]["azure"]["properties"]["timeWindowRules"]
    assert rule["maxThreshold"] == 60
    assert [finding["code"] for finding in answer["findings"]] == ["learned"]
    assert w.writes == []
    assert w.link().rev == rev


def test_what_was_planned_is_what_is_done() -> None:
    w = bound()
    w.aws.put("pumps", profile(LEARNED, sent=at_most(60)))
    planned = ask(w, "plan", **LINK)
    (done,) = ask(w, "sync", **LINK)["outcomes"]
    assert done["plan"] == planned["plan"]
    assert w.azure.said() == {"sent": at_most(60)}


def test_a_planned_deletion_lists_no_write_of_an_emptied_document() -> None:
    w = bound(delete="mirror")
    w.azure.remove("pumps")
    answer = ask(w, "plan", **LINK)
    assert (answer["action"], answer["writes"]) == ("delete", {})


def test_sync_looks_at_one_link() -> None:
    w = bound()
    w.aws.put("pumps", profile(sent=at_most(60)))
    w.aws.put("valves", profile(sent=at_most(60)))
    (outcome,) = ask(w, "sync", **LINK)["outcomes"]
    assert (outcome["event"], outcome["link"], outcome["direction"], outcome["writes"]) == (
        "mirrored",
        "fleet/pumps",
        "aws-to-azure",
        1,
    )
    assert not w.azure.has("valves")


def test_sweep_looks_at_all() -> None:
    w = bound()
    w.aws.put("valves", profile(sent=at_most(60)))
    links = [outcome["link"] for outcome in ask(w, "sweep", route="fleet")["outcomes"]]
    assert links == ["fleet/pumps", "fleet/valves"]


def test_resolve_needs_a_link_that_the_ledger_knows() -> None:
    with pytest.raises(BadInput, match="link fleet/pumps: the ledger does not know it"):
        ask(world(), "resolve", **LINK, take="aws")


def test_resolve_of_a_link_without_a_conflict_changes_nothing() -> None:
    w = bound()
    assert ask(w, "resolve", **LINK, take="aws")["outcomes"][0]["event"] == "no-op"
    assert w.writes == []


def test_approve_needs_a_whole_digest() -> None:
    with pytest.raises(BadInput, match="command 'approve': plan: wanted: the digest of a reviewed plan"):
        ask(bound(), "approve", **LINK, plan="abc")


def test_release_says_why_the_route_was_frozen() -> None:
    w = bound()
    w.freeze("too much at once")
    assert ask(w, "release", route="fleet")["was_frozen"] == "too much at once"
    assert w.scope().frozen is None
    assert ask(w, "release", route="fleet")["was_frozen"] is None


@pytest.mark.parametrize(
    ("command", "arguments", "said"),
    [
        ("explode", {}, "command 'explode' is unknown; there are: status, plan"),
        (
            "plan",
            {"name": "pumps"},
            "command 'plan': route: is missing; wanted: the route's id in routes.yaml",
        ),
        ("approve", {"route": "fleet"}, "command 'approve': name: is missing; wanted: the policy's name"),
        ("pause", {}, "command 'pause': say which: a route, a route and a name, or all"),
        ("pause", {"name": "pumps"}, "command 'pause': a name needs its route"),
        ("drift", {"name": "pumps"}, "name: it needs its route"),
        ("drift", {"after": "pumps"}, "after: ROUTE/NAME is wanted, as the answer before said next"),
        ("drift", {"after": "gone/pumps"}, "after: route 'gone' is not among those that are asked for"),
        ("sync", {"route": "fleet"}, "sync: route fleet: name a link, or the plan that was reviewed"),
        ("plan", {**LINK, "force": True}, "command 'plan': force: Extra inputs are not permitted"),
        ("plan", {**LINK, "name": ""}, "command 'plan': name: String should have at least 1 character"),
        ("plan", {**LINK, "name": "x" * 257}, "command 'plan': name: String should have at most 256"),
        ("sync", {**LINK, "route": 5}, "command 'sync': route: Input should be a valid string"),
        (
            "resolve",
            {**LINK, "take": "mine"},
            "command 'resolve': take: wanted: whose value holds: aws, azure, ",
        ),
        ("adopt", {**LINK, "take": "mine"}, "command 'adopt': take: Input should be 'aws', 'azure'"),
        ("sync", {**LINK, "route": "nowhere"}, "route 'nowhere' is not in routes.yaml; it has: fleet"),
        ("status", {"route": "nowhere"}, "route 'nowhere' is not in routes.yaml"),
        ("release", {"route": "nowhere"}, "route 'nowhere' is not in routes.yaml"),
    ],
)
def test_bad_arguments_are_named_with_what_there_is(command: str, arguments: Any, said: str) -> None:
    with pytest.raises(BadInput) as refused:
        ask(bound(), command, **arguments)
    assert str(refused.value).startswith(said)
    assert "\n" not in str(refused.value)


def test_an_unknown_command_names_those_there_are() -> None:
    with pytest.raises(BadInput) as refused:
        ask(bound(), "explode")
    assert str(refused.value).endswith(", ".join(COMMANDS))


def test_what_was_typed_is_not_repeated_at_length() -> None:
    with pytest.raises(BadInput) as refused:
        ask(bound(), "plan", **LINK, token="secret-" * 100)
    assert "secret" not in str(refused.value)


def test_a_cloud_that_fails_is_an_outcome_of_sync() -> None:
    w = bound()
    w.before(do.Read, raising(Throttled("aws", "slow down")))
    (outcome,) = ask(w, "sync", **LINK)["outcomes"]
    assert (outcome["event"], outcome["code"]) == ("busy", "throttled")


def test_status_of_a_conflict_names_both_values() -> None:
    w = bound()
    w.aws.put("pumps", profile(LEARNED, sent=at_most(60)))
    w.azure.put("pumps", group(sent=at_most(80)))
    ask(w, "sync", **LINK)
    (link,) = ask(w, "status")["routes"][0]["links"]
    (conflict,) = [finding for finding in link["findings"] if finding["kind"] == "conflict"]
    assert (conflict["path"], conflict["code"]) == ("mqtt-messages-from-device.hi", "edited-on-both")
    assert conflict["reason"] == "hi was changed on both sides: 60 on AWS, 80 on Azure"
