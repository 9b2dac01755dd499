"""What is counted, in one table: names are part of the interface, for alarms and dashboards build on them.

No name has a link, a policy or a route in it: what there is to count grows with the code, never with a fleet.
"""

from __future__ import annotations

from dataclasses import dataclass

NAMESPACE = "PolicyMirror"


@dataclass(frozen=True, slots=True)
class Metric:
    """``gauge``: the last value says it; else values are added up."""

    name: str
    meaning: str
    gauge: bool = False


MIRRORED = Metric("mirrored", "looks that wrote a change to the other side")
NO_OP = Metric("no-op", "looks that found both sides in step")
HELD = Metric("held", "looks that held something new, or a whole link")
CONFLICT = Metric("conflict", "looks that found one rule changed on both sides, to different values")
OBSERVED = Metric("observed", "looks on a route that only observes")
PENDING = Metric("pending", "looks whose change the other function has to write")
BUSY = Metric("busy", "looks that came while somebody else was at it, or a cloud asked to wait")
ERROR = Metric("error", "looks that failed")

BAD_EVENT = Metric("bad-event", "deliveries that no trigger of ours sends")
IGNORED_FAILED_CALL = Metric("ignored-failed-call", "events of calls that failed")
IGNORED_NOT_A_POLICY = Metric("ignored-not-a-policy", "events of other objects")
IGNORED_NOT_A_WRITE = Metric("ignored-not-a-write", "events of reads")
IGNORED_OTHER_SERVICE = Metric("ignored-other-service", "events of other services")
IGNORED_OUTSIDE_ROUTES = Metric("ignored-outside-routes", "events of policies that no route covers")

SWEPT = Metric("swept", "routes whose sweep came to its end")
SWEEP_FAILED = Metric("sweep-failed", "routes whose sweep did not")
SWEEP_COMPLETE = Metric("sweep-complete", "1 when a sweep of every route came to its end, else 0", gauge=True)
FROZEN = Metric("frozen", "1 when a swept route is frozen or a look found it so, else 0", gauge=True)
ROUTES_DIFFER = Metric("routes-differ", "1 when the other function has other routes, else 0", gauge=True)
LINKS = Metric("links", "links in step on a swept route", gauge=True)

METRICS = tuple(value for value in list(globals().values()) if isinstance(value, Metric))
