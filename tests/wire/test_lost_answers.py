"""A write whose answer never came is settled by what is there at the next look: nothing lost or doubled."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from shared.translation.side import Side
from tests.scenarios.scene import HUB, sent
from tests.wire.proxy import Answer, Trouble
from tests.wire.rig import CREATE, GROUP, NAME, PATHS, UPDATE, Rig

AWS, AZURE = Side.AWS, Side.AZURE
LEASE = 80.0
APPLIED = (Trouble.RESET_AFTER, Trouble.HALF, Trouble.SLOW)
NEVER_ARRIVED = (Trouble.RESET_BEFORE, Trouble.STUCK)
BRIEF = 1.5
"""Seconds that a client waits for an answer where one never comes."""


def limit_for(trouble: Trouble) -> float:
    return BRIEF if trouble in {Trouble.SLOW, Trouble.STUCK, Trouble.LATE} else 5.0


@pytest.mark.parametrize("trouble", APPLIED)
@pytest.mark.parametrize("side", Side)
def test_an_update_that_was_applied_unanswered_is_not_sent_again(
    start: Callable[..., Rig], side: Side, trouble: Trouble
) -> None:
    rig = start(answer_within=limit_for(trouble))
    rig.in_step()
    began, versions = rig.clock(), rig.applied()
    rig.proxies[side].next(UPDATE[side], trouble)
    rig.edit(side.other, 60)
    rig.rest()
    (told,) = rig.lines("busy", "unanswered")
    assert "may have been applied" in told["reason"]
    assert rig.written(side) == 1
    assert rig.limits() == (60, 60)
    assert rig.applied() == versions + 1  # by us or by the user, whichever wrote AWS
    assert rig.clock() - began >= LEASE  # a write that may still land keeps its lease
    rig.is_quiet()


@pytest.mark.parametrize("trouble", NEVER_ARRIVED)
@pytest.mark.parametrize("side", Side)
def test_an_update_that_never_arrived_is_sent_again_after_its_lease(
    start: Callable[..., Rig], side: Side, trouble: Trouble
) -> None:
    rig = start(answer_within=limit_for(trouble))
    rig.in_step()
    began, versions = rig.clock(), rig.applied()
    rig.proxies[side].next(UPDATE[side], trouble)
    rig.edit(side.other, 60)
    rig.rest()
    assert len(rig.lines("busy", "unanswered")) == 1
    assert rig.written(side) == 2
    assert rig.limits() == (60, 60)
    assert rig.applied() == versions + 1
    assert rig.clock() - began >= LEASE
    rig.is_quiet()


@pytest.mark.parametrize("trouble", [Trouble.RESET_AFTER, Trouble.HALF])
@pytest.mark.parametrize("side", Side)
def test_a_create_that_was_applied_unanswered_is_adopted(rig: Rig, side: Side, trouble: Trouble) -> None:
    rig.proxies[side].next(CREATE[side], trouble)
    if side is AZURE:
        rig.create_profile(NAME, sent(60))
    else:
        rig.edit(AZURE, 60)
    rig.rest()
    assert len(rig.lines("busy", "unanswered")) == 1
    assert rig.written(side) == 1
    assert rig.limits() == (60, 60)
    assert rig.applied() == 0
    rig.edit(side.other, 50)
    rig.rest()
    assert rig.limits() == (50, 50)
    rig.is_quiet()


@pytest.mark.parametrize("side", Side)
def test_a_deletion_that_was_applied_unanswered_is_not_sent_again(
    start: Callable[..., Rig], side: Side
) -> None:
    rig = start(delete="mirror")
    rig.in_step()
    rig.proxies[side].next("DELETE", Trouble.RESET_AFTER)
    if side is AZURE:
        rig.iot.delete_security_profile(securityProfileName=NAME)
    else:
        rig.groups.delete(HUB, NAME)
    rig.rest()
    assert len(rig.lines("busy", "unanswered")) == 1
    assert rig.proxies[side].count("DELETE") == 1
    assert rig.profiles() == rig.group_names() == []
    rig.is_quiet()


@pytest.mark.parametrize(("side", "attempts"), [(AWS, 2), (AZURE, 3)])
def test_a_read_whose_connection_breaks_is_tried_again(rig: Rig, side: Side, attempts: int) -> None:
    rig.in_step()
    rig.proxies[side].next("GET", Trouble.RESET_BEFORE, part=PATHS[side], times=attempts - 1)
    assert rig.deliver({"route": "sandbox", "name": NAME})[0]["event"] == "no-op"
    assert rig.proxies[side].count("GET", part=PATHS[side]) == attempts
    rig.forget()
    rig.proxies[side].next("GET", Trouble.HALF, part=PATHS[side], times=attempts)
    (line,) = rig.deliver({"route": "sandbox", "name": NAME})
    assert (line["event"], line["code"]) == ("busy", "unreachable")
    assert rig.proxies[side].count("GET", part=PATHS[side]) == attempts
    rig.rest()
    rig.is_quiet()


@pytest.mark.parametrize("side", Side)
def test_a_read_that_is_never_answered_is_given_up(start: Callable[..., Rig], side: Side) -> None:
    rig = start(answer_within=BRIEF)
    rig.in_step()
    rig.proxies[side].next("GET", Trouble.SLOW, part=PATHS[side], times=3)
    (line,) = rig.deliver({"route": "sandbox", "name": NAME})
    assert (line["event"], line["code"]) == ("busy", "unreachable")
    assert rig.proxies[side].count("GET", part=PATHS[side]) <= 3
    rig.proxies[side].stop_faults()
    rig.rest()
    rig.is_quiet()


def test_an_answer_to_the_last_look_before_the_put_that_is_lost_costs_no_write(rig: Rig) -> None:
    rig.in_step()
    rig.proxies[AZURE].next("GET", Trouble.RESET_BEFORE, part=GROUP, times=9)
    rig.edit(AWS, 60)
    rig.rest()
    assert rig.written(AZURE) == 1
    assert rig.limits() == (60, 60)
    rig.is_quiet()


@pytest.mark.parametrize("side", Side)
def test_a_cloud_that_cuts_every_connection_changes_nothing_on_the_other(rig: Rig, side: Side) -> None:
    rig.in_step()
    other = side.other
    for method in ("GET", "PUT", "PATCH", "POST", "DELETE"):
        rig.proxies[side].next(method, Trouble.RESET_BEFORE, times=60)
    rig.edit(side, 60)  # its user is not cut off
    for _ in range(4):
        rig.stage.sweep()
    assert rig.lines("busy")
    assert rig.written(other) == 0
    rig.proxies[side].stop_faults()
    rig.rest()
    assert rig.limits() == (60, 60)
    rig.is_quiet()


def test_a_put_that_lands_after_its_lease_does_not_take_the_place_of_a_later_edit(
    start: Callable[..., Rig],
) -> None:
    rig = start(answer_within=BRIEF)
    rig.in_step()
    rig.proxies[AZURE].next("PUT", Trouble.LATE)
    rig.edit(AWS, 60)
    rig.rest()
    rig.edit(AZURE, 70)
    rig.rest()
    assert rig.limits() == (70, 70)
    rig.proxies[AZURE].release()
    rig.rest()
    rig.sweep()
    assert rig.limits() == (70, 70)
    rig.is_quiet()


@pytest.mark.parametrize("side", Side)
def test_no_sdk_repeats_a_write_of_its_own_accord(rig: Rig, pauses: list[float], side: Side) -> None:
    """Not even where a service asks for it: a 503 may come from behind the write."""
    rig.in_step()
    rig.proxies[side].next(UPDATE[side], Answer(503, b"{}", (("Retry-After", "1"),)))
    rig.edit(side.other, 60)
    rig.rest()
    assert len(rig.lines("busy", "unanswered")) == 1
    assert rig.written(side) == 2  # one in each look
    assert pauses == []
    assert rig.limits() == (60, 60)
    rig.is_quiet()
