"""One sweep of many accounts of a hundred policies each, by each function, on a virtual clock.

The schedule asks the queue for a sweep of each route; workers take them from there, in parts of so many
seconds as the production module says, at the production module's pace. The clouds' quota is kept by pace
alone: both functions together use four fifths of it. The durations are the bench's.
"""

from __future__ import annotations

import heapq
from collections import deque
from dataclasses import dataclass, field
from math import ceil, inf

from shared.clouds.aws_queue import BATCH
from shared.operations.pacing import Pace
from shared.operations.quotas import DESCRIBES, SHARE
from shared.operations.surveying import LASTS, PACED
from shared.operations.sweeping import LEAST, PART
from tests.bench.costs import Counts, dollars, durations, milliseconds
from tests.bench.deployment import FUNCTION_GB, LAMBDA_GB, TEMPLATE, setting

SIZES = (1, 10, 100, 1000)
POLICIES = 100
CALLS_A_PART = 5
"""One after the other, beside the describes: the turn, both listings side by side, the ledger's page, and two
at the end to note how far it came, or to ask for the rest."""

TIMEOUT = setting(TEMPLATE, r"Timeout: (\d+)\n      Role: !GetAtt MirrorRole")
INSTANCES = setting("infra/azure/modules/app.bicep", r"maximumInstanceCount: (\d+)")


@dataclass(frozen=True)
class Platform:
    """``workers`` take ``batch`` messages at a time; the first time costs a start of ``cold`` seconds."""

    workers: int
    batch: int
    cold: float


def on_aws() -> Platform:
    workers = setting("template.yaml", r"\n  MaximumConcurrency:.*?Default: (\d+)")
    batch = setting("template.yaml", r"Queue: !GetAtt SweepKeys.Arn\n            BatchSize: (\d+)")
    return Platform(workers, batch, milliseconds("lambda-first") / 1000)


def on_azure() -> Platform:
    """Every instance that the template allows, at once; how quickly the platform adds them nobody says."""
    names = ("batchSize", "newBatchThreshold")
    at_once = sum(setting("host.json", rf'"{name}": (\d+)') for name in names)
    return Platform(INSTANCES * at_once, 1, milliseconds("worker-first") / 1000)


@dataclass
class Worker:
    """One container, and when it is free."""

    now: float
    cold: float
    busy: float = 0.0

    def sleep(self, seconds: float) -> None:
        self.now += seconds

    def part(self, left: int, life: float, call: float) -> int:
        """How many of an account's links are left after a part of a sweep with ``life`` seconds to go."""
        pace = Pace(lambda: self.now, self.sleep, DESCRIBES * SHARE, lambda: 0.0)
        self.sleep(CALLS_A_PART * call)
        until = self.now + min(LASTS, life * PART)
        while left and self.now < until:
            for _ in range(min(left, PACED)):
                pace.wait(inf)
                left -= 1
        self.sleep(call)  # reads are on their way side by side: the last one's answer
        return left


@dataclass
class Sweep:
    """``waited``: messages that shared an invocation which had no time left for them."""

    platform: Platform
    call: float
    queue: deque[tuple[float, int]] = field(default_factory=deque)
    parts: int = 0
    invocations: int = 0
    waited: int = 0
    worked: float = 0.0
    end: float = 0.0

    def run(self, accounts: int) -> Sweep:
        begin = self.platform.cold + self.call * ceil(accounts / BATCH)
        self.queue.extend((begin, POLICIES) for _ in range(accounts))
        free = [(begin, number) for number in range(min(self.platform.workers, accounts))]
        workers = [Worker(begin, self.platform.cold) for _ in free]
        while self.queue:
            at, number = heapq.heappop(free)
            worker = workers[number]
            worker.now = max(at, min(ready for ready, _ in self.queue))
            self._invoke(worker)
            heapq.heappush(free, (worker.now, number))
        return self

    def _invoke(self, worker: Worker) -> None:
        began = worker.now
        ready = [each for each in self.queue if each[0] <= began][: self.platform.batch]
        for each in ready:
            self.queue.remove(each)
        worker.sleep(worker.cold)
        worker.cold = 0.0
        for _, left in ready:
            life = TIMEOUT - (worker.now - began)
            if life < LEAST:
                self.waited += 1
                self.queue.append((worker.now + 1.0, left))
                continue
            self.parts += 1
            rest = worker.part(left, life, self.call)
            if rest:
                self.queue.append((worker.now, rest))
            self.end = max(self.end, worker.now)
        self.invocations += 1
        self.worked += worker.now - began

    def ledger(self) -> Counts:
        """Of each part: the route's record twice, and the links of its page, of some 1 KB each."""
        return {
            "DynamoDB read units": self.parts * (2 + ceil(POLICIES / 4)),
            "DynamoDB write units": self.parts,
        }


@dataclass(frozen=True)
class Swept:
    """``seconds``: until the last link was seen. ``parts``: of sweeps. ``waited``: see :class:`Sweep`."""

    accounts: int
    seconds: float
    parts: int
    waited: int
    dollars: float


def by_lambda(accounts: int) -> Swept:
    swept = Sweep(on_aws(), durations()["no-op"]).run(accounts)
    again = swept.parts - accounts + swept.waited
    counts = {
        **swept.ledger(),
        "Lambda requests": 1 + swept.invocations,
        "Lambda GB-seconds": LAMBDA_GB * swept.worked,
        "SQS requests": ceil(accounts / BATCH) + again + 2 * swept.invocations,
    }
    return Swept(accounts, round(swept.end, 1), swept.parts, swept.waited, dollars(counts))


def by_function(accounts: int) -> Swept:
    """An instance is charged for while anything is under way on it: its invocations share its time."""
    platform = on_azure()
    swept = Sweep(platform, durations()["no-op"]).run(accounts)
    at_once = min(platform.workers // INSTANCES, accounts)
    counts = {
        **swept.ledger(),
        "Functions executions": 1 + swept.invocations,
        "Functions GB-seconds": FUNCTION_GB * swept.worked / at_once,
        "Storage queue operations": 3 * swept.parts,
    }
    return Swept(accounts, round(swept.end, 1), swept.parts, swept.waited, dollars(counts))
