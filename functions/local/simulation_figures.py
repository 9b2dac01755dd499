"""The generated section of the README about the simulation, from the figures of the last long run."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

FIGURES = Path(__file__).resolve().parents[2] / "tests" / "simulation" / "figures.json"
NOT_COVERED = (
    "Not covered: a user's edit on Azure that falls between our last read and our PUT is detected and "
    "reported, and cannot be restored. An empty listing of a cloud where fewer than three policies are known "
    "is believed, unless the route names a canary. Both clouds are models; nothing here ran on a live "
    "account."
)


def simulation_section() -> str:
    figures: dict[str, Any] = json.loads(FIGURES.read_text(encoding="utf-8"))
    return "\n\n".join([_profiles(figures["profiles"]), _mutants(figures["mutants"]), NOT_COVERED])


def _profiles(profiles: dict[str, dict[str, Any]]) -> str:
    lines = [
        "| faults | seeds | user edits | lost silently | lost and reported | wrong deletes | late deletes "
        "| broken invariants | writes per edit |",
        "| --- | --: | --: | --: | --: | --: | --: | --: | --: |",
    ]
    for name, row in profiles.items():
        lines.append(
            f"| {name} | {row['seeds']} | {row['edits']} | {_per_thousand(row, 'silent')} "
            f"| {_per_thousand(row, 'reported')} | {row['wrong_deletes']} | {row['late_deletes']} "
            f"| {row['broken_runs']} | {row['writes'] / row['edits']:.2f} |"
        )
    dates = sorted({row["date"] for row in profiles.values()})
    lines.append(
        f"\nLosses are per 1000 edits. Run {' to '.join(dict.fromkeys((dates[0], dates[-1])))}. "
        "A *wrong* delete is one that no user's deletion on the other side stands behind. A *late* one was "
        "right when it was sent, and held up until the policy had been created again: it is mirrored back, "
        "or somebody is told."
    )
    return "\n".join(lines)


def _per_thousand(row: dict[str, Any], what: str) -> str:
    return f"{1000 * row[what] / row['edits']:.2f}"


def _mutants(mutants: dict[str, Any]) -> str:
    lines = [
        f"Beside weakened engines (profile {mutants['profile']}, {mutants['seeds']} seeds of each, "
        f"{mutants['date']}; losses per 1000 edits):\n",
        "| engine | lost silently | lost and reported | runs with a broken invariant | writes per edit |",
        "| --- | --: | --: | --: | --: |",
    ]
    lines += [
        f"| {row['name']} | {row['silent']:.1f} | {row['reported']:.1f} | {row['broken_runs']} "
        f"| {row['writes']:.2f} |"
        for row in mutants["engines"]
    ]
    return "\n".join(lines)
