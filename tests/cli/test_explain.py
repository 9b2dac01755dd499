"""``policy-mirror explain`` on a document: in words, as JSON, as markdown."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from tests.cli.support import Document, answered, full_group, full_profile, group, refusal, run, window_rule

DOCUMENTS = pytest.mark.parametrize("document", [full_profile(), full_group()])


def explained(document: Document) -> Document:
    result = run("explain", "-", "--json", stdin=json.dumps(document))
    assert (result.exit_code, result.stderr) == (0, "")
    (answer,) = json.loads(result.stdout)["documents"]
    found: Document = answer
    return found


def shown(document: Document, *arguments: str, columns: int = 80) -> str:
    result = run("explain", "-", *arguments, stdin=json.dumps(document), COLUMNS=str(columns))
    assert (result.exit_code, result.stderr) == (0, "")
    return result.stdout


def words(text: str) -> str:
    return " ".join(text.split())


def in_force(answer: Document) -> list[Any]:
    return [rule for rule in answer["rules"] if rule["standing"] != "parked"]


def remarks(answer: Document) -> list[Any]:
    every = [remark for rule in in_force(answer) for remark in rule["remarks"]] + answer["members"]
    return [remark for remark in every if remark["kind"] != "spelling"]


def test_disabled_rules_are_told_in_one_breath() -> None:
    assert "parked    3 rules are disabled: UnauthorizedOperations, LocalUser, Ports" in shown(full_group())


@DOCUMENTS
def test_every_rule_and_every_reason_is_shown(document: Document) -> None:
    text, answer = words(shown(document)), explained(document)
    for rule in in_force(answer):
        assert words(rule["means"]) in text
        assert rule["standing"] in text
    assert remarks(answer)
    for remark in remarks(answer):
        assert words(remark["reason"]) in text
        assert remark["code"] in text


@DOCUMENTS
@pytest.mark.parametrize("columns", [40, 80, 200])
def test_no_line_is_wider_than_the_terminal_or_ends_in_blanks(document: Document, columns: int) -> None:
    lines = shown(document, columns=columns).splitlines()
    assert max(map(len, lines)) <= columns
    assert [line for line in lines if line != line.rstrip()] == []


@DOCUMENTS
def test_markdown_says_what_the_text_says(document: Document) -> None:
    markdown = shown(document, "--markdown")
    bare = words(re.sub(r"\\(.)", r"\1", markdown))
    for rule in in_force(explained(document)):
        assert words(rule["means"]).replace("&", "&amp;") in bare


def test_what_it_does_to_detection_is_said_of_each_rule() -> None:
    answer = explained(full_profile())
    effects = {rule["path"]: rule["detection"]["effect"] for rule in answer["rules"]}
    assert effects["behaviors[sent-max]"] == "stronger"
    assert effects["behaviors[sent-min]"] == "none"
    assert effects["behaviors[learned]"] == "weaker"
    assert "So the mirror may miss what this alarms on." in shown(full_profile())


def test_what_states_a_rule_on_the_other_cloud_is_named() -> None:
    twins = {rule["path"]: rule["twin"] for rule in explained(full_profile())["rules"]}
    assert twins["behaviors[sent-max]"] == "MqttD2CMessagesNotInAllowedRange"
    assert twins["behaviors[learned]"] is None


def test_a_name_that_is_html_or_markdown_stays_a_name() -> None:
    document = answered(group(window_rule()), "<script>_*[x](http://e.vil)`@all")
    markdown = shown(document, "--markdown")
    assert "<script" not in markdown.replace("\\<", "")
    assert "@all" not in markdown
    assert "](" not in markdown.replace("\\]", "")


def test_a_backtick_does_not_end_the_code() -> None:
    markdown = shown(group(window_rule() | {"ruleType": "a``b`"}), "--markdown")
    assert "``` a``b` ```" in markdown


def test_bad_input_is_refused_in_one_line() -> None:
    assert refusal(run("explain", "-", stdin="[]")).startswith("-: it is a list of 0, not an object")


def test_a_file_that_is_not_there_is_refused() -> None:
    assert (
        refusal(run("explain", "nowhere.json")) == "nowhere.json: cannot be read: No such file or directory"
    )
