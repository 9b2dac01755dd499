"""A command that only looks has nothing to write with: mypy says so, and so does Python.

Each ignore below is itself checked: mypy refuses one that is not needed.
"""

from __future__ import annotations

from typing import Any

import pytest

from shared.operations.commands.registry import COMMANDS
from shared.operations.mirror import Mirror
from shared.operations.reader import Reader
from shared.sync.link import Link, Scope
from shared.sync.ports import Cloud, Found, Ledger
from shared.translation.side import Side
from tests.unit.sync.documents import profile
from tests.unit.sync.world import World, world

READS = {"read", "census", "page", "link", "links", "route_links", "scope", "journal"}


def reader_of(w: World) -> Reader:
    return w.mirror().reader()


def test_a_cloud_cannot_be_written_through_a_reader() -> None:
    w = world()
    w.aws.put("pumps", profile())
    cloud = reader_of(w).clouds(w.route)[Side.AWS]
    base = cloud.read("pumps")
    assert isinstance(base, Found)
    with pytest.raises(AttributeError):
        cloud.create("valves", {})  # type: ignore[attr-defined]
    with pytest.raises(AttributeError):
        cloud.update("pumps", {}, base)  # type: ignore[attr-defined]
    with pytest.raises(AttributeError):
        cloud.delete("pumps", base)  # type: ignore[attr-defined]
    with pytest.raises(AttributeError):
        cloud.ensure_metric("logins", "number")  # type: ignore[attr-defined]
    assert w.writes == []


def test_the_ledger_cannot_be_written_through_a_reader() -> None:
    w = world()
    ledger = reader_of(w).ledger
    with pytest.raises(AttributeError):
        ledger.save(Link(w.link_key(), rev=1))  # type: ignore[attr-defined]
    with pytest.raises(AttributeError):
        ledger.save_scope(Scope("fleet", rev=1))  # type: ignore[attr-defined]
    assert ledger.link(w.link_key()) is None


def test_a_reader_is_no_cloud_and_no_ledger_to_whoever_writes() -> None:
    w = world()
    reader = reader_of(w)
    cloud: Cloud = reader.clouds(w.route)[Side.AWS]  # type: ignore[assignment]
    ledger: Ledger = reader.ledger  # type: ignore[assignment]
    mirror: Mirror = reader  # type: ignore[assignment]
    for port in (cloud, ledger):
        public: set[Any] = {name for name in dir(port) if not name.startswith("_")}
        assert public <= READS, "it has a method that may write"
    assert not hasattr(mirror, "perform")


def test_only_a_command_that_says_so_is_given_more_than_a_reader() -> None:
    assert {name for name, model in COMMANDS.items() if not model.about.writes} >= {"status", "plan"}
