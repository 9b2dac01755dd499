"""The part of a sweep that costs one call a link: :func:`shared.sync.sweep.survey`, window by window."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from shared.errors import MirrorError
from shared.operations.driver import Driver
from shared.sync.job import Job, Outcome
from shared.sync.link import LinkKey
from shared.sync.sweep import Listed, survey

WINDOW = 64
"""Profiles held at once; the driver's pool reads them side by side."""

PACED = 8
"""The same where a quota is kept, and each read waits for its turn."""

LASTS = 10.0
"""Seconds, of the 30 that both functions have for one invocation; the queue takes what is left of it."""


@dataclass(frozen=True, slots=True)
class Surveyor:
    """``seconds``: how long it may go on."""

    driver: Driver
    listed: Listed
    seconds: float

    def run(self, job: Callable[[LinkKey], Job]) -> Iterator[Outcome]:
        """What is in step. It ends early, and without a word, when its time is over or a cloud does not
        answer: the links that it does not tell of are looked at one by one, and those looks tell."""
        keys, until = self.listed.to_survey(), self.driver.clock() + self.seconds
        size = PACED if self.driver.turns.kept else WINDOW
        for start in range(0, len(keys), size):
            if self.driver.clock() >= until:
                return
            try:
                yield from self.driver.run(survey(self.listed, map(job, keys[start : start + size])))
            except MirrorError:
                return
