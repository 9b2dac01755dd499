"""requirements.txt, from which Azure itself can build, is what the lock file says, each file of it hashed."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
UV = ROOT / ".tools" / "bin" / "uv"
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


@pytest.fixture(scope="module")
def requirements() -> list[list[str]]:
    """Every requirement of the file as [requirement, option, ...]; comments are left out."""
    text = (ROOT / "requirements.txt").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
    entries = "\n".join(lines).replace("\\\n", "\0").splitlines()
    return [[part.strip() for part in entry.split("\0")] for entry in entries]


def test_the_file_is_what_uv_exports() -> None:
    wanted = ["--no-dev", "--extra", "azure-function", "--no-emit-project"]
    exported = uv("export", "--frozen", *wanted, "--no-header", "--quiet")
    assert (ROOT / "requirements.txt").read_text(encoding="utf-8") == exported, "run `make lock`"


def test_every_requirement_is_pinned_and_hashed(requirements: list[list[str]]) -> None:
    assert len(requirements) > 10
    for requirement, *options in requirements:
        assert REQUIREMENT.match(requirement)
        assert options, f"{requirement} has no hash"
        assert all(HASH.match(option) for option in options), requirement


def test_it_names_no_registry() -> None:
    assert "://" not in (ROOT / "requirements.txt").read_text(encoding="utf-8")


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
