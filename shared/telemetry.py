"""What is counted, in one table, and the one id that leads from an event to the writes that follow from it.

Names are part of the interface, for alarms and dashboards build on them. No name and no dimension has a link,
a policy or a route in it: what there is to count grows with the code, never with a fleet.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from contextvars import ContextVar
from enum import StrEnum
from typing import NamedTuple

NAMESPACE = "PolicyMirror"

TRACE: ContextVar[str] = ContextVar("trace", default="")
"""The trace id of what this thread is at, for what is sent to a cloud; empty where nothing has one."""

_TRACE_ID = re.compile(r"[0-9a-f]{32}")


def trace_of(*ids: str | None) -> str:
    """A W3C trace id, 32 hexadecimal digits: the first of ``ids``, without hyphens if it is a UUID, hashed if
    it is anything else; empty where there is none."""
    for given in filter(None, ids):
        plain = given.replace("-", "").lower()
        return plain if _TRACE_ID.fullmatch(plain) else _hashed(given)[:32]
    return ""


def _hashed(text: str) -> str:
    import hashlib  # it loads OpenSSL, which an event that concerns nobody can do without

    return hashlib.sha256(text.encode()).hexdigest()


class Measure(StrEnum):
    """What becomes of several values within one invocation."""

    SUM = "sum"
    EACH = "each"  # a distribution: every value counts
    LAST = "last"  # a state: the highest of them says it


class Metric(NamedTuple):
    """``unit``: Count or Seconds."""

    name: str
    meaning: str
    measure: Measure = Measure.SUM
    unit: str = "Count"


Sink = Callable[[Metric, Sequence[float]], None]
"""Takes what an invocation counted, metric by metric."""

MIRRORED = Metric("mirrored", "looks that wrote a change to the other side")
NO_OP = Metric("no-op", "looks that found both sides in step")
HELD = Metric("held", "looks that held something new, or a whole link")
CONFLICT = Metric("conflict", "looks that found one rule changed on both sides, to different values")
OBSERVED = Metric("observed", "looks on a route that only observes")
PENDING = Metric("pending", "looks whose change the other function has to write")
BUSY = Metric("busy", "looks that came while somebody else was at it, or a cloud asked to wait")
ERROR = Metric("error", "looks that failed")

REPAIRED = Metric("repaired", "looks of a sweep that wrote a change: its event was lost, or is late")
LAG = Metric("lag", "from an edit, as its event tells it, to its mirrored write", Measure.EACH, "Seconds")
COLD_START = Metric("cold-start", "first invocations of a container")

AWS_CALLS = Metric("aws-calls", "reads and writes of AWS IoT")
AZURE_CALLS = Metric("azure-calls", "reads and writes of Azure")
LEDGER_CALLS = Metric("ledger-calls", "reads and writes of the ledger")
THROTTLED = Metric("throttled", "calls that a cloud refused because there were too many")

NOTICES = Metric("notices", "notices that went out")
NOTICES_FAILED = Metric("notices-failed", "notices that a channel did not take: the next look tries again")

BAD_EVENT = Metric("bad-event", "deliveries that no trigger of ours sends")
IGNORED_FAILED_CALL = Metric("ignored-failed-call", "events of calls that failed")
IGNORED_NOT_A_POLICY = Metric("ignored-not-a-policy", "events of other objects")
IGNORED_NOT_A_WRITE = Metric("ignored-not-a-write", "events of reads")
IGNORED_OTHER_SERVICE = Metric("ignored-other-service", "events of other services")
IGNORED_OUTSIDE_ROUTES = Metric("ignored-outside-routes", "events of policies that no route covers")

SWEPT = Metric("swept", "routes whose sweep came to its end")
SWEEP_FAILED = Metric("sweep-failed", "routes whose sweep failed, waits or is late")
SWEEP_COMPLETE = Metric(
    "sweep-complete", "1 when a sweep of every route began and none is late or failed, else 0", Measure.LAST
)
FROZEN = Metric("frozen", "1 when a swept route is frozen or a look found it so, else 0", Measure.LAST)
ROUTES_DIFFER = Metric("routes-differ", "1 when the other function has other routes, else 0", Measure.LAST)
LINKS = Metric("links", "links in step on the swept routes")

METRICS = tuple(value for value in list(globals().values()) if isinstance(value, Metric))
BY_NAME = {metric.name: metric for metric in METRICS}
