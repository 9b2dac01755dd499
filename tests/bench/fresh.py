"""Programs in a process of their own, on the Python that the clouds run and with what is deployed."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from functions.local.runtimes.tools import Tools, find_tools

HERE = Path(__file__).parent
FLOORS, PROGRAMS = HERE / "floors", HERE / "programs"


@cache
def tools() -> Tools:
    """Raises BadInput that says how to get what is missing."""
    return find_tools()


def told_by(program: Path, *arguments: str | Path, environment: Mapping[str, str] | None = None) -> Any:
    """The JSON in the last line that ``program`` writes. It gets the Lambda's packages as its first argument,
    and no environment but the given one."""
    command = [tools().python, "-I", "-S", program, tools().aws, *arguments]
    done = subprocess.run(
        [str(part) for part in command],
        env={"PATH": "/usr/bin:/bin", **(environment or {})},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"{program.name} ended with {done.returncode}: {done.stderr[-2000:]}")
    return json.loads(done.stdout.splitlines()[-1])
