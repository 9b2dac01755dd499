"""The commands of the schema, typed in a terminal beside a sandbox."""

from __future__ import annotations

import json
import shlex
import time
from contextlib import ExitStack
from pathlib import Path

import click
import pytest
from msgspec.structs import replace

from functions.local.cli import COMMANDS as OWN
from functions.local.commands.operate import command
from functions.local.sandbox.running import Running, announced
from shared.ledger.sqlite import SqliteLedger
from shared.operations import remedies
from shared.operations.commands.registry import COMMANDS
from shared.operations.commands.run import validated
from shared.operations.commands.spelling import typed
from shared.operations.requests import Command
from shared.sync.link import Finding, Lease, LinkKey
from tests.cli.conftest import Terminal
from tests.cli.support import refusal, run
from tests.scenarios.scene import MESSAGES, sent, window_rule

SHARED = [name for name in COMMANDS if name not in OWN]
"""Those that a terminal takes as every console does; the others have their own arguments here."""
EVERY = pytest.mark.parametrize("name", SHARED)


def mirrored(terminal: Terminal) -> None:
    terminal.scene.create_profile("pumps", sent(100))
    terminal.scene.rest()


def without_functions(terminal: Terminal) -> None:
    """No event reaches a function any more: only the terminal looks."""
    terminal.scene.clouds.aws_bus.stop()
    terminal.scene.clouds.azure_bus.stop()


def running(pid: int) -> Running:
    return Running(pid, "http://127.0.0.1:9", "eu-central-1", "http://127.0.0.1:9", "hub", "l", "routes")


@EVERY
def test_every_command_has_help_with_an_example(name: str) -> None:
    result = run(name, "--help")
    assert result.exit_code == 0
    assert f"  policy-mirror {name}" in result.stdout.partition("Example")[2]


@EVERY
def test_every_option_of_a_command_is_explained(name: str) -> None:
    options = [each for each in command(name).params if isinstance(each, click.Option)]
    assert [each.name for each in options if not each.help] == []


@EVERY
def test_help_is_a_flowing_text(name: str) -> None:
    """Python before 3.13 keeps the indentation that a docstring has in its source."""
    above = run(name, "--help", COLUMNS="200").stdout.partition("Options:")[0]
    assert all(not line.strip().count("   ") and line[:3] != "   " for line in above.splitlines())


def test_what_is_required_is_asked_for_before_anything_is_opened() -> None:
    assert refusal(run("freeze", "sandbox")) == "freeze: Missing option '--reason'."


def test_the_release_of_a_route_that_was_not_frozen_says_so(terminal: Terminal) -> None:
    assert terminal.text("release", "sandbox") == "route: sandbox\nwas frozen: none\n"


@EVERY
def test_the_example_of_a_command_is_what_the_schema_takes(name: str) -> None:
    about = COMMANDS[name].about
    validated(Command(name, dict(about.example)))
    program, own, *words = shlex.split(typed(name, about.example))
    assert (program, own) == ("policy-mirror", name)
    command(name).make_context(name, words)


def test_every_way_out_that_is_told_can_be_typed() -> None:
    key = LinkKey("sandbox", "a pump")
    finding = Finding("gate", None, "", "approval-wanted", f"approve plan {'a' * 64}")
    found = [remedies.link_remedy(key, code, finding) for code in remedies._WHAT]
    found += [remedies.frozen("sandbox", "x"), remedies.route_paused("sandbox")]
    steps = [step for remedy in found for step in remedy.steps if step.command in COMMANDS]
    assert steps
    for step in steps:
        _, name, *words = shlex.split(step.typed())
        command(name).make_context(name, words)


def test_help_lists_every_command_once() -> None:
    listed = [line.split()[0] for line in run("--help").stdout.splitlines() if line.startswith("  ")]
    for name in COMMANDS.keys() | {name for name, entry in OWN.items() if not entry.hidden}:
        assert listed.count(name) == 1


def test_the_exit_codes_stand_in_the_help() -> None:
    assert "3  looked, and found something that is not in step" in run("--help").stdout


def test_a_link_is_looked_at(terminal: Terminal) -> None:
    mirrored(terminal)
    (outcome,) = terminal.json("sync", "sandbox/pumps")["outcomes"]
    assert (outcome["event"], outcome["link"]) == ("no-op", "sandbox/pumps")
    assert "no-op     sandbox/pumps: in step, nothing to write" in terminal.text("sync", "sandbox/pumps")


def test_a_terminal_may_write_both_clouds(terminal: Terminal) -> None:
    """It does not have to wait for the other cloud's function."""
    without_functions(terminal)
    terminal.scene.create_profile("pumps", sent(100))
    terminal.scene.put_group("valves", window_rule(0, 50))
    outcomes = terminal.json("sweep")["outcomes"]
    assert [(each["link"], each["event"], each["direction"]) for each in outcomes] == [
        ("sandbox/pumps", "mirrored", "aws-to-azure"),
        ("sandbox/valves", "mirrored", "azure-to-aws"),
    ]
    assert terminal.scene.rules("pumps") == {MESSAGES: (0, 100, "PT5M")}


def test_a_sync_waits_for_whoever_is_at_the_link(
    terminal: Terminal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mirrored(terminal)
    without_functions(terminal)
    ledger, key = SqliteLedger(str(tmp_path / "ledger.db")), LinkKey("sandbox", "pumps")
    terminal.scene.edit_profile("pumps", lambda behaviors: behaviors[0].update(sent(80)))

    def lease(held: Lease | None) -> None:
        link = ledger.link(key)
        assert link is not None
        ledger.save(replace(link, rev=link.rev + 1, lease=held))
        ledger.close()

    lease(Lease("somebody", 99, time.time() + 60))
    monkeypatch.setattr("time.sleep", lambda seconds: lease(None))
    result = terminal.run("sync", "sandbox/pumps")
    assert result.exit_code == 0
    assert result.stderr.startswith("somebody else is at it; looking again in ")
    assert terminal.scene.rules("pumps") == {MESSAGES: (0, 80, "PT5M")}


def test_a_conflict_is_told_and_settled(terminal: Terminal) -> None:
    mirrored(terminal)
    without_functions(terminal)
    terminal.scene.edit_group("pumps", MESSAGES, maxThreshold=60)
    terminal.scene.edit_profile("pumps", lambda behaviors: behaviors[0].update(sent(80)))
    told = terminal.text("sync", "sandbox/pumps", code=4)
    assert "hi was changed on both sides: 80 on AWS, 60 on Azure" in told
    told = terminal.text("resolve", "sandbox/pumps", "--take", "strictest")
    assert "mirrored  sandbox/pumps  Azure -> AWS, 1 write" in told
    assert terminal.scene.profile("pumps")["behaviors"] == [sent(60)]


def test_a_sweep_is_told_as_text_with_its_count(terminal: Terminal) -> None:
    mirrored(terminal)
    terminal.scene.create_profile("valves", sent(50))
    terminal.scene.rest()
    assert "2 links: 2 no-op." in terminal.text("sweep", "sandbox")


def test_a_plan_writes_nothing(terminal: Terminal) -> None:
    without_functions(terminal)
    terminal.scene.create_profile("pumps", sent(100))
    assert terminal.json("plan", "sandbox/pumps", code=3)["action"] == "create"
    assert terminal.scene.group_names() == []


def test_an_answer_is_markdown_too(terminal: Terminal) -> None:
    mirrored(terminal)
    assert "`sandbox/pumps`" in terminal.text("sync", "sandbox/pumps", "--markdown")


def test_a_name_with_a_slash_is_a_name(terminal: Terminal) -> None:
    (outcome,) = terminal.json("sync", "sandbox/a/b", code=4)["outcomes"]
    assert (outcome["link"], outcome["code"]) == ("sandbox/a/b", "name-not-spellable")


def test_a_link_needs_a_name(terminal: Terminal) -> None:
    problem = refusal(terminal.run("approve", "pumps", "--plan", "0" * 64))
    assert problem == "approve: 'pumps' names no link; wanted: ROUTE/NAME"


def test_a_route_that_is_not_there_is_refused(terminal: Terminal) -> None:
    problem = refusal(terminal.run("sync", "nowhere/pumps"))
    assert problem == "route 'nowhere' is not in routes.yaml; it has: sandbox"


def test_an_option_that_is_wrong_names_what_there_is(terminal: Terminal) -> None:
    problem = refusal(terminal.run("adopt", "sandbox/pumps", "--take", "gcp"))
    assert problem.startswith("adopt: Invalid value for '--take': 'gcp' is not one of ")


def test_without_a_sandbox_one_is_told_how_to_start_it(tmp_path: Path) -> None:
    problem = refusal(run("status", POLICY_MIRROR_SANDBOX=str(tmp_path / "none.json")))
    assert problem == "no sandbox runs; start one in another terminal: policy-mirror sandbox"


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"pid": 1}', "\x00"])
def test_another_file_is_not_taken_for_a_sandbox(tmp_path: Path, content: str) -> None:
    file = tmp_path / "sandbox.json"
    file.write_text(content)
    problem = refusal(run("status", POLICY_MIRROR_SANDBOX=str(file)))
    assert problem.startswith(f"{file}: not the file of a sandbox")


def test_a_sandbox_that_was_killed_is_not_waited_for(tmp_path: Path) -> None:
    file, dead = tmp_path / "sandbox.json", 2**22 + 1  # above every process id that Linux gives
    with announced(file, running(dead)):
        problem = refusal(run("status", POLICY_MIRROR_SANDBOX=str(file)))
    assert problem.startswith(f"the sandbox of process {dead} has ended; ")


def test_the_file_of_a_sandbox_is_private_and_goes_with_it(tmp_path: Path) -> None:
    file = tmp_path / "run" / "sandbox.json"
    with announced(file, running(1)):
        assert file.stat().st_mode & 0o077 == 0
        assert file.parent.stat().st_mode & 0o077 == 0
        assert json.loads(file.read_text())["ledger"] == "l"
    assert list(file.parent.iterdir()) == []


def test_a_sandbox_does_not_take_the_file_of_a_later_one_away(tmp_path: Path) -> None:
    file = tmp_path / "sandbox.json"
    with ExitStack() as later:
        with announced(file, running(1)):
            later.enter_context(announced(file, running(2)))
        assert json.loads(file.read_text())["pid"] == 2
    assert not file.exists()


def test_a_shell_is_told_where_the_clouds_of_a_sandbox_are(terminal: Terminal) -> None:
    said = terminal.text("sandbox", "--env").splitlines()
    place = terminal.scene.clouds
    assert f"export AWS_ENDPOINT_URL_IOT={place.aws.endpoint}" in said
    assert f"export SANDBOX_HUB={place.azure.hub}" in said
    assert all(line.startswith("export ") for line in said)


def test_without_a_ledger_every_way_to_name_one_is_told() -> None:
    told = refusal(run("status"))
    assert all(way in told for way in ("--ledger dynamodb:TABLE@REGION", "POLICY_MIRROR_LEDGER", "--sandbox"))


def test_a_wrong_ledger_is_told_by_where_it_was_named() -> None:
    assert refusal(run("status", "--ledger", "here")).startswith("--ledger is 'here'; it is dynamodb:")
    told = refusal(run("status", POLICY_MIRROR_LEDGER="there"))
    assert told.startswith("POLICY_MIRROR_LEDGER is 'there'; it is dynamodb:")


def test_an_option_goes_before_the_environment(tmp_path: Path) -> None:
    problem = refusal(
        run(
            "status",
            "--ledger",
            f"sqlite:{tmp_path / 'x.db'}",
            "--routes",
            str(tmp_path / "mine.yaml"),
            POLICY_MIRROR_ROUTES="theirs.yaml",
            POLICY_MIRROR_LEDGER="nonsense",
        )
    )
    assert problem.startswith(f"{tmp_path / 'mine.yaml'}: no such file")


@pytest.mark.parametrize(
    ("typed", "hint"), [("stats", "did you mean 'status'?"), ("mirorr", "policy-mirror --help lists them")]
)
def test_an_unknown_command_is_refused_with_a_way_on(typed: str, hint: str) -> None:
    assert refusal(run(typed)) == f"No such command {typed!r}; {hint}"


def test_a_journal_is_told_with_ids_that_can_be_copied(terminal: Terminal) -> None:
    """Also where a terminal is narrow."""
    mirrored(terminal)
    _, intent = terminal.json("history", "sandbox/pumps")["entries"]
    told = terminal.run("history", "sandbox/pumps", COLUMNS="60").stdout
    assert f"1    {intent['at'][:19]}Z  intent on Azure, by aws-lambda\n" in told
    assert all(intent["detail"][which] in told for which in ("request", "trace"))


def test_a_whole_journal_is_printed_as_json_lines(terminal: Terminal) -> None:
    mirrored(terminal)
    terminal.scene.edit_profile("pumps", lambda behaviors: behaviors[0].update(sent(80)))
    terminal.scene.rest()
    result = terminal.run("history", "sandbox/pumps", "--lines")
    entries = [json.loads(line) for line in result.stdout.splitlines()]
    assert [entry["rev"] for entry in entries] == list(range(1, len(entries) + 1))
    assert [entry["prev"] for entry in entries[1:]] == [entry["hash"] for entry in entries[:-1]]
    assert entries[2]["before"] is not None
    told = terminal.json("history", "sandbox/pumps", "--verify")
    assert told["verified"]["head"] == entries[-1]["hash"]
