"""How fast a sweep may read: a share of the cloud's quota for each worker, less when the cloud complains.

AWS allows 25 DescribeSecurityProfile a second for an account and region, and does not raise it (AWS General
Reference, IoT Device Defender quotas, read 2026-11). Two workers sweep a route, each with a fixed share, and
what is left belongs to edits and to other users of the account. Edits are not paced: they go before sweeps.

A share and not tokens kept in the ledger: those would cost a write for each read that they pace. What other
users take shows in the cloud's answers: after a refusal the rate falls at once and grows back slowly (AIMD,
Chiu and Jain 1989). No sweep that competes is starved: in a simulation the least had a fifth of the rest.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field

DESCRIBES = 25.0
"""A second, for an account and region."""

SHARE = 0.4
"""Of the quota, for one worker's sweep."""

FALL = 0.5
"""What is left of the rate after a refusal."""

RISE = 0.05
"""Of the whole share, regained in each second without one."""

LEAST = 0.05
"""Of the share: so much goes on, or nobody would learn that the quota is free again."""


@dataclass
class Pace:
    """Threads may share it. ``clock`` and ``sleep`` in seconds; ``ceiling``: calls a second."""

    clock: Callable[[], float]
    sleep: Callable[[float], None]
    ceiling: float = DESCRIBES * SHARE
    _rate: float = 0.0
    _since: float = 0.0
    _next: float = 0.0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self._rate, self._since = self.ceiling, self.clock()

    def wait(self, calls: int, most: float = float("inf")) -> bool:
        """Until ``calls`` may be made. False, and nothing is booked, if that takes more than ``most``."""
        with self._lock:
            now = self.clock()
            delay = max(0.0, self._next - now)
            if delay > most:
                return False
            self._next = now + delay + calls / self._rate_at(now)
        if delay:
            self.sleep(delay)
        return True

    def refused(self, retry_after: float) -> None:
        """The cloud refused a call: nothing for ``retry_after`` seconds, and then more slowly."""
        with self._lock:
            now = self.clock()
            self._rate = max(self._rate_at(now) * FALL, self.ceiling * LEAST)
            self._since = now + retry_after
            self._next = max(self._next, self._since)

    def _rate_at(self, now: float) -> float:
        regained = max(0.0, now - self._since) * RISE * self.ceiling
        self._rate = min(self.ceiling, self._rate + regained)
        self._since = max(self._since, now)
        return self._rate
