"""What lies in the artefacts: exactly what is meant, for the right processor, and not too much of it."""

from __future__ import annotations

import re
import struct
from importlib.util import MAGIC_NUMBER
from pathlib import Path

import pytest
from pathspec import GitIgnoreSpec

from infra.bundle.trim import AWS_SERVICES, SECURITY_API
from tests.packaging.conftest import ROOT, built

LIMIT = 15_000_000
"""Bytes of the zip for AWS."""

AZURE_LIMIT = 16_500_000
OURS = {
    "aws": {"functions", "shared"},
    "azure": {
        ".python_packages",
        "function_app.py",
        "functions",
        "host.json",
        "requirements.txt",
        "shared",
    },
}
LIBRARIES = {
    "_cffi_backend",
    "_yaml",
    "annotated_types",
    "azure",
    "boto3",
    "botocore",
    "certifi",
    "charset_normalizer",
    "cryptography",
    "dateutil",
    "idna",
    "isodate",
    "jmespath",
    "msal",
    "msgspec",
    "pydantic",
    "pydantic_core",
    "requests",
    "s3transfer",
    "six",
    "typing_extensions",
    "typing_inspection",
    "urllib3",
    "yaml",
}
EACH_ITS_OWN = {"aws": {"aws_lambda_powertools"}, "azure": {"markupsafe", "werkzeug"}}
MACHINES = {"arm64": 183, "x86_64": 62}  # ELF's e_machine


def top(folder: Path) -> set[str]:
    """Names in a folder as an import spells them, less what is compiled of them."""
    names = {path.name for path in folder.iterdir()} - {"__pycache__"}
    return {re.sub(r"(\.cpython-313-[\w-]+\.so|(?<!function_app)\.py)$", "", name) for name in names}


def files(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def test_the_top_level_is_what_is_meant(name: str, artefact: Path, packages: Path) -> None:
    expected = LIBRARIES | EACH_ITS_OWN[name]
    if packages == artefact:
        assert top(artefact) == OURS[name] | expected
    else:
        assert (top(artefact), top(packages)) == (OURS[name], expected)


def test_each_carries_its_own_trigger_and_nothing_of_the_local_place(name: str, artefact: Path) -> None:
    trigger = {"aws": "aws_lambda", "azure": "azure_app"}[name]
    assert top(artefact / "functions") == {"__init__", trigger}


def test_the_page_is_the_azure_function_s_alone() -> None:
    assert not (built("aws") / "shared" / "operations" / "page").exists()
    assert (built("azure") / "shared" / "operations" / "page" / "style.css").exists()


def test_the_sources_are_those_of_the_project(artefact: Path) -> None:
    for path in files(artefact):
        if path.startswith(("functions/", "shared/")) and "__pycache__" not in path:
            assert (artefact / path).read_bytes() == (ROOT / path).read_bytes(), path


def test_the_zip_is_small(name: str, archive: Path) -> None:
    assert archive.stat().st_size <= {"aws": LIMIT, "azure": AZURE_LIMIT}[name]


@pytest.mark.parametrize("unwanted", [r"\.dist-info/", r"(^|/)tests?/", r"\.pyi$", r"(^|/)bin/", r"\.lock$"])
def test_nothing_lies_about(artefact: Path, unwanted: str) -> None:
    assert [path for path in files(artefact) if re.search(unwanted, path)] == []


def test_only_the_services_that_are_called_have_their_data(packages: Path) -> None:
    data = packages / "botocore" / "data"
    assert {path.name for path in data.iterdir() if path.is_dir()} == AWS_SERVICES


def test_every_service_that_the_code_calls_has_its_data() -> None:
    sources = [
        path for part in ("shared", "functions/aws_lambda", "functions/azure_app") for path in _modules(part)
    ]
    called = {
        service
        for path in sources
        for service in re.findall(
            r"""\b_?client\(\s*["']([a-z0-9-]+)["']""", path.read_text(encoding="utf-8")
        )
    }
    assert called == AWS_SERVICES


def _modules(part: str) -> list[Path]:
    return sorted((ROOT / part).rglob("*.py"))


def test_one_version_of_azure_s_security_api_is_enough(packages: Path) -> None:
    versions = {path.name for path in (packages / "azure" / "mgmt" / "security").glob("v20*")}
    assert versions == {SECURITY_API}


def test_every_module_is_compiled_and_never_checked_again(artefact: Path) -> None:
    """The platforms give files other times; a check against those would compile everything anew."""
    modules = [path for path in files(artefact) if path.endswith(".py")]
    assert len(modules) > 500
    for path in modules:
        source = artefact / path
        compiled = source.parent / "__pycache__" / f"{source.stem}.cpython-313.pyc"
        flags = struct.unpack("<I", compiled.read_bytes()[4:8])[0]
        assert flags == 0b01, path  # by hash, unchecked (PEP 552)


def test_all_of_it_was_compiled_by_one_python(artefact: Path) -> None:
    assert len({path.read_bytes()[:4] for path in artefact.rglob("*.pyc")}) == 1
    assert len(MAGIC_NUMBER) == 4


def test_machine_code_is_for_the_lambda_s_processor() -> None:
    aws, azure = (_machines(built(name)) for name in ("aws", "azure"))
    assert (aws, azure) == ({MACHINES["arm64"]}, {MACHINES["x86_64"]})


def test_both_processors_run_the_same_code() -> None:
    """So what a test on this machine says of the artefact holds for the other processor's."""
    one, other = built("aws"), built("here", "aws")
    assert _plain(one).keys() == _plain(other).keys()
    assert _plain(one) == _plain(other)
    assert {_extension(path) for path in one.rglob("*.so")} == {
        _extension(path) for path in other.rglob("*.so")
    }


def _machines(artefact: Path) -> set[int]:
    found = {path: path.read_bytes()[:20] for path in artefact.rglob("*.so*")}
    assert len(found) > 4
    return {struct.unpack("<H", head[18:20])[0] for head in found.values()}


def _plain(artefact: Path) -> dict[str, bytes]:
    return {path: (artefact / path).read_bytes() for path in files(artefact) if not path.endswith(".so")}


def _extension(path: Path) -> str:
    return path.name.partition(".")[0]


def test_a_plain_publish_from_the_root_sends_the_same_files() -> None:
    """``func azure functionapp publish`` sends what .funcignore lets through; Azure installs the packages."""
    ignored = GitIgnoreSpec.from_lines((ROOT / ".funcignore").read_text(encoding="utf-8").splitlines())
    roots = [
        path
        for path in ROOT.iterdir()
        if not ignored.match_file(f"{path.name}/" if path.is_dir() else path.name)
    ]
    sent = {
        path.relative_to(ROOT).as_posix()
        for root in roots
        for path in ([root] if root.is_file() else root.rglob("*"))
        if path.is_file()
    }
    sent = {path for path in sent if not ignored.match_file(path)}
    staged = {path for path in files(built("azure")) if "__pycache__" not in path}
    assert sent == {path for path in staged if not path.startswith(".python_packages/")}
