"""The two clouds together: ports, ids, rest, and a clean end."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import pytest

from functions.local.sandbox import TwoClouds, iot_client
from functions.local.sandbox.bus import Event


def test_both_clouds_answer_on_loopback_ports_of_their_own(clouds: TwoClouds, ask: Any) -> None:
    assert clouds.aws.endpoint != clouds.azure.endpoint
    for endpoint in (clouds.aws.endpoint, clouds.azure.endpoint):
        assert endpoint.startswith("http://127.0.0.1:")
        assert ask(endpoint, "GET", "/_sandbox/faults").status == 200


def test_the_hub_is_given_by_its_full_id() -> None:
    with TwoClouds(subscription="sub", resource_group="rg", hub="h") as clouds:
        assert (
            clouds.azure.hub == "/subscriptions/sub/resourceGroups/rg/providers/Microsoft.Devices/IotHubs/h"
        )


def test_a_port_can_be_chosen_and_is_free_again_afterwards() -> None:
    with TwoClouds() as first:
        ports = [int(place.endpoint.rsplit(":", 1)[1]) for place in (first.aws, first.azure)]
    for _ in range(2):
        with TwoClouds(aws_port=ports[0], azure_port=ports[1]) as again:
            assert again.aws == first.aws


def test_a_taken_port_leaves_nothing_behind() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        before = set(threading.enumerate())
        with pytest.raises(OSError, match="in use"):
            TwoClouds(azure_port=taken.getsockname()[1])
        assert set(threading.enumerate()) <= before


def test_after_the_end_no_thread_is_left_and_the_port_is_closed() -> None:
    before = set(threading.enumerate())
    with TwoClouds() as clouds:
        client = iot_client(clouds)
        client.list_security_profiles()
        port = int(clouds.aws.endpoint.rsplit(":", 1)[1])
    clouds.close()
    client.close()
    assert set(threading.enumerate()) <= before
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port))


def test_rest_means_that_both_have_seen_what_the_other_caused() -> None:
    seen: list[str] = []
    hops: Callable[[Event, str], None]

    def on_aws(event: Event) -> None:
        hops(event, "azure")

    def on_azure(event: Event) -> None:
        hops(event, "aws")

    with TwoClouds(on_aws_event=on_aws, on_azure_event=on_azure) as clouds:

        def hops(event: Event, onwards: str) -> None:
            seen.append(onwards)
            if event["left"]:
                bus = {"aws": clouds.aws_bus, "azure": clouds.azure_bus}[onwards]
                bus.publish({"left": event["left"] - 1})

        clouds.aws_bus.publish({"left": 30})
        assert clouds.settle()
        assert len(seen) == 31


def test_clouds_that_never_rest_are_given_up_on() -> None:
    with TwoClouds() as clouds:
        clouds.azure_bus.pause()
        clouds.azure_bus.publish({})
        assert not clouds.settle(timeout=0.01)


def run_with(seed: int) -> list[Event]:
    events: list[Event] = []
    now = datetime(2026, 9, 1, tzinfo=UTC)
    with TwoClouds(seed=seed, now=lambda: now, on_aws_event=events.append) as clouds:
        client = iot_client(clouds)
        for n in range(3):
            client.create_security_profile(securityProfileName=f"p{n}")
        client.close()
        assert clouds.settle()
    return events


def test_the_same_seed_gives_the_same_ids() -> None:
    assert json.dumps(run_with(1)) == json.dumps(run_with(1))
    assert {event["id"] for event in run_with(1)}.isdisjoint(event["id"] for event in run_with(2))


def test_versions_are_counted_right_under_concurrent_updates(clouds: TwoClouds, iot: Any) -> None:
    iot.create_security_profile(securityProfileName="p")

    def update(_: int) -> int:
        version: int = iot.update_security_profile(securityProfileName="p")["version"]
        return version

    with ThreadPoolExecutor(8) as pool:
        versions = list(pool.map(update, range(40)))
    assert sorted(versions) == list(range(2, 42))


def test_a_listener_may_call_the_cloud_it_listens_to() -> None:
    versions: list[int] = []

    def on_aws(event: Event) -> None:
        name = event["detail"]["requestParameters"]["securityProfileName"]
        client = iot_client(clouds)
        versions.append(client.describe_security_profile(securityProfileName=name)["version"])
        client.close()

    with TwoClouds(on_aws_event=on_aws) as clouds:
        client = iot_client(clouds)
        client.create_security_profile(securityProfileName="p")
        assert clouds.settle()
        client.close()
    assert versions == [1]
