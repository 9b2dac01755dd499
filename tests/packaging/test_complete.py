"""Each artefact is complete: it runs on the interpreter and itself, with nothing else on the path."""

from __future__ import annotations

import subprocess
from pathlib import Path

from infra.bundle.trim import AWS_SERVICES
from tests.packaging.conftest import PACKAGES

EVERYTHING = """
import importlib, sys
from pathlib import Path

root, packages, services = Path(sys.argv[1]), sys.argv[2], sys.argv[3].split(",")
sys.path[:0] = [str(root / packages), str(root)]
modules = [path for part in ("functions", "shared") for path in sorted((root / part).rglob("*.py"))]
for path in modules:
    importlib.import_module(".".join(path.relative_to(root).with_suffix("").parts).removesuffix(".__init__"))

import boto3
from shared.clouds.azure_arm import arm_client
from shared.clouds.federation import azure_credential_from_aws, managed_identity

for service in services:
    boto3.client(service, region_name="eu-central-1")
arm_client(managed_identity())
azure_credential_from_aws("tenant", "client", None)
print(len(modules))
"""


def test_every_module_imports_and_every_client_is_made(
    here: Path, name: str, python: str, tmp_path: Path
) -> None:
    arguments = [str(here), PACKAGES[name], ",".join(sorted(AWS_SERVICES))]
    told = subprocess.run(
        [python, "-I", "-S", "-B", "-c", EVERYTHING, *arguments],
        cwd=tmp_path,
        env={},
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.returncode == 0, told.stderr
    assert int(told.stdout) > 100


def test_it_imports_from_what_was_compiled_and_writes_nothing(
    here: Path, name: str, python: str, tmp_path: Path
) -> None:
    """A platform's file system is read-only; a module that is compiled at run time costs every cold start."""
    entry = {"aws": "functions.aws_lambda.app", "azure": "function_app"}[name]
    program = f"import sys; sys.path[:0] = sys.argv[1:]; import {entry}"
    told = subprocess.run(
        [python, "-I", "-S", "-B", "-v", "-c", program, here / PACKAGES[name], here],
        cwd=tmp_path,
        env={"POLICY_MIRROR_LEDGER": "sqlite::memory:"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.returncode == 0, told.stderr[-2000:]
    loaded = [line for line in told.stderr.splitlines() if line.startswith("# code object from")]
    ours = [line for line in loaded if str(here) in line]
    assert len(ours) > 20
    assert [line for line in ours if ".cpython-313.pyc" not in line] == []
