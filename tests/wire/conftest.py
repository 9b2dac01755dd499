"""Rigs that end with their test, and SDKs whose pauses between attempts are noted, not waited for."""

from __future__ import annotations

import types
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from shared.translation.side import Side
from tests.wire.rig import Rig


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Seconds that an SDK wanted to wait before it tried again."""
    wanted: list[float] = []
    monkeypatch.setattr("botocore.endpoint.time", types.SimpleNamespace(sleep=wanted.append))
    monkeypatch.setattr("azure.core.pipeline.transport.HttpTransport.sleep", lambda _, s: wanted.append(s))
    return wanted


@pytest.fixture
def start(
    tmp_path: Path, pauses: list[float], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[..., Rig]]:
    """Starts a rig; see :class:`Rig` for what may be chosen."""
    with ExitStack() as stack:

        def started(**choices: Any) -> Rig:
            rig = stack.enter_context(Rig(tmp_path, **choices))
            monkeypatch.setenv("AWS_ENDPOINT_URL_IOT", rig.proxies[Side.AWS].url)
            return rig

        yield started


@pytest.fixture
def rig(start: Callable[..., Rig]) -> Rig:
    return start()
