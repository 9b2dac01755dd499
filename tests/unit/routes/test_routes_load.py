"""From text to routes: every error names its line, and all are told at once."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from shared.errors import BadRoutes
from shared.routes.load import MOST_TOLD, load_routes, read_routes
from tests.unit.routes.samples import HUB, document, refusal, settings

SMALL = f"""\
version: 1
routes:
  - id: plant
    aws: {{account: "123456789012", region: eu-central-1}}
    azure:
      hub: {HUB}
"""


def test_a_small_document_loads() -> None:
    (route,) = load_routes(SMALL).routes
    assert (route.id, route.aws.account, route.azure.hub) == ("plant", "123456789012", HUB)


def test_an_unquoted_account_loads_unless_it_begins_with_a_zero() -> None:
    assert load_routes(SMALL.replace('"', "")) == load_routes(SMALL)
    said = refusal(SMALL.replace('"123456789012"', "012345678901"))
    assert said == (
        'routes.yaml:4:20: routes[0].aws.account: quote it, "012345678901": YAML readers drop a leading zero '
        "or take it for octal"
    )


def test_a_quoted_account_may_begin_with_a_zero() -> None:
    (route,) = load_routes(SMALL.replace("123456789012", "012345678901")).routes
    assert route.aws.account == "012345678901"


def test_errors_name_source_line_column_and_member() -> None:
    text = SMALL.replace("region: eu", "region: EU")
    with pytest.raises(BadRoutes) as caught:
        load_routes(text, source="conf/routes.yaml")
    assert str(caught.value) == (
        "conf/routes.yaml:4:44: routes[0].aws.region: 'EU-central-1' is not allowed; "
        "wanted: an AWS region such as eu-central-1"
    )
    assert caught.value.code == "bad-routes"


def test_a_misspelt_key_is_shown_at_the_key_with_the_nearest() -> None:
    said = refusal(SMALL + "    frist_contact: sync\n")
    assert said.startswith(
        "routes.yaml:7:5: routes[0].frist_contact: unknown key (did you mean 'first_contact'?); allowed: id, "
    )


def test_a_misspelt_key_at_the_top_may_mean_defaults() -> None:
    said = refusal(SMALL + "default: {}\n")
    assert said == (
        "routes.yaml:7:1: default: unknown key (did you mean 'defaults'?); allowed: version, routes, defaults"
    )


def test_a_missing_key_is_shown_where_its_mapping_begins() -> None:
    said = refusal(SMALL.replace(", region: eu-central-1", ""))
    assert said == (
        "routes.yaml:4:10: routes[0].aws.region: is missing; wanted: an AWS region such as eu-central-1"
    )


def test_every_error_is_told_in_the_order_of_lines() -> None:
    text = SMALL.replace("version: 1", "version: 2").replace("id: plant", "id: Plant") + (
        "    mode: sideways\n    windows: [PT5M, 5m]\n    mode: observe\n  - id: b\n"
    )
    places = [line.split(": ")[:2] for line in refusal(text).splitlines()]
    assert places == [
        ["routes.yaml:1:10", "version"],
        ["routes.yaml:3:9", "routes[0].id"],
        ["routes.yaml:7:11", "routes[0].mode"],
        ["routes.yaml:8:21", "routes[0].windows[1]"],
        ["routes.yaml:9:5", "routes[0].mode"],
        ["routes.yaml:10:5", "routes[1].aws"],
        ["routes.yaml:10:5", "routes[1].azure"],
    ]


def test_a_flood_of_errors_is_cut_and_counted() -> None:
    lines = refusal("version: 1\nroutes: [" + "5, " * 400 + "]").splitlines()
    assert len(lines) == MOST_TOLD + 1
    assert lines[-1] == f"routes.yaml: and {400 - MOST_TOLD} more"


def test_an_overlap_is_shown_at_the_later_route() -> None:
    text = document(settings(), settings(id="other")).replace('{"id": "other"', '\n{"id": "other"')
    assert refusal(text).startswith("routes.yaml:2:1: routes[1].names: a policy named 'x' would belong to ")


def test_a_repeated_id_is_shown_at_the_later_route() -> None:
    other = settings(aws={"region": "us-east-1"})
    text = document(settings(), other).replace(', {"id"', ',\n{"id"')
    assert refusal(text) == "routes.yaml:2:8: routes[1].id: 'plant' is the id of routes[0] too"


def test_defaults_are_merged_under_each_route() -> None:
    defaults = {"mode": "observe", "aws": {"region": "us-east-1"}, "names": {"exclude": ["x"]}}
    own = settings(names={"include": ["a"]})
    bare = settings(id="b", mode="two-way")
    del bare["aws"]["region"]
    one, two = load_routes(document(own, bare, defaults=defaults)).routes
    assert (one.mode, one.aws.region, one.names.include, one.names.exclude) == (
        "observe", "eu-central-1", ("a",), ("x",),
    )  # fmt: skip
    assert (two.mode, two.aws.region, two.names.include, two.names.exclude) == (
        "two-way", "us-east-1", ("*",), ("x",),
    )  # fmt: skip


def test_a_list_of_a_route_replaces_the_default() -> None:
    loaded = load_routes(document(settings(windows=["PT1H"]), defaults={"windows": ["PT5M", "PT15M"]}))
    assert loaded.routes[0].window_seconds == {3600}


def test_a_wrong_default_is_told_once_and_where_it_stands() -> None:
    other = settings(id="b", aws={"region": "us-east-1"})
    text = document(settings(), other, defaults={"mode": "twoway", "windws": []})
    first, second = refusal(text).splitlines()
    assert "defaults.mode: 'twoway' is not allowed (did you mean 'two-way'?)" in first
    assert "defaults.windws: unknown key (did you mean 'windows'?)" in second


def test_an_id_has_no_default() -> None:
    assert "defaults.id: each route has its own" in refusal(document(settings(), defaults={"id": "x"}))


def test_defaults_are_a_mapping_or_absent() -> None:
    assert load_routes(document(settings(), defaults=None)) == load_routes(SMALL)
    assert "defaults: has to be a mapping" in refusal(document(settings(), defaults=["x"]))


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("- a", "1:1: a list is not allowed; wanted: a mapping of version and routes"),
        ("hello", "1:1: 'hello' is not allowed; wanted: a mapping of version and routes"),
        ("~", "1:1: has no value; wanted: a mapping of version and routes"),
        ("version: 1", "1:1: routes: is missing; wanted: a list of routes, each with id, aws and azure"),
        ("version: 1\nroutes: []", "2:9: routes: is empty; wanted: a list of routes"),
        ("version: 1\nroutes: {a: b}", "2:9: routes: a mapping is not allowed; wanted: a list of routes"),
        ("version: 1\nroutes:", "2:8: routes: has no value; wanted: a list of routes"),
        ("version: 1\nroutes: [x]", "2:10: routes[0]: 'x' is not allowed; wanted: a mapping with id, aws"),
        (
            "version: 1\nroutes: [~]",
            "2:10: routes[0]: has no value; wanted: a mapping with id, aws and azure",
        ),
    ],
)
def test_a_document_of_the_wrong_shape_is_refused(text: str, problem: str) -> None:
    assert refusal(text).startswith(f"routes.yaml:{problem}")


def test_a_file_is_read(tmp_path: Path) -> None:
    file = tmp_path / "routes.yaml"
    file.write_text(SMALL, encoding="utf-8")
    assert read_routes(file) == read_routes(str(file)) == load_routes(SMALL)


def test_errors_in_a_file_name_the_file(tmp_path: Path) -> None:
    file = tmp_path / "routes.yaml"
    file.write_text("version: 1", encoding="utf-8")
    with pytest.raises(BadRoutes) as caught:
        read_routes(file)
    assert str(caught.value).startswith(f"{file}:1:1: routes: is missing")


def test_a_missing_file_is_refused_with_the_way_out(tmp_path: Path) -> None:
    with pytest.raises(BadRoutes, match=r"no such file; `policy-mirror init` writes one"):
        read_routes(tmp_path / "routes.yaml")


@pytest.mark.parametrize("path", ["", "a\0b", os.sep])
def test_a_path_that_cannot_be_read_is_refused(path: str) -> None:
    with pytest.raises(BadRoutes, match="cannot be read: "):
        read_routes(path)


def test_a_file_that_never_ends_is_refused() -> None:
    with pytest.raises(BadRoutes, match="larger than 1048576 bytes"):
        read_routes("/dev/zero")
