"""The figures that the README shows, kept beside the simulator: which engine, how many seeds, when."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from tests.simulation.hunt import Loss
from tests.simulation.judge import Fate
from tests.simulation.profiles import PROFILES
from tests.simulation.report import Row

FILE = Path(__file__).with_name("figures.json")
ENGINE = ("policy", "translation", "sync")
Figures = dict[str, Any]


def engine_digest() -> str:
    """Changes with any module that the figures are about."""
    shared = Path(__file__).resolve().parents[2] / "shared"
    text = hashlib.sha256()
    for path in sorted(path for part in ENGINE for path in (shared / part).rglob("*.py")):
        text.update(path.read_bytes())
    return text.hexdigest()[:16]


def kept() -> Figures:
    if not FILE.exists():
        return {"profiles": {}, "mutants": {}}
    figures: Figures = json.loads(FILE.read_text(encoding="utf-8"))
    return figures


def known(profile: str, seeds: int) -> bool:
    """Whether these very figures are there already: an interrupted run goes on after them."""
    there = kept()["profiles"].get(profile, {})
    return (there.get("engine"), there.get("seeds")) == (engine_digest(), seeds)


def keep_profile(row: Row, today: str) -> None:
    figures = kept()
    figures["profiles"][row.name] = {
        "engine": engine_digest(),
        "date": today,
        "seeds": row.seeds,
        "edits": row.edits,
        "silent": row.fates[Fate.SILENT],
        "reported": row.fates[Fate.DETECTED],
        "wrong_deletes": row.wrong_deletes,
        "late_deletes": row.counts["late deletes"],
        "empty_listings_believed": row.counts["empty listings believed"],
        "broken_runs": row.broken,
        "writes": row.counts["writes"],
        "injected": {what: n for what, n in sorted(row.counts.items()) if what not in {"writes", "busy"}},
    }
    figures["profiles"] = {
        name: figures["profiles"][name] for name in PROFILES if name in figures["profiles"]
    }
    _write(figures)


def keep_mutants(profile: str, seeds: int, rows: Iterable[Loss], today: str) -> None:
    figures = kept()
    engines = [
        {
            "name": row.name,
            "silent": round(row.silent, 1),
            "reported": round(row.reported, 1),
            "writes": round(row.writes, 2),
            "broken_runs": row.broken,
        }
        for row in rows
    ]
    figures["mutants"] = {
        "engine": engine_digest(),
        "date": today,
        "profile": profile,
        "seeds": seeds,
        "engines": engines,
    }
    _write(figures)


def _write(figures: Figures) -> None:
    FILE.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
