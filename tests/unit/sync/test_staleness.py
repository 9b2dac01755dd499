"""A read may show the past. An old version of a profile must not be taken for an edit back to it."""

from __future__ import annotations

import copy

import pytest

from shared.sync import effects as do
from shared.sync.job import Kind
from shared.sync.link import Latest, Link, LinkKey
from shared.sync.ports import Found
from shared.sync.staleness import outdated
from shared.translation.side import Side
from tests.unit.sync.clouds import Stored
from tests.unit.sync.documents import at_most, group, profile
from tests.unit.sync.world import World, world

FAST, LEASED = 1, 3
"""Which read of a look is the first one of AWS, and which the one under the lease."""


def mirrored() -> tuple[World, Stored]:
    """An edit on Azure that was mirrored, and the profile as it was before that."""
    w = world()
    w.in_step("pumps", profile(sent=at_most(100)), group(sent=at_most(100)))
    past = copy.deepcopy(w.aws.stored["pumps"])
    w.azure.put("pumps", group(sent=at_most(60)))
    assert w.look().wrote == (Side.AWS,)
    w.took()
    return w, past


def show(w: World, past: Stored, nth: int) -> None:
    """The ``nth`` read from here on is of a replica that lags, if it is of AWS."""
    present = w.aws.stored["pumps"]
    w.before(do.Read, lambda: w.aws.stored.update(pumps=past), nth)
    w.after(do.Read, lambda: w.aws.stored.update(pumps=present), nth)


def test_a_profile_as_it_was_before_our_write_is_looked_at_again_later() -> None:
    w, past = mirrored()
    show(w, past, FAST)
    outcome = w.look()
    assert (outcome.kind, outcome.code) == (Kind.BUSY, "stale-read")
    assert w.later().code == "in-step"
    assert w.took() == []


def test_a_replica_that_lags_under_the_lease_is_read_again() -> None:
    w, past = mirrored()
    w.azure.put("pumps", group(sent=at_most(70)))
    show(w, past, LEASED)
    assert w.look().wrote == (Side.AWS,)
    assert w.aws.said() == w.azure.said() == {"sent": at_most(70)}


def test_the_past_after_an_edit_on_aws_that_is_not_in_step_yet_waits_for_the_next_look() -> None:
    w, past = mirrored()
    w.aws.put("pumps", profile(sent=at_most(80)))
    show(w, past, FAST)
    assert w.look().code == "stale-read"
    assert w.look().wrote == (Side.AZURE,)
    assert w.azure.said() == {"sent": at_most(80)}


def test_a_profile_that_was_recreated_begins_anew_and_is_not_the_past() -> None:
    w, _ = mirrored()
    w.aws.remove("pumps")
    w.aws.put("pumps", profile(sent=at_most(80)))
    assert w.look().wrote == (Side.AZURE,)


@pytest.mark.parametrize(
    ("incarnation", "version", "old"),
    [("5.0", 3, False), ("5.0", 4, False), ("5.0", 2, True), ("4.5", 9, True), ("5.5", 1, False)],
)
def test_the_version_counts_within_an_incarnation(incarnation: str, version: int, old: bool) -> None:
    link = Link(LinkKey("fleet", "pumps"), latest=Latest("5.0", 3))
    assert outdated(link, Found("pumps", {}, incarnation, version)) is old


def test_nothing_is_outdated_where_nothing_was_known_or_nothing_is_there() -> None:
    known = Link(LinkKey("fleet", "pumps"), latest=Latest("2026-01-01", 3))
    assert not outdated(known, None)
    assert not outdated(known, Found("pumps", {}, "2026-01-02", 1))
    assert not outdated(Link(LinkKey("fleet", "pumps")), Found("pumps", {}, "5.0", 1))
