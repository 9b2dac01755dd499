"""Listings page by page: whatever the pages are, and wherever a cloud forgets them, no name gets lost."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from shared.errors import Denied, MirrorError, StalePage, Throttled, Unreachable
from shared.sync import effects as do
from shared.sync.link import LinkKey, Paging, Progress, State
from shared.sync.paging import LONGEST, MOST_LOST, next_page
from shared.sync.ports import Page
from shared.translation.side import Side
from tests.unit.sync.documents import profile
from tests.unit.sync.world import World, raising, world

names = st.text("abc", min_size=1, max_size=3)


def turned(w: World, paging: Paging) -> tuple[list[str], Paging]:
    keys, after = w.run(next_page(w.route, paging))
    return [key.name for key in keys], after


def known(w: World, name: str, state: State = State.BOUND) -> None:
    w.in_step(name, profile(), profile())
    link = w.link(name)
    w.ledger.save(replace(link, rev=link.rev + 1, state=state))


@given(
    aws=st.sets(names, max_size=12),
    azure=st.sets(names, max_size=12),
    there=st.dictionaries(names, st.sampled_from(State), max_size=6),
    sizes=st.tuples(st.integers(1, 5), st.integers(1, 5)),
    forgets=st.sets(st.integers(0, 20), max_size=MOST_LOST),
)
def test_every_name_that_the_ledger_does_not_know_is_told(
    aws: set[str],
    azure: set[str],
    there: dict[str, State],
    sizes: tuple[int, int],
    forgets: set[int],
) -> None:
    w = world()
    for name, state in there.items():
        known(w, name, state)
    w.aws.stored.clear()
    w.azure.stored.clear()
    for name in aws:
        w.aws.put(name, profile())
    for name in azure:
        w.azure.put(name, {})
    w.aws.page_size, w.azure.page_size = sizes
    told: set[str] = set()
    paging, places = Paging(), set[str]()
    for turn in range(100):
        if paging.side is None:
            break
        if turn in forgets and paging.at is not None:
            w.before(do.ListPage, raising(StalePage("cloud", "what?")))
        places.add(Progress(0.0, 0.0, "", (0, 0, 0), paging).place)
        found, paging = turned(w, paging)
        told.update(found)
        assert len(places) == turn + 1
    assert paging.side is None
    gone = {name for name, state in there.items() if state is State.TOMBSTONE}
    assert told == (aws | azure) - (there.keys() - gone)


def test_names_outside_the_route_are_left_out_and_cost_no_read_of_the_ledger() -> None:
    w = world(names="{include: ['plant-*'], exclude: ['*-draft']}")
    for name in ("office", "plant-b-draft"):
        w.aws.put(name, profile())
    w.effects.clear()
    assert turned(w, Paging())[0] == []
    assert [type(each) for each in w.effects] == [do.ListPage]
    w.aws.put("plant-a", profile())
    assert turned(w, Paging())[0] == ["plant-a"]


def test_a_first_page_that_is_refused_is_no_page_that_was_forgotten() -> None:
    w = world()
    w.before(do.ListPage, raising(StalePage("aws", "what?")))
    with pytest.raises(StalePage):
        turned(w, Paging())


@pytest.mark.parametrize("error", [Unreachable("aws", "503"), Throttled("aws", "429"), Denied("aws", "no")])
def test_a_cloud_that_does_not_answer_is_no_cloud_that_forgot(error: MirrorError) -> None:
    w = world()
    w.before(do.ListPage, raising(error))
    with pytest.raises(type(error)):
        turned(w, Paging(Side.AWS, "here", 7))


@pytest.mark.parametrize("following", ["here", "x" * (LONGEST + 1)])
def test_a_next_page_that_is_none_is_not_gone_on_with(following: str) -> None:
    program = next_page(world().route, Paging(Side.AWS, "here", 7))
    assert next(program) == do.ListPage(Side.AWS, "here")
    with pytest.raises(Unreachable):
        program.send(Page({}, following))


def test_the_words_of_a_cloud_are_for_nobody_else() -> None:
    paging = Paging(Side.AZURE, "/subscriptions/x?$skipToken=secret", 9)
    progress = Progress(0.0, 0.0, "pumps", paging=paging)
    assert "secret" not in f"{progress} {progress!r}"
    assert "secret" not in progress.place


def test_a_place_is_a_page_until_the_links_are_gone_through() -> None:
    at = Progress(0.0, 0.0)
    assert replace(at, after="pumps").place == "pumps"
    assert replace(at, after="pumps", paging=Paging(Side.AZURE, None, 3)).place == "page/3"
    assert replace(at, paging=Paging(None, None, 4)).place == "page/4"
    assert replace(at, after="pumps", paging=Paging(None, None, 4)).place == "pumps"


def test_a_link_that_the_ledger_knows_is_asked_for_by_nobody_here() -> None:
    w = world()
    known(w, "pumps", State.UNLINKED)
    assert turned(w, Paging()) == ([], Paging(Side.AZURE, None, 1))
    assert w.ledger.links([LinkKey(w.route.id, "pumps")])
