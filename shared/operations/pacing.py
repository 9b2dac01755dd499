"""How fast one container calls one API of a cloud: a share of its quota, and less when the cloud complains.

Sweeps know of each other (:mod:`shared.operations.sharing`), but not of the account's other users; a refusal
tells of all of them. After one the rate falls at once by a factor, and then it grows back by equal steps
(AIMD): that alone takes competitors from any rates to equal ones (Chiu and Jain 1989), and a phase by chance
keeps them out of step.

Edits wait for nobody: what they use is taken from the share, so that what can wait gives way. But nothing at
all is sent while the cloud asks for silence.
"""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from msgspec import Struct, field

FALL = 0.5
"""What is left of the rate after a refusal."""

RISE = 0.05
"""Of the rate at most, regained in each second without one."""

LEAST = 0.05
"""Of the rate at most: so much goes on, or nobody would learn that the quota is free again."""

BURST = 0.8
"""Seconds of unused share that may be made up for, as when answers took longer than calls lie apart."""

DEBT = 5.0
"""Seconds of the share that edits may take in advance."""

GLANCE = 0.2
"""Seconds until it is looked anew whether an edit is still under way."""

COURTESY = 2.0
"""Seconds that a call gives way for at most: edits that never end must not stop what correctness rests on."""


class Pace(Struct):
    """Threads may share it. ``clock`` and ``sleep`` in seconds, ``ceiling`` in calls a second; ``chance``:
    from 0 up to 1."""

    clock: Callable[[], float]
    sleep: Callable[[float], object]
    ceiling: float
    chance: Callable[[], float] = random.random
    _level: float = 1.0  # of what it may be at most
    _parts: list[float] = field(default_factory=list)
    _since: float = 0.0
    _next: float = 0.0
    _fell: float = float("-inf")
    _quiet_until: float = float("-inf")
    _edits: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self._since = self.clock()
        self._next = self._since

    def wait(self, most: float) -> float:
        """Sleeps until a call may be made that can wait, and answers 0. Or else, after at most ``most``
        seconds, how much longer it would take: then it has no place in the line any more."""
        given = self._give_way(min(most, COURTESY))
        while True:
            delay = self._place(most - given)
            if delay == 0.0 or delay > most - given:
                return delay
            self.sleep(delay)
            given += delay
            if not self.quiet():
                return 0.0

    def hurry(self, most: float) -> float:
        """The same for a call that waits for the cloud only."""
        while quiet := self.quiet():
            if quiet > most:
                return quiet
            self.sleep(quiet)
            most -= quiet
        with self._lock:
            now = self.clock()
            if self._next < now + DEBT:
                self._book(now)
        return 0.0

    def quiet(self) -> float:
        """Seconds for which the cloud asked to be left alone."""
        with self._lock:
            return max(0.0, self._quiet_until - self.clock())

    def refused(self, retry_after: float, sent_at: float) -> None:
        """The cloud refused a call: nothing for ``retry_after`` seconds, and then more slowly. Calls that
        went out before the rate fell say nothing about the new one."""
        with self._lock:
            now = self.clock()
            if sent_at > self._fell:
                self._level = max(self._level_at(now) * FALL, LEAST)
                self._fell = now
            self._be_quiet(now + retry_after)

    def hush(self, until: float) -> None:
        """The cloud asked somebody else for silence."""
        with self._lock:
            if until > max(self._quiet_until, self.clock()):
                self._be_quiet(until)

    def _be_quiet(self, until: float) -> None:
        self._quiet_until = max(self._quiet_until, until)
        self._since = self._quiet_until
        self._next = max(self._next, self._quiet_until + self.chance() / (self._most() * self._level))

    @contextmanager
    def part(self, part: float) -> Iterator[None]:
        """One of several that share the ceiling is at work as long as this lasts; so may others be here. What
        it did before, in another container, it did up to now: it takes its place in the line."""
        with self._lock:
            now = self.clock()
            self._parts.append(part)
            if part < 1.0:
                self._next = max(self._next, now + 1.0 / (self._most() * self._level_at(now)))
        try:
            yield
        finally:
            with self._lock:
                self._parts.remove(part)

    @contextmanager
    def edit(self) -> Iterator[None]:
        """Whatever can wait gives way as long as this lasts."""
        with self._lock:
            self._edits += 1
        try:
            yield
        finally:
            with self._lock:
                self._edits -= 1

    def _give_way(self, most: float) -> float:
        given = 0.0
        while self._edits and given + GLANCE <= most:
            self.sleep(GLANCE)
            given += GLANCE
        return given

    def _place(self, most: float) -> float:
        """Seconds until the next free place; books it if that is near enough."""
        with self._lock:
            now = self.clock()
            delay = max(0.0, self._next - now)
            if delay <= most:
                self._book(now)
            return delay

    def _book(self, now: float) -> None:
        self._next = max(self._next, now - BURST) + 1.0 / (self._most() * self._level_at(now))

    def _most(self) -> float:
        return self.ceiling * min(1.0, sum(self._parts, 0.0) or 1.0)

    def _level_at(self, now: float) -> float:
        self._level = min(1.0, self._level + max(0.0, now - self._since) * RISE)
        self._since = max(self._since, now)
        return self._level
