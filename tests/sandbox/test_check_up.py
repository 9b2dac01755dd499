"""Set-up and probe, asked of the sandbox through the product's own clients."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from functions.local.sandbox.clients import azure_setup, cloud_ports, cloud_probes
from functions.local.sandbox.clouds import TwoClouds
from functions.local.stage import DEFAULT_ROUTES
from shared.routes.load import load_routes
from shared.routes.route import Route
from shared.translation.side import Side


@pytest.fixture
def clouds() -> Iterator[TwoClouds]:
    with TwoClouds() as running:
        yield running


@pytest.fixture
def route(clouds: TwoClouds) -> Route:
    place = clouds.aws
    text = DEFAULT_ROUTES.format(account=place.account, region=place.region, hub=clouds.azure.hub)
    return load_routes(text, "routes.yaml").routes[0]


def test_the_sandbox_is_set_up_as_it_should_be(clouds: TwoClouds, route: Route) -> None:
    setup = azure_setup(clouds.azure.endpoint, route, user="alice")
    action = "Microsoft.Security/deviceSecurityGroups/write"
    assert setup.provider_state("Microsoft.Security") == "Registered"
    assert setup.allowed((action,)) == {action: True}
    assert setup.in_security_solution()
    assert [each.hears_groups for each in setup.event_subscriptions()] == [True]


def test_a_probe_answers_every_question_and_leaves_nothing_behind(clouds: TwoClouds, route: Route) -> None:
    places = (clouds.aws.endpoint, clouds.azure.endpoint)
    told = {
        f"{prober.cloud}-{slug}": answer
        for prober in cloud_probes(*places, route, user="alice")
        for slug, _, answer in prober.answers("policy-mirror-probe-1")
    }
    assert told["aws-detect-open"] == "taken"
    assert told["aws-no-op-version"] == "version 1 became 2"
    assert told["aws-tag-version"] == "version 2 became 2"
    assert told["aws-duration-60"].startswith("refused: InvalidRequestException")
    assert (told["azure-create"], told["azure-update"], told["azure-etag"]) == ("201", "200", "no")
    assert told["azure-values-ProcessNotAllowed"] == "yes"
    ports = cloud_ports(*places, route, user="alice")
    assert [dict(ports[side].census()) for side in Side] == [{}, {}]


def test_what_the_sandbox_hides_and_refuses_is_an_answer_too(clouds: TwoClouds, route: Route) -> None:
    clouds.azure_faults.update({"hide_allowlist_values": True})
    clouds.aws_faults.update({"fail_next": 9})
    aws, azure = cloud_probes(clouds.aws.endpoint, clouds.azure.endpoint, route, user="alice")
    told = {slug: answer for slug, _, answer in azure.answers("policy-mirror-probe-2")}
    assert told["values-ProcessNotAllowed"] == "no: nothing"
    (only,) = aws.answers("policy-mirror-probe-2")
    assert only[2].startswith("refused: InternalFailure")
