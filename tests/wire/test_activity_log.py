"""The Activity Log over a wire that breaks, through the client that ships."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from functions.local.sandbox import AzureOptions, TwoClouds
from functions.local.sandbox.clients import StaticCredential, arm_client
from shared.clouds import azure_arm
from shared.clouds.azure_activity import ActivityTrail
from shared.errors import Throttled, Unreachable
from tests.scenarios.scene import HUB
from tests.wire.proxy import Fault, Proxy, Trouble
from tests.wire.rig import throttled_by_azure

LOG = "eventtypes/management/values"
BRIEF = 1.5

Told = Callable[[], int]


@pytest.fixture
def proxy(pauses: list[float]) -> Iterator[Proxy]:
    """Before a hub that somebody wrote five times: three pages of records."""
    del pauses
    with ExitStack() as stack:
        clouds = stack.enter_context(TwoClouds(azure_options=AzureOptions(page_size=4)))
        proxy = stack.enter_context(Proxy(upstream=clouds.azure.endpoint))
        groups = arm_client(clouds).device_security_groups
        for number in range(5):
            groups.create_or_update(HUB, f"group-{number}", {"properties": {}})
        yield proxy


@pytest.fixture
def told(proxy: Proxy) -> Told:
    client = azure_arm.arm_client(StaticCredential("user.reader"), base_url=proxy.url, read_timeout=BRIEF)
    trail = ActivityTrail(client, HUB)
    return lambda: len({touch.name for touch in trail.foreign_writes(0.0)})


@pytest.mark.parametrize("trouble", [Trouble.RESET_BEFORE, Trouble.HALF])
def test_a_page_whose_connection_breaks_is_asked_for_again(proxy: Proxy, told: Told, trouble: Fault) -> None:
    proxy.next("GET", trouble, part=LOG, times=2)
    assert told() == 5
    assert proxy.count("GET", part=LOG) == 5  # three pages, the first of them three times


def test_a_log_that_cuts_every_connection_is_unreachable(proxy: Proxy, told: Told) -> None:
    proxy.next("GET", Trouble.RESET_BEFORE, part=LOG, times=9)
    with pytest.raises(Unreachable):
        told()
    proxy.stop_faults()
    assert told() == 5


def test_a_log_that_never_answers_is_given_up(proxy: Proxy, told: Told) -> None:
    proxy.next("GET", Trouble.SLOW, part=LOG, times=3)
    with pytest.raises(Unreachable):
        told()
    assert proxy.count("GET", part=LOG) <= 3


def test_a_log_that_asks_to_wait_for_long_is_left_to_the_next_sweep(
    proxy: Proxy, told: Told, pauses: list[float]
) -> None:
    proxy.next("GET", throttled_by_azure(17), part=LOG)
    with pytest.raises(Throttled) as caught:
        told()
    assert (caught.value.retry_after, pauses) == (17.0, [])
    assert told() == 5
