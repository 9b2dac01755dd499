"""Scenes that end with their test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.scenarios.scene import ROUTE, Scene


@pytest.fixture
def play(tmp_path: Path) -> Iterator[Callable[..., Scene]]:
    """Starts a scene whose one route has these settings."""
    with ExitStack() as stack:

        def started(**settings: str) -> Scene:
            lines = [f"    {key}: {value}\n" for key, value in settings.items()]
            return stack.enter_context(Scene(tmp_path, ROUTE + "".join(lines)))

        yield started


@pytest.fixture
def scene(play: Callable[..., Scene]) -> Scene:
    return play()
