"""``policy-mirror translate --json``: what comes out of a good document."""

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
    full_group,
    full_profile,
    group,
    profile,
    refusal,
    run,
    translated,
    window_rule,
)

LOSS_MEMBERS = ["path", "fidelity", "effect", "code", "before", "after", "reason"]


def write(path: Path, document: Any) -> Path:
    path.write_text(json.dumps(document), encoding="utf-8")
    return path


def held(answer: Document) -> dict[str, str]:
    return {hold["path"]: hold["code"] for hold in answer["held"]}


@pytest.fixture
def routes(tmp_path: Path) -> Path:
    """Four routes: one-way from AWS, one-way from Azure, one with custom metrics, one cautious."""
    scopes = {"aws": {"account": "123456789012", "region": "eu-central-1"}, "azure": {"hub": HUB}}
    settings: list[Document] = [
        {"id": "to-azure", "names": {"include": ["out-*"]}, "mode": "aws-to-azure"},
        {"id": "to-aws", "names": {"include": ["in-*"]}, "mode": "azure-to-aws"},
        {
            "id": "metrics",
            "names": {"include": ["m-*"]},
            "custom_metrics": {"mode": "use"},
            "protocol": "amqp",
        },
        {"id": "cautious", "names": {"include": ["quiet"]}, "suppressed": "hold", "mode": "observe"},
    ]
    return write(tmp_path / "routes.yaml", {"version": 1, "routes": [s | scopes for s in settings]})


def test_a_profile_becomes_a_put_body() -> None:
    answer = translated("-", stdin=profile(behavior(), behavior("min", "greater-than", 4)))
    assert answer["document"] == group(window_rule(low=5, high=100))
    assert answer["held"] == answer["losses"] == []


def test_a_put_body_becomes_a_create_request() -> None:
    answer = translated(
        "-", stdin=group(window_rule(low=5), allowlistRules=[allowlist("ConnectionToIp", "::/0")])
    )
    assert answer["document"]["securityProfileName"] == "policy"
    assert [b["metric"] for b in answer["document"]["behaviors"]] == [
        "aws:num-messages-sent",
        "aws:num-messages-sent",
        "aws:destination-ip-addresses",
    ]
    assert answer["held"] == answer["losses"] == []


def test_there_and_back_is_the_same_policy() -> None:
    body = group(window_rule(low=5), window_rule("UnauthorizedOperations", 0, 9, timeWindowSize="PT30M"))
    there = translated("-", stdin=body)["document"]
    assert translated("-", stdin=there)["document"] == body


def test_the_answer_has_these_members_and_no_others() -> None:
    answer = translated("-", stdin=full_profile())
    assert list(answer) == ["document", "policy", "losses", "notes", "held"]
    assert list(answer["policy"]) == ["name", "rules", "about", "unknown"]
    assert answer["losses"]
    assert answer["notes"]
    assert answer["held"]
    assert all(list(item) == LOSS_MEMBERS for item in answer["losses"] + answer["notes"])
    assert all(list(item) == ["path", "code", "reason"] for item in answer["held"])


def test_paths_name_the_native_members_of_a_profile() -> None:
    answer = translated("-", stdin=full_profile())
    assert held(answer)["alertTargets"] == "own-member"
    assert held(answer)["behaviors[learned]"] == "learned"
    assert held(answer)["behaviors[auth]"] == "window-not-allowed"
    assert "behaviors[sent-max].criteria.consecutiveDatapointsToAlarm" in [
        x["path"] for x in answer["losses"]
    ]


def test_paths_name_the_native_members_of_a_group() -> None:
    answer = translated("-", stdin=full_group())
    assert held(answer)["timeWindowRules[MqttC2DMessagesNotInAllowedRange]"] == "window-not-allowed"
    assert held(answer)["timeWindowRules[UnheardNotInAllowedRange]"] == "unknown-rule-type"
    lost = [x["path"] for x in answer["losses"]]
    assert lost == ["timeWindowRules[ActiveConnectionsNotInAllowedRange].timeWindowSize"]


def test_the_policy_is_the_canonical_model() -> None:
    policy = translated("-", stdin=full_profile())["policy"]
    kinds = {rule["path"]: rule["condition"]["kind"] for rule in policy["rules"]}
    assert policy["name"] == "plant-a"
    assert policy["unknown"] == {"futureMember": {"x": [1, None]}}
    assert kinds["behaviors[learned]"] == "learned"
    assert kinds["behaviors[percentile]"] == "percentile"


@pytest.mark.parametrize("to", [[], ["--to", "azure"]])
def test_the_target_is_the_other_cloud(to: list[str]) -> None:
    assert "properties" in translated("-", *to, stdin=profile(behavior()))["document"]


@pytest.mark.parametrize(
    ("document", "to"), [(profile(), "aws"), (group(), "azure"), (full_group(), "azure")]
)
def test_naming_the_documents_own_cloud_is_bad_input(document: Document, to: str) -> None:
    line = refusal(run("translate", "-", "--to", to, "--json", stdin=json.dumps(document)))
    assert line.startswith("-: it is the ")
    assert "--to" in line


def test_a_file_is_read(tmp_path: Path) -> None:
    source = write(tmp_path / "p.json", profile(behavior()))
    assert translated(source)["document"] == group(window_rule())


def test_a_byte_order_mark_is_tolerated(tmp_path: Path) -> None:
    source = tmp_path / "p.json"
    source.write_bytes(b"\xef\xbb\xbf" + json.dumps(profile(behavior())).encode())
    assert translated(source)["document"] == group(window_rule())


def test_output_is_ascii_and_lone_surrogates_survive() -> None:
    answer = run("translate", "-", "--json", stdin=json.dumps(profile(behavior(), note="\ud800é→")))
    assert answer.stdout.isascii()
    assert json.loads(answer.stdout)["policy"]["unknown"] == {"note": "\ud800é→"}


# --onto


@pytest.mark.parametrize("azure", [full_group(), {"properties": {}}])
def test_onto_a_document_that_says_the_same_changes_nothing(tmp_path: Path, azure: Document) -> None:
    """Byte for byte, with every member in its place."""
    aws = translated("-", stdin=azure)["document"]
    existing = json.dumps(azure, indent=2)
    path = tmp_path / "existing.json"
    path.write_text(existing)
    assert json.dumps(translated("-", "--onto", path, stdin=aws)["document"], indent=2) == existing


def test_onto_the_other_way_round_changes_nothing_either(tmp_path: Path) -> None:
    shuffled = dict(reversed(full_profile().items()))
    body = translated("-", stdin=shuffled)["document"]
    path = write(tmp_path / "existing.json", shuffled)
    answer = translated("-", "--onto", path, stdin=body)
    assert json.dumps(answer["document"]) == json.dumps(shuffled)


def test_onto_moves_the_shared_rules_and_leaves_the_rest(tmp_path: Path) -> None:
    existing = full_profile()
    path = write(tmp_path / "existing.json", existing)
    body = translated("-", stdin=existing)["document"]
    body["properties"]["timeWindowRules"][0]["maxThreshold"] = 49
    answer = translated("-", "--onto", path, stdin=body)["document"]
    changed, *others = answer["behaviors"]
    assert changed["criteria"] == existing["behaviors"][0]["criteria"] | {"value": {"count": 50}}
    assert others == existing["behaviors"][1:]
    assert {k: v for k, v in answer.items() if k != "behaviors"} == {
        k: v for k, v in existing.items() if k != "behaviors"
    }


def test_onto_shows_the_same_shared_view_on_both_sides(tmp_path: Path) -> None:
    path = write(tmp_path / "existing.json", full_group())
    source = profile(behavior(count=7), behavior("auth", count=3, metric="aws:num-authorization-failures"))
    put = translated("-", "--onto", path, stdin=source)["document"]
    again = translated("-", "--onto", write(tmp_path / "source.json", source), stdin=put)["document"]
    assert again == source


def test_a_group_that_hides_values_is_not_put_for_that_would_empty_them(tmp_path: Path) -> None:
    existing = group(window_rule(), allowlistRules=[{"ruleType": "ProcessNotAllowed", "isEnabled": True}])
    path = write(tmp_path / "existing.json", existing)
    answer = translated("-", "--onto", path, stdin=profile(behavior(count=7)))
    assert answer["document"] == existing
    assert len(answer["held"]) == 1


def test_either_document_may_be_standard_input(tmp_path: Path) -> None:
    source, existing = profile(behavior(count=7)), group(window_rule(high=100))
    path = write(tmp_path / "source.json", source)
    assert translated(path, "--onto", "-", stdin=existing)["document"] == group(window_rule(high=7))


def test_both_documents_cannot_be_standard_input() -> None:
    line = refusal(run("translate", "-", "--onto", "-", stdin="{}"))
    assert line == "SOURCE and EXISTING cannot both be standard input (-)"


@pytest.mark.parametrize("existing", [profile(), full_profile()])
def test_existing_has_to_be_of_the_targets_cloud(tmp_path: Path, existing: Document) -> None:
    path = write(tmp_path / "existing.json", existing)
    line = refusal(run("translate", "-", "--onto", path, stdin=json.dumps(profile())))
    assert line.startswith(f"{path}: it is the ")
    assert line.endswith("wanted a document of Azure, the target of this translation")


def test_a_bad_existing_document_is_named(tmp_path: Path) -> None:
    path = tmp_path / "existing.json"
    path.write_text("{")
    line = refusal(run("translate", "-", "--onto", path, stdin=json.dumps(profile())))
    assert line.startswith(f"{path}: 1:2: not JSON")


# the name


@pytest.mark.parametrize(
    ("file", "document", "arguments", "name"),
    [
        ("pumps.json", group(), [], "pumps"),
        ("pumps.json", group(), ["--name", "given"], "given"),
        ("pumps.json", answered(group(), "own"), [], "own"),
        ("pumps.json", answered(group(), "own"), ["--name", "given"], "given"),
        ("pumps.json", group() | {"id": f"{HUB}/providers/x/deviceSecurityGroups/x:1/"}, [], "x:1"),
        ("two words.json", group(), [], "policy"),
        ("a.put.json", group(), [], "policy"),
        (f"{'n' * 129}.json", group(), [], "policy"),
    ],
)  # fmt: skip
def test_the_name_of_a_fresh_profile(
    tmp_path: Path, file: str, document: Document, arguments: list[str], name: str
) -> None:
    source = write(tmp_path / file, document)
    assert translated(source, *arguments)["document"]["securityProfileName"] == name


@pytest.mark.parametrize("name", ["two words", "é", "n" * 129, "a/b", "a\nb", "\ud800"])
def test_a_name_that_aws_cannot_spell_is_refused_with_the_limit(name: str) -> None:
    line = refusal(run("translate", "-", stdin=json.dumps(answered(group(), name))))
    assert line.startswith("-: name: the name ")
    assert "1 to 128 of a-z A-Z 0-9 : _ -" in line
    assert line.endswith("choose another with --name")


@pytest.mark.parametrize("name", ["", "two words", "n" * 129])
def test_a_chosen_name_that_aws_cannot_spell_is_refused_too(name: str) -> None:
    line = refusal(run("translate", "-", "--name", name, stdin=json.dumps(answered(group()))))
    assert line.startswith("--name: the name ")


def test_onto_a_profile_the_name_stays(tmp_path: Path) -> None:
    path = write(tmp_path / "existing.json", profile(behavior()))
    source = answered(group(window_rule()), "two words")
    assert translated("-", "--onto", path, stdin=source)["document"] == profile(behavior())


# --routes


def test_a_one_way_route_approximates(routes: Path) -> None:
    source = profile(behavior(durationSeconds=600)) | {"securityProfileName": "out-1"}
    answer = translated("-", "--routes", routes, stdin=source)
    assert answer["document"] == group(window_rule(timeWindowSize="PT30M"))
    assert [(x["code"], x["effect"]) for x in answer["losses"]] == [("window-approximated", "stronger")]


@pytest.mark.parametrize(
    ("document", "line"),
    [
        (answered(group(), "out-1"), "route 'to-azure' is aws-to-azure: it takes nothing from Azure"),
        (profile(securityProfileName="in-1"), "route 'to-aws' is azure-to-aws: it takes nothing from AWS"),
        (profile(), "no route takes in a policy called 'plant-a'; see names, or give --name"),
    ],
)  # fmt: skip
def test_a_route_translates_only_what_it_takes_in(routes: Path, document: Document, line: str) -> None:
    result = run("translate", "-", "--routes", routes, stdin=json.dumps(document))
    assert refusal(result) == f"{routes}: {line}"


def test_a_route_may_use_custom_metrics_and_another_protocol(routes: Path) -> None:
    body = group(window_rule("FileUploads", 0, 3), window_rule("AmqpD2CMessages", 0, 9))
    answer = translated("-", "--routes", routes, "--name", "m-1", stdin=body)
    metrics = [b["metric"] for b in answer["document"]["behaviors"]]
    assert sorted(metrics) == ["aws:num-messages-sent", "file-uploads"]
    assert answer["held"] == []


def test_a_route_may_hold_suppressed_rules(routes: Path) -> None:
    source = profile(behavior() | {"suppressAlerts": True}) | {"securityProfileName": "quiet"}
    assert held(translated("-", "--routes", routes, stdin=source)) == {
        "behaviors[sent-max]": "alerts-suppressed"
    }
    assert held(translated("-", stdin=source)) == {}


def test_a_document_without_a_name_goes_by_that_of_its_twin(tmp_path: Path, routes: Path) -> None:
    existing = write(tmp_path / "x.json", profile() | {"securityProfileName": "m-2"})
    answer = translated("-", "--onto", existing, "--routes", routes, stdin=group(window_rule("QueuePurges")))
    assert [b["metric"] for b in answer["document"]["behaviors"]] == ["queue-purges"]


def test_bad_routes_are_one_line_with_their_place(tmp_path: Path) -> None:
    path = tmp_path / "routes.yaml"
    path.write_text("version: 2\nroutes: []\n")
    line = refusal(run("translate", "-", "--routes", path, stdin=json.dumps(profile())))
    assert line.startswith(f"{path}:1:10: version: ")
    assert line.endswith(" (and 1 more: policy-mirror routes FILE)")


def test_a_missing_routes_file_is_one_line(tmp_path: Path) -> None:
    line = refusal(run("translate", "-", "--routes", tmp_path / "none", stdin=json.dumps(profile())))
    assert line.startswith(f"{tmp_path / 'none'}: no such file")
