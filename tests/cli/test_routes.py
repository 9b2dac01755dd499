"""``policy-mirror routes``: a routes.yaml is checked before a function has to read it."""

from __future__ import annotations

import json
from pathlib import Path

from shared.routes.load import load_routes
from tests.cli.support import HUB, run

ROUTES = f"""\
version: 1
routes:
  - id: plant
    aws: {{account: "123456789012", region: eu-central-1}}
    azure: {{hub: {HUB}}}
"""
WRONG = ROUTES.replace("123456789012", "12345678901").replace("eu-central-1", "europe")


def written(folder: Path, text: str) -> Path:
    file = folder / "routes.yaml"
    file.write_text(text, encoding="utf-8")
    return file


def test_what_each_route_mirrors_is_told(tmp_path: Path) -> None:
    result = run("routes", written(tmp_path, ROUTES), COLUMNS="200")
    assert result.exit_code == 0
    assert "plant" in result.stdout
    assert "123456789012/eu-central-1" in result.stdout
    assert "1 route: all of it can be read." in result.stdout


def test_the_digest_is_the_one_that_the_functions_tell(tmp_path: Path) -> None:
    answer = json.loads(run("routes", written(tmp_path, ROUTES), "--json").stdout)
    assert answer["digest"] == load_routes(ROUTES).digest()
    assert [route["hub"] for route in answer["routes"]] == [load_routes(ROUTES).routes[0].azure.hub]


def test_every_problem_is_told_with_its_line(tmp_path: Path) -> None:
    file = written(tmp_path, WRONG)
    answer = json.loads(run("routes", file, "--json").stdout)
    assert [problem.partition(": ")[0] for problem in answer["problems"]] == [f"{file}:4:20", f"{file}:4:43"]
    result = run("routes", file, COLUMNS="300")
    assert result.exit_code == answer["exit_code"] == 2
    assert result.stdout.splitlines() == answer["problems"]


def test_the_compact_document_is_one_line_of_json_that_says_the_same(tmp_path: Path) -> None:
    result = run("routes", written(tmp_path, f"# a fleet\n{ROUTES}"), "--compact")
    assert (result.exit_code, result.stdout.count("\n")) == (0, 1)
    assert json.loads(result.stdout)["routes"][0]["id"] == "plant"
    assert load_routes(result.stdout) == load_routes(ROUTES)


def test_nothing_is_printed_in_place_of_a_document_that_cannot_be_read(tmp_path: Path) -> None:
    result = run("routes", written(tmp_path, WRONG), "--compact", COLUMNS="300")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "routes[0].aws.account" in result.stderr


def test_a_command_that_needs_routes_leads_here(tmp_path: Path) -> None:
    result = run("status", "--ledger", "sqlite::memory:", "--routes", written(tmp_path, WRONG))
    assert "(and 1 more: policy-mirror routes FILE)" in result.stderr


def test_no_file_is_told_like_any_problem(tmp_path: Path) -> None:
    result = run("routes", tmp_path / "gone.yaml", COLUMNS="300")
    assert (result.exit_code, result.stdout) == (
        2,
        f"{tmp_path / 'gone.yaml'}: no such file; `policy-mirror init` writes one\n",
    )
