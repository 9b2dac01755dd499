"""What has to wait, where the Azure function knows its queue: it is seen in time, and is never poison."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import pytest

from shared.errors import Denied, Throttled, Unreachable
from shared.operations.mirror import Mirror
from shared.operations.payload import message
from shared.operations.requests import NO_CAUSE, Cause, LookAgain, Sweep
from shared.sync import effects as do
from shared.sync.link import LinkKey
from tests.unit.functions.deliveries import Event, grid_event
from tests.unit.functions.test_azure_app import App
from tests.unit.sync.world import FUNCTION, raising

KEY = {"route": "fleet", "name": "pumps"}
BUSY = Throttled("aws", "slow down", 42.0)


class Delayed(App):
    """``broken``: the queue takes nothing that is to be seen later."""

    broken = False

    def __post_init__(self) -> None:
        self.later: list[tuple[Event, float]] = []
        self.environ["POLICY_MIRROR_STORAGE_QUEUE"] = "https://a.queue.core.windows.net/q"
        super().__post_init__()
        self.mirror = self._mirror

    def _mirror(self) -> Mirror:
        mirror = self.w.mirror(FUNCTION)
        mirror.enqueue = self._put
        return mirror

    def _put(self, asked: Sequence[LinkKey | Sweep], delay: float, cause: Cause = NO_CAUSE) -> None:
        if self.broken:
            raise Unreachable("storage queue", "503")
        self.later += [(json.loads(message(each, cause)), delay) for each in asked]

    def busy(self) -> None:
        for nth in range(1, 40):
            self.w.before(do.Read, raising(BUSY), nth)


def test_a_busy_key_goes_back_for_as_long_as_the_cloud_says_and_its_message_is_done() -> None:
    app = Delayed()
    app.busy()
    assert app.key(KEY, dequeue_count=4) == []
    assert app.later == [(KEY, 42.0)]


def test_a_busy_link_that_an_event_names_waits_in_the_queue() -> None:
    app = Delayed()
    app.busy()
    assert app.event(grid_event()) == []
    ((told, delay),) = app.later
    assert ({name: told[name] for name in KEY}, delay) == (KEY, 42.0)


def test_a_part_of_a_sweep_of_which_nothing_comes_waits_before_it_is_tried_again() -> None:
    app = Delayed()
    app.w.seconds_left = 3.0
    assert app.key({"sweep": "fleet"}) == []
    assert app.later == [({"sweep": "fleet", "tries": 1}, 1.0)]


def test_what_need_not_wait_goes_by_the_binding() -> None:
    app = Delayed()
    assert [each["name"] for each in app.sweep()] == ["pumps"]
    assert app.later == []


def test_where_nothing_can_be_delayed_a_key_comes_back_by_itself() -> None:
    app = Delayed()
    app.broken = True
    app.busy()
    with pytest.raises(Unreachable):
        app.key(KEY)


@pytest.mark.parametrize("trigger", ["event", "sweep"])
def test_and_what_would_not_is_seen_at_once(trigger: str, caplog: pytest.LogCaptureFixture) -> None:
    app = Delayed()
    app.broken = True
    told: list[Any]
    if trigger == "event":
        app.busy()
        told = [{name: each[name] for name in KEY} for each in app.event(grid_event())]
        assert told == [KEY]
    else:
        app.w.seconds_left = 3.0
        told = app.key({"sweep": "fleet"})
        assert told == [{"sweep": "fleet", "tries": 1}]
    assert "seen at once" in caplog.text


def test_a_key_in_error_still_comes_back_until_it_is_poison() -> None:
    app = Delayed()
    app.w.before(do.Read, raising(Denied("aws", "no")))
    with pytest.raises(LookAgain, match="fleet/pumps"):
        app.key(KEY)
    assert app.later == []
