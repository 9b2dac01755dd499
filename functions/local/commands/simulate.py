"""``policy-mirror simulate``: the production engine under faults, on a virtual clock."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from shared.errors import BadInput

EXAMPLE = """
\b
Examples:
  policy-mirror simulate                                   # a hundred seeds of every profile
  policy-mirror simulate --profile everything --seeds 1000
  policy-mirror simulate --seed 7 --profile races --trace  # one run, told event by event
  policy-mirror simulate --seeds 1000 --write-figures && policy-mirror readme
"""


@click.command(epilog=EXAMPLE)
@click.option("--seeds", type=click.IntRange(1), default=100, show_default=True, help="How many, from 0 on.")
@click.option("--profile", default="all", show_default=True, help="What goes wrong, and how often.")
@click.option("--seed", type=click.IntRange(0), help="One seed only: the same seed is the same run.")
@click.option("--trace", is_flag=True, help="Tell all that happens in that one run.")
@click.option("--mutants", is_flag=True, help="The weakened engines beside the real one.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a profile.")
@click.option("--write-figures", is_flag=True, help="Keep the figures for the README; goes on where it was.")
@click.option("--workers", type=click.IntRange(1), default=2, show_default=True, help="Processes.")
def simulate(seeds: int, profile: str, seed: int | None, workers: int, **flags: bool) -> int:
    """Run the production engine on two simulated clouds with faults, and count what was lost.

    Exit code 0 if nothing was lost in silence and no invariant broke, else 1.
    """
    root = Path(__file__).resolve().parents[3]
    if not (root / "tests" / "simulation").is_dir():
        raise BadInput("simulate: the simulator lies among the tests; run it from a checkout of the project")
    sys.path.insert(0, str(root))
    from tests.simulation.profiles import PROFILES
    from tests.simulation.run import main

    if profile not in ("all", *PROFILES):
        raise BadInput(f"--profile {profile[:40]!r}: there are all, {', '.join(PROFILES)}")
    arguments = ["--profile", profile, "--seeds", str(seeds), "--workers", str(workers)]
    arguments += [] if seed is None else ["--seed", str(seed)]
    chosen = [f"--{name.removeprefix('as_').replace('_', '-')}" for name, given in flags.items() if given]
    return main([*arguments, *chosen])
