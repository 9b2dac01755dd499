"""A worker may die before or after anything it does, and a write may land long after: nothing is lost.

Every point of every script is tried in turn. The protocol's section 7 names the points that matter; a test
below says where each of them was met.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

import pytest

from tests.simulation.judge import judge
from tests.simulation.scripts import SCRIPTS, Script, world_of
from tests.simulation.world import World, play_script

CLOUD_WRITES = ("create", "update", "delete")


class Point(NamedTuple):
    """``what`` a worker was about to do or had done when it died, and what it had done ``before`` in that
    very look; ``never``: what it had not."""

    what: str
    when: str
    before: tuple[str, ...] = ()
    never: tuple[str, ...] = ()


BEGUN = ("lease", "intent")
SECTION_7 = {
    "event taken": [Point("loadlink", "before", never=("lease",))],
    "lease taken": [Point("lease", "after", ("loadlink",), never=("intent",))],
    "reads done": [Point("read azure", "after", ("lease", "read aws"), never=("intent",))],
    "intent written": [Point("intent", "after", ("lease",), never=("update aws", "update azure"))],
    "AWS write sent, answer lost": [Point("update aws", "after", BEGUN)],
    "AWS written, Azure not": [
        Point("read azure", "before", (*BEGUN, "update aws"), never=("update azure",)),
        Point("update azure", "before", (*BEGUN, "update aws")),
    ],
    "Azure PUT sent, answer lost": [Point("update azure", "after", BEGUN)],
    "the same PUT landing late, after the lease": [Point("update azure", "late", BEGUN)],
    "both written, not read back": [Point("commit", "before", (*BEGUN, "update aws", "update azure"))],
    "commit sent, answer lost": [Point("commit", "after", (*BEGUN, "update azure"))],
    "committed, lease not released": [
        Point("commit", "after", (*BEGUN, "update aws"))
    ],  # one write does both
    "committed, message not deleted": [Point("commit", "after", (*BEGUN, "update aws", "update azure"))],
    "delete intent with one side deleted": [
        Point("delete azure", "after", BEGUN),
        Point("delete aws", "after", BEGUN),
    ],
    "twin created, link not yet bound": [
        Point("create azure", "after", BEGUN),
        Point("create aws", "after", BEGUN),
    ],
}


@cache
def played_points(script: Script) -> list[tuple[str, str]]:
    """Who performs each effect of the script, and what it is, in order, when nobody dies."""
    return play_script(world_of(script, (0, "")), script.play).points


def points_of(script: Script) -> list[str]:
    return [what for _, what in played_points(script)]


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


def met(points: list[tuple[str, str]]) -> Iterator[Point]:
    """Each moment of a run with all that its worker had done in that look."""
    done: dict[str, tuple[str, ...]] = defaultdict(tuple)
    for who, what in points:
        whens = ("before", "after", "late") if what.split()[0] in CLOUD_WRITES else ("before", "after")
        yield from (Point(what, when, done[who]) for when in whens)
        done[who] += (what,)


def is_it(seen: Point, named: Point) -> bool:
    had = set(seen.before)
    return seen[:2] == named[:2] and had >= set(named.before) and not had & set(named.never)


@pytest.mark.parametrize("name", SECTION_7)
def test_every_crash_point_of_the_protocol_was_met(name: str) -> None:
    """By one of the runs that the test above crashes at every moment, with what the point stands for."""
    seen = [point for script in SCRIPTS for point in met(played_points(script))]
    for named in SECTION_7[name]:
        assert any(is_it(point, named) for point in seen), named


def test_a_point_is_not_met_by_another_look_or_another_order() -> None:
    named = Point("update azure", "before", (*BEGUN, "update aws"))
    run = [("a#1", "lease"), ("a#1", "intent"), ("a#1", "update azure"), ("a#2", "update aws")]
    assert not any(is_it(point, named) for point in met(run))
    in_order = [*run[:2], ("a#1", "update aws"), ("a#1", "update azure")]
    assert any(is_it(point, named) for point in met(in_order))


def test_the_same_seed_is_the_same_run() -> None:
    script = SCRIPTS[2]
    runs: list[World] = []
    for _ in range(2):
        world = world_of(script, (9, "after"))
        world.tracing = True
        runs.append(play_script(world, script.play))
    assert runs[0].lines == runs[1].lines
    assert len(runs[0].lines) > 50
