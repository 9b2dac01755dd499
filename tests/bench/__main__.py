"""``make bench``: measures the rows side by side with their floors, and keeps them in figures.json.

    python -m tests.bench [--quick] [--only NAME]...

``--quick``: a fifth of the rounds, shown only. ``--only``: these rows; the others stay as they were measured.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from shared.errors import BadInput
from tests.bench import costs, terraform
from tests.bench.deployment import ROOT
from tests.bench.rows import ROWS

FIGURES = Path(__file__).with_name("figures.json")
Figure = dict[str, Any]


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a fifth of the rounds; keeps nothing")
    parser.add_argument("--only", action="append", choices=[row.name for row in ROWS], metavar="NAME")
    asked = parser.parse_args()
    date = datetime.now(UTC).date().isoformat()
    fresh: dict[str, Figure] = {}
    failed: dict[str, str] = {}
    for row in ROWS:
        if not asked.only or row.name in asked.only:
            try:
                fresh[row.name] = row.figure(date, quick=asked.quick)
                print(shown(fresh[row.name]), flush=True)
            except BadInput as missing:
                failed[row.name] = str(missing).replace(f"{ROOT}/", "")
                print(f"{row.name:24} not measured here: {failed[row.name]}", flush=True)
    if not asked.quick:
        keep(fresh, failed, date)


def shown(figure: Figure) -> str:
    sign, unit = ("x", "") if figure["goal"] == "ratio" else ("", f" {figure['unit']}")
    return (
        f"{figure['name']:24} ours {figure['ours']:>8g}  floor {figure['least']:>8g} {figure['unit']:6} "
        f"= {figure['figure']:g}{sign}{unit} ({figure['low']:g} to {figure['high']:g}), "
        f"goal {figure['most']:g}{sign}{unit}{'' if figure['figure'] <= figure['most'] else '  MISSED'}"
    )


def keep(fresh: dict[str, Figure], failed: dict[str, str], date: str) -> None:
    """A row that was not measured now stays as it was, with its own date."""
    before = json.loads(FIGURES.read_text(encoding="utf-8")) if FIGURES.exists() else {}
    told = {
        **before,
        "date": date,
        "machine": {"processor": _processor(), "cores": os.cpu_count(), "python": platform.python_version()},
        **merged(before, fresh, failed, date),
    }
    FIGURES.write_text(json.dumps(told, indent=2) + "\n", encoding="utf-8")
    costs.keep()
    print(f"kept in {FIGURES.name}; now: policy-mirror readme")


def merged(before: Figure, fresh: dict[str, Figure], failed: dict[str, str], date: str) -> Figure:
    """``rows`` and ``unmeasured``: what was kept before, and what has come of the rows that were tried."""
    rows = {row["name"]: row for row in before.get("rows", ())} | fresh
    reasons = {each["name"]: each for each in before.get("unmeasured", ())}
    tried = {row.name: row.what for row in ROWS if row.name in failed} | {terraform.NAME: terraform.WHAT}
    for name, what in tried.items():
        reason = failed.get(name) or terraform.missing()
        reasons[name] = {"name": name, "what": what, "reason": reason, "date": date}
    names = [row.name for row in ROWS]
    return {
        "rows": [rows[name] for name in names if name in rows],
        "unmeasured": [
            reasons[name] for name in (*names, terraform.NAME) if name in reasons and name not in fresh
        ],
    }


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
