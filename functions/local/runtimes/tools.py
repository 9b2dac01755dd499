"""Where the runtimes and the artefacts lie in a working copy; ``make real`` puts them there."""

from __future__ import annotations

import platform
import subprocess
from dataclasses import dataclass
from pathlib import Path

import functions
from shared.errors import BadInput

PYTHON = "3.13"
ROOT = Path(functions.__file__).resolve().parents[1]


@dataclass(frozen=True)
class Tools:
    """``python``: an interpreter of the version that both platforms run. The rest are folders, ``emulator``
    apart."""

    python: Path
    emulator: Path
    lambda_runtime: Path
    functions_worker: Path
    ministack: Path
    aws: Path
    azure: Path


def find_tools(root: Path = ROOT) -> Tools:
    """Raises BadInput that says how to get what is missing."""
    made, tools = root / "build" / "here", root / ".tools"
    machine = {"aarch64": "arm64", "arm64": "arm64"}.get(platform.machine(), "x86_64")
    found = Tools(
        python=_python(root),
        emulator=tools / "lambda-emulator" / "samcli" / "local" / "rapid" / f"aws-lambda-rie-{machine}",
        lambda_runtime=tools / "lambda-runtime",
        functions_worker=tools / "functions-worker",
        ministack=tools / "ministack",
        aws=made / "aws",
        azure=made / "azure",
    )
    missing = [path for path in vars(found).values() if not path.exists()]
    if missing:
        raise BadInput(
            f"{missing[0]} is not there: `make real` sets up the runtimes and builds what they run"
        )
    return found


def _python(root: Path) -> Path:
    finder = root / "infra" / "tools" / "find-python"
    if finder.exists():
        told = subprocess.run([finder, PYTHON], capture_output=True, text=True, check=False)
        if told.returncode == 0:
            return Path(told.stdout.strip())
    raise BadInput(f"the runtimes need Python {PYTHON}, in a working copy of the project: see `make real`")
