"""A worker may die before or after anything it does, and a write may land long after: nothing is lost.

Every point of every script is tried in turn. The protocol's section 7 names the points that matter; a test
below says where each of them was met.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.simulation.judge import judge
from tests.simulation.scripts import SCRIPTS, Script, world_of
from tests.simulation.world import World, play_script

CLOUD_WRITES = ("create", "update", "delete")
SECTION_7 = {
    "event taken": {("loadlink", "before")},
    "lease taken": {("lease", "after")},
    "reads done": {("read azure", "after")},
    "intent written": {("intent", "after")},
    "AWS write sent, answer lost": {("update aws", "after")},
    "AWS written, Azure not": {("read azure", "before"), ("update azure", "before")},
    "Azure PUT sent, answer lost": {("update azure", "after")},
    "the same PUT landing late, after the lease": {("update azure", "late")},
    "both written, not read back": {("commit", "before")},
    "commit sent, answer lost": {("commit", "after")},
    "committed, lease not released": {("commit", "after")},  # one conditional write does both
    "committed, message not deleted": {("commit", "after")},
    "delete intent with one side deleted": {("delete azure", "after"), ("delete aws", "after")},
    "twin created, link not yet bound": {("create azure", "after"), ("create aws", "after")},
}


def points_of(script: Script) -> list[str]:
    """What each effect of the script is, in order, when nobody dies."""
    world = play_script(world_of(script, (0, "")), script.play)
    return [what for _, what in world.points]


def moments(points: list[str]) -> Iterator[tuple[int, str]]:
    for number, what in enumerate(points, 1):
        yield number, "before"
        yield number, "after"
        if what.split()[0] in CLOUD_WRITES:
            yield number, "late"


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.name)
def test_a_crash_at_any_point_loses_nothing(script: Script) -> None:
    points = points_of(script)
    assert any(what.startswith(CLOUD_WRITES) for what in points)
    for moment in moments(points):
        result = judge(play_script(world_of(script, moment), script.play))
        assert (result.silent, result.broken) == ((), ()), f"{moment} ({points[moment[0] - 1]})"


def test_every_crash_point_of_the_protocol_was_met() -> None:
    met = {(points[n - 1], when) for s in SCRIPTS for points in [points_of(s)] for n, when in moments(points)}
    missed = {name: points for name, points in SECTION_7.items() if not points <= met}
    assert missed == {}


def test_the_same_seed_is_the_same_run() -> None:
    script = SCRIPTS[2]
    runs: list[World] = []
    for _ in range(2):
        world = world_of(script, (9, "after"))
        world.tracing = True
        runs.append(play_script(world, script.play))
    assert runs[0].lines == runs[1].lines
    assert len(runs[0].lines) > 50
