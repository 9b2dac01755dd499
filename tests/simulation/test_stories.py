"""Any story that hypothesis can think of: edits, faults and crashes on one policy, shrunk to the shortest."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule

from shared.translation.side import Side
from tests.simulation import edits
from tests.simulation.facts import CONNECTIONS, MESSAGES, Signal, cells_of
from tests.simulation.judge import judge
from tests.simulation.profiles import CALM
from tests.simulation.scripts import FIXED, NAME
from tests.simulation.world import World

SIDES = st.sampled_from(list(Side))
FIELDS = st.sampled_from(("hi", "lo"))
SIGNALS = st.sampled_from((MESSAGES, CONNECTIONS))
SECONDS = st.sampled_from((0.1, 0.5, 1.5, 5.0, 90.0, 400.0))
FAULTS = ("lost_events", "unanswered", "late", "failed", "crash", "stall", "stale", "ledger_unsure")


class Story(RuleBasedStateMachine):
    """Time passes between the steps, or does not: what was asked for is then still under way."""

    def __init__(self) -> None:
        super().__init__()
        self.world = World(FIXED, 3, names=(NAME,))
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
        assert (result.silent, result.broken) == ((), ())
        super().teardown()


TestStory = Story.TestCase
TestStory.settings = settings(settings.get_profile("default"), max_examples=60, stateful_step_count=20)
