"""Hunting mutants: how many seeds a weakened engine survives, and what it loses beside the real one."""

from __future__ import annotations

from dataclasses import dataclass

from shared.sync.reconcile import reconcile
from tests.simulation.judge import Fate, Result, judge
from tests.simulation.mutants import MUTANTS, Mutant
from tests.simulation.profiles import PROFILES, Profile
from tests.simulation.world import Engine, World

SURVIVED = 0
"""Stands for no invariant in particular: nothing at all was seen."""


def caught_at(mutant: Mutant, seeds: int) -> tuple[set[int], int]:
    """The invariants that it was to break and did not, or ``SURVIVED``; and how many seeds that took."""
    missing = set(mutant.breaks) or {SURVIVED}
    for seed in range(seeds):
        result = judge(World(PROFILES[mutant.profile], seed, mutant.engine()).play())
        missing -= invariants(result)
        if not missing:
            return missing, seed + 1
    return missing, seeds


def invariants(result: Result) -> set[int]:
    """The numbers of those that a run broke."""
    broken = {int(name.split()[0]) for name, _ in result.broken} | ({1} if result.silent else set())
    return broken | ({SURVIVED} if broken else set())


@dataclass(frozen=True, slots=True)
class Loss:
    name: str
    edits: int
    silent: float
    reported: float
    writes: float
    broken: int


def losses(profile: Profile, seeds: int) -> list[Loss]:
    """The real engine first, then every mutant, on the same seeds. One that only a canary could tell from the
    real engine is left out where there is none."""
    rows = [_loss("the engine", [judge(World(profile, seed, reconcile).play()) for seed in range(seeds)])]
    for mutant in MUTANTS:
        if PROFILES[mutant.profile].canary and not profile.canary:
            continue
        results = [_result(profile, seed, mutant.engine()) for seed in range(seeds)]
        rows += [_loss(mutant.name, results)]
    return rows


def _result(profile: Profile, seed: int, engine: Engine) -> Result:
    return judge(World(profile, seed, engine).play())


def _loss(name: str, results: list[Result]) -> Loss:
    edits = sum(one.edits for one in results)

    def share(fate: Fate) -> float:
        return 1000.0 * sum(one.fates[fate] for one in results) / max(edits, 1)

    writes = sum(one.counts["writes"] for one in results) / max(edits, 1)
    broken = sum(bool(one.broken) for one in results)
    return Loss(name, edits, share(Fate.SILENT), share(Fate.DETECTED), writes, broken)


def table(rows: list[Loss]) -> str:
    head = f"{'engine':>28} {'edits':>6} {'silent/1000':>12} {'reported/1000':>14} {'writes/edit':>12} broken"
    lines = [
        f"{r.name:>28} {r.edits:>6} {r.silent:>12.1f} {r.reported:>14.1f} {r.writes:>12.2f} {r.broken:>6}"
        for r in rows
    ]
    return "\n".join([head, *lines])
