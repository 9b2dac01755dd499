"""What is installed is pinned and hashed: requirements.txt, from which Azure itself can build and which says
what the lock file says, and the tool sets."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
UV = ROOT / ".tools" / "bin" / "uv"
PINNED = [ROOT / "requirements.txt", *sorted((ROOT / "infra" / "tools").glob("*.txt"))]
REQUIREMENT = re.compile(r"^[a-z0-9][a-z0-9.-]*==\S+( ; .+)?$")
HASH = re.compile(r"^--hash=sha256:[0-9a-f]{64}$")


def uv(*arguments: str) -> str:
    """Run the uv that ``make`` set up, without network, and give what it prints."""
    assert UV.is_file(), f"{UV.relative_to(ROOT)} is missing: run `make setup`"
    environment = {**os.environ, "UV_PYTHON_DOWNLOADS": "never"}
    result = subprocess.run(
        [UV, "--offline", *arguments], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stderr
    return result.stdout


def entries(path: Path) -> list[list[str]]:
    """Every requirement of a file as [requirement, option, ...]; comments are left out."""
    text = path.read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
    return [
        [part.strip() for part in entry.split("\0")]
        for entry in "\n".join(lines).replace("\\\n", "\0").splitlines()
    ]


@pytest.fixture(scope="module")
def requirements() -> list[list[str]]:
    return entries(ROOT / "requirements.txt")


def test_the_file_is_what_uv_exports() -> None:
    wanted = ["--no-dev", "--extra", "azure-function", "--no-emit-project"]
    exported = uv("export", "--frozen", *wanted, "--no-header", "--quiet")
    assert (ROOT / "requirements.txt").read_text(encoding="utf-8") == exported, "run `make lock`"


@pytest.mark.parametrize("path", PINNED, ids=lambda path: path.stem)
def test_every_requirement_is_pinned_and_hashed(path: Path) -> None:
    found = entries(path)
    assert found
    for requirement, *options in found:
        assert REQUIREMENT.match(requirement)
        assert options, f"{requirement} has no hash"
        assert all(HASH.match(option) for option in options), requirement


@pytest.mark.parametrize("path", PINNED, ids=lambda path: path.stem)
def test_no_registry_is_named(path: Path) -> None:
    assert "://" not in path.read_text(encoding="utf-8")


@pytest.mark.parametrize("path", PINNED[1:], ids=lambda path: path.stem)
def test_every_tool_that_is_asked_for_is_pinned(path: Path) -> None:
    asked = entries(path.with_suffix(".in"))
    assert asked
    assert {entry[0] for entry in asked} <= {entry[0] for entry in entries(path)}


def test_it_holds_what_runs_in_azure_and_nothing_else(requirements: list[list[str]]) -> None:
    names = {entry[0].partition("==")[0] for entry in requirements}
    assert names >= {
        "azure-functions",
        "azure-identity",
        "boto3",
        "pydantic",
        "pyyaml",
    }
    elsewhere = {"aws-lambda-powertools", "click", "hypothesis", "moto", "pytest", "rich", "waitress"}
    assert names.isdisjoint(elsewhere)


def test_each_supported_python_gets_its_own_azure_library(requirements: list[list[str]]) -> None:
    pins = {entry[0] for entry in requirements if entry[0].startswith("azure-functions==")}
    assert {pin.partition("==")[2][0] for pin in pins} == {"1", "2"}
    assert all("python_full_version" in pin for pin in pins)
