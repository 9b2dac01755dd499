"""host.json and .funcignore: what Azure's host is told, and what the bundle lets through."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from pathspec import GitIgnoreSpec

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def ignored() -> GitIgnoreSpec:
    return GitIgnoreSpec.from_lines((ROOT / ".funcignore").read_text(encoding="utf-8").splitlines())


@pytest.mark.parametrize(
    "path",
    [
        "host.json",
        "function_app.py",
        "requirements.txt",
        "functions/__init__.py",
        "functions/azure_app/app.py",
        "shared/errors.py",
        "shared/clouds/aws.py",
    ],
)
def test_the_bundle_holds_what_the_function_needs(ignored: GitIgnoreSpec, path: str) -> None:
    assert not ignored.match_file(path)


@pytest.mark.parametrize(
    "path",
    [
        ".git/config",
        ".venv/bin/python",
        "README.md",
        "functions/aws_lambda/app.py",
        "functions/local/cli.py",
        "infra/tools/uv.txt",
        "local.settings.json",
        "pyproject.toml",
        "shared/__pycache__/errors.cpython-313.pyc",
        "template.yaml",
        "tests/conftest.py",
        "uv.lock",
    ],
)
def test_the_bundle_holds_nothing_else(ignored: GitIgnoreSpec, path: str) -> None:
    assert ignored.match_file(path)


def test_the_host_gives_up_before_a_lease_can_expire() -> None:
    """A lease lives 75-90 s, an invocation 30 s: what lost its lease is no longer running."""
    host = json.loads((ROOT / "host.json").read_text(encoding="utf-8"))
    assert host["version"] == "2.0"
    assert host["functionTimeout"] == "00:00:30"


def test_a_failing_message_comes_back_later_and_not_for_ever() -> None:
    host = json.loads((ROOT / "host.json").read_text(encoding="utf-8"))
    queues = host["extensions"]["queues"]
    assert (queues["maxDequeueCount"], queues["visibilityTimeout"]) == (5, "00:00:30")


def test_no_message_waits_in_the_worker_until_its_time_is_over() -> None:
    """The host takes so many at once, and its timeout runs from then on. The worker has five threads on one
    core (azure-functions-runtime 1.1, its pool is Python's own), and a part of a sweep takes ten seconds."""
    host = json.loads((ROOT / "host.json").read_text(encoding="utf-8"))
    queues = host["extensions"]["queues"]
    assert queues["batchSize"] + queues["newBatchThreshold"] <= 1 + 4


def test_no_exception_is_sampled_away() -> None:
    host = json.loads((ROOT / "host.json").read_text(encoding="utf-8"))
    sampling = host["logging"]["applicationInsights"]["samplingSettings"]
    assert sampling == {"isEnabled": True, "excludedTypes": "Exception"}
