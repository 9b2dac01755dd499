"""One sweep of the Lambda over many accounts of a hundred policies each, on a virtual clock.

The pace is the production module's, an account's quota is :class:`tests.bench.quotas.Quota`, the durations
are the bench's. One function sweeps its routes one after another; the queue's workers look at what is left.
"""

from __future__ import annotations

import heapq
import re
from collections import deque
from dataclasses import dataclass, field
from math import ceil

from shared.clouds.aws_queue import BATCH
from shared.operations.pacing import Pace
from shared.operations.quotas import DESCRIBES, SHARE
from shared.operations.surveying import LASTS
from tests.bench.costs import LAMBDA_GB, ROOT, dollars, durations
from tests.bench.quotas import RETRY_AFTER, Quota

SIZES = (1, 10, 100, 1000)
POLICIES = 100


def setting(pattern: str) -> int:
    """A number of template.yaml."""
    found = re.search(pattern, (ROOT / "template.yaml").read_text(encoding="utf-8"), re.S)
    assert found, pattern
    return int(found[1])


WORKERS = setting(r"\n  MaximumConcurrency:.*?Default: (\d+)")
TIMEOUT = setting(r"Timeout: (\d+)\n      Role: !GetAtt MirrorRole")


@dataclass(frozen=True)
class Swept:
    """``invocation``: seconds of the sweep itself; ``seconds``: until the last link was looked at."""

    accounts: int
    seconds: float
    invocation: float
    fits: bool
    queued: int
    refused: int
    dollars: float


@dataclass
class Clock:
    now: float = 0.0
    left: list[int] = field(default_factory=list)

    def sleep(self, seconds: float) -> None:
        self.now += seconds


def survey(clock: Clock, quota: Quota, seconds: float, call: float) -> int:
    """Links of one account that are left when its part of the time is over."""
    pace = Pace(lambda: clock.now, clock.sleep, DESCRIBES * SHARE)
    until, left = clock.now + seconds, POLICIES
    while left and pace.wait(until - clock.now) == 0.0 and quota.take(clock.now):
        left -= 1
    clock.now += call  # reads are on their way side by side: the last one's answer
    return left


def drain(keys: deque[int], quotas: list[Quota], start: float, look: float) -> tuple[float, float, int, int]:
    """Workers take batches of keys; a refused look waits. When the last is done, seconds worked, batches
    and refusals."""
    free = [start] * WORKERS
    later: deque[tuple[float, int]] = deque()
    end, worked, batches, refused = start, 0.0, 0, 0
    while keys or later:
        now = heapq.heappop(free)
        if not keys:
            now = max(now, later[0][0])
        while later and later[0][0] <= now:
            keys.append(later.popleft()[1])
        began, batches = now, batches + 1
        for account in [keys.popleft() for _ in range(min(BATCH, len(keys)))]:
            if not quotas[account].take(now, 1):
                refused += 1
                later.append((now + RETRY_AFTER, account))
            now += look
        worked, end = worked + now - began, max(end, now)
        heapq.heappush(free, now)
    return end, worked, batches, refused


def estate(accounts: int) -> Swept:
    call, clock, quotas = durations()["no-op"], Clock(), [Quota() for _ in range(accounts)]
    keys: deque[int] = deque()
    for account, quota in enumerate(quotas):
        clock.now += call  # both listings and the ledger's, side by side
        left = survey(clock, quota, LASTS / accounts, call)
        clock.now += call * (ceil(left / BATCH) + 1)  # to the queue, and the end of the sweep
        keys.extend([account] * left)
    invocation, queued = clock.now, len(keys)
    end, worked, batches, refused = drain(keys, quotas, invocation, call)
    sent = ceil(queued / BATCH)
    cost = dollars(
        {
            "Lambda requests": 1 + batches,
            "Lambda GB-seconds": LAMBDA_GB * (invocation + worked),
            "SQS requests": sent + 2 * batches + refused,
            "DynamoDB read units": queued + refused + accounts * ceil(POLICIES / 4),
            "DynamoDB write units": accounts,
        }
    )
    return Swept(accounts, round(end, 1), round(invocation, 1), invocation <= TIMEOUT, queued, refused, cost)
