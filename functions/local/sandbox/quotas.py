"""How many calls a cloud takes, as it documents it: token buckets, by whom and by what they count.

AWS: by account, region and operation, without a word about bursts: here a second's calls (AWS General
Reference, IoT Device Defender quotas, read 2026-11; not there, and not counted: ListTagsForResource,
TagResource, UntagResource). Azure: by subscription, principal and kind of operation, with the size of each
bucket (azure-docs, request limits and throttling, 2026).
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple


class Limit(NamedTuple):
    """``rate``: calls a second. ``room``: calls that may come at once."""

    rate: float
    room: float


_USUAL = Limit(10, 10)
_AWS = {
    "DescribeSecurityProfile": Limit(25, 25),
    "DescribeCustomMetric": Limit(25, 25),
    "ListTagsForResource": None,
    "TagResource": None,
    "UntagResource": None,
}
_AZURE = {"GET": Limit(25, 250), "PUT": Limit(10, 200), "DELETE": Limit(10, 200)}


@dataclass
class Quotas:
    """Of one cloud; threads may share it. ``refused``: calls that were one too many, until now."""

    refused: int = 0
    _buckets: dict[str, tuple[float, float]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def aws(self, operation: str, share: float, now: datetime) -> float:
        """0 for a call that is taken, else the seconds until one would be. ``share``: of the quota."""
        return self._take(operation, _AWS.get(operation, _USUAL), share, now)

    def azure(self, method: str, who: str, share: float, now: datetime) -> float:
        return self._take(f"{method} {who}", _AZURE.get(method), share, now)

    def _take(self, bucket: str, limit: Limit | None, share: float, now: datetime) -> float:
        if limit is None or share <= 0.0:
            return 0.0
        rate, room = limit.rate * share, max(1.0, limit.room * share)
        with self._lock:
            tokens, filled_at = self._buckets.get(bucket, (room, 0.0))
            tokens = min(room, tokens + max(0.0, now.timestamp() - filled_at) * rate)
            taken = tokens >= 1.0
            self._buckets[bucket] = tokens - taken, now.timestamp()
            self.refused += not taken
        return 0.0 if taken else (1.0 - tokens) / rate
