"""Completion, asked as the shells ask."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import Terminal
from tests.cli.support import run
from tests.scenarios.scene import sent


def completed(terminal: Terminal, *words: str) -> list[str]:
    """What bash is given for the last word."""
    asked = {"_POLICY_MIRROR_COMPLETE": "bash_complete", "COMP_CWORD": str(len(words))}
    result = terminal.run(COMP_WORDS=" ".join(("policy-mirror", *words)), **asked)
    assert result.exit_code == 0
    return [line.partition(",")[2] for line in result.stdout.splitlines() if line]


def test_commands_are_completed(terminal: Terminal) -> None:
    assert completed(terminal, "stat") == ["status"]
    assert completed(terminal, "transl") == ["translate"]
    assert completed(terminal, "readm") == []


def test_choices_are_completed(terminal: Terminal) -> None:
    assert completed(terminal, "completion", "z") == ["zsh"]


def test_routes_and_then_their_links_are_completed(terminal: Terminal) -> None:
    for name in ("pumps", "valves"):
        terminal.scene.create_profile(name, sent(100))
    terminal.scene.rest()
    assert completed(terminal, "sync", "san") == ["sandbox"]
    assert completed(terminal, "sync", "sandbox/") == ["sandbox/pumps", "sandbox/valves"]
    assert completed(terminal, "sync", "sandbox/v") == ["sandbox/valves"]


def test_without_routes_nothing_is_completed_and_nothing_said() -> None:
    asked = {"COMP_WORDS": "policy-mirror sync x", "COMP_CWORD": "2"}
    result = run(_POLICY_MIRROR_COMPLETE="bash_complete", **asked)
    assert (result.exit_code, result.output.strip()) == (0, "")


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_each_shell_gets_its_script(shell: str) -> None:
    result = run("completion", shell)
    assert result.exit_code == 0
    assert "_POLICY_MIRROR_COMPLETE" in result.stdout


def test_bash_itself_completes_a_command(tmp_path: Path) -> None:
    bash = shutil.which("bash")
    assert bash is not None
    program = tmp_path / "policy-mirror"
    code = "from functions.local.cli import main; main(prog_name='policy-mirror')"
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -c "{code}" "$@"\n')
    program.chmod(0o755)
    script = (
        'eval "$(policy-mirror completion bash)"; COMP_WORDS=(policy-mirror cata); COMP_CWORD=1; '
        '_policy_mirror_completion policy-mirror cata policy-mirror; echo "${COMPREPLY[@]}"'
    )
    root = Path(__file__).resolve().parents[2]
    environment = {"PATH": f"{tmp_path}:{os.environ['PATH']}", "PYTHONPATH": str(root)}
    result = subprocess.run(
        [bash, "-c", script], env=environment, capture_output=True, text=True, check=False, timeout=120
    )
    assert (result.returncode, result.stdout, result.stderr) == (0, "catalogue\n", "")
