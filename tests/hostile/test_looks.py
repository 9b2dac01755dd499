"""Whatever documents the clouds hold, a look ends as an outcome, and tells nothing of what they say."""

from __future__ import annotations

import json
from collections.abc import Callable
from random import Random

import pytest

from shared.operations.requests import Reconcile
from shared.operations.summary import line
from shared.sync.job import Outcome
from tests.hostile.canary import Ears, has_mark
from tests.hostile.cases import SHARDS, run
from tests.hostile.mutation import mutated_inside
from tests.hostile.place import Place
from tests.hostile.samples import some_group, some_profile


class Looks:
    """Two looks at a policy whose documents are damaged in between, on one side or both."""

    def __init__(self, ears: Ears, place: Place) -> None:
        self._ears = ears
        self._place = place

    def case(self, rng: Random) -> None:
        place, name = self._place, f"prod-{rng.randrange(10**9)}"
        aws, azure = place.clouds["plant"].values()
        profile, group = some_profile(rng), some_group(rng)
        damaged = rng.random() < 0.5
        aws.put(name, mutated_inside(rng, profile) if damaged else profile)
        if rng.random() < 0.7:
            azure.put(name, mutated_inside(rng, group) if damaged else group)
        self._look(name)
        azure.put(name, mutated_inside(rng, group))
        if rng.random() < 0.5:
            aws.put(name, mutated_inside(rng, profile))
        self._look(name)
        del aws.documents[name], azure.documents[name]

    def _look(self, name: str) -> None:
        for outcome in self._place.mirror.perform(Reconcile("plant", name)):
            assert isinstance(outcome, Outcome)
            assert not has_mark(json.dumps(line(outcome)), self._ears.take())


@pytest.mark.parametrize("shard", SHARDS)
def test_no_documents_surprise_the_engine(shard: int, record_property: Callable[[str, object], None]) -> None:
    with Ears() as ears, Place() as place:
        record_property("cases", run("looks", shard, Looks(ears, place).case))
