"""The same faults where neither cloud can be listed in one go: page by page, and some pages get lost."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from msgspec.structs import replace

from shared.errors import StalePage
from shared.sync import effects as do
from shared.sync.effects import Effect, Program
from shared.sync.link import Paging, Progress
from shared.sync.paging import next_page
from shared.sync.ports import Page
from shared.sync.progress import finish_sweep, note_progress, take_turn
from shared.sync.races import worth_asking
from shared.sync.sweep import READ_APART, next_window
from shared.sync.tally import counted
from shared.translation.side import Side
from tests.simulation.judge import judge
from tests.simulation.profiles import CALM, PROFILES
from tests.simulation.workers import Course, Host, Run
from tests.simulation.world import READ, World

NAMED = 2
"""Names on a page."""

FORGETS = 0.3
SEEDS = range(2000, 2003)


class Large(World):
    """Each part of a sweep reads one page, or looks through one window."""

    def apply(self, effect: Effect, run: Run, course: Course) -> Any:
        match effect:
            case do.ListPage(side, at):
                return self._page(side, at, course.blind)
            case do.LoadLinks(keys):
                return {key: self.ledger.links[key] for key in keys if key in self.ledger.links}
        return super().apply(effect, run, course)

    def _page(self, side: Side, at: str | None, blind: bool) -> Page:
        if at is not None and self.faults is not CALM and self.chance(FORGETS):
            self.count("pages forgotten")
            raise StalePage(f"{side} in the simulation", "that place is forgotten")
        listed = {} if blind else self.clouds[side].census()
        names = sorted(name for name in listed if at is None or name > at)
        self.count("pages")
        following = names[NAMED - 1] if len(names) > NAMED else None
        return Page({name: listed[name] for name in names[:NAMED]}, following)

    def _part(self, host: Host, after: str | None) -> Program[str | None]:
        worker = self.worker(host)
        known, begin = yield from take_turn(self.route, worker, after)
        if begin is None:
            return None
        paging = begin.paging or Paging()
        if paging.side is not None:
            others, paging = yield from next_page(self.route, paging)
            for key in others:
                self.hand_on(host, key.name)
            progress = replace(begin, paging=paging)
        else:
            window = yield from next_window(self.route, READ_APART, begin.after, READ)
            yield from self._survey(host, worker, window)
            yield from self._audited(worker, list(filter(worth_asking, window.links.values())))
            count = counted(window.links.values(), begin.count)
            if window.upto is None:
                yield from finish_sweep(self.route, worker, "digest", count)
                self.count("whole sweeps")
                return None
            progress = replace(begin, after=window.upto, count=count)
        return (yield from self._noted(host, known, progress))

    def _noted(self, host: Host, known: Progress | None, progress: Progress) -> Program[str | None]:
        time = yield from do.now()
        progress = replace(progress, at=time)
        noted = yield from note_progress(self.route, self.worker(host), known, progress)
        return progress.place if noted else None


@pytest.mark.parametrize("profile", sorted(PROFILES))
def test_nothing_is_lost_and_no_invariant_is_broken_where_listings_come_in_parts(profile: str) -> None:
    counts: Counter[str] = Counter()
    for seed in SEEDS:
        world = Large(PROFILES[profile], seed).play()
        found = judge(world)
        assert (found.silent, found.broken) == ((), ()), f"seed {seed}"
        assert found.wrong_deletes == 0
        assert world.counts["whole sweeps"] > 4
        counts.update(world.counts)
    assert counts["pages"] > 100
    assert profile in {"calm", "everything"} or counts["pages forgotten"] > 0
