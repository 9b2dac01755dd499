"""One part of a sweep: window by window, with one call for a link in step, until its time is over."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator

from msgspec import Struct, field
from msgspec.structs import replace

from shared.errors import LongListing, Throttled
from shared.operations.driver import ATTEMPTS, Driver
from shared.routes.route import Route
from shared.sync import effects as do
from shared.sync.job import Job, Outcome
from shared.sync.link import Link, LinkKey, Paging, Progress
from shared.sync.paging import next_page
from shared.sync.races import worth_asking
from shared.sync.sweep import PAGE, READ_APART, Listed, Window, list_names, next_window, survey
from shared.sync.tally import counted

PACED = 8
"""Links that are surveyed, where each read waits for its turn, before it is asked whether there is time."""

PACED_PAGE = 128
"""Links that are read from the ledger at once there: a part of 10 s gets through some hundred."""

LASTS = 10.0
"""Seconds of one part, of the 30 that both functions have for one invocation."""


class Surveyor(Struct):
    """``lasts``: for how long it may go on once both clouds are listed. ``progress``: how far it is;
    ``done``: to the end. ``pause``: seconds to wait, as a cloud asks for, or the share of its quota.
    ``listed``: what an earlier part listed. ``written``: links whose writes the audit trail may know.
    ``again``: links are looked at before the next ones are asked for, and are counted as they are then."""

    driver: Driver
    route: Route
    lasts: Callable[[], float]
    progress: Progress
    listed: Listed | None = None
    again: bool = False
    done: bool = False
    pause: float = 0.0
    written: list[Link] = field(default_factory=list)

    def run(self, job: Callable[[LinkKey], Job]) -> Iterator[tuple[list[Outcome], list[LinkKey]]]:
        """What is in step, and what needs a look of its own; ``progress`` has gone beyond those when the next
        ones are asked for. It ends early, and without a word, when its time is over."""
        page, size = (PACED_PAGE, PACED) if self.driver.turns.kept else (PAGE, 2 * PAGE)
        until: float | None = None
        while not self.done:
            listed = self._list()
            until = until or self.driver.clock() + self.lasts()
            if listed is None:
                if self.driver.clock() >= until:
                    return
                yield from self._turn_page()
                continue
            read = self.driver.run(next_window(self.route, listed, self.progress.after, page))
            for window in read.split(size):
                outcomes = self._survey(window, job) if self.driver.clock() < until else None
                if outcomes is None:
                    return
                settled = {outcome.key for outcome in outcomes}
                others = [key for key in window.keys if key not in settled]
                yield outcomes, others
                self._pass(window, self._reread(window) if self.again and others else window.links.values())
            del listed, read, window  # or the next listing would be held beside this one

    def _list(self) -> Listed | None:
        """None while the listings are read page by page. So they are from where one did not fit into an
        invocation: links that were surveyed by then are not surveyed again."""
        after, paging = self.progress.after, self.progress.paging
        if paging is not None:
            return READ_APART if paging.side is None else None
        if self.listed is None or not self.listed.covers(after):
            self.listed = None
            try:
                self.listed = self.driver.run(list_names(after))
            except LongListing:
                self.progress = replace(self.progress, paging=Paging())
        return self.listed

    def _turn_page(self) -> Iterator[tuple[list[Outcome], list[LinkKey]]]:
        assert self.progress.paging is not None
        others, paging = self.driver.run(next_page(self.route, self.progress.paging))
        yield [], others
        self.progress = replace(self.progress, paging=paging)

    def _survey(self, window: Window, job: Callable[[LinkKey], Job]) -> list[Outcome] | None:
        """None where the rest has to wait. Where a cloud does not answer, a link is not in step: its own look
        tells."""
        keys, outcomes = window.to_survey, list[Outcome]()
        for _ in range(ATTEMPTS):
            told = self.driver.side_by_side(survey(window, job(key)) for key in keys)
            outcomes += [each for each in told if isinstance(each, Outcome)]
            refused = {key: each for key, each in zip(keys, told, strict=True) if isinstance(each, Throttled)}
            if not refused or self.again:
                return outcomes
            keys = list(refused)
        self.pause = max(each.retry_after for each in refused.values())
        return None

    def _reread(self, window: Window) -> list[Link]:
        most = len(window.links) + len(window.keys)
        links: list[Link] = self.driver.perform(do.RouteLinks(self.route.id, self.progress.after, most))
        return [each for each in links if window.upto is None or each.key.name <= window.upto]

    def _pass(self, window: Window, links: Collection[Link]) -> None:
        self.written += filter(worth_asking, links)
        self.done = window.upto is None
        after = self.progress.after if window.upto is None else window.upto
        self.progress = replace(self.progress, after=after, count=counted(links, self.progress.count))
