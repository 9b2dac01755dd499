"""``make bench``: measures the rows side by side with their floors, and keeps them in figures.json.

    python -m tests.bench [--quick] [--only NAME]...

``--quick``: a fifth of the rounds, shown only. ``--only``: these rows; the others stay as they were measured.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.bench import costs
from tests.bench.rows import ROWS

FIGURES = Path(__file__).with_name("figures.json")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a fifth of the rounds; keeps nothing")
    parser.add_argument("--only", action="append", choices=[row.name for row in ROWS], metavar="NAME")
    asked = parser.parse_args()
    date = datetime.now(UTC).date().isoformat()
    fresh: dict[str, dict[str, Any]] = {}
    for row in ROWS:
        if not asked.only or row.name in asked.only:
            fresh[row.name] = row.figure(date, quick=asked.quick)
            print(shown(fresh[row.name]), flush=True)
    if not asked.quick:
        keep(fresh, date)


def shown(figure: dict[str, Any]) -> str:
    sign, unit = ("x", "") if figure["goal"] == "ratio" else ("", f" {figure['unit']}")
    return (
        f"{figure['name']:24} ours {figure['ours']:>8g}  floor {figure['least']:>8g} {figure['unit']:6} "
        f"= {figure['figure']:g}{sign}{unit} ({figure['low']:g} to {figure['high']:g}), "
        f"goal {figure['most']:g}{sign}{unit}{'' if figure['figure'] <= figure['most'] else '  MISSED'}"
    )


def keep(fresh: dict[str, dict[str, Any]], date: str) -> None:
    before = json.loads(FIGURES.read_text(encoding="utf-8")) if FIGURES.exists() else {}
    known = {figure["name"]: figure for figure in before.get("rows", [])} | fresh
    told = {
        "date": date,
        "machine": {"processor": _processor(), "cores": os.cpu_count(), "python": platform.python_version()},
        "rows": [known[row.name] for row in ROWS if row.name in known],
        "unmeasured": [f"a drift check of 1,000 policies against `terraform plan`: {_terraform()}"],
    }
    FIGURES.write_text(json.dumps({**before, **told}, indent=2) + "\n", encoding="utf-8")
    costs.keep()
    print(f"kept in {FIGURES.name}; now: policy-mirror readme")


def _terraform() -> str:
    return (
        "terraform is at hand, its side of the comparison is not written"
        if shutil.which("terraform")
        else "terraform is not at hand"
    )


def _processor() -> str:
    """Linux tells the model; elsewhere the kind of machine has to do."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.machine()
    models = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return models[0] if models else platform.machine()


if __name__ == "__main__":
    main()
