"""What is loaded once and stays."""

from __future__ import annotations

import gc
import os
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from shared.errors import BadInput
from shared.operations.first_use import loading, once
from shared.operations.requests import NotReady
from tests.unit.sync.world import world


@pytest.fixture(autouse=True)
def _thawed() -> Iterator[None]:
    yield
    gc.unfreeze()
    gc.enable()


def test_no_garbage_is_looked_for_while_something_loads() -> None:
    with loading():
        assert not gc.isenabled()
    assert gc.isenabled()


def test_threads_that_come_at_once_share_one_mirror() -> None:
    """Two would pace the calls of one container apart."""
    begin, built = threading.Barrier(8), list[object]()

    def build() -> Any:
        for _ in range(100):  # the others come meanwhile
            os.sched_yield()
        built.append(object())
        return built[-1]

    mirror = once(build)

    def ask(_: int) -> object:
        begin.wait()
        return mirror()

    with ThreadPoolExecutor(8) as threads:
        found = list(threads.map(ask, range(8)))
    assert len(built) == 1
    assert all(each is built[0] for each in found)


def test_what_was_loaded_is_never_looked_through_again() -> None:
    with loading():
        kept = [[] for _ in range(10)]  # type: ignore[var-annotated]
    assert not any(kept is found for found in gc.get_objects())


def test_garbage_is_looked_for_again_though_loading_failed() -> None:
    with pytest.raises(ZeroDivisionError), loading():
        raise ZeroDivisionError
    assert gc.isenabled()


def test_one_that_loads_within_another_leaves_the_end_to_it() -> None:
    with loading():
        with loading():
            pass
        assert not gc.isenabled()
    assert gc.isenabled()


def test_who_never_looks_for_garbage_is_left_so() -> None:
    gc.disable()
    with loading():
        pass
    assert not gc.isenabled()


def test_a_mirror_is_loaded_until_it_succeeds_once() -> None:
    mirror = world().mirror()
    answers = iter([BadInput("no ledger"), mirror])

    def build() -> object:
        assert not gc.isenabled()
        if isinstance(answer := next(answers), BadInput):
            raise answer
        return answer

    built = once(build)  # type: ignore[arg-type]
    with pytest.raises(NotReady, match="no ledger"):
        built()
    assert built() is built() is mirror
