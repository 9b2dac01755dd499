"""The ledger's side of a check-up: sweeps, routes of both functions, guards, and the journal's chain."""

from __future__ import annotations

from collections.abc import Iterator

from shared.operations.doctor.check import Check, bad, doubt, good
from shared.operations.quotas import DESCRIBES, SHARE
from shared.operations.reader import Reader
from shared.routes.route import Route
from shared.sync.guards import MANY_LINKS
from shared.sync.journal import verify
from shared.sync.link import Scope, State
from shared.sync.progress import LATE

FUNCTIONS = ("aws-lambda", "azure-function")
"""The workers that sweep: the names of AWS_WORKER and AZURE_WORKER in bootstrap.workers."""

SWEEP_EVERY = 900.0
"""Seconds between two sweeps where nothing else is said."""


def ledger_checks(reader: Reader, route: Route) -> Iterator[Check]:
    scope = reader.ledger.scope(route.id)
    yield good("ledger", route.id, "it answers, and knows this route" if scope.rev else "it answers")
    yield from _guards(route, scope)
    for worker in FUNCTIONS:
        yield _sweep(route, scope, worker, reader.clock())
    yield _digests(reader, route, scope)
    links = sum(link.state is not State.TOMBSTONE for link in reader.ledger.route_links(route.id))
    yield _quota(route, links)
    yield from _canary(route, links)


def _guards(route: Route, scope: Scope) -> Iterator[Check]:
    if scope.frozen is not None:
        way_out = f"see what happened, then: policy-mirror release {route.id}"
        yield bad("frozen", route.id, f"frozen, nothing is written: {scope.frozen}", way_out)
    if scope.unaudited is not None:
        way_out = "let the Azure function read the Activity Log of the resource group, as infra/azure does"
        yield doubt("activity-log", route.id, f"the sweep could not read it: {scope.unaudited}", way_out)
    if scope.paused:
        yield doubt("paused", route.id, "a person paused it", f"policy-mirror resume {route.id}")


def _sweep(route: Route, scope: Scope, worker: str, now: float) -> Check:
    swept = scope.swept_at.get(worker)
    if swept is None:
        way_out = "is it deployed, and its schedule on? A new one sweeps first when that fires"
        return bad("sweep", route.id, f"{worker} has never swept this route", way_out)
    age = now - swept
    if age > LATE:
        way_out = "see its log, and whether its schedule is on"
        return bad("sweep", route.id, f"the last whole sweep of {worker} is {age / 3600:.1f} h old", way_out)
    return good("sweep", route.id, f"{worker} swept it {age / 60:.0f} min ago")


def _digests(reader: Reader, route: Route, scope: Scope) -> Check:
    own = reader.routes.digest()
    stale = sorted(worker for worker, digest in scope.digests.items() if digest != own)
    if stale:
        said = f"another routes.yaml runs in {', '.join(stale)}: digest {own[:12]} here"
        return bad("routes-digest", route.id, said, "deploy the same routes.yaml to both functions")
    missing = [worker for worker in FUNCTIONS if worker not in scope.digests]
    if missing:
        said = f"{' and '.join(missing)} have not told their routes yet"
        return doubt("routes-digest", route.id, said, "wait for their first sweep, then check again")
    return good("routes-digest", route.id, f"both functions have this routes.yaml ({own[:12]})")


def _canary(route: Route, links: int) -> Iterator[Check]:
    if route.delete == "mirror" and route.canary is None and 0 < links < MANY_LINKS:
        said = f"{links} of {MANY_LINKS} policies are known: a cloud that lists none is believed"
        way_out = "name a canary in routes.yaml: a policy on both clouds that nobody deletes"
        yield doubt("canary", route.id, said, way_out)


def _quota(route: Route, links: int) -> Check:
    """AWS needs one call for each link, Azure one for each page of its hub."""
    seconds = links / (DESCRIBES * SHARE)
    said = f"links: {links}; a sweep takes {seconds:.0f} s"
    said += f" at {SHARE:.0%} of AWS's {DESCRIBES:.0f} reads a second"
    if seconds > SWEEP_EVERY:
        return doubt("quota", route.id, said, "sweep less often, or split the fleet over accounts or regions")
    return good("quota", route.id, said)


def chain_checks(reader: Reader, route: Route) -> Iterator[Check]:
    """The journal of every link of the route, entry by entry."""
    links, read, broken = list(reader.ledger.route_links(route.id)), 0, 0
    for done, link in enumerate(links):
        reader.progress(done, len(links))
        verdict = verify(link, reader.ledger.journal(link.key))
        read += verdict.checked
        if verdict.problems:
            broken += 1
            way_out = f"somebody changed the ledger: policy-mirror history {link.key} --verify"
            yield bad("journal", str(link.key), verdict.problems[0], way_out)
    if not broken:
        yield good("journal", route.id, f"entries: {read}, of links: {len(links)}; all as they were written")
