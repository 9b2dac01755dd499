"""``policy-mirror translate`` for a person: both clouds side by side, in 80 columns."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.support import (
    HUB,
    Document,
    allowlist,
    behavior,
    full_group,
    full_profile,
    group,
    profile,
    run,
    translated,
    window_rule,
)


def shown(document: Document, *arguments: str | Path, columns: int = 80) -> tuple[str, Document]:
    """What is printed above the document, and the document."""
    result = run("translate", "-", *arguments, stdin=json.dumps(document), COLUMNS=str(columns))
    assert (result.exit_code, result.stderr) == (0, "")
    head, brace, body = result.stdout.partition("\n{")
    return head, json.loads(brace + body)


def words(text: str) -> str:
    return " ".join(text.split())


@pytest.mark.parametrize("document", [full_profile(), full_group()])
def test_the_document_is_the_one_that_json_gives(document: Document) -> None:
    assert shown(document)[1] == translated("-", stdin=document)["document"]


@pytest.mark.parametrize("document", [full_profile(), full_group(), profile(behavior("n" * 128))])
@pytest.mark.parametrize("columns", [80, 100, 200])
def test_no_line_is_wider_than_the_terminal(document: Document, columns: int) -> None:
    head, _ = shown(document, columns=columns)
    assert max(map(len, head.splitlines())) <= columns


def test_every_hold_and_loss_is_said() -> None:
    head = words(shown(full_profile(), columns=400)[0])
    answer = translated("-", stdin=full_profile())
    for item in answer["held"] + answer["losses"] + answer["notes"]:
        assert item["path"] in head
        assert words(item["reason"]) in head
        assert f"({item['code']})" in head


def test_a_pair_is_shown_in_both_clouds_words() -> None:
    head, _ = shown(
        profile(behavior("sent", "less-than", 100), behavior("low", "greater-than", 4)), columns=150
    )
    assert "less-than 100" in head
    assert "greater-than 4" in head
    assert "messages that the device sends to the cloud over MQTT, in the window: 5 to 99 in 5 min" in words(
        head
    )
    assert "5 .. 99, PT5M" in head


@pytest.mark.parametrize(
    ("rule", "meaning"),
    [
        (window_rule(), "at most 100 in 5 min"),
        (window_rule(low=3, high=2**31 - 1), "at least 3 in 5 min"),
        (window_rule(low=3, high=3, timeWindowSize="PT30M"), "exactly 3 in 30 min"),
        (window_rule("ActiveConnections", high=9), "open on the device: at most 9"),
    ],
)
def test_a_limit_in_words(rule: Document, meaning: str) -> None:
    assert meaning in words(shown(group(rule), columns=200)[0])


def test_values_are_shown_without_what_a_terminal_would_obey(tmp_path: Path) -> None:
    scopes = {"aws": {"account": "123456789012", "region": "eu-west-1"}, "azure": {"hub": HUB}}
    route = {"id": "r", **scopes, "custom_metrics": {"mode": "use"}}
    routes = tmp_path / "routes.yaml"
    routes.write_text(json.dumps({"version": 1, "routes": [route]}))
    rules = [allowlist("Process", "a\u202eb", "n" * 50)]
    head, _ = shown(group(allowlistRules=rules), "--routes", routes, columns=300)
    assert "only a?b, " + "n" * 39 + "…" in head


def test_a_long_list_is_cut() -> None:
    rule = allowlist("ConnectionToIp", *[f"10.0.0.{n}/32" for n in range(5)])
    head = words(shown(group(allowlistRules=[rule]), columns=300)[0])
    assert "only 10.0.0.0/32, 10.0.0.1/32, 10.0.0.2/32 and 2 more" in head


def test_a_rule_that_goes_is_shown(tmp_path: Path) -> None:
    existing = tmp_path / "existing.json"
    existing.write_text(json.dumps(group(window_rule(), window_rule("UnauthorizedOperations", 0, 3))))
    head, document = shown(profile(behavior()), "--onto", existing, columns=150)
    assert "disabled" in head
    assert "was: operations of the device that the cloud denied, in the window: at most 3 in 5 min" in words(
        head
    )
    assert document["properties"]["timeWindowRules"][1]["isEnabled"] is False


def test_a_rule_that_the_other_document_holds_is_shown_as_not_written(tmp_path: Path) -> None:
    existing = tmp_path / "existing.json"
    existing.write_text(json.dumps(group(window_rule(timeWindowSize="PT10M"))))
    assert "not written" in shown(profile(behavior()), "--onto", existing)[0]


def test_a_document_without_shared_rules_says_so() -> None:
    assert "read as 0 shared rules" in shown(profile(behavior(metric="battery")))[0]


@pytest.mark.parametrize("environment", [{}, {"NO_COLOR": "1"}, {"TERM": "dumb"}])
def test_there_is_no_colour_in_a_pipe(environment: dict[str, str]) -> None:
    result = run("translate", "-", stdin=json.dumps(full_profile()), **environment)
    assert "\x1b" not in result.stdout


def test_what_a_terminal_would_obey_is_not_printed() -> None:
    document = group(window_rule("\x1b[31m\u202e\ud800[bold]x[/bold]"), note="\x07")
    head, _ = shown(document, columns=200)
    assert "timeWindowRules[?[31m??[bold]x[/bold]NotInAllowedRange]" in head


@pytest.mark.parametrize("document", [full_profile(), full_group()])
def test_markdown_has_the_same_to_say(document: Document) -> None:
    result = run("translate", "-", "--markdown", stdin=json.dumps(document))
    assert (result.exit_code, result.stderr) == (0, "")
    answer = translated("-", stdin=document)
    fenced = json.dumps(answer["document"], indent=2)
    assert f"```json\n{fenced}\n```\n" in result.stdout
    for item in answer["held"] + answer["losses"] + answer["notes"]:
        assert f"`{item['path']}`" in result.stdout
        assert item["code"] in result.stdout


def test_a_document_is_not_cut_at_the_edge_of_the_terminal() -> None:
    rule = allowlist("ConnectionToIp", *[f"10.0.0.{n}/32" for n in range(40)])
    _, document = shown(group(allowlistRules=[rule]), columns=40)
    assert len(document["behaviors"][0]["criteria"]["value"]["cidrs"]) == 40
