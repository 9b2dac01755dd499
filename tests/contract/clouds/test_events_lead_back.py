"""Every write through a port makes an event that its function reads as a look at what was written."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from functions.aws_lambda import events as aws_events
from functions.azure_app import events as azure_events
from functions.local.sandbox.azure_state import AzureOptions
from functions.local.sandbox.bus import Event
from functions.local.sandbox.clouds import TwoClouds
from shared.errors import Throttled
from shared.operations.requests import Ignored, Look
from shared.translation.side import Side
from tests.contract.clouds.conftest import Aws, Azure, Tenant

SCHEMAS = [
    AzureOptions(event_schema=schema, loose_events=loose)
    for schema in ("eventgrid", "cloudevents")
    for loose in (False, True)
]


@pytest.fixture
def told() -> list[Event]:
    return []


@pytest.fixture(params=SCHEMAS, ids=["eventgrid", "eventgrid-loose", "cloudevents", "cloudevents-loose"])
def listened(
    request: pytest.FixtureRequest, told: list[Event], monkeypatch: pytest.MonkeyPatch
) -> Iterator[TwoClouds]:
    with TwoClouds(
        on_aws_event=told.append, on_azure_event=told.append, azure_options=request.param
    ) as clouds:
        monkeypatch.setenv("AWS_ENDPOINT_URL_IOT", clouds.aws.endpoint)
        yield clouds


def written(tenant: Tenant, name: str) -> None:
    base = tenant.port.create(name, tenant.fresh(1)).found
    assert base is not None
    updated = tenant.port.update(name, tenant.edited(base.document, 2), base).found
    assert updated is not None
    tenant.port.delete(name, updated)
    assert tenant.clouds.settle()


@pytest.mark.parametrize("name", ["pumps", "a b", "a/b ä", "50%"])
def test_azure_writes_are_looked_at(listened: TwoClouds, told: list[Event], name: str) -> None:
    written(Azure(listened), name)
    looks = [request for event in told for request in azure_events.requests_of(event)]
    assert [(look.side, look.scope, look.name) for look in looks if isinstance(look, Look)] == [
        (Side.AZURE, listened.azure.hub.lower(), name)
    ] * 3


def test_aws_writes_are_looked_at_and_failed_ones_are_not(listened: TwoClouds, told: list[Event]) -> None:
    aws = Aws(listened)
    written(aws, "pumps:north")
    listened.aws_faults.throttle_next = 1
    with pytest.raises(Throttled):
        aws.port.create("pumps:north", aws.fresh(1))
    assert listened.settle()
    requests = [request for event in told for request in aws_events.requests_of(event)]
    looks = [(one.side, one.scope, one.name) for one in requests if isinstance(one, Look)]
    assert looks == [(Side.AWS, "123456789012/eu-central-1", "pumps:north")] * 3
    assert requests[-1] == Ignored("failed-call")
