"""``python -m tests.simulation.run``: what was injected, and what was lost."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial

from tests.simulation import hunt
from tests.simulation.judge import Result, judge
from tests.simulation.profiles import PROFILES
from tests.simulation.report import lines_of, table, total
from tests.simulation.world import played


def result_of(profile: str, seed: int) -> Result:
    return judge(played(PROFILES[profile], seed))


def results(profile: str, seeds: Sequence[int], workers: int) -> list[Result]:
    if workers <= 1:
        return [result_of(profile, seed) for seed in seeds]
    with ProcessPoolExecutor(workers) as pool:
        return list(pool.map(partial(result_of, profile), seeds, chunksize=10))


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="simulate", description=__doc__)
    parser.add_argument("--seeds", type=int, default=100, help="how many, from 0 on")
    parser.add_argument("--profile", choices=[*PROFILES, "all"], default="everything")
    parser.add_argument("--seed", type=int, help="one seed only")
    parser.add_argument("--trace", action="store_true", help="tell all that happens in that one run")
    parser.add_argument("--mutants", action="store_true", help="the weakened engines beside the real one")
    parser.add_argument("--workers", type=int, default=2)
    given = parser.parse_args(arguments)
    names = list(PROFILES) if given.profile == "all" else [given.profile]
    if given.mutants:
        print(hunt.table(hunt.losses(PROFILES[names[0]], given.seeds)))
        return 0
    if given.trace:
        world = played(PROFILES[names[0]], given.seed or 0, trace=True)
        one = judge(world)
        print("\n".join([*world.lines, *lines_of(one)]))
        return 0
    seeds = [given.seed] if given.seed is not None else list(range(given.seeds))
    rows, bad = [], False
    for name in names:
        began = time.monotonic()
        found = results(name, seeds, given.workers)
        rows.append(total(name, found, time.monotonic() - began))
        for one in found:
            if one.silent or one.broken:
                bad = True
                print("\n".join(lines_of(one)))
    print(table(rows))
    return int(bad)


if __name__ == "__main__":
    sys.exit(main())
