"""A sandbox in this process that the commands find as if it ran in another terminal."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from functions.local.sandbox.running import announced
from tests.cli.support import run
from tests.scenarios.scene import Scene


class Terminal:
    """Another terminal, beside a scene."""

    def __init__(self, scene: Scene, file: Path) -> None:
        self.scene = scene
        self._file = file

    def run(self, *arguments: str | Path, **environment: str) -> Result:
        return run(*arguments, POLICY_MIRROR_SANDBOX=str(self._file), **environment)

    def json(self, *arguments: str | Path, code: int = 0) -> dict[str, Any]:
        result = self.run(*arguments, "--json")
        assert (result.exit_code, result.stderr) == (code, ""), result.output
        answer: dict[str, Any] = json.loads(result.stdout)
        return answer

    def text(self, *arguments: str | Path, code: int = 0) -> str:
        result = self.run(*arguments, COLUMNS="200")
        assert (result.exit_code, result.stderr) == (code, ""), result.output
        return result.stdout


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Terminal]:
    file = tmp_path / "run" / "sandbox.json"
    with Scene(tmp_path) as scene, announced(file, scene.stage.running(scene.ledger)):
        yield Terminal(scene, file)
