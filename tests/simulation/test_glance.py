"""Every look of a simulation that only glances, merged as well: it is told alike."""

from __future__ import annotations

from collections import Counter

import pytest

from shared.sync import reconcile as engine
from shared.sync.glance import at_a_glance
from shared.sync.job import Job, Outcome
from shared.sync.observation import Observation
from tests.simulation.profiles import PROFILES
from tests.simulation.world import played


@pytest.mark.parametrize("name", sorted(PROFILES))
def test_a_glance_tells_what_a_merge_tells(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    enough: Counter[bool] = Counter()

    def both(job: Job, seen: Observation) -> Outcome | None:
        glance, merged = at_a_glance(job, seen), engine.by_merging(job, seen)
        if glance is not None:
            assert glance == merged
        if merged is not None and merged.code == "in-step":
            enough[glance is not None] += 1
        return glance

    monkeypatch.setattr(engine, "at_a_glance", both)
    for seed in range(2000, 2003):
        played(PROFILES[name], seed)
    assert enough[True] > max(50, enough[False])
