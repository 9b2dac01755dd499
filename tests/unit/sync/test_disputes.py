"""A conflict stays until both sides say the same or somebody settles it; and when a past that nobody can tell
makes one."""

from __future__ import annotations

from dataclasses import replace

import pytest
from msgspec import structs

from shared.errors import Unanswered
from shared.operations.commands import run_command
from shared.operations.requests import Command
from shared.sync import effects as do
from shared.sync.guards import LEASE_SECONDS
from shared.sync.job import Kind
from shared.translation.side import Side
from tests.unit.sync.documents import at_most, group, profile
from tests.unit.sync.world import World, raising, world

AWS, AZURE = Side.AWS, Side.AZURE


def disputed() -> World:
    """In step at 100; then 60 on AWS and 80 on Azure."""
    w = world()
    w.in_step("pumps", profile(sent=at_most(100)), group(sent=at_most(100)))
    w.aws.put("pumps", profile(sent=at_most(60)))
    w.azure.put("pumps", group(sent=at_most(80)))
    assert w.look().kind is Kind.CONFLICT
    return w


def test_whoever_goes_back_to_what_was_in_step_has_edited_too() -> None:
    w = disputed()
    w.azure.put("pumps", group(sent=at_most(100)))
    outcome = w.look()
    assert outcome.reason == "hi was changed on both sides: 60 on AWS, 100 on Azure"
    assert w.took() == []


def test_whoever_removes_the_rule_does_not_get_it_back() -> None:
    w = disputed()
    w.azure.put("pumps", group())
    assert w.look().reason.startswith("the rule was changed on both sides: 0 to 60 in 300 s on AWS, nothing")
    assert w.later().kind is Kind.CONFLICT
    assert w.took() == []


def test_it_ends_when_both_say_the_same() -> None:
    w = disputed()
    w.azure.put("pumps", group(sent=at_most(60)))
    assert w.look().code == "in-step"
    w.azure.put("pumps", group(sent=at_most(70)))
    assert w.look().wrote == (AWS,)


def test_it_ends_when_somebody_settles_it() -> None:
    w = disputed()
    w.azure.put("pumps", group(sent=at_most(100)))
    w.look()
    run_command(w.mirror(), Command("resolve", {"route": "fleet", "name": "pumps", "take": "azure"}))
    assert w.aws.said() == w.azure.said() == {"sent": at_most(100)}
    assert w.codes() == []


def test_other_fields_are_mirrored_meanwhile() -> None:
    w = disputed()
    w.aws.put("pumps", profile(sent=(7, 60, 300)))
    assert w.look().wrote == (AZURE,)
    assert w.azure.said() == {"sent": (7, 80, 300)}


def test_a_conflict_that_only_a_lagging_read_shows_is_none() -> None:
    w = world()
    w.in_step("pumps", profile(sent=at_most(100)), group(sent=at_most(100)))
    w.aws.put("pumps", profile(sent=at_most(60)))
    present = w.azure.stored["pumps"]
    past = replace(present, document=group(sent=at_most(80)))
    for nth in (2, 4):
        w.before(do.Read, lambda: w.azure.stored.update(pumps=past), nth)
        w.after(do.Read, lambda: w.azure.stored.update(pumps=present), nth)
    assert w.look().wrote == (AZURE,)
    assert w.azure.said() == {"sent": at_most(60)}


def unanswered(landed: bool) -> World:
    """60 on Azure, sent to AWS and never answered. A user of AWS edited twice since, in the end to 100."""
    w = world()
    w.in_step("pumps", profile(sent=at_most(100)), group(sent=at_most(100)))
    w.azure.put("pumps", group(sent=at_most(60)))
    (w.after if landed else w.before)(do.Update, raising(Unanswered("aws", "no answer")))
    w.look()
    for hi in (70, 100):
        w.aws.put("pumps", profile(sent=at_most(hi)))
    w.took()
    return w


@pytest.mark.parametrize("landed", [True, False])
def test_an_edit_after_a_write_that_may_have_landed_is_a_conflict(landed: bool) -> None:
    w = unanswered(landed)
    outcome = w.later(LEASE_SECONDS)
    assert outcome.kind is Kind.CONFLICT
    assert ("note", "possible-overwrite") in w.codes()
    assert w.later().kind is Kind.CONFLICT
    assert w.took() == []


def test_no_edit_is_inferred_from_a_list_that_azure_does_not_tell() -> None:
    w = world()
    w.azure.hides = True
    w.aws.put("pumps", profile(peers=["10.0.0.0/8"]))
    w.look()
    w.aws.put("pumps", profile(peers=["10.1.0.0/16"]))
    w.after(do.Update, raising(Unanswered("azure", "no answer")))
    w.look()
    attempt = structs.replace(w.link().attempts[-1], raced="somebody else wrote it")
    w.ledger.save(structs.replace(w.link(), rev=w.link().rev + 1, lease=None, attempts=(attempt,)))
    outcome = w.look()
    assert outcome.wrote == (AZURE,)
    assert w.azure.said() == {"peers": ["10.1.0.0/16"]}


def test_one_edit_at_most_tells_that_the_write_never_landed() -> None:
    w = world()
    w.in_step("pumps", profile(sent=at_most(100)), group(sent=at_most(100)))
    w.azure.put("pumps", group(sent=at_most(60)))
    w.before(do.Update, raising(Unanswered("aws", "no answer")))
    w.look()
    w.aws.put("pumps", profile(sent=(5, 100, 300)))
    assert w.later(LEASE_SECONDS).wrote == (AWS, AZURE)
    assert w.aws.said() == w.azure.said() == {"sent": (5, 60, 300)}
