"""The loopback server below both clouds."""

from __future__ import annotations

from typing import Any

import pytest

from functions.local.sandbox.serving import LoopbackServer


def test_a_loop_that_is_awake_already_closes_nothing_before_it_is_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    server: Any = LoopbackServer(lambda *_: [])
    trigger, loop = server._server.trigger, server._loop
    pull = trigger._physical_pull

    def pull_late() -> None:
        """A request that ends wakes the loop as well, and its thread may be ahead of us."""
        pull()
        loop.join(0.2)
        pull()

    monkeypatch.setattr(trigger, "_physical_pull", pull_late)
    server.close()
    assert not loop.is_alive()
