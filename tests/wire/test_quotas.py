"""A sweep and edits under clouds that take a fifth of the calls they document: the edits go first, and
everything arrives."""

from __future__ import annotations

import pytest

from shared.translation.side import Side
from tests.scenarios.scene import sent, window_rule
from tests.wire.rig import NAME, Rig

LINKS = [f"link-{number}" for number in range(40)]


@pytest.fixture
def crowded(rig: Rig) -> Rig:
    """41 policies in step, and then AWS answers 5 describes a second."""
    for name in LINKS:
        rig.create_profile(name, sent(100))
    rig.in_step()
    rig.clock.skip(3600.0)
    rig.clouds.aws_faults.quotas = rig.clouds.azure_faults.quotas = 0.2
    return rig


def test_a_sweep_that_is_refused_looks_at_every_link_all_the_same(crowded: Rig) -> None:
    crowded.sweep()
    assert crowded.clouds.aws_faults.counted.refused > 0
    for function in ("lambda", "function"):
        lines = [line for line in crowded.lines() if line["function"] == function]
        assert {line["link"] for line in lines if line["event"] == "no-op"} >= {*_keys()}
        assert {line["event"] for line in lines} <= {"no-op", "busy"}
    assert crowded.clouds.aws_bus.dead_letters == crowded.clouds.azure_bus.dead_letters == []


@pytest.mark.parametrize("side", Side)
def test_an_edit_overtakes_the_sweep(crowded: Rig, side: Side) -> None:
    took: list[float] = []

    def edit() -> None:
        began = crowded.clock()
        if side is Side.AWS:
            crowded.clock.skip(1.0)  # the user, too, has to be let in
        crowded.edit(side, 60)
        crowded.lines.wait("mirrored", "written")
        took.append(crowded.clock() - began)

    began = crowded.clock()
    crowded.clock.meanwhile = edit  # the first time that the sweep waits for its turn
    crowded.deliver({"sweep": True})
    lasted = crowded.clock() - began
    assert (took[0] <= 2.0, lasted >= 7.0) == (True, True), (took, lasted)
    crowded.rest()
    crowded.clouds.aws_faults.quotas = crowded.clouds.azure_faults.quotas = 0.0
    assert crowded.limits() == (60, 60)
    looked = {line["link"] for line in crowded.lines("no-op") if line["function"] == "lambda"}
    assert looked >= {*_keys()} - {f"sandbox/{NAME}"}
    crowded.is_quiet()


def test_edits_that_are_too_many_all_arrive(crowded: Rig) -> None:
    """AWS takes 2 updates a second here, and the guard lets ten through."""
    for name in LINKS[:9]:
        crowded.put_group(name, window_rule(0, 60))
    crowded.rest()
    crowded.clouds.aws_faults.quotas = crowded.clouds.azure_faults.quotas = 0.0
    limits = [crowded.profile(name)["behaviors"][0]["criteria"]["value"]["count"] for name in LINKS[:9]]
    assert limits == [60] * 9
    assert crowded.clouds.aws_faults.counted.refused > 0
    crowded.is_quiet()


def _keys() -> list[str]:
    return [f"sandbox/{name}" for name in (*LINKS, NAME)]
