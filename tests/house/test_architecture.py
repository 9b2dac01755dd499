"""Dependencies point one way. The contracts are in pyproject.toml; import-linter checks them.

A contract that cannot fail proves nothing, so each is also shown to fail: in a copy of the tree
with one forbidden import planted in it.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LINTER = Path(sys.executable).with_name("lint-imports")

VIOLATIONS = [
    ("shared/policy/planted.py", "import shared.translation", "Inside shared, dependencies point one way"),
    ("shared/translation/planted.py", "import shared.sync", "Inside shared, dependencies point one way"),
    ("shared/sync/planted.py", "import shared.clouds", "Inside shared, dependencies point one way"),
    ("shared/ledger/planted.py", "import shared.clouds", "Inside shared, dependencies point one way"),
    ("shared/stray.py", "", "Inside shared, dependencies point one way"),
    ("shared/operations/planted.py", "import functions", "The core knows no trigger"),
    ("functions/aws_lambda/planted.py", "import functions.azure_app", "The two functions do not know"),
    ("functions/azure_app/planted.py", "import functions.local", "The two functions do not know"),
    ("shared/clouds/aws_planted.py", "import shared.clouds.azure_planted", "The two clouds do not know"),
    ("shared/routes/planted.py", "from azure.core import exceptions", "What is pure stays pure"),
    ("shared/sync/planted.py", "def late() -> None:\n    import boto3", "What is pure stays pure"),
    ("shared/operations/planted.py", "import botocore.session", "Operations leave the SDKs"),
    ("shared/sync/planted.py", "import time", "The core reads no clock"),
]


def lint(tree: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [LINTER, "--no-cache", "--no-logo"], cwd=tree, capture_output=True, text=True, check=False
    )


@pytest.fixture(scope="module")
def pristine(tmp_path_factory: pytest.TempPathFactory) -> Path:
    tree = tmp_path_factory.mktemp("pristine")
    shutil.copy(ROOT / "pyproject.toml", tree)
    for package in ("functions", "shared"):
        shutil.copytree(ROOT / package, tree / package, ignore=shutil.ignore_patterns("__pycache__"))
    contracts = tree / "tests" / "house" / "contracts.py"
    contracts.parent.mkdir(parents=True)
    shutil.copy(ROOT / "tests" / "house" / "contracts.py", contracts)
    return tree


def plant(tree: Path, module: str, source: str) -> None:
    path = tree / module
    path.write_text(source + "\n", encoding="utf-8")
    if "azure_planted" in source:
        path.with_name("azure_planted.py").write_text("", encoding="utf-8")


def test_the_contracts_hold() -> None:
    result = lint(ROOT)
    assert result.returncode == 0, result.stdout + result.stderr
    assert " 0 broken" in result.stdout


@pytest.mark.parametrize(("module", "source", "contract"), VIOLATIONS)
def test_a_planted_violation_is_found(
    pristine: Path, tmp_path: Path, module: str, source: str, contract: str
) -> None:
    tree = shutil.copytree(pristine, tmp_path / "tree")
    plant(tree, module, source)
    result = lint(tree)
    broken = [line for line in result.stdout.splitlines() if line.endswith(" BROKEN")]
    assert result.returncode == 1
    assert any(line.startswith(contract) for line in broken), result.stdout + result.stderr
