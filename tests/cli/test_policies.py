"""``export`` and ``import``: policies as files, beside a sandbox."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Terminal
from tests.cli.support import refusal
from tests.scenarios.scene import MESSAGES, allow_rule, sent, window_rule

AUTH = "UnauthorizedOperationsNotInAllowedRange"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "policies"


@pytest.fixture
def exported(terminal: Terminal, folder: Path) -> Path:
    """The one policy of a sandbox that nobody's functions look at any more."""
    terminal.scene.create_profile("pumps", sent(100), learned())
    terminal.scene.rest()
    terminal.scene.clouds.aws_bus.stop()
    terminal.scene.clouds.azure_bus.stop()
    terminal.text("export", folder)
    return folder / "sandbox" / "pumps.yaml"


def learned() -> dict[str, Any]:
    criteria = {"mlDetectionConfig": {"confidenceLevel": "HIGH"}}
    return {"name": "learned", "metric": "aws:num-disconnects", "criteria": criteria}


def edit(file: Path, before: str, after: str) -> None:
    text = file.read_text()
    assert text.count(before) == 1
    file.write_text(text.replace(before, after))


def planned(terminal: Terminal, folder: Path, code: int = 3) -> dict[str, Any]:
    writes = terminal.scene.version("pumps")
    answer = terminal.json("import", folder, code=code)
    assert terminal.scene.version("pumps") == writes
    return answer


def test_each_policy_is_a_file_that_names_both_twins(exported: Path) -> None:
    text = exported.read_text()
    assert "  # AWS:   aws:num-messages-sent, as chatty\n" in text
    assert f"  # Azure: {MESSAGES}\n" in text
    assert "#   behaviors[learned] (learned): a model learns what is normal here" in text


def test_a_second_export_changes_nothing(terminal: Terminal, exported: Path, folder: Path) -> None:
    before = exported.stat().st_mtime_ns
    assert "1 policy file in" in terminal.text("export", folder)
    answer = terminal.json("export", folder)
    assert answer["files"] == [{"file": "sandbox/pumps.yaml", "state": "unchanged"}]
    assert exported.stat().st_mtime_ns == before


def test_an_import_without_an_edit_is_no_change(terminal: Terminal, exported: Path, folder: Path) -> None:
    answer = planned(terminal, folder, code=0)
    assert (answer["plan"], answer["unchanged"], answer["links"]) == (None, 1, [])


def test_an_edit_is_planned_and_then_written_to_both_clouds(
    terminal: Terminal, exported: Path, folder: Path
) -> None:
    edit(exported, "max: 100", "max: 60")
    answer = planned(terminal, folder)
    (link,) = answer["links"]
    assert link["writes"] == ["update aws", "update azure"]
    changes = [(change["cloud"], change["before"]["hi"], change["after"]["hi"]) for change in link["changes"]]
    assert changes == [("aws", 100, 60), ("azure", 100, 60)]
    assert {change["change"] for change in link["changes"]} == {"tightening"}
    told = terminal.text("import", folder, "--plan", answer["plan"])
    assert "mirrored  sandbox/pumps  AWS <-> Azure, 2 writes" in told
    assert terminal.scene.profile("pumps")["behaviors"] == [sent(60), learned()]
    assert terminal.scene.rules("pumps") == {MESSAGES: (0, 60, "PT5M")}
    assert planned(terminal, folder, code=0)["unchanged"] == 1


def test_a_plan_tells_what_to_type_in_one_piece(terminal: Terminal, exported: Path, folder: Path) -> None:
    edit(exported, "max: 100", "max: 60")
    digest = planned(terminal, folder)["plan"]
    result = terminal.run("import", folder, COLUMNS="40")
    assert f"policy-mirror import {folder} --plan {digest}" in result.stdout


def test_a_plan_is_markdown_for_a_pull_request(terminal: Terminal, exported: Path, folder: Path) -> None:
    edit(exported, "max: 100", "max: 60")
    told = terminal.text("import", folder, "--markdown", code=3)
    row = "| `mqtt-messages-from-device` | AWS, Azure | at most 100 in PT5M | at most 60 in PT5M |"
    assert any(line.startswith(row) for line in told.splitlines())


def test_a_plan_that_changed_since_is_refused(terminal: Terminal, exported: Path, folder: Path) -> None:
    edit(exported, "max: 100", "max: 60")
    digest = planned(terminal, folder)["plan"]
    terminal.scene.edit_profile("pumps", lambda behaviors: behaviors[0].update(sent(99)))
    problem = refusal(terminal.run("import", folder, "--plan", digest))
    assert problem.startswith("import: the plan is now ")
    assert terminal.scene.rules("pumps") == {MESSAGES: (0, 100, "PT5M")}


def test_a_plan_of_nothing_is_refused(terminal: Terminal, exported: Path, folder: Path) -> None:
    problem = refusal(terminal.run("import", folder, "--plan", "0" * 64))
    assert problem == "import: the plan is now empty: review that one"


def test_a_rule_that_a_file_leaves_out_is_removed_from_both(
    terminal: Terminal, exported: Path, folder: Path
) -> None:
    text = exported.read_text()
    head, _, rest = text.partition("rules:\n")
    exported.write_text(f"{head}rules: {{}}\n{rest[rest.index('# Held') :]}")
    answer = planned(terminal, folder)
    assert [change["after"] for change in answer["links"][0]["changes"]] == [None, None]
    terminal.json("import", folder, "--plan", answer["plan"])
    assert terminal.scene.profile("pumps")["behaviors"] == [learned()]
    assert terminal.scene.rules("pumps") == {}


def test_a_rule_that_a_file_adds_is_born_on_both(terminal: Terminal, exported: Path, folder: Path) -> None:
    edit(exported, "rules:\n", 'rules:\n  outbound-destinations:\n    allow: ["10.0.0.0/8"]\n')
    terminal.json("import", folder, "--plan", planned(terminal, folder)["plan"])
    names = [behavior["name"] for behavior in terminal.scene.profile("pumps")["behaviors"]]
    assert names == ["chatty", "learned", "outbound-destinations-allowed"]
    assert terminal.scene.rules("pumps")["ConnectionToIpNotAllowed"] == ["10.0.0.0/8"]


def test_a_policy_that_nobody_has_is_born_on_both(terminal: Terminal, exported: Path, folder: Path) -> None:
    new = folder / "sandbox" / "valves.yaml"
    new.write_text(exported.read_text().replace('"pumps"', '"valves"'))
    answer = planned(terminal, folder)
    assert [(link["link"], link["action"]) for link in answer["links"]] == [("sandbox/valves", "create")]
    terminal.json("import", folder, "--plan", answer["plan"])
    (behavior,) = terminal.scene.profile("valves")["behaviors"]
    assert behavior["criteria"]["value"] == {"count": 100}
    assert terminal.scene.rules("valves") == {MESSAGES: (0, 100, "PT5M")}
    assert planned(terminal, folder, code=0)["unchanged"] == 2


def test_an_edit_in_a_console_since_the_export_stands_in_the_plan(
    terminal: Terminal, exported: Path, folder: Path
) -> None:
    terminal.scene.edit_group("pumps", MESSAGES, maxThreshold=80)
    terminal.text("sync", "sandbox/pumps")
    changes = planned(terminal, folder)["links"][0]["changes"]
    assert {(change["before"]["hi"], change["after"]["hi"]) for change in changes} == {(80, 100)}
    assert {change["change"] for change in changes} == {"loosening"}


def test_what_differs_is_unsettled_and_left_alone(terminal: Terminal, exported: Path, folder: Path) -> None:
    in_conflict(terminal)
    terminal.text("export", folder)
    text = exported.read_text()
    assert "  # AWS says at most 80 in 5 min; Azure says at most 60 in 5 min\n" in text
    assert "unsettled:\n" in text
    assert planned(terminal, folder, code=0)["unchanged"] == 1


def test_a_file_settles_a_conflict_by_stating_the_rule(
    terminal: Terminal, exported: Path, folder: Path
) -> None:
    stated = exported.read_text()
    in_conflict(terminal)
    exported.write_text(stated.replace("max: 100", "max: 70"))
    terminal.json("import", folder, "--plan", planned(terminal, folder)["plan"])
    assert terminal.scene.profile("pumps")["behaviors"][0] == sent(70)
    assert terminal.scene.rules("pumps") == {MESSAGES: (0, 70, "PT5M")}
    assert terminal.json("drift")["links"] == []


def in_conflict(terminal: Terminal) -> None:
    terminal.scene.edit_group("pumps", MESSAGES, maxThreshold=60)
    terminal.scene.edit_profile("pumps", lambda behaviors: behaviors[0].update(sent(80)))


def test_what_is_held_cannot_be_set_by_a_file(terminal: Terminal, exported: Path, folder: Path) -> None:
    terminal.scene.edit_profile("pumps", lambda behaviors: behaviors.append(sent(50, name="also")))
    answer = planned(terminal, folder, code=4)
    (link,) = answer["links"]
    assert link["refused"]["code"] == "held"
    assert link["refused"]["message"].startswith("mqtt-messages-from-device: held, ")


def test_a_policy_that_only_one_cloud_has_is_told(terminal: Terminal, exported: Path, folder: Path) -> None:
    terminal.scene.create_profile("valves", sent(50))
    terminal.text("export", folder)
    edit(folder / "sandbox" / "valves.yaml", "max: 50", "max: 40")
    told = terminal.text("import", folder, code=4)
    assert "only one cloud has it; let it be mirrored, or settle that first" in told


def test_a_frozen_route_is_not_written_by_a_file_either(
    terminal: Terminal, exported: Path, folder: Path
) -> None:
    terminal.text("freeze", "sandbox", "--reason", "audit")
    edit(exported, "max: 100", "max: 60")
    answer = planned(terminal, folder, code=4)
    assert answer["plan"] is None
    assert answer["links"][0]["outcome"]["code"] == "frozen"


def test_the_journal_says_who_imported_what(terminal: Terminal, exported: Path, folder: Path) -> None:
    edit(exported, "max: 100", "max: 60")
    terminal.json("import", folder, "--plan", planned(terminal, folder)["plan"])
    entries = terminal.json("history", "sandbox/pumps", "--decision", "intent")["entries"]
    assert [entry["side"] for entry in entries[:2]] == ["azure", "aws"]
    assert "a terminal" in entries[0]["actor"]


def test_a_file_with_a_slip_of_the_pen_stops_everything(
    terminal: Terminal, exported: Path, folder: Path
) -> None:
    edit(exported, "max: 100", "max: 1OO")
    problem = refusal(terminal.run("import", folder))
    assert problem.startswith(
        f"{exported}:13:10: rules.mqtt-messages-from-device.max: '1OO' is no whole number"
    )


def test_two_files_about_one_policy_are_refused(terminal: Terminal, exported: Path, folder: Path) -> None:
    (folder / "copy.yaml").write_text(exported.read_text())
    assert "it is about sandbox/pumps, as " in refusal(terminal.run("import", folder))


def test_one_file_can_be_imported_by_itself(terminal: Terminal, exported: Path) -> None:
    edit(exported, "max: 100", "max: 60")
    assert terminal.json("import", exported, code=3)["plan"]


def test_a_folder_without_policies_is_refused(terminal: Terminal, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    problem = refusal(terminal.run("import", tmp_path / "empty"))
    assert problem == f"{tmp_path / 'empty'}: there is no policy file (*.yaml) below it"


def test_a_policy_that_is_gone_is_told_and_pruned_when_asked(
    terminal: Terminal, exported: Path, folder: Path
) -> None:
    gone = folder / "sandbox" / "gone.yaml"
    gone.write_text("version: 1\n")
    assert terminal.json("export", folder)["stale"] == ["sandbox/gone.yaml"]
    assert gone.exists()
    assert "removed   sandbox/gone.yaml" in terminal.text("export", folder, "--prune")
    assert not gone.exists()


def test_one_policy_can_be_exported_by_itself(terminal: Terminal, exported: Path, folder: Path) -> None:
    terminal.scene.put_group(
        "valves", window_rule(0, 50), allowlistRules=[allow_rule("ProcessNotAllowed", "sh")]
    )
    answer = terminal.json("export", folder, "sandbox/valves")
    assert [file["file"] for file in answer["files"]] == ["sandbox/valves.yaml"]
    assert "(not there)" in (folder / "sandbox" / "valves.yaml").read_text()


def test_a_folder_that_cannot_be_written_is_one_line(
    terminal: Terminal, exported: Path, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")
    problem = refusal(terminal.run("export", tmp_path / "file" / "x"))
    assert "cannot be written" in problem
