from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from shared.errors import BadRoutes
from shared.routes.load import load_routes
from shared.routes.match import routes_for
from shared.routes.mention import unmentioned, unmentioned_in
from shared.translation.side import Side

HUB = (
    "/subscriptions/11111111-1111-4111-8111-111111111111/resourceGroups/{}"
    "/providers/Microsoft.Devices/IotHubs/fleet"
)
DOCUMENT = json.dumps(
    {
        "version": 1,
        "routes": [
            {
                "id": "fleet",
                "aws": {"account": "123456789012", "region": "eu-central-1"},
                "azure": {"hub": HUB.format("Plant")},
            }
        ],
    }
)
MENTIONED = [
    (Side.AWS, "123456789012/eu-central-1"),
    (Side.AZURE, HUB.format("Plant").lower()),
    (Side.AZURE, HUB.format("PLANT") + "/"),
]
ELSEWHERE = [
    (Side.AWS, "999999999999/eu-central-1"),
    (Side.AWS, "123456789012/eu-west-1"),
    (Side.AZURE, HUB.format("other").lower()),
]


@pytest.mark.parametrize(("side", "scope"), MENTIONED)
def test_a_scope_of_a_route_is_left_to_the_routes(side: Side, scope: str) -> None:
    assert not unmentioned(DOCUMENT, side, scope)


@pytest.mark.parametrize(("side", "scope"), ELSEWHERE)
def test_a_scope_that_stands_nowhere_is_nobodys(side: Side, scope: str) -> None:
    assert unmentioned(DOCUMENT, side, scope)


def test_a_document_with_escapes_decides_nothing() -> None:
    """They could spell what does not stand there."""
    escaped = DOCUMENT.replace("123456789012", "\\u0031\\u0032345678901" + "2")
    scope = "123456789012/eu-central-1"
    assert routes_for(load_routes(escaped), Side.AWS, scope)
    assert not unmentioned(escaped, Side.AWS, scope)


@pytest.mark.parametrize("document", ["", "version: 1", "{"])
def test_a_document_without_routes_decides_nothing(document: str) -> None:
    """The mirror will complain of it; until then no event may be lost."""
    assert not unmentioned(document, Side.AWS, "999999999999/eu-west-1")


def test_a_scope_beyond_ascii_is_left_to_the_routes() -> None:
    assert not unmentioned(DOCUMENT, Side.AZURE, HUB.format("größe").lower())


GROUPS = st.text(st.sampled_from("aBkK\u212aİßς(._-1"), min_size=1, max_size=6)
ACCOUNTS = st.sampled_from(["123456789012", "012345678901", "000000000001"])
REGIONS = st.sampled_from(["eu-central-1", "us-east-1"])
STYLES = st.sampled_from([None, "'", '"', "|", ">"])


@given(GROUPS, GROUPS, ACCOUNTS, ACCOUNTS, REGIONS, REGIONS, STYLES, st.booleans(), st.integers(10, 200))
def test_what_the_text_calls_nobodys_the_routes_do_not_know(
    group: str,
    asked: str,
    account: str,
    asked_account: str,
    region: str,
    asked_region: str,
    style: str | None,
    common: bool,
    width: int,
) -> None:
    """However the document is written."""
    ends = {"aws": {"account": account, "region": region}, "azure": {"hub": HUB.format(group)}}
    content = {"version": 1, **({"defaults": ends} if common else {})}
    content["routes"] = [{"id": "fleet", **({} if common else ends)}]
    try:
        document = yaml.safe_dump(content, default_style=style, width=width, allow_unicode=True)
        document = document.replace("!!int ", "")
        routes = load_routes(document)
    except BadRoutes:
        return
    for side, scope in (
        (Side.AWS, f"{asked_account}/{asked_region}"),
        (Side.AZURE, HUB.format(asked).lower()),
        (Side.AZURE, HUB.format(group).lower()),
    ):
        if unmentioned(document, side, scope):
            assert routes_for(routes, side, scope) == []


def test_the_document_is_a_variable_or_a_file(tmp_path: Path) -> None:
    file = tmp_path / "routes.yaml"
    file.write_text(DOCUMENT, encoding="utf-8")
    for environ in ({"POLICY_MIRROR_ROUTES_YAML": DOCUMENT}, {"POLICY_MIRROR_ROUTES": str(file)}):
        asked = unmentioned_in(environ)
        assert asked(*ELSEWHERE[0])
        assert not asked(*MENTIONED[0])


@pytest.mark.parametrize("place", ["ssm:/routes:2", "ssm:", "gone.yaml", "."])
def test_what_is_not_at_hand_decides_nothing(place: str) -> None:
    assert not unmentioned_in({"POLICY_MIRROR_ROUTES": place})(*ELSEWHERE[0])
