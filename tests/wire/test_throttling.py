"""A cloud that asks to wait is waited for: busy, as long as it says, and never an error."""

from __future__ import annotations

import pytest

from shared.translation.side import Side
from tests.wire.proxy import Answer
from tests.wire.rig import GROUP, NAME, PATHS, PROFILE, UPDATE, Rig, throttled_by_aws, throttled_by_azure

AWS, AZURE = Side.AWS, Side.AZURE


@pytest.mark.parametrize(
    ("side", "answer", "wait"),
    [
        (AZURE, throttled_by_azure(17), 17.0),
        (AWS, throttled_by_aws(17), 17.0),
        (AWS, throttled_by_aws(), 1.0),
    ],
)
def test_a_throttled_write_is_sent_once_and_tried_again_when_the_cloud_says(
    rig: Rig, pauses: list[float], side: Side, answer: Answer, wait: float
) -> None:
    rig.in_step()
    rig.proxies[side].next(UPDATE[side], answer, times=2)
    rig.edit(side.other, 60)
    rig.rest()
    assert [line["retry_after"] for line in rig.lines("busy", "throttled")] == [wait, wait]
    assert rig.written(side) == 3
    assert pauses == []
    assert rig.limits() == (60, 60)
    rig.is_quiet()


def test_a_read_that_azure_throttles_for_long_is_not_tried_again_at_once(
    rig: Rig, pauses: list[float]
) -> None:
    rig.in_step()
    rig.clouds.azure_bus.pause()
    rig.proxies[AZURE].next("GET", throttled_by_azure(17), part=GROUP)
    assert rig.deliver({"route": "sandbox", "name": NAME})[0]["retry_after"] == 17.0
    assert rig.proxies[AZURE].count("GET") == 1
    assert pauses == []


def test_a_read_that_azure_throttles_briefly_is_tried_again_as_azure_says(
    rig: Rig, pauses: list[float]
) -> None:
    rig.in_step()
    before = rig.clock()
    rig.proxies[AZURE].next("GET", throttled_by_azure(2), part=GROUP, times=2)
    assert rig.deliver({"route": "sandbox", "name": NAME})[0]["event"] == "no-op"
    assert rig.proxies[AZURE].count("GET") == 3
    assert (rig.clock() - before, pauses) == (4.0, [])  # ours: the SDK would wait for itself alone


def test_a_read_that_azure_goes_on_throttling_is_given_up_after_three_attempts(rig: Rig) -> None:
    rig.in_step()
    rig.proxies[AZURE].next("GET", throttled_by_azure(2), part=GROUP, times=3)
    (line,) = rig.deliver({"route": "sandbox", "name": NAME})
    assert (line["event"], line["code"], line["retry_after"]) == ("busy", "throttled", 2.0)
    assert rig.proxies[AZURE].count("GET") == 3
    rig.rest()
    rig.is_quiet()


@pytest.mark.parametrize(("times", "event"), [(2, "no-op"), (3, "busy")])
def test_a_read_that_aws_throttles_is_tried_three_times(rig: Rig, times: int, event: str) -> None:
    rig.in_step()
    rig.proxies[AWS].next("GET", throttled_by_aws(), part=PROFILE, times=times)
    assert rig.deliver({"route": "sandbox", "name": NAME})[0]["event"] == event
    assert rig.proxies[AWS].count("GET", part=PROFILE) == 3
    rig.rest()
    rig.is_quiet()


@pytest.mark.parametrize("side", Side)
def test_a_cloud_that_throttles_everything_for_long_costs_no_delivery(rig: Rig, side: Side) -> None:
    rig.in_step()
    answer = throttled_by_azure(300) if side is AZURE else throttled_by_aws(300)
    rig.proxies[side].next("GET", answer, part=PATHS[side], times=10)
    rig.edit(side.other, 60)
    rig.edit(side.other, 61)
    rig.rest()
    assert rig.lines("busy", "throttled")
    assert rig.limits() == (61, 61)
    assert rig.clouds.aws_bus.counts.retried == rig.clouds.azure_bus.counts.retried == 0
    rig.is_quiet()
