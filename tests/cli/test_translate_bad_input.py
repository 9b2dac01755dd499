"""Bad input, each kind once: one line that names the member and its limit, or a hold with a stable code."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.support import (
    HUB,
    Document,
    allowlist,
    answered,
    behavior,
    group,
    profile,
    refusal,
    refused,
    run,
    translated,
    window_rule,
)


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("", "it is empty; wanted: one JSON object"),
        ("{", "1:2: not JSON: expecting property name enclosed in double quotes"),
        ("not json", "1:1: not JSON: expecting value"),
        (b"\x89PNG\r\n\x1a\n\x00", "it is not UTF-8 text: byte 0x89 at offset 0"),
        (b"PK\x03\x04", "1:1: not JSON: expecting value"),
        (json.dumps(profile()) + "x", "1:52: not JSON: something stands after the end of the document"),
        (json.dumps(profile()) * 2, "1:52: not JSON: something stands after the end of the document"),
        ('{"a":[],"a":[]}', "1:9: the key 'a' stands twice in one object, first at 1:2"),
        ('{"securityProfileName":\n NaN}', "2:2: NaN is no JSON number"),
        ('{"a": -Infinity}', "1:7: -Infinity is no JSON number"),
        ('{"a": 1e400}', "1:7: the number 1e400 is too large: the largest is about 1.8e308"),
        ("[" * 100_000, "1:65: it is nested more than 64 levels deep"),
        ('{"a":' * 100_000, "1:321: it is nested more than 64 levels deep"),
        ("{" + " " * 5_000_000 + "}", "it is too large: at most 1048576 bytes (1 MiB) are read, it has more"),
    ],
)  # fmt: skip
def test_what_is_no_json_document(content: bytes | str, problem: str) -> None:
    assert refused(content) == problem


def test_5_mb_in_a_file_are_counted_but_not_read(tmp_path: Path) -> None:
    path = tmp_path / "large.json"
    path.write_bytes(b" " * 5_000_000)
    assert refusal(run("translate", path)) == (
        f"{path}: it is too large: at most 1048576 bytes (1 MiB) are read, it has 5000000 bytes"
    )


def test_a_device_that_never_ends_is_not_read_to_its_end() -> None:
    assert refusal(run("translate", "/dev/zero")).endswith("(1 MiB) are read, it has more")


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("missing.json", "No such file or directory"),
        (".", "Is a directory"),
        ("x" * 300, "File name too long"),
        ("file.json/under", "Not a directory"),
    ],
)
def test_what_cannot_be_opened(tmp_path: Path, name: str, problem: str) -> None:
    (tmp_path / "file.json").touch()
    path = tmp_path / name
    assert refusal(run("translate", path)) == f"{path}: cannot be read: {problem}"


def test_a_path_that_no_system_takes() -> None:
    assert refusal(run("translate", "a\x00b")) == "a?b: cannot be read: embedded null byte"


def test_a_file_name_with_control_characters_stays_on_one_line(tmp_path: Path) -> None:
    assert "a ?[31mb.json: cannot be read" in refusal(run("translate", tmp_path / "a\n\x1b[31mb.json"))


@pytest.mark.parametrize(
    ("document", "line"),
    [
        (
            profile(behavior(consecutiveDatapointsToAlarm=100_000)),
            "behaviors[sent-max].criteria.consecutiveDatapointsToAlarm: "
            "wanted a whole number from 1 to 10, got 100000",
        ),
        (
            profile(behavior(durationSeconds="5 min")),
            "behaviors[sent-max].criteria.durationSeconds: wanted a whole number, got '5 min'",
        ),
        (profile(*[behavior()] * 101), "behaviors: wanted at most 100 elements, got 101"),
        (
            answered(group(window_rule(timeWindowSize="5m"))),
            "timeWindowRules[MqttD2CMessagesNotInAllowedRange].timeWindowSize: "
            "wanted an ISO 8601 duration such as PT5M, got '5m'",
        ),
    ],
)
def test_what_the_cloud_could_not_have_said(document: Document, line: str) -> None:
    assert refused(document) == line


def test_a_list_response_is_named() -> None:
    assert refused({"value": [answered(group())]}).startswith("it is a list response with 1 groups; take one")


A = "behaviors[sent-max]"
Z = "timeWindowRules[MqttD2CMessagesNotInAllowedRange]"
ZL = "allowlistRules[ConnectionToIpNotAllowed]"


def listed(*values: Any, operator: str = "in-cidr-set", member: str = "cidrs") -> Document:
    criteria = {"comparisonOperator": operator, "value": {member: list(values)}}
    return {"name": "sent-max", "metric": "aws:destination-ip-addresses", "criteria": criteria}


@pytest.mark.parametrize(
    ("document", "holds"),
    [
        (profile(behavior(metric="aws:unheard-of")), [(A, "unknown-metric")]),
        (profile(behavior(operator="nearly")), [(A, "unread-condition")]),
        (profile(behavior(count=-1)), [(A, "negative")]),
        (profile(behavior(count=1.5)), [(A, "not-an-integer")]),
        (profile(behavior(count=2**31)), [(A, "out-of-range")]),
        (profile(behavior(count=10**600)), [(A, "out-of-range")]),
        (profile(behavior(durationSeconds=600)), [(A, "window-not-allowed")]),
        (profile(behavior(durationSeconds=-300)), [(A, "window-not-allowed")]),
        (profile(behavior(), behavior()), [(A, "duplicate-name")] * 2),
        (
            profile(behavior(), behavior("low", "greater-than", 200)),
            [(A, "inverted-range"), ("behaviors[low]", "inverted-range")],
        ),
        (profile(listed(*[f"10.0.{n // 250}.{n % 250}/32" for n in range(1001)])), [(A, "too-many-values")]),
        (profile(listed("nowhere")), [(A, "not-a-cidr")]),
        (profile(listed()), [(A, "empty-list")]),
        (group(window_rule("Unheard")), [("timeWindowRules[UnheardNotInAllowedRange]", "unknown-rule-type")]),
        (group(window_rule(low=9, high=1)), [(Z, "inverted-range")]),
        (group(window_rule(), window_rule()), [(Z, "duplicate-name")] * 2),
        (group(window_rule(low=-1)), [(Z, "negative")]),
        (group(window_rule(high=0.5)), [(Z, "not-an-integer")]),
        (group(window_rule(timeWindowSize="PT10M")), [(Z, "window-not-allowed")]),
        (group(window_rule(high=2**31 - 1)), [(Z, "no-bound")]),
        (group(allowlistRules=[allowlist("ConnectionToIp", "10.0.0.0/8\x07")]), [(ZL, "not-a-cidr")]),
        (
            group(allowlistRules=[allowlist("ConnectionToIp", *[f"2001:db8::{n:x}" for n in range(1001)])]),
            [(ZL, "too-many-values")],
        ),
    ],
)
def test_what_the_protocol_holds(document: Document, holds: list[tuple[str, str]]) -> None:
    """Each with its code; and nothing else of the document is affected."""
    answer = translated("-", stdin=document)
    assert [(hold["path"], hold["code"]) for hold in answer["held"]] == holds
    assert answer["losses"] == []


def test_control_characters_in_a_list_are_held(tmp_path: Path) -> None:
    scopes = {"aws": {"account": "123456789012", "region": "eu-west-1"}, "azure": {"hub": HUB}}
    route = {"id": "r", **scopes, "custom_metrics": {"mode": "use"}}
    routes = tmp_path / "routes.yaml"
    routes.write_text(json.dumps({"version": 1, "routes": [route]}))
    document = group(allowlistRules=[allowlist("Process", "sh", "a\x1bb")])
    answer = translated("-", "--routes", routes, "--name", "x", stdin=document)
    assert [hold["code"] for hold in answer["held"]] == ["control-character"]


def test_a_held_rule_holds_no_other() -> None:
    good = behavior("auth", count=3, metric="aws:num-authorization-failures")
    answer = translated("-", stdin=profile(behavior(count=-1), good))
    assert answer["document"] == group(window_rule("UnauthorizedOperations", 0, 3))


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        ([], "translate: Missing argument 'SOURCE'."),
        (["-", "--to", "gcp"], "translate: Invalid value for '--to': 'gcp' is not one of 'aws', 'azure'."),
        (["-", "more"], "translate: Got unexpected extra argument (more)"),
    ],
)
def test_a_wrong_command_line_is_one_line_too(arguments: list[str], line: str) -> None:
    assert refusal(run("translate", *arguments, stdin="{}")) == line


def test_an_unknown_command_is_one_line() -> None:
    assert refusal(run("transalte")) == "No such command 'transalte'; did you mean 'translate'?"
