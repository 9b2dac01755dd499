"""A document that a cloud refuses, or has no room for, is held; the rest of the fleet goes on."""

from __future__ import annotations

import json

from shared.errors import Refused
from shared.sync import effects as do
from shared.sync.job import Kind
from shared.sync.link import State
from shared.translation.side import Side
from tests.unit.sync.documents import Document, at_most, group, profile, window_rule
from tests.unit.sync.world import World, raising, world

AWS, AZURE = Side.AWS, Side.AZURE
ODD = window_rule("TeleportsNotInAllowedRange", 0, 3)


def refuse_odd(document: Document) -> str | None:
    return "400: unknown rule type" if "Teleports" in json.dumps(document) else None


def with_odd_rule() -> World:
    """In step; the group has a rule that the cloud itself refuses to take back."""
    w = world()
    w.in_step("pumps", profile(sent=at_most(100)), group(ODD, sent=at_most(100)))
    w.azure.refuses = refuse_odd
    w.aws.put("pumps", profile(sent=at_most(60)))
    return w


def tries(w: World) -> int:
    return sum(isinstance(effect, do.Create | do.Update | do.Delete) for effect in w.effects)


def test_a_refused_document_is_held_with_the_clouds_own_words() -> None:
    w = with_odd_rule()
    outcome = w.look()
    assert (outcome.kind, outcome.code) == (Kind.HELD, "refused")
    assert "400: unknown rule type" in outcome.reason
    assert w.codes() == [("hold", "unknown-rule-type"), ("gate", "refused")]
    assert w.took() == []
    assert w.link().lease is None


def test_it_is_not_tried_again_while_nothing_changes() -> None:
    w = with_odd_rule()
    w.look()
    for outcome in (w.look(), w.later(), w.later(100_000.0)):
        assert (outcome.kind, outcome.code) == (Kind.HELD, "refused")
    assert tries(w) == 1


def test_it_is_tried_again_when_the_rules_change() -> None:
    w = with_odd_rule()
    w.look()
    w.aws.put("pumps", profile(sent=at_most(50)))
    w.look()
    assert tries(w) == 2


def test_it_is_tried_again_when_what_was_refused_is_gone() -> None:
    """Nothing has changed in what both clouds share, but the document that would be sent has."""
    w = with_odd_rule()
    w.look()
    w.azure.put("pumps", group(sent=at_most(100)))
    assert w.look().wrote == (AZURE,)
    assert w.azure.said() == {"sent": at_most(60)}
    assert w.codes() == []


def test_a_refusal_is_forgotten_with_the_next_write() -> None:
    w = with_odd_rule()
    w.look()
    w.azure.put("pumps", group(sent=at_most(100)))
    w.look()
    assert w.link().refused is None


def test_a_policy_that_is_refused_at_its_creation_is_not_bound() -> None:
    w = world()
    w.azure.refuses = lambda _: "400: no more groups"
    w.aws.put("pumps", profile(sent=at_most(60)))
    assert w.look().code == "refused"
    assert w.link().state is State.NEW
    w.aws.remove("pumps")
    assert w.look().code == "in-step"
    assert w.took() == []


def test_a_refusal_of_one_side_keeps_what_the_other_side_took() -> None:
    w = with_odd_rule()
    w.azure.put("pumps", group(ODD, sent=(5, 100, 300)))
    outcome = w.look()
    assert (outcome.code, outcome.wrote) == ("refused", (AWS,))
    assert (w.aws.said(), w.azure.said()) == ({"sent": (5, 60, 300)}, {"sent": (5, 100, 300)})
    w.azure.put("pumps", group(sent=(5, 100, 300)))
    w.look()
    assert w.azure.said() == {"sent": (5, 60, 300)}


def test_a_refused_deletion_is_held_likewise() -> None:
    w = world(delete="mirror")
    w.in_step("pumps", profile(sent=at_most(100)), group(sent=at_most(100)))
    w.azure.remove("pumps")
    w.look()
    w.before(do.Delete, raising(Refused("aws", "it is still attached")))
    assert w.later().code == "refused"
    assert w.later().code == "refused"
    assert tries(w) == 1
    assert w.link().state is State.BOUND


def crowded() -> Document:
    """A profile with as many behaviors as AWS takes, one of them shared."""
    ports = [
        {
            "name": f"ports-{number}",
            "metric": "aws:listening-tcp-ports",
            "criteria": {"comparisonOperator": "in-port-set", "value": {"ports": [443]}},
        }
        for number in range(99)
    ]
    return profile(*ports, sent=at_most(100))


def test_a_rule_that_its_document_has_no_room_for_is_held_for_as_long_as_it_stands() -> None:
    w = world()
    w.in_step("pumps", crowded(), group(sent=at_most(100)))
    w.azure.put("pumps", group(sent=at_most(60), denied=at_most(5)))
    outcome = w.look()
    assert (outcome.kind, outcome.code, outcome.wrote) == (Kind.HELD, "too-many-behaviors", (AWS,))
    assert w.aws.said() == {"sent": at_most(60)}
    rev = w.link().rev
    for again in (w.look(), w.later()):
        assert (again.kind, again.code) == (Kind.HELD, "too-many-behaviors")
    assert w.link().rev == rev


def test_and_goes_over_when_there_is_room() -> None:
    w = world()
    w.in_step("pumps", crowded(), group(sent=at_most(100)))
    w.azure.put("pumps", group(sent=at_most(100), denied=at_most(5)))
    w.look()
    w.aws.put("pumps", profile(sent=at_most(100)))
    assert w.look().wrote == (AWS,)
    assert w.aws.said() == {"sent": at_most(100), "denied": at_most(5)}


def test_a_refused_policy_does_not_keep_others_from_going_on() -> None:
    w = with_odd_rule()
    w.look()
    w.in_step("valves", profile(sent=at_most(100)), group(sent=at_most(100)))
    w.aws.put("valves", profile(sent=at_most(60)))
    assert w.look("valves").wrote == (AZURE,)
