"""The console script as a process of its own: pipes, signals, terminals and poor locales."""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
import sys
from pathlib import Path
from typing import IO

import pytest

from tests.cli.support import behavior, full_profile, group, profile, window_rule

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = "import sys; from functions.local.cli import main; sys.exit(main())"
COMMAND = [sys.executable, "-c", SCRIPT]


def environment(**changes: str) -> dict[str, str]:
    """The caller's, less what decides about colours and buffers."""
    foreign = {"NO_COLOR", "FORCE_COLOR", "PYTHONUNBUFFERED", "PYTHONIOENCODING", "PYTHONUTF8"}
    kept = {name: value for name, value in os.environ.items() if name not in foreign}
    return kept | {"PYTHONPATH": str(ROOT)} | changes


def run(
    *arguments: str,
    stdin: bytes = b"",
    stdout: int | IO[bytes] = subprocess.PIPE,
    changes: dict[str, str] | None = None,
) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [*COMMAND, *arguments],
        input=stdin,
        stdout=stdout,
        stderr=subprocess.PIPE,
        env=environment(**(changes or {})),
        check=False,
        timeout=120,
    )


@pytest.fixture
def source(tmp_path: Path) -> str:
    path = tmp_path / "plant.json"
    path.write_text(json.dumps(full_profile() | {"note": "é→\ud800"}))
    return str(path)


def test_a_document_goes_through_a_pipe() -> None:
    result = run("translate", "-", "--json", stdin=json.dumps(profile(behavior())).encode())
    assert (result.returncode, result.stderr) == (0, b"")
    assert json.loads(result.stdout)["held"] == []


def test_bad_input_is_one_line_and_exit_code_2() -> None:
    result = run("translate", "-", stdin=b"\xff" * 10)
    assert (result.returncode, result.stdout) == (2, b"")
    assert result.stderr == b"policy-mirror: -: it is not UTF-8 text: byte 0xff at offset 0\n"


def test_help_imports_nothing_heavy() -> None:
    """So that it is there at once."""
    code = (
        "import sys; from functions.local.cli import main; main(['--help'], standalone_mode=False); "
        "sys.exit(' '.join({'rich', 'boto3', 'yaml', 'azure'} & sys.modules.keys()) or 0)"
    )
    result = subprocess.run(
        [sys.executable, "-c", code], env=environment(), capture_output=True, check=False, timeout=120
    )
    assert (result.returncode, result.stderr) == (0, b"")
    assert all(name in result.stdout for name in (b"translate", b"catalogue", b"sandbox", b"demo"))


@pytest.mark.parametrize(
    "locale",
    [
        {"PYTHONIOENCODING": "ascii"},
        {"PYTHONIOENCODING": "latin-1"},
        {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
        {"LC_ALL": "C"},
    ],
)
@pytest.mark.parametrize("arguments", [["--json"], []])
def test_a_poor_locale_is_enough(locale: dict[str, str], arguments: list[str]) -> None:
    document = json.dumps(group(window_rule("é→Unheard"))).encode()
    result = run("translate", "-", *arguments, stdin=document, changes=locale)
    assert (result.returncode, result.stderr) == (0, b"")
    assert b"UnheardNotInAllowedRange" in result.stdout


def test_an_error_in_a_poor_locale_is_one_line_too() -> None:
    document = json.dumps(profile() | {"securityProfileDescription": "é→"}).encode()
    result = run("translate", "-", stdin=document, changes={"PYTHONIOENCODING": "ascii"})
    assert (result.returncode, result.stderr.count(b"\n")) == (2, 1)


@pytest.mark.parametrize("arguments", [["--json"], []])
def test_a_broken_pipe_is_quiet(source: str, arguments: list[str]) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "wb") as broken:
        result = run("translate", source, *arguments, stdout=broken)
    assert (result.returncode, result.stderr) == (1, b"")


@pytest.mark.parametrize("arguments", [["--json"], []])
def test_a_full_disk_is_one_line(source: str, arguments: list[str]) -> None:
    with Path("/dev/full").open("wb") as full:
        result = run("translate", source, *arguments, stdout=full)
    assert (result.returncode, result.stderr) == (1, b"policy-mirror: output: No space left on device\n")


def test_output_that_a_command_left_in_its_buffer_counts_too() -> None:
    code = (
        "import click; from functions.local import cli; "
        "cli.Lazy.get_command = lambda *_: click.Command('p', callback=lambda: print('x')); cli.main(['p'])"
    )
    with Path("/dev/full").open("wb") as full:
        result = subprocess.run(
            [sys.executable, "-c", code], env=environment(), stdout=full, stderr=subprocess.PIPE, check=False
        )
    assert (result.returncode, result.stderr) == (1, b"policy-mirror: output: No space left on device\n")


def test_a_closed_standard_output_does_no_harm(source: str) -> None:
    result = subprocess.run(
        ["/bin/sh", "-c", 'exec "$@" >&-', "sh", *COMMAND, "translate", source],
        env=environment(),
        stderr=subprocess.PIPE,
        check=False,
        timeout=120,
    )
    assert (result.returncode, result.stderr) == (0, b"")


def test_a_closed_standard_input_is_one_line() -> None:
    result = subprocess.run(
        ["/bin/sh", "-c", 'exec "$@" translate - <&-', "sh", *COMMAND],
        env=environment(),
        capture_output=True,
        check=False,
        timeout=120,
    )
    assert (result.returncode, result.stderr) == (2, b"policy-mirror: -: standard input is closed\n")


def test_an_interrupt_ends_it_with_130(tmp_path: Path) -> None:
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    heeding = ["env", "--default-signal=INT"]  # a shell's background jobs ignore it, and so do their children
    command = [*heeding, *COMMAND, "translate", str(fifo)]
    process = subprocess.Popen(command, env=environment(), stderr=subprocess.PIPE)
    with process, fifo.open("wb"):  # opens once the other end reads
        process.send_signal(signal.SIGINT)
        _, stderr = process.communicate(timeout=120)
    assert (process.returncode, stderr.strip()) == (130, b"")


def on_a_terminal(source: str, **changes: str) -> bytes:
    master, terminal = pty.openpty()
    with os.fdopen(terminal, "wb") as screen, os.fdopen(master, "rb", buffering=0) as reader:
        process = subprocess.Popen(
            [*COMMAND, "translate", source],
            stdin=subprocess.DEVNULL,
            stdout=screen,
            env=environment(TERM="xterm-256color", COLUMNS="80", **changes),
        )
        screen.close()
        shown = b""
        try:
            while block := reader.read(65536):
                shown += block
        except OSError:
            pass  # how a terminal says that nobody writes to it any more
    assert process.wait(timeout=120) == 0
    return shown


def test_a_terminal_gets_colour(source: str) -> None:
    assert b"\x1b[" in on_a_terminal(source)


def test_no_color_is_heeded(source: str) -> None:
    shown = on_a_terminal(source, NO_COLOR="1")
    assert b"\x1b" not in shown
    assert b"sent-max" in shown
