"""``policy-mirror sandbox`` and ``demo`` as a user runs them: a process, its lines, its end."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import boto3
import pytest
from azure.core.exceptions import HttpResponseError
from azure.mgmt.security import SecurityCenter

from functions.local.sandbox import StaticCredential

ROOT = Path(__file__).resolve().parents[2]
SECONDS = 30
"""More than any step takes; a step that hangs ends its test."""

Line = dict[str, Any]


class Sandbox:
    """A running ``policy-mirror sandbox --json`` and an ordinary client of each cloud."""

    def __init__(self, *arguments: str) -> None:
        self.process = start("sandbox", "--json", *arguments)
        self.limit = threading.Timer(2 * SECONDS, self.process.kill)
        self.limit.start()
        self.ready = self.line()

    def line(self) -> Line:
        assert self.process.stdout is not None
        text = self.process.stdout.readline()
        assert text, "it ended, or was ended because the line never came"
        line: Line = json.loads(text)
        return line

    def until(self, event: str) -> Line:
        while (line := self.line())["event"] != event:
            pass
        return line

    def iot(self) -> Any:
        place = self.ready["aws"]
        return boto3.client(
            "iot",
            endpoint_url=place["endpoint"],
            region_name=place["region"],
            aws_access_key_id="sandbox",
            aws_secret_access_key="sandbox",
        )

    def group(self, name: str) -> Any:
        place = self.ready["azure"]
        with SecurityCenter(
            StaticCredential("user.alice"), place["subscription"], base_url=place["endpoint"]
        ) as arm:
            text = arm.device_security_groups.get(
                place["hub"], name, enforce_https=False, cls=lambda told, *_: told.http_response.text()
            )
        return json.loads(text)

    def stop(self, number: signal.Signals) -> tuple[int, str, str]:
        """Exit code, and what was still printed."""
        self.process.send_signal(number)
        rest, errors = self.process.communicate(timeout=SECONDS)
        return self.process.returncode, rest, errors


def start(*arguments: str) -> subprocess.Popen[str]:
    """``policy-mirror ARGUMENTS`` without anything of the caller's but the PATH."""
    own = {"XDG_RUNTIME_DIR": mkdtemp(prefix="policy-mirror-")}  # a sandbox that runs already stays findable
    environment = {"PATH": os.environ["PATH"], "PYTHONUNBUFFERED": "1"} | own
    command = [sys.executable, "-c", "from functions.local.cli import main; main()", *arguments]
    return subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def ended(*arguments: str) -> tuple[int, str, str]:
    process = start(*arguments)
    printed, errors = process.communicate(timeout=4 * SECONDS)
    return process.returncode, printed, errors


@pytest.fixture
def run() -> Iterator[Callable[..., Sandbox]]:
    """Starts sandboxes; whatever happens to the test, they do not outlive it."""
    with ExitStack() as stack:

        def running(*arguments: str) -> Sandbox:
            sandbox = Sandbox(*arguments)
            stack.callback(_end, sandbox)
            return sandbox

        yield running


def _end(sandbox: Sandbox) -> None:
    sandbox.limit.cancel()
    if sandbox.process.poll() is None:
        sandbox.process.kill()
    sandbox.process.communicate()


LIMIT = {
    "name": "chatty",
    "metric": "aws:num-messages-sent",
    "criteria": {"comparisonOperator": "less-than", "value": {"count": 100}, "durationSeconds": 300},
}


def test_the_first_line_says_where_both_clouds_are(run: Callable[..., Sandbox]) -> None:
    ready = run().ready
    assert ready["event"] == "ready"
    assert set(ready["aws"]) == {"endpoint", "region", "account"}
    assert set(ready["azure"]) == {"endpoint", "subscription", "hub"}
    assert ready["azure"]["hub"].startswith(
        f"/subscriptions/{ready['azure']['subscription']}/resourceGroups/"
    )
    ports = {ready[cloud]["endpoint"].rsplit(":", 1)[1] for cloud in ("aws", "azure")}
    assert len(ports) == 2
    assert all(ready[cloud]["endpoint"].startswith("http://127.0.0.1:") for cloud in ("aws", "azure"))


def test_a_profile_that_boto3_creates_is_a_group_for_azures_client(run: Callable[..., Sandbox]) -> None:
    sandbox = run()
    iot = sandbox.iot()
    with pytest.raises(HttpResponseError):
        sandbox.group("pumps")
    iot.create_security_profile(securityProfileName="pumps", behaviors=[LIMIT])
    iot.close()
    mirrored = sandbox.until("mirrored")
    assert (mirrored["link"], mirrored["direction"], mirrored["writes"]) == (
        "sandbox/pumps",
        "aws-to-azure",
        1,
    )
    enabled = [rule for rule in sandbox.group("pumps")["properties"]["timeWindowRules"] if rule["isEnabled"]]
    assert [(rule["ruleType"], rule["maxThreshold"]) for rule in enabled] == [
        ("MqttD2CMessagesNotInAllowedRange", 99)
    ]
    echo = sandbox.until("no-op")
    assert (echo["link"], echo["writes"], echo["function"]) == ("sandbox/pumps", 0, "function")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_stops_it_cleanly(run: Callable[..., Sandbox], number: signal.Signals) -> None:
    sandbox = run()
    assert sandbox.stop(number) == (0, "", "")
    with socket.socket() as client, pytest.raises(ConnectionRefusedError):
        client.connect(("127.0.0.1", int(sandbox.ready["aws"]["endpoint"].rsplit(":", 1)[1])))


def test_a_ledger_file_is_kept_and_known_again(run: Callable[..., Sandbox], tmp_path: Path) -> None:
    ledger = tmp_path / "ledger.db"
    sandbox = run("--ledger", str(ledger))
    iot = sandbox.iot()
    iot.create_security_profile(securityProfileName="pumps", behaviors=[LIMIT])
    iot.close()
    sandbox.until("no-op")
    assert sandbox.stop(signal.SIGTERM)[0] == 0
    assert ledger.is_file()
    again = run("--ledger", str(ledger), "--sweep-every", "1")  # both clouds are empty, and it remembers
    assert again.until("busy")["link"] == "sandbox/pumps"


def test_routes_may_be_ones_own(run: Callable[..., Sandbox], tmp_path: Path) -> None:
    hub = run().ready["azure"]["hub"]
    routes = tmp_path / "routes.yaml"
    routes.write_text(
        "version: 1\nroutes:\n  - id: mine\n    aws: {account: '123456789012', region: eu-central-1}\n"
        f"    azure: {{hub: {hub}}}\n    mode: observe\n",
        encoding="utf-8",
    )
    sandbox = run("--routes", str(routes))
    iot = sandbox.iot()
    iot.create_security_profile(securityProfileName="pumps", behaviors=[LIMIT])
    iot.close()
    observed = sandbox.until("observed")
    assert (observed["link"], observed["code"]) == ("mine/pumps", "would-write")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("version: 1\nroutes: []\n", "routes"),
        ("version: [\n", ""),
        ("version: 2\nroutes: [{id: x}]\n", "version"),
    ],
)
def test_bad_routes_are_one_line_and_exit_code_2(tmp_path: Path, text: str, said: str) -> None:
    routes = tmp_path / "routes.yaml"
    routes.write_text(text, encoding="utf-8")
    code, printed, errors = ended("sandbox", "--json", "--routes", str(routes))
    assert (code, printed) == (2, "")
    (line,) = errors.splitlines()
    assert line.startswith("policy-mirror: ")
    assert said in line


def test_routes_that_are_not_there_are_named(tmp_path: Path) -> None:
    code, printed, errors = ended("sandbox", "--routes", str(tmp_path / "none.yaml"))
    assert (code, printed) == (2, "")
    assert errors.count("\n") == 1
    assert "none.yaml" in errors


@pytest.mark.parametrize("option", ["--aws-port", "--azure-port"])
def test_a_port_in_use_is_one_line_and_exit_code_2(option: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        code, printed, errors = ended("sandbox", "--json", option, str(port))
    assert (code, printed) == (2, "")
    (line,) = errors.splitlines()
    assert line.startswith("policy-mirror: ")
    assert str(port) in line
    assert "in use" in line


@pytest.mark.parametrize("port", ["-1", "65536", "http"])
def test_a_port_that_is_none_is_bad_input(port: str) -> None:
    code, printed, errors = ended("sandbox", "--aws-port", port)
    assert (code, printed) == (2, "")
    assert errors.count("\n") == 1


def test_the_demo_checks_every_statement_and_ends_with_0() -> None:
    code, printed, errors = ended("demo")
    assert (code, errors) == (0, "")
    checked = printed.count("✓")
    assert checked > 10
    assert f"All {checked} statements were checked and hold" in printed
