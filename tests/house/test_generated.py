"""What is generated is current: whoever changes a command, a code or the catalogue learns it at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.support import run

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize(
    ("command", "where"), [("readme", "--file=README.md"), ("console-events", "--into=.")]
)
def test_generated_text_is_current(command: str, where: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    result = run(command, "--check", where)
    assert (result.exit_code, result.output) == (0, "")
