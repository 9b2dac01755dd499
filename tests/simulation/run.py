"""``python -m tests.simulation.run``: what was injected, and what was lost."""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, fields
from datetime import UTC, datetime
from functools import partial

from rich.console import Console
from rich.progress import Progress

from tests.simulation import figures, hunt
from tests.simulation.judge import Result, judge
from tests.simulation.profiles import PROFILES
from tests.simulation.report import Row, lines_of, table, total
from tests.simulation.world import played

MUTANT_SEEDS = 20
"""Of each weakened engine, for the figures."""


def result_of(profile: str, seed: int) -> Result:
    return judge(played(PROFILES[profile], seed))


def results(profile: str, seeds: Sequence[int], workers: int) -> list[Result]:
    """With a bar on stderr, where that is a terminal."""
    console = Console(stderr=True)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as progress:
        bar = progress.add_task(profile, total=len(seeds))
        found: list[Result] = []
        with ProcessPoolExecutor(workers) as pool:
            each = map if workers <= 1 else partial(pool.map, chunksize=10)
            for one in each(partial(result_of, profile), seeds):
                found.append(one)
                progress.advance(bar)
    return found


def parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="simulate", description=__doc__)
    parser.add_argument("--seeds", type=int, default=100, help="how many, from 0 on")
    parser.add_argument("--profile", choices=[*PROFILES, "all"], default="everything")
    parser.add_argument("--seed", type=int, help="one seed only")
    parser.add_argument("--trace", action="store_true", help="tell all that happens in that one run")
    parser.add_argument("--mutants", action="store_true", help="the weakened engines beside the real one")
    parser.add_argument("--json", action="store_true", help="one JSON object a profile")
    parser.add_argument("--write-figures", action="store_true", help="keep them for the README")
    parser.add_argument("--workers", type=int, default=2)
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    given = parser().parse_args(arguments)
    names = list(PROFILES) if given.profile == "all" else [given.profile]
    if given.mutants:
        return _mutants("everything" if given.profile == "all" else names[0], given)
    if given.trace:
        world = played(PROFILES[names[0]], given.seed or 0, trace=True)
        print("\n".join([*world.lines, *lines_of(judge(world))]))
        return 0
    seeds = [given.seed] if given.seed is not None else list(range(given.seeds))
    rows, bad = [], False
    for name in names:
        if given.write_figures and figures.known(name, len(seeds)):
            continue
        began = time.monotonic()
        found = results(name, seeds, given.workers)
        rows.append(total(name, found, time.monotonic() - began))
        bad = bad or any(one.silent or one.broken for one in found)
        _tell(rows[-1], found, given.json)
        if given.write_figures:
            figures.keep_profile(rows[-1], _today())
    if not given.json:
        print(table(rows))
    return int(bad)


def _tell(row: Row, found: Sequence[Result], as_json: bool) -> None:
    lines = [line for one in found for line in lines_of(one)]
    if as_json:
        told = {field.name: getattr(row, field.name) for field in fields(row)}
        print(json.dumps(told | {"breaches": lines}))
    elif lines:
        print("\n".join(lines))


def _mutants(profile: str, given: argparse.Namespace) -> int:
    seeds = min(given.seeds, MUTANT_SEEDS) if given.write_figures else given.seeds
    rows = hunt.losses(PROFILES[profile], seeds)
    print(json.dumps([asdict(row) for row in rows]) if given.json else hunt.table(rows))
    if given.write_figures:
        figures.keep_mutants(profile, seeds, rows, _today())
    return 0


def _today() -> str:
    return datetime.now(UTC).date().isoformat()


if __name__ == "__main__":
    sys.exit(main())
