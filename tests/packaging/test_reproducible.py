"""The same input gives the same bytes, and ``sam build`` gives the same tree."""

from __future__ import annotations

import filecmp
import os
import shutil
import subprocess
import zipfile
from pathlib import Path

import pytest

from infra.bundle.build import THE_SAME_TIME, pack
from tests.packaging.conftest import ROOT, built


def make(folder: Path, target: str, **variables: str) -> None:
    environment = {**os.environ, **variables}
    told = subprocess.run(
        ["make", target], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    assert told.returncode == 0, told.stderr


def test_building_again_gives_the_same_bytes(tmp_path: Path) -> None:
    make(ROOT, "build-MirrorFunction", ARTIFACTS_DIR=str(tmp_path / "aws"), ARCH="arm64")
    pack(tmp_path / "aws", tmp_path / "aws.zip")
    assert filecmp.cmp(tmp_path / "aws.zip", built("aws.zip"), shallow=False)


def test_a_zip_has_one_time_and_one_mode(archive: Path) -> None:
    entries = zipfile.ZipFile(archive).infolist()
    assert {(entry.date_time, entry.external_attr >> 16) for entry in entries} == {(THE_SAME_TIME, 0o644)}
    assert [entry.filename for entry in entries] == sorted(entry.filename for entry in entries)


def test_a_routes_file_beside_the_code_goes_along(tmp_path: Path, project: Path) -> None:
    (project / "routes.yaml").write_text("version: 1\nroutes: []\n", encoding="utf-8")
    make(project, "build-MirrorFunction", ARTIFACTS_DIR=str(tmp_path / "aws"))
    assert (tmp_path / "aws" / "routes.yaml").read_text(encoding="utf-8").startswith("version: 1")


def test_sam_build_gives_the_same_tree(tmp_path: Path, project: Path, python: str) -> None:
    sam = ROOT / ".tools" / "sam"
    environment = {
        **os.environ,
        "PYTHONPATH": str(sam),
        "HOME": str(tmp_path),
        "SAM_CLI_TELEMETRY": "0",
        "AWS_DEFAULT_REGION": "eu-central-1",
    }
    command = [python, "-m", "samcli", "build", "MirrorFunction", "--build-dir", str(tmp_path / "built")]
    told = subprocess.run(
        [*command, "--cache-dir", str(tmp_path / "cache")],
        cwd=project,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.returncode == 0, told.stderr
    assert _content(tmp_path / "built" / "MirrorFunction") == _content(built("aws"))


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A copy of the project as a clone has it, with uv as ``make`` sets it up."""
    built("aws")
    listed = subprocess.check_output(["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, text=True)
    copy = tmp_path / "project"
    for name in listed.splitlines():
        if (ROOT / name).is_file():
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, copy / name)
    shutil.copytree(ROOT / ".tools" / "bin", copy / ".tools" / "bin")
    return copy


def _content(tree: Path) -> dict[str, bytes]:
    return {
        path.relative_to(tree).as_posix(): path.read_bytes() for path in tree.rglob("*") if path.is_file()
    }
