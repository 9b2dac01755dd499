"""``policy-mirror init``: asked or told, it leaves a routes.yaml that loads, and looks without writing."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from functions.local.routes_file import EXAMPLE, Wish, check, routes_text, suggested_id
from shared.errors import BadInput
from shared.routes.load import load_routes, read_routes
from tests.cli.conftest import Terminal
from tests.cli.support import HUB, refusal, run
from tests.scenarios.scene import MESSAGES, sent, window_rule

ROOT = Path(__file__).resolve().parents[2]
TOLD = ("--account", "012345678901", "--region", "eu-west-1", "--hub", HUB)


def test_what_it_writes_is_the_example_with_other_values(tmp_path: Path) -> None:
    out = tmp_path / "routes.yaml"
    result = run("init", *TOLD, "--id", "plant", "--out", out)
    assert (result.exit_code, result.stderr) == (0, "")
    (route,) = read_routes(out).routes
    assert (route.id, route.aws.account, route.aws.region) == ("plant", "012345678901", "eu-west-1")
    assert (route.azure.hub, route.first_contact) == (HUB, "observe")
    example, text = EXAMPLE.read_text(), out.read_text()
    kept = [line for line in text.splitlines() if line in example.splitlines()]
    assert len(kept) >= len(text.splitlines()) - 6


def test_a_route_is_called_after_its_hub() -> None:
    assert suggested_id(HUB.replace("sampleiothub", "Plant-EU-2")) == "plant-eu-2"


def test_names_can_be_narrowed(tmp_path: Path) -> None:
    out = tmp_path / "routes.yaml"
    run("init", *TOLD, "--include", "prod-*", "--include", "canary", "--out", out)
    assert read_routes(out).routes[0].names.include == ("prod-*", "canary")


def test_a_file_that_is_there_is_not_replaced_unless_asked(tmp_path: Path) -> None:
    out = tmp_path / "routes.yaml"
    out.write_text("mine")
    problem = refusal(run("init", *TOLD, "--out", out))
    assert problem == f"{out}: it is there already; --force replaces it, --out names another"
    assert out.read_text() == "mine"
    assert run("init", *TOLD, "--out", out, "--force").exit_code == 0
    assert read_routes(out).routes[0].id == "sampleiothub"


def test_what_is_missing_is_named_where_there_is_nobody_to_ask(tmp_path: Path) -> None:
    problem = refusal(run("init", "--region", "eu-west-1", "--out", tmp_path / "r.yaml"))
    assert problem == "init: give --account, --hub; there is nobody to ask"


@pytest.mark.parametrize(
    ("name", "value", "problem"),
    [
        ("account", "123", "account: '123' is not allowed; wanted: the account's 12 digits in quotes"),
        ("region", "frankfurt", "region: 'frankfurt' is not allowed; wanted: an AWS region such as "),
        ("hub", "plant", "hub: not a full resource id; wanted: /subscriptions/GUID/"),
        ("hub", HUB.replace("IotHubs", "Hubs"), "hub: part 7 must be 'IotHubs', not 'Hubs'; wanted: "),
        ("id", "Plant EU", "id: 'Plant EU' is not allowed; wanted: 1-64 of a-z 0-9 and inner hyphens"),
    ],
)
def test_a_value_that_cannot_stand_is_refused(name: str, value: str, problem: str) -> None:
    with pytest.raises(BadInput) as refused:
        check(name, value)
    assert str(refused.value).startswith(problem)


def test_nothing_is_written_where_a_value_is_wrong(tmp_path: Path) -> None:
    refusal(run("init", *TOLD, "--id", "-", "--out", tmp_path / "r.yaml"))
    assert list(tmp_path.iterdir()) == []


def test_a_glob_cannot_leave_its_place() -> None:
    wish = Wish("a", "012345678901", "eu-west-1", HUB, ('x"] #', "\\"))
    (route,) = load_routes(routes_text(wish)).routes
    assert route.names.include == wish.include


def looked_at(terminal: Terminal, tmp_path: Path, *arguments: str) -> str:
    return terminal.text("init", "--look", "--out", tmp_path / "routes.yaml", *arguments)


def test_a_first_look_tells_what_mirroring_would_do_and_writes_nothing(
    terminal: Terminal, tmp_path: Path
) -> None:
    terminal.scene.clouds.aws_bus.stop()
    terminal.scene.create_profile("pumps", sent(100))
    told = looked_at(terminal, tmp_path)
    assert "1 link looked at: 1 observed." in told
    assert "Plan of sandbox/pumps: Create it on the other cloud" in told
    assert "mqtt-messages-from-device   Azure   no rule   at most 100 in PT5M   tightening" in told
    assert terminal.scene.group_names() == []
    assert terminal.json("status")["routes"][0]["links"] == []


def test_a_first_look_ends_with_a_page_of_its_own(terminal: Terminal, tmp_path: Path) -> None:
    terminal.scene.clouds.aws_bus.stop()
    terminal.scene.clouds.azure_bus.stop()
    terminal.scene.create_profile("pumps", sent(100))
    terminal.scene.put_group("<script>alert(1)", window_rule(0, 50))
    page = tmp_path / "look.html"
    looked_at(terminal, tmp_path, "--html", str(page))
    text = page.read_text()
    assert "Content-Security-Policy" in text
    assert "<script>alert" not in text
    assert "&lt;script&gt;alert(1)" in text
    assert MESSAGES in text
    assert "normal is at most 100 in 5 min" in text


def test_it_asks_a_person_until_the_answer_may_stand(tmp_path: Path) -> None:
    """On a real terminal: a wrong account first, then everything by hand, and no look."""
    answers = b"123\n012345678901\neu-west-1\n%s\n\nn\n" % HUB.encode()
    out = tmp_path / "routes.yaml"
    shown = on_a_terminal(answers, "init", "--out", str(out))
    assert b"account: '123' is not allowed" in shown
    (route,) = read_routes(out).routes
    assert (route.id, route.aws.account) == ("sampleiothub", "012345678901")


def on_a_terminal(answers: bytes, *arguments: str) -> bytes:
    master, terminal = pty.openpty()
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "HOME": str(ROOT)}
    command = [sys.executable, "-c", "from functions.local.cli import main; main()", *arguments]
    process = subprocess.Popen(command, stdin=terminal, stdout=terminal, stderr=terminal, env=environment)
    os.close(terminal)
    os.write(master, answers)
    shown = b""
    try:
        while block := os.read(master, 65536):
            shown += block
    except OSError:
        pass  # how a terminal says that nobody writes to it any more
    os.close(master)
    assert process.wait(timeout=120) == 0, shown
    return shown
