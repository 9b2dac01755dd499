"""The production driver: it performs what programs ask for, and throws errors in where they asked."""

from __future__ import annotations

import math
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from msgspec.structs import replace

from shared.errors import LedgerConflict, RevisionConflict, Throttled, Unreachable
from shared.ledger.sqlite import SqliteLedger
from shared.operations.driver import Driver
from shared.sync import effects as do
from shared.sync.effects import Program
from shared.sync.link import Entry, Link, LinkKey, Scope, State
from shared.sync.ports import Found
from shared.translation.side import Side
from tests.unit.sync.clouds import FakeAws, FakeAzure
from tests.unit.sync.documents import at_most, group, profile

KEY = LinkKey("fleet", "pumps")


@pytest.fixture
def driver() -> Iterator[Driver]:
    with SqliteLedger(":memory:") as ledger, ThreadPoolExecutor(4) as pool:
        yield Driver({Side.AWS: FakeAws(), Side.AZURE: FakeAzure()}, ledger, lambda: 5.0, lambda: 7.0, pool)


def one(effect: do.Effect | tuple[do.Effect, ...]) -> Program[object]:
    answer: object = yield effect
    return answer


def test_it_tells_the_time_and_how_much_is_left(driver: Driver) -> None:
    assert driver.run(one((do.Now(), do.TimeLeft()))) == (5.0, 7.0)
    endless = replace(driver, time_left=lambda: math.inf)
    assert endless.run(one(do.TimeLeft())) == math.inf


def test_it_asks_the_cloud_of_the_side(driver: Driver) -> None:
    created = driver.run(do.write(do.Create(Side.AWS, "pumps", profile(sent=at_most(1)))))
    base = created.found
    assert base is not None
    assert driver.run(do.read(Side.AWS, "pumps")) == base
    assert driver.run(do.read(Side.AZURE, "pumps")) is None
    assert driver.run(do.census(Side.AWS)) == {"pumps": None}
    updated = driver.run(do.write(do.Update(Side.AWS, "pumps", profile(), base)))
    assert isinstance(updated.found, Found)
    assert updated.found.version == 2
    assert driver.run(do.write(do.Delete(Side.AWS, "pumps", updated.found))).found is None
    assert driver.run(do.census(Side.AWS)) == {}


def test_a_whole_read_asks_for_the_tags_too(driver: Driver) -> None:
    driver.run(do.write(do.Create(Side.AWS, "pumps", profile())))
    found = driver.run(one(do.Read(Side.AWS, "pumps", whole=True)))
    assert isinstance(found, Found)
    assert found.document["tags"] == []


def test_custom_metrics_are_of_aws(driver: Driver) -> None:
    driver.run(one(do.EnsureMetric("processes", "string-list")))
    aws = driver.clouds[Side.AWS]
    assert isinstance(aws, FakeAws)
    assert [write.name for write in aws.writes] == ["processes:string-list"]


def test_it_asks_the_ledger(driver: Driver) -> None:
    assert driver.run(one(do.LoadLink(KEY))) is None
    link = Link(KEY, rev=1, entries=1)
    entry = Entry(KEY, 1, 5.0, "local", "intent")
    driver.run(one(do.SaveLink(link, (entry,))))
    assert driver.run(one(do.LoadLink(KEY))) == link
    assert list(driver.ledger.journal(KEY)) == [entry]
    assert driver.run(one(do.RouteLinks("fleet", "", 9))) == [link]
    scope = Scope("fleet", rev=1, known=9)
    driver.run(one(do.SaveScope(scope)))
    assert driver.run(do.load_scope("fleet")) == scope


def test_it_counts_bound_links_up_to_a_limit(driver: Driver) -> None:
    states = [State.BOUND, State.TOMBSTONE, State.BOUND, State.NEW, State.BOUND]
    for number, state in enumerate(states):
        driver.run(one(do.SaveLink(Link(LinkKey("fleet", str(number)), rev=1, state=state))))
    assert driver.run(one(do.CountLinks("fleet", 9))) == 3
    assert driver.run(one(do.CountLinks("fleet", 2))) == 2
    assert driver.run(one(do.CountLinks("other", 2))) == 0


def test_an_error_is_thrown_in_where_it_was_asked_for(driver: Driver) -> None:
    def program() -> Program[str]:
        try:
            yield do.SaveLink(Link(KEY, rev=7))
        except LedgerConflict as error:
            yield do.Now()
            return f"caught {type(error).__name__}"
        return "nothing was raised"

    assert driver.run(program()) == "caught LedgerConflict"


def test_an_error_that_the_program_does_not_take_ends_it(driver: Driver) -> None:
    with pytest.raises(LedgerConflict):
        driver.run(one(do.SaveLink(Link(KEY, rev=7))))


def test_a_fault_of_ours_is_not_thrown_into_the_program(driver: Driver) -> None:
    caught: list[Exception] = []
    no_document: Any = []

    def program() -> Program[None]:
        try:
            yield do.Update(Side.AZURE, "pumps", no_document, Found("pumps", {}))
        except Exception as error:
            caught.append(error)
            raise

    with pytest.raises(AttributeError):
        driver.run(program())
    assert caught == []


def test_the_effects_of_a_tuple_are_performed_side_by_side_and_answered_in_order(driver: Driver) -> None:
    together = threading.Barrier(2, timeout=5)

    class Meeting(FakeAws):
        def read(self, name: str, *, whole: bool = False) -> Found | None:
            together.wait()
            return super().read(name, whole=whole)

    class MeetingAzure(FakeAzure):
        def read(self, name: str, *, whole: bool = False) -> Found | None:
            together.wait()
            return super().read(name, whole=whole)

    aws, azure = Meeting(), MeetingAzure()
    aws.put("pumps", profile())
    azure.put("pumps", group())
    both = replace(driver, clouds={Side.AWS: aws, Side.AZURE: azure})
    answers = both.run(one((do.Read(Side.AZURE, "pumps"), do.Read(Side.AWS, "pumps"), do.Now())))
    assert isinstance(answers, tuple)
    assert [getattr(found, "version", found) for found in answers] == [None, 1, 5.0]


def test_of_a_tuple_all_are_performed_and_the_first_error_is_thrown(driver: Driver) -> None:
    class Broken(FakeAws):
        def read(self, name: str, *, whole: bool = False) -> Found | None:
            raise Throttled("aws", "slow down")

        def listed(self) -> dict[str, Found | None]:
            raise Unreachable("aws", "503")

    broken = replace(driver, clouds={Side.AWS: Broken(), Side.AZURE: FakeAzure()})
    link = Link(KEY, rev=1)
    with pytest.raises(Throttled):
        broken.run(one((do.Read(Side.AWS, "pumps"), do.Census(Side.AWS), do.SaveLink(link))))
    assert driver.ledger.link(KEY) == link


@pytest.mark.parametrize("threads", [1, 2, 8])
def test_programs_that_ask_for_two_things_at_once_wait_for_no_thread_that_they_hold(
    driver: Driver, threads: int
) -> None:
    class OneDark(FakeAzure):
        def read(self, name: str, *, whole: bool = False) -> Found | None:
            if name == "link-3":
                raise Unreachable("azure", "503")
            return super().read(name, whole=whole)

    aws, names = FakeAws(), [f"link-{number}" for number in range(20)]
    for name in names:
        aws.put(name, profile())
    programs = [one((do.Read(Side.AZURE, name), do.Read(Side.AWS, name))) for name in names]
    with ThreadPoolExecutor(threads) as pool:
        two = replace(driver, clouds={Side.AWS: aws, Side.AZURE: OneDark()}, pool=pool)
        told = two.side_by_side(programs)
    assert isinstance(told.pop(3), Unreachable)
    assert all(isinstance(both, tuple) and both[0] is None and both[1] is not None for both in told)


def test_a_conflict_of_the_cloud_reaches_the_program(driver: Driver) -> None:
    driver.run(do.write(do.Create(Side.AWS, "pumps", profile())))
    with pytest.raises(RevisionConflict):
        driver.run(do.write(do.Create(Side.AWS, "pumps", profile())))
