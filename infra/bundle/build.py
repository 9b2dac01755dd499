"""From sources and lock file to one artefact: the same input gives the same bytes."""

from __future__ import annotations

import compileall
import py_compile
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path, PurePosixPath

from infra.bundle.artefacts import PLATFORMS, PYTHON, Architecture, Artefact
from infra.bundle.trim import trim

THE_SAME_TIME = (1980, 1, 1, 0, 0, 0)
"""Of every file in a zip; the format knows no earlier one."""


def build(artefact: Artefact, architecture: Architecture, *, root: Path, uv: Path, out: Path) -> None:
    """Replaces what is in ``out``, a folder."""
    out.mkdir(parents=True, exist_ok=True)
    for old in out.iterdir():
        shutil.rmtree(old) if old.is_dir() and not old.is_symlink() else old.unlink()
    install(artefact, architecture, root=root, uv=uv, packages=out / artefact.packages)
    trim(out / artefact.packages)
    for source in artefact.sources:
        copy(root / source, out / source)
    for source in artefact.optional:
        if (root / source).exists():
            copy(root / source, out / source)
    for source in artefact.but:
        shutil.rmtree(out / source)
    _compile(out, artefact.home)


def pack(folder: Path, archive: Path) -> None:
    """``folder`` as a zip whose bytes depend on its files' names and content alone."""
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as target:
        for path in sorted(path for path in folder.rglob("*") if path.is_file()):
            entry = zipfile.ZipInfo(path.relative_to(folder).as_posix(), THE_SAME_TIME)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            target.writestr(entry, path.read_bytes())


def install(artefact: Artefact, architecture: Architecture, *, root: Path, uv: Path, packages: Path) -> None:
    """What the lock file says, every file of it checked against its hash; wheels only, nothing is built."""
    with tempfile.TemporaryDirectory(prefix="policy-mirror-") as folder:
        locked = Path(folder) / "requirements.txt"
        export = ["export", "--frozen", "--no-dev", "--no-emit-project", "--extra", artefact.extra]
        _run(uv, *export, "--project", root, "--output-file", locked)
        asked: list[str | Path] = ["--requirements", locked, "--target", packages, "--python", sys.executable]
        strictly = ["--require-hashes", "--no-deps", "--only-binary", ":all:", "--link-mode", "copy"]
        runs = ["--python-platform", PLATFORMS[architecture], "--python-version", "{}.{}".format(*PYTHON)]
        _run(uv, "pip", "install", *asked, *strictly, *runs)


def _run(uv: Path, *arguments: str | Path) -> None:
    subprocess.run([uv, "--quiet", *arguments], check=True, stdout=subprocess.DEVNULL)


def copy(source: Path, target: Path) -> None:
    if source.is_dir():
        shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
    else:
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(source, target)


def _compile(out: Path, home: str) -> None:
    """Every module once, in this order and process. Unchecked: the platforms give files other times than
    they had here, and a file that is found to be newer would be compiled again on every cold start."""
    unchecked = py_compile.PycInvalidationMode.UNCHECKED_HASH
    for module in sorted(out.rglob("*.py")):
        place = PurePosixPath(home) / module.relative_to(out).as_posix()
        compiled = compileall.compile_file(
            module, ddir=str(place.parent), quiet=1, force=True, invalidation_mode=unchecked
        )
        if not compiled:
            raise SystemExit(f"{place}: cannot be compiled by Python {sys.version.split()[0]}")
