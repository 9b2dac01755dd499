"""The artefacts, as ``make runtimes`` has built them: build/aws and build/azure, and their zips, for the
Lambda's default processor; build/here for this machine's."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BUILD = ROOT / "build"
PACKAGES = {"aws": ".", "azure": ".python_packages/lib/site-packages"}


def built(*parts: str) -> Path:
    path = BUILD.joinpath(*parts)
    if not path.exists():
        problem = f"{path.relative_to(ROOT)} is missing: run `make runtimes`"
        if os.environ.get("REQUIRE_RUNTIMES"):
            raise FileNotFoundError(problem)
        pytest.skip(problem)
    return path


@pytest.fixture(params=["aws", "azure"])
def name(request: pytest.FixtureRequest) -> str:
    which: str = request.param
    return which


@pytest.fixture
def artefact(name: str) -> Path:
    return built(name)


@pytest.fixture
def packages(artefact: Path, name: str) -> Path:
    return artefact / PACKAGES[name]


@pytest.fixture
def archive(name: str) -> Path:
    return built(f"{name}.zip")


@pytest.fixture
def here(name: str) -> Path:
    return built("here", name)


@pytest.fixture(scope="session")
def python() -> str:
    """Of the version that both platforms run."""
    import subprocess

    return subprocess.check_output([ROOT / "infra" / "tools" / "find-python", "3.13"], text=True).strip()
