"""Which routes an event concerns."""

from __future__ import annotations

import pytest

from shared.routes.match import in_scope, routes_for
from shared.routes.route import Routes
from shared.translation.side import Side
from tests.unit.routes.samples import HUB, route, routes, settings

EUROPE = "123456789012/eu-central-1"
AMERICA = "123456789012/us-east-1"


@pytest.fixture
def several() -> Routes:
    america = {"region": "us-east-1"}
    return routes(
        settings(id="eu", names={"exclude": ["lab-*"]}),
        settings(id="lab", names={"include": ["lab-*"]}, mode="observe"),
        settings(id="us", aws=america, mode="aws-to-azure", names={"include": ["a*"]}),
        settings(id="us-back", aws=america, mode="azure-to-aws", names={"include": ["b*"]}),
    )


def ids(routes: Routes, side: Side, scope: str, name: str | None) -> list[str]:
    return [route.id for route in routes_for(routes, side, scope, name)]


def test_a_name_chooses_among_the_routes_of_a_scope(several: Routes) -> None:
    assert ids(several, Side.AWS, EUROPE, "prod") == ["eu"]
    assert ids(several, Side.AWS, EUROPE, "lab-1") == ["lab"]


def test_one_hub_may_feed_several_routes(several: Routes) -> None:
    assert ids(several, Side.AZURE, HUB.lower(), "b1") == ["eu", "us-back"]


def test_a_one_way_route_follows_only_its_source(several: Routes) -> None:
    assert ids(several, Side.AWS, AMERICA, "a1") == ["us"]
    assert ids(several, Side.AWS, AMERICA, "b1") == []
    assert ids(several, Side.AZURE, HUB.lower(), "a1") == ["eu"]


def test_without_a_name_every_route_that_follows_the_scope_is_meant(several: Routes) -> None:
    assert ids(several, Side.AWS, EUROPE, None) == ["eu", "lab"]
    assert ids(several, Side.AWS, AMERICA, None) == ["us"]
    assert ids(several, Side.AZURE, HUB.lower(), None) == ["eu", "lab", "us-back"]


def test_a_hub_is_found_in_any_spelling(several: Routes) -> None:
    assert ids(several, Side.AZURE, HUB.upper() + "/", "prod") == ["eu"]


@pytest.mark.parametrize(
    ("side", "scope"),
    [
        (Side.AWS, "123456789012/eu-central-2"),
        (Side.AWS, "999999999999/eu-central-1"),
        (Side.AWS, HUB.lower()),
        (Side.AZURE, EUROPE),
        (Side.AZURE, HUB.lower() + "x"),
        (Side.AZURE, ""),
    ],
)
def test_a_foreign_scope_concerns_no_route(several: Routes, side: Side, scope: str) -> None:
    assert ids(several, side, scope, None) == []


def test_the_default_group_concerns_no_route_that_does_not_name_it(several: Routes) -> None:
    assert ids(several, Side.AZURE, HUB.lower(), "Default") == []
    assert not in_scope(route(), "default")
    assert in_scope(route(names={"include": ["default"]}), "default")
