"""Any story that hypothesis can think of: edits, faults and crashes on one policy, shrunk to the shortest."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import partial
from typing import ClassVar

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule, run_state_machine_as_test

from shared.sync.reconcile import reconcile
from shared.translation.side import Side
from tests.simulation import edits
from tests.simulation.designs import naive_copy
from tests.simulation.facts import CONNECTIONS, MESSAGES, Signal, cells_of
from tests.simulation.judge import Result, judge
from tests.simulation.profiles import CALM
from tests.simulation.report import lines_of
from tests.simulation.scripts import FIXED, NAME
from tests.simulation.world import Engine, World

SIDES = st.sampled_from(list(Side))
FIELDS = st.sampled_from(("hi", "lo"))
SIGNALS = st.sampled_from((MESSAGES, CONNECTIONS))
SECONDS = st.sampled_from((0.1, 0.5, 1.5, 5.0, 90.0, 400.0))
FAULTS = ("lost_events", "unanswered", "late", "failed", "crash", "stall", "stale", "ledger_unsure")


class Story(RuleBasedStateMachine):
    """Time passes between the steps, or does not: what was asked for is then still under way."""

    engines: ClassVar[list[Engine]] = [reconcile]

    def __init__(self) -> None:
        super().__init__()
        self.world = World(FIXED, 3, self.engines[0], names=(NAME,), trace=True)
        self.world.begin()

    def there(self, side: Side) -> bool:
        return self.world.clouds[side].there(NAME) is not None

    @rule(seconds=SECONDS)
    def wait(self, seconds: float) -> None:
        self.world.clock.run_until(self.world.clock.now + seconds)

    @rule(side=SIDES, signal=SIGNALS, field=FIELDS)
    def set_a_limit(self, side: Side, signal: Signal, field: str) -> None:
        document = self.world.clouds[side].document(NAME)
        if document is None or (signal.name, "on") not in cells_of(side, document):
            return
        value = self.world.users.unique() + (10_000 if field == "hi" else 0)
        after = edits.limit(side, signal, field, value, document)
        self.world.users.write(NAME, side, after, f"sets {field} of {signal.name} to {value}")

    @rule(side=SIDES, signal=SIGNALS)
    def switch(self, side: Side, signal: Signal) -> None:
        document = self.world.clouds[side].document(NAME)
        if document is None:
            return
        if (signal.name, "on") in cells_of(side, document):
            change = partial(edits.off, side, signal)
        else:
            change = partial(edits.on, side, signal, 10_000 + self.world.users.unique())
        what = "disables" if change.func is edits.off else "enables"
        self.world.users.write(NAME, side, change(document), f"{what} {signal.name}")

    @rule(side=SIDES)
    def allow(self, side: Side) -> None:
        document = self.world.clouds[side].document(NAME)
        if document is not None:
            address = f"10.1.{self.world.users.unique() % 250}.0/24"
            after = edits.allow(side, address, document)
            self.world.users.write(NAME, side, after, f"allows {address}")

    @rule(side=SIDES)
    def delete_or_create(self, side: Side) -> None:
        if self.there(side):
            self.world.users.delete(NAME, side)
        else:
            self.world.users.create(NAME, side)

    @precondition(lambda self: self.world.faults is CALM)
    @rule(what=st.sampled_from(FAULTS))
    def let_something_go_wrong(self, what: str) -> None:
        self.world.faults = replace(CALM, latest=300.0, **{what: 0.5})  # type: ignore[arg-type]

    @precondition(lambda self: self.world.faults is not CALM)
    @rule()
    def let_it_be_right_again(self) -> None:
        self.world.faults = CALM

    @rule(side=SIDES)
    def sweep(self, side: Side) -> None:
        self.world.sweep(side)

    def teardown(self) -> None:
        self.world.heal()
        result = judge(self.world)
        if result.silent or result.broken:
            raise AssertionError(told(self.world, result))
        super().teardown()


def told(world: World, result: Result) -> str:
    """Who did what, and what came of it, without what was looked up and remembered in between."""
    steps = (line for line in world.lines if not re.search(r"#\d+ (\w+\(|\w+ ->)", line) or "late" in line)
    return "\n".join(["what happened (seconds, who, what):", *steps, *lines_of(result)])


def test_a_story_that_fails_is_told_as_one() -> None:
    """Shrunk, and in the words of the simulator: who edited what, and who wrote over it."""

    class Naive(Story):
        engines: ClassVar[list[Engine]] = [naive_copy()]

    with pytest.raises(AssertionError) as failed:
        run_state_machine_as_test(Naive, settings=settings(database=None, max_examples=100, deadline=None))
    story = str(failed.value)
    assert re.search(r"^ +\d+\.\d\d +user \d+ on (aws|azure) Pump: \w+", story, re.MULTILINE)
    assert re.search(r"(aws|azure) Pump by (aws|azure)-function#\d+: \w", story)
    assert re.search(r"^seed 3: (LOST SILENTLY edit \d+ at|invariant \d+ \w+: )", story, re.MULTILINE)
    assert "SaveLink" not in story


TestStory = Story.TestCase
TestStory.settings = settings(settings.get_profile("default"), max_examples=60, stateful_step_count=20)
