"""What a file wants of both sides goes the way of every write: reviewed, leased, announced, guarded."""

from __future__ import annotations

from typing import Any

import pytest

from shared.errors import BadInput
from shared.operations.commands import run_command
from shared.operations.requests import Command
from shared.sync import effects as do
from shared.sync import guards
from shared.sync.job import Worker
from shared.sync.link import State
from shared.translation.side import Side
from tests.unit.sync.documents import LEARNED, at_most, behavior, group, profile
from tests.unit.sync.world import ANYONE, FUNCTION, LAMBDA, World, world

AWS, AZURE = Side.AWS, Side.AZURE


def bound(**settings: Any) -> World:
    w = world(**settings)
    w.in_step("pumps", profile(LEARNED, sent=at_most(100)), group(sent=at_most(100)))
    assert w.took() == []
    return w


def text(hi: int | None, name: str = "pumps", unsettled: str = "") -> str:
    rule = "{}" if hi is None else f"{{mqtt-messages-from-device: {{max: {hi}, window: PT5M}}}}"
    return f"version: 1\nroute: fleet\npolicy: {name}\nrules: {rule}\n{unsettled}"


def asked(w: World, *texts: str, plan: str | None = None, worker: Worker = ANYONE) -> Any:
    files = {f"{number}.yaml": each for number, each in enumerate(texts)}
    arguments = {"files": files} | ({} if plan is None else {"plan": plan})
    return run_command(w.mirror(worker), Command("import", arguments))


def imported(w: World, *texts: str) -> Any:
    """Planned, which writes nothing, and then that very plan."""
    plan = asked(w, *texts)["plan"]
    assert plan is not None
    assert w.took() == []
    return asked(w, *texts, plan=plan)


def test_both_sides_show_it_and_keep_all_else() -> None:
    w = bound()
    answer = imported(w, text(60))
    assert [outcome["direction"] for outcome in answer["outcomes"]] == ["both"]
    assert w.took() == [(AWS, "update"), (AZURE, "update")]
    assert (w.aws.said(), w.azure.said()) == ({"sent": at_most(60)}, {"sent": at_most(60)})
    assert LEARNED in w.aws.document()["behaviors"]
    assert w.look().code == "in-step"
    assert w.took() == []


def test_it_is_announced_with_both_before_images_and_the_plan() -> None:
    w = bound()
    plan = asked(w, text(60))["links"][0]["plan"]
    imported(w, text(60))
    intents = [entry for entry in w.journal() if entry.decision == "intent"]
    assert [(entry.side, entry.plan) for entry in intents] == [(AWS, plan), (AZURE, plan)]


def test_what_both_sides_show_already_is_asked_of_nobody() -> None:
    w = bound()
    answer = asked(w, text(100))
    assert (answer["plan"], answer["unchanged"], answer["exit_code"]) == (None, 1, 0)


def test_an_edit_between_the_review_and_the_lease_stops_it() -> None:
    w = bound()
    plan = asked(w, text(60))["plan"]
    edited = profile(LEARNED, sent=at_most(90))
    w.before(do.SaveLink, lambda: w.aws.put("pumps", edited))
    answer = asked(w, text(60), plan=plan)
    assert [outcome["code"] for outcome in answer["outcomes"]] == ["plan-changed"]
    assert w.took() == []
    assert w.link().lease is None


def test_an_edit_after_the_lease_stops_it_too() -> None:
    w = bound()
    plan = asked(w, text(60))["plan"]
    w.before(do.Update, lambda: w.azure.put("pumps", group(sent=at_most(70))))
    answer = asked(w, text(60), plan=plan)
    assert answer["outcomes"][0]["code"] == "plan-changed"
    assert w.azure.said() == {"sent": at_most(70)}


def test_the_digest_of_a_plan_approves_what_it_loosens_and_nothing_else_does() -> None:
    w = bound(loosening="approve")
    w.aws.put("pumps", profile(LEARNED, sent=at_most(200)))
    assert w.look().code == "approval-wanted"
    with pytest.raises(BadInput, match="the plan is now"):
        asked(w, text(300), plan="0" * 64)
    assert w.took() == []
    imported(w, text(300))
    assert (w.aws.said(), w.azure.said()) == ({"sent": at_most(300)}, {"sent": at_most(300)})


@pytest.mark.parametrize("mode", ["aws-to-azure", "azure-to-aws", "observe"])
def test_a_route_that_does_not_write_both_sides_is_not_written_from_a_file(mode: str) -> None:
    w = world(mode=mode)
    w.in_step("pumps", profile(sent=at_most(100)), group(sent=at_most(100)))
    answer = asked(w, text(60))
    assert answer["plan"] is None
    assert answer["exit_code"] == 4
    assert f"the route is {mode}" in str(answer["links"][0]["outcome"])


def test_a_route_before_its_first_contact_is_not_written_from_a_file() -> None:
    w = world(first_contact="observe")
    w.aws.put("pumps", profile(sent=at_most(100)))
    w.azure.put("pumps", group(sent=at_most(100)))
    answer = asked(w, text(60))
    assert (answer["plan"], answer["links"][0]["outcome"]["event"]) == (None, "observed")


def test_two_policies_that_met_with_different_rules_are_settled_by_a_file() -> None:
    w = world()
    w.aws.put("pumps", profile(sent=at_most(80)))
    w.azure.put("pumps", group(sent=at_most(60)))
    assert w.look().code == "import-conflict"
    imported(w, text(70))
    assert (w.aws.said(), w.azure.said()) == ({"sent": at_most(70)}, {"sent": at_most(70)})
    assert w.link().state is State.BOUND
    assert w.codes() == []


def test_what_a_file_leaves_unsettled_goes_on_as_ever() -> None:
    w = bound()
    w.aws.put("pumps", profile(sent=at_most(80), denied=at_most(7)))
    w.azure.put("pumps", group(sent=at_most(60), denied=at_most(7)))
    unsettled = "unsettled: [mqtt-messages-from-device]\n"
    imported(w, text(None, unsettled=unsettled))
    assert (w.aws.said(), w.azure.said()) == ({"sent": at_most(80)}, {"sent": at_most(60)})
    assert ("conflict", "edited-on-both") in w.codes()


def test_what_nobody_had_is_born_on_both_and_bound() -> None:
    w = world()
    answer = imported(w, text(60))
    assert [outcome["direction"] for outcome in answer["outcomes"]] == ["azure-to-aws", "aws-to-azure"]
    assert (w.aws.said(), w.azure.said()) == ({"sent": at_most(60)}, {"sent": at_most(60)})
    assert w.link().state is State.BOUND
    assert w.look().code == "in-step"


def test_a_birth_that_ends_half_way_is_finished_by_any_later_look() -> None:
    w = world()
    plan = asked(w, text(60))["plan"]
    w.after(do.Create, lambda: w.freeze("audit"))
    asked(w, text(60), plan=plan)
    assert (w.aws.said(), w.azure.has()) == ({"sent": at_most(60)}, False)
    run_command(w.mirror(), Command("release", {"route": "fleet"}))
    w.look()
    assert w.azure.said() == {"sent": at_most(60)}


def test_what_only_one_side_has_is_no_business_of_a_file() -> None:
    w = bound()
    w.azure.remove("pumps")
    answer = asked(w, text(60))
    assert (answer["plan"], answer["links"][0]["outcome"]["code"]) == (None, "not-on-both")


def test_a_file_that_names_a_held_rule_is_refused_and_the_others_go_on() -> None:
    w = bound()
    w.in_step("valves", profile(sent=at_most(100)), group(sent=at_most(100)))
    again = behavior("again", "aws:num-messages-sent", "less-than-equals", 50)
    w.aws.put("pumps", profile(again, sent=at_most(100)))
    answer = imported(w, text(60), text(60, "valves"))
    assert [link.get("refused", {}).get("code") for link in answer["links"]] == ["held", None]
    assert [outcome["link"] for outcome in answer["outcomes"]] == ["fleet/valves"]


@pytest.mark.parametrize("worker", [LAMBDA, FUNCTION])
def test_a_function_plans_and_leaves_the_writing_to_who_may_write_both(worker: Worker) -> None:
    w = bound()
    plan = asked(w, text(60), worker=worker)["plan"]
    with pytest.raises(BadInput, match=f"{worker.name} may write one cloud only"):
        asked(w, text(60), plan=plan, worker=worker)
    assert w.took() == []


def test_a_folder_full_of_edits_does_not_get_past_the_guards() -> None:
    """Ten links in ten minutes, however many files there are: the plan says what would be left."""
    w = world()
    names = [f"pump-{number:02}" for number in range(15)]
    for name in names:
        w.in_step(name, profile(sent=at_most(100)), group(sent=at_most(100)))
    texts = [text(60, name) for name in names]
    answer = asked(w, *texts)
    planned = [link for link in answer["links"] if link["writes"]]
    assert len(planned) == guards.most_updates(w.scope())
    assert {link["outcome"]["code"] for link in answer["links"] if not link["writes"]} == {"frozen"}
    asked(w, *texts, plan=answer["plan"])
    assert len(w.took()) == 2 * len(planned)


def test_a_paused_link_stays_paused() -> None:
    w = bound()
    w.pause_link(True)
    answer = asked(w, text(60))
    assert (answer["plan"], answer["links"][0]["outcome"]["code"]) == (None, "paused")
