"""``drift`` and ``conflicts``: what differs now, and what of it waits for a person."""

from __future__ import annotations

from shared.operations.commands.schema.fields import Exit
from tests.unit.operations.asking import LINK, ROUTE, ask, bound, conflicting
from tests.unit.sync.documents import LEARNED, at_most, group, profile
from tests.unit.sync.world import world

SIGNAL = "mqtt-messages-from-device"


def test_nothing_drifts_where_all_is_in_step() -> None:
    w = bound()
    w.in_step("valves", profile(LEARNED, sent=at_most(9)), group(sent=at_most(9)))
    answer = ask(w, "drift")
    assert answer == {"exit_code": 0, "links": [], "looked_at": 2, "next": None}


def test_a_rule_that_differs_is_told_with_both_values_and_who_changed_it() -> None:
    w = bound()
    w.aws.put("pumps", profile(sent=at_most(60), peers=["10.0.0.0/8"]))
    answer = ask(w, "drift", **ROUTE)
    assert answer["exit_code"] == Exit.DIFFERS
    (link,) = answer["links"]
    assert (link["link"], link["action"], link["missing_on"]) == ("fleet/pumps", "merge", [])
    assert link["rules"] == [
        {
            "signal": SIGNAL,
            "aws": {"lo": 0, "hi": 60, "window": "PT5M"},
            "azure": {"lo": 0, "hi": 100, "window": "PT5M"},
            "edited": ["aws"],
        },
        {"signal": "outbound-destinations", "aws": ["10.0.0.0/8"], "azure": None, "edited": ["aws"]},
    ]
    assert w.took() == []


def test_a_policy_that_only_one_cloud_has_is_drift() -> None:
    w = bound()
    w.aws.put("valves", profile(sent=at_most(60)))
    w.azure.remove("pumps")
    pumps, valves = ask(w, "drift")["links"]
    assert (pumps["link"], pumps["missing_on"], pumps["action"]) == ("fleet/pumps", ["azure"], "delete")
    assert (valves["link"], valves["missing_on"], valves["action"]) == ("fleet/valves", ["azure"], "create")


def test_one_link_only() -> None:
    w = bound()
    w.aws.put("valves", profile(sent=at_most(60)))
    assert ask(w, "drift", **LINK)["exit_code"] == 0


def test_drift_is_told_page_by_page() -> None:
    w = world()
    for n in range(5):
        w.aws.put(f"pumps-{n}", profile(sent=at_most(60)))
    first = ask(w, "drift", limit=3)
    second = ask(w, "drift", limit=3, after=first["next"])
    assert [link["link"] for link in first["links"] + second["links"]] == [
        f"fleet/pumps-{n}" for n in range(5)
    ]
    assert second["next"] is None


def test_what_waits_is_told_with_both_values_and_the_commands_that_settle_it() -> None:
    w = conflicting()
    w.in_step("valves", profile(sent=at_most(9)), group(sent=at_most(9)))
    answer = ask(w, "conflicts")
    assert answer["exit_code"] == Exit.WAITS
    (link,) = answer["links"]
    assert (link["link"], link["condition"]) == ("fleet/pumps", "conflict")
    (rule,) = link["rules"]
    assert (rule["signal"], rule["fields"]) == (SIGNAL, ["hi"])
    assert (rule["aws"]["hi"], rule["azure"]["hi"]) == (60, 80)
    assert {"command": "resolve", **LINK, "take": "strictest"} in [
        step["send"] for remedy in link["todo"] for step in remedy["steps"]
    ]


def test_a_value_that_conflicts_told_can_be_taken_as_it_stands() -> None:
    w = conflicting()
    (link,) = ask(w, "conflicts")["links"]
    ask(w, "resolve", **LINK, take=link["rules"][0]["azure"])
    assert w.aws.said() == {"sent": at_most(80)}
    assert ask(w, "conflicts") == {"exit_code": 0, "links": [], "looked_at": 0, "next": None}


def test_conflicts_are_told_page_by_page_and_only_those_are_read() -> None:
    w = world()
    for n in range(4):
        name = f"pumps-{n}"
        w.in_step(name, profile(sent=at_most(100)), group(sent=at_most(100)))
        w.aws.put(name, profile(sent=at_most(60)))
        w.azure.put(name, group(sent=at_most(80)))
        w.look(name)
    first = ask(w, "conflicts", limit=3)
    second = ask(w, "conflicts", limit=3, after=first["next"])
    assert [link["link"] for link in first["links"] + second["links"]] == [
        f"fleet/pumps-{n}" for n in range(4)
    ]
    assert second["next"] is None
