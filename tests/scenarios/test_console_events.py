"""Every ready-made test event, through every door: the Lambda console, the function's HTTP endpoint, a
terminal. The doors give one answer, for there is one implementation."""

from __future__ import annotations

import json
import logging
import re
import shlex
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from aws_lambda_powertools import Logger

from functions.aws_lambda.app import create_handler
from functions.azure_app.app import answer as http_answer
from functions.local.in_process import InProcess
from functions.local.reference import AWS_EVENTS, AZURE_REQUESTS, IN_A_TERMINAL, console_files
from functions.local.sandbox.running import announced
from shared.operations.commands.registry import COMMANDS
from shared.operations.commands.spelling import typed
from tests.cli.support import run
from tests.scenarios.scene import MESSAGES, Scene, sent, window_rule

ROOT = Path(__file__).resolve().parents[2]
Answer = dict[str, Any]
Door = Callable[[str], Answer]
"""Takes the name of a command, sends its ready-made event, and gives what came back."""


class NoMetrics:
    def add_metric(self, name: str, unit: Any, value: float) -> None:
        """Nobody counts."""

    def flush_metrics(self, raise_on_empty_metrics: bool = False) -> None:
        """Nobody counts."""


class Context:
    aws_request_id = "8a6d"

    def get_remaining_time_in_millis(self) -> int:
        return 30_000


def functions_of(scene: Scene) -> InProcess:
    functions = scene.stage.functions
    assert isinstance(functions, InProcess)
    return functions


def lambda_console(scene: Scene, event: Answer) -> Answer:
    logger = Logger(service="test-console-events", level=logging.CRITICAL)
    handler = create_handler(lambda: functions_of(scene)._aws_mirror, logger, NoMetrics())
    return handler(event, Context())


def http(scene: Scene, event: Answer) -> Answer:
    body = json.dumps(event).encode()
    status, told = http_answer(lambda: functions_of(scene)._azure_mirror, body, "alice@example.com")
    assert (status == 200) is ("error" not in told)
    return told


def terminal(scene: Scene, event: Answer) -> Answer:
    """Events wait meanwhile: a terminal's clock is the machine's, and to the scene's its lease is over."""
    for bus in (scene.clouds.aws_bus, scene.clouds.azure_bus):
        bus.pause()
    try:
        return typed_in_a_terminal(scene, event)
    finally:
        for bus in (scene.clouds.aws_bus, scene.clouds.azure_bus):
            bus.resume()


def typed_in_a_terminal(scene: Scene, event: Answer) -> Answer:
    name = event.pop("command")
    file = scene.ledger.parent / "running.json"
    with announced(file, scene.stage.running(scene.ledger)):
        _, *words = in_a_terminal(scene, name, event)
        result = run(*words, "--json", POLICY_MIRROR_SANDBOX=str(file))
    if result.exit_code == 2:
        return {"error": {"message": result.stderr}}
    told: Answer = json.loads(result.stdout)
    assert told["exit_code"] == result.exit_code, result.stderr
    return told


def in_a_terminal(scene: Scene, name: str, event: Answer) -> list[str]:
    """There, policies are files in a folder."""
    folder = scene.ledger.parent / "policies"
    for file, text in event.get("files", {}).items():
        folder.mkdir()
        (folder / file).write_text(text)
    return shlex.split(IN_A_TERMINAL.get(name, typed(name, event)).replace("policies", str(folder)))


def from_files(name: str) -> Iterator[Answer]:
    """The command's event, as each console's file has it."""
    yield json.loads((ROOT / AWS_EVENTS / f"{name}.json").read_text(encoding="utf-8"))
    requests = (ROOT / AZURE_REQUESTS).read_text(encoding="utf-8")
    (body,) = re.findall(rf"^### {name}: .*?^(\{{.*?\}})$", requests, re.M | re.S)
    yield json.loads(body)


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    """``pumps`` is in step, and was edited once on AWS: the first entry of its journal has a before-image."""
    with Scene(tmp_path) as scene:
        scene.create_profile("pumps", sent(100))
        scene.put_group("pumps", window_rule(0, 100))
        scene.rest()
        scene.edit_profile("pumps", lambda behaviors: behaviors[0]["criteria"]["value"].update(count=60))
        scene.rest()
        assert scene.rules("pumps") == {MESSAGES: (0, 60, "PT5M")}
        yield scene


DOORS = {"lambda console": lambda_console, "http": http, "terminal": terminal}
TOLD: dict[str, set[str]] = {
    "status": {"at", "level", "routes", "next"},
    "plan": {"link", "action", "plan", "writes", "deletes", "outcome", "findings", "losses"},
    "drift": {"links", "looked_at", "next"},
    "conflicts": {"links", "looked_at", "next"},
    "sync": {"outcomes"},
    "sweep": {"outcomes"},
    "resolve": {"outcomes"},
    "unlink": {"link", "state"},
    "pause": {"link", "paused"},
    "resume": {"link", "paused"},
    "freeze": {"route", "frozen", "was_frozen"},
    "release": {"route", "was_frozen"},
    "history": {"link", "entries", "total", "next"},
    "show": {"link", "rev", "at", "actor", "decision", "side", "plan", "detail", "before", "after", "prev"}
    | {"hash", "changes", "change_count"},
    "restore": {"link", "side", "outcomes"},
    "explain": {"link"},
    "export": {"problems"},
    "import": {"plan"},
    "doctor": {"grade", "checks", "probes"},
}
"""What an answer has at least."""

REFUSED = {
    "adopt": "link sandbox/pumps: it is mirrored already",
    "approve": "link sandbox/pumps: the plan is now ",
}
"""What a ready-made event comes to where there is nothing to adopt, or where it cannot know the digest."""


def test_a_stale_or_superfluous_file_is_found_and_mended(tmp_path: Path) -> None:
    assert run("console-events", "--into", tmp_path).exit_code == 0
    (tmp_path / AWS_EVENTS / "gone.json").write_text("{}")
    (tmp_path / AWS_EVENTS / "plan.json").write_text("{}")
    stale = run("console-events", "--check", "--into", tmp_path)
    assert (stale.exit_code, stale.output.splitlines()[0].endswith("run: policy-mirror console-events")) == (
        1,
        True,
    )
    run("console-events", "--into", tmp_path)
    assert {str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*.*")} == {
        path for path, _ in console_files()
    }
    assert run("console-events", "--check", "--into", tmp_path).exit_code == 0


@pytest.mark.parametrize("name", list(COMMANDS))
def test_both_consoles_have_the_same_event(name: str) -> None:
    one, other = from_files(name)
    assert one == other


@pytest.mark.parametrize("door", list(DOORS))
@pytest.mark.parametrize("name", list(COMMANDS))
def test_a_ready_made_event_is_answered(scene: Scene, name: str, door: str) -> None:
    told = DOORS[door](scene, next(from_files(name)))
    if name in REFUSED:
        assert REFUSED[name] in told["error"]["message"]
    else:
        assert TOLD.get(name, set()) | {"exit_code"} <= set(told), told


@pytest.mark.parametrize("door", list(DOORS))
@pytest.mark.parametrize("name", [name for name, model in COMMANDS.items() if not model.about.writes])
def test_a_command_that_only_looks_leaves_everything_as_it_was(scene: Scene, name: str, door: str) -> None:
    """Also where there is much to write: an edit that no function has seen, and a policy on one side only."""
    for bus in (scene.clouds.aws_bus, scene.clouds.azure_bus):
        bus.stop()
    scene.edit_profile("pumps", lambda behaviors: behaviors[0]["criteria"]["value"].update(count=10))
    scene.create_profile("valves", sent(5))
    before = everything(scene)
    DOORS[door](scene, next(from_files(name)))
    assert everything(scene) == before


def everything(scene: Scene) -> list[Any]:
    """Every row of the ledger, every profile, and what a group has in force: Azure respells the rest."""
    with closing(sqlite3.connect(scene.ledger)) as ledger:
        rows = [ledger.execute(f"SELECT * FROM {table}").fetchall() for table in ("link", "entry", "scope")]
    aws = [(name, scene.version(name), scene.profile(name)) for name in scene.profiles()]
    return [rows, aws, [(name, scene.rules(name)) for name in scene.group_names()]]


@pytest.mark.parametrize("door", list(DOORS))
def test_a_link_is_stopped_undone_and_looked_back_at_through_every_door(scene: Scene, door: str) -> None:
    send = DOORS[door]
    send(scene, {"command": "freeze", "route": "sandbox", "reason": "audit"})
    held = send(scene, {"command": "restore", "route": "sandbox", "name": "pumps", "rev": 1})
    assert held["outcomes"][0]["event"] in {"held", "pending"}
    send(scene, {"command": "release", "route": "sandbox"})
    scene.sweep()
    assert scene.rules("pumps") == {MESSAGES: (0, 100, "PT5M")}
    assert scene.profile("pumps")["behaviors"][0]["criteria"]["value"] == {"count": 100}
    history = send(scene, {"command": "history", "route": "sandbox", "name": "pumps", "verify": True})
    assert history["verified"]["intact"]
    asked = [entry for entry in history["entries"] if entry["decision"] == "restore"]
    marks = {"lambda console": "lambda 8a6d", "http": "alice@example.com via http", "terminal": "@"}
    assert marks[door] in asked[0]["actor"]


@pytest.mark.parametrize("door", list(DOORS))
def test_a_conflict_is_settled_by_a_value_through_every_door(scene: Scene, door: str) -> None:
    scene.clouds.aws_bus.pause()
    scene.clouds.azure_bus.pause()
    scene.edit_profile("pumps", lambda behaviors: behaviors[0]["criteria"]["value"].update(count=40))
    scene.edit_group("pumps", MESSAGES, maxThreshold=80)
    scene.clouds.aws_bus.resume()
    scene.clouds.azure_bus.resume()
    scene.rest()
    (link,) = DOORS[door](scene, {"command": "conflicts"})["links"]
    assert [rule["azure"]["hi"] for rule in link["rules"]] == [80]
    value = {"lo": 0, "hi": 55, "window": "PT5M"}
    told = DOORS[door](scene, {"command": "resolve", "route": "sandbox", "name": "pumps", "take": value})
    assert told["outcomes"][0]["event"] in {"mirrored", "pending"}, json.dumps(told)
    scene.rest()
    assert scene.rules("pumps") == {MESSAGES: (0, 55, "PT5M")}
    assert scene.profile("pumps")["behaviors"][0]["criteria"]["value"] == {"count": 55}
