"""An event bus that is as unreliable as asked: late, twice, out of order, or not at all.

EventBridge: best effort, no order, duplicates possible. Event Grid: at least once, no order (both per their
documentation, read 2026-09). Handlers must survive both, so the sandbox can do all of it on demand.
"""

from __future__ import annotations

import copy
import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Self

from functions.local.sandbox.identifiers import Dice
from functions.local.sandbox.knobs import Knobs

Event = dict[str, Any]
Deliver = Callable[[Event], object]

logger = logging.getLogger(__name__)


@dataclass(kw_only=True)
class BusKnobs(Knobs):
    """`duplicate` and `lose` are probabilities, `*_next` counts of events; `reorder` delivers a random one of
    the events that are due and spreads the delay over 0..2 times `delay_ms`."""

    delay_ms: int = 0
    duplicate: float = 0.0
    duplicate_next: int = 0
    reorder: bool = False
    lose: float = 0.0
    lose_next: int = 0
    paused: bool = False
    attempts: int = 3
    backoff_ms: int = 20


@dataclass
class _Delivery:
    due: float
    event: Event
    attempt: int = 1


@dataclass
class BusCounts:
    """Totals since the start: `published` and `lost` count events, the others deliveries."""

    published: int = 0
    scheduled: int = 0
    delivered: int = 0
    lost: int = 0
    retried: int = 0
    dead: int = 0


class EventBus:
    """Delivers on its own threads; an exception from `deliver` is retried, then kept in `dead_letters`."""

    def __init__(
        self,
        deliver: Deliver,
        *,
        dice: Dice,
        knobs: BusKnobs | None = None,
        workers: int = 1,
        history: int = 1000,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.knobs = knobs or BusKnobs()
        self.counts = BusCounts()
        self.dead_letters: list[Event] = []
        self._deliver = deliver
        self._dice = dice
        self._clock = clock
        self._queue: list[_Delivery] = []
        self._history: deque[Event] = deque(maxlen=history)
        self._in_flight = 0
        self._stopped = False
        self._changed = threading.Condition()
        self._workers = [
            threading.Thread(target=self._work, name=f"sandbox-bus-{n}", daemon=True) for n in range(workers)
        ]
        for worker in self._workers:
            worker.start()

    def publish(self, event: Event) -> None:
        """Queues and returns at once; the event is copied, so the caller may go on changing its own."""
        with self._changed:
            self.counts.published += 1
            if self.knobs.take("lose_next") or self._dice.chance(self.knobs.lose):
                self.counts.lost += 1
                return
            self._history.append(copy.deepcopy(event))
            twice = self.knobs.take("duplicate_next") or self._dice.chance(self.knobs.duplicate)
            for _ in range(2 if twice else 1):
                self._enqueue(event)

    def replay(self, count: int, *, shuffle: bool = True) -> int:
        """Delivers the last events again, in rounds until there are `count`; gives how many were queued."""
        with self._changed:
            last = list(self._history)[-count:] if count > 0 else []
            again = [last[n % len(last)] for n in range(count)] if last else []
            if shuffle:
                self._dice.shuffle(again)
            for event in again:
                self._enqueue(event)
            return len(again)

    def lose_next(self, count: int) -> None:
        self.set_knobs({"lose_next": count})

    def duplicate_next(self, count: int) -> None:
        self.set_knobs({"duplicate_next": count})

    def pause(self) -> None:
        self.set_knobs({"paused": True})

    def resume(self) -> None:
        self.set_knobs({"paused": False})

    def set_knobs(self, changes: Mapping[str, Any]) -> None:
        with self._changed:
            self.knobs.update(changes)
            self._changed.notify_all()

    def drain(self, timeout: float = 10.0) -> bool:
        """Waits until nothing is queued or being delivered; False when `timeout` seconds pass first."""
        with self._changed:
            return self._changed.wait_for(lambda: not self._queue and not self._in_flight, timeout)

    def stop(self) -> None:
        """Forgets what is queued and waits for the delivery that is under way."""
        with self._changed:
            self._stopped = True
            self._queue.clear()
            self._changed.notify_all()
        for worker in self._workers:
            if worker is not threading.current_thread():
                worker.join()

    def state(self) -> dict[str, Any]:
        with self._changed:
            waiting = {"queued": len(self._queue), "in_flight": self._in_flight}
            return self.knobs.as_dict() | {"counts": vars(self.counts) | waiting}

    def _enqueue(self, event: Event, *, attempt: int = 1, backoff_ms: int = 0) -> None:
        delay_ms: float = self.knobs.delay_ms
        if self.knobs.reorder:
            delay_ms = self._dice.uniform(0, 2 * delay_ms)
        due = self._clock() + (delay_ms + backoff_ms) / 1000
        self.counts.scheduled += 1
        self._queue.append(_Delivery(due, copy.deepcopy(event), attempt))
        self._changed.notify_all()

    def _work(self) -> None:
        while (delivery := self._next()) is not None:
            # A copy for the consumer: what it does to its event must not reach the retry.
            try:
                self._deliver(copy.deepcopy(delivery.event))
            except Exception as error:  # noqa: BLE001 - whatever a consumer raises is one failed delivery
                logger.warning("delivery attempt %d failed: %s", delivery.attempt, type(error).__name__)
                self._settle(delivery, delivered=False)
            else:
                self._settle(delivery, delivered=True)

    def _next(self) -> _Delivery | None:
        with self._changed:
            while not self._stopped:
                now = self._clock()
                due = [] if self.knobs.paused else [d for d in self._queue if d.due <= now]
                if due:
                    chosen = self._dice.choice(due) if self.knobs.reorder else min(due, key=lambda d: d.due)
                    self._queue.remove(chosen)
                    self._in_flight += 1
                    return chosen
                self._changed.wait(self._until_next(now))
            return None

    def _until_next(self, now: float) -> float | None:
        if self.knobs.paused or not self._queue:
            return None
        return min(d.due for d in self._queue) - now

    def _settle(self, delivery: _Delivery, *, delivered: bool) -> None:
        with self._changed:
            self._in_flight -= 1
            if delivered:
                self.counts.delivered += 1
            elif self._stopped or delivery.attempt >= self.knobs.attempts:
                self.counts.dead += 1
                self.dead_letters.append(delivery.event)
            else:
                self.counts.retried += 1
                backoff = self.knobs.backoff_ms * 2 ** (delivery.attempt - 1)
                self._enqueue(delivery.event, attempt=delivery.attempt + 1, backoff_ms=backoff)
            self._changed.notify_all()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
