"""The README's first hour, as it stands there: every line is run, in one bash."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
LIMIT = 300
"""Seconds. The README promises five minutes for a person; a hang ends here."""


def section(name: str) -> str:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    (found,) = re.findall(rf"^## {name}\n(.*?)^## ", text, re.DOTALL | re.MULTILINE)
    return str(found)


@pytest.fixture(scope="module")
def hour(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path]:
    """What the lines printed, and the folder that they made."""
    bash = shutil.which("bash")
    assert bash is not None
    folder = tmp_path_factory.mktemp("hour")
    lines = "\n".join(re.findall(r"^```bash\n(.*?)^```$", section("First hour"), re.DOTALL | re.MULTILINE))
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "TMPDIR": str(folder),
        "XDG_RUNTIME_DIR": str(folder),
        "COLUMNS": "200",
    }
    script = f"set -eu\ntrap 'kill $(jobs -p) 2>/dev/null' EXIT\n{lines}\npwd > \"$TMPDIR/place\"\n"
    result = subprocess.run(
        [bash, "-c", script],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=LIMIT,
    )
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout, Path((folder / "place").read_text().strip())


def test_the_first_edit_is_mirrored_and_explained(hour: tuple[str, Path]) -> None:
    told = hour[0]
    assert "AWS security profile pumps" in told
    assert "Azure device security group pumps" in told
    assert "normal is at most 99 in 5 min. It alarms on more than 99." in told


def test_the_edit_of_a_file_is_planned_and_then_written(hour: tuple[str, Path]) -> None:
    told = hour[0]
    assert "at most 99 in PT5M   at most 60 in PT5M   tightening" in told
    assert "mirrored  sandbox/pumps  AWS <-> Azure, 2 writes" in told
    assert (
        told.index("Nothing was written.") < told.index("2 writes") < told.index("Journal of sandbox/pumps")
    )


def test_the_pages_show_the_policy(hour: tuple[str, Path]) -> None:
    for name in ("standing.html", "first-look.html"):
        assert "pumps" in (hour[1] / name).read_text(encoding="utf-8")


def test_a_routes_file_is_left_that_observes(hour: tuple[str, Path]) -> None:
    routes = yaml.safe_load((hour[1] / "routes.yaml").read_text(encoding="utf-8"))
    assert routes["defaults"]["first_contact"] == "observe"
    assert [route["id"] for route in routes["routes"]] == ["sandbox"]


def test_the_readme_promises_no_command_that_is_not_there(hour: tuple[str, Path]) -> None:
    from functions.local.cli import COMMANDS
    from shared.operations.commands.registry import COMMANDS as SHARED

    named = set(re.findall(r"policy-mirror ([a-z]+)", (ROOT / "README.md").read_text(encoding="utf-8")))
    assert named - COMMANDS.keys() - SHARED.keys() == set()
    assert hour[0]
