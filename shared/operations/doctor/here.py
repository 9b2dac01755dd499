"""What a function can tell of itself, asked from a console: it may not look at how either cloud is set up."""

from __future__ import annotations

from collections.abc import Iterator

from shared.operations.doctor.aws import credentials
from shared.operations.doctor.check import Check, Grade, doubt, good, looked_at
from shared.operations.doctor.setups import Here
from shared.operations.reader import Reader
from shared.routes.route import Route
from shared.translation.side import Side


def here_checks(reader: Reader, here: Here) -> Iterator[Check]:
    """Once, whatever the routes."""
    worker, routes = reader.worker.name, reader.routes
    told = f"{len(routes.routes)} of {here.routes}, digest {routes.digest()[:12]}"
    yield good("routes", worker, told)
    yield from looked_at("queues", worker, lambda: _queues(worker, here))
    yield _elsewhere(worker, here)


def identity_checks(route: Route, here: Here) -> Iterator[Check]:
    scope = route.scope(Side.AWS)
    yield from looked_at("aws-credentials", scope, lambda: credentials(route, here.identity(route)))


def _queues(worker: str, here: Here) -> Iterator[Check]:
    if here.waiting is None:
        return
    waiting = here.waiting()
    if waiting:
        told = ", ".join(f"{number} in {queue}" for queue, number in sorted(waiting.items()))
        yield good("queues", worker, f"messages that wait: {told}")
    else:
        said = "it has no queue: what is busy is only looked at again by the next sweep"
        yield doubt("queues", worker, said, "set POLICY_MIRROR_QUEUE_URL, as template.yaml does")


def _elsewhere(worker: str, here: Here) -> Check:
    said = (
        "a function may not see rights, CloudTrail, the event rule and subscription, resource providers, and "
        "the hub's security solution"
    )
    way_out = (
        "in a terminal that is signed in to both clouds, with the routes.yaml of this function: "
        f"policy-mirror doctor --ledger {here.ledger}"
    )
    return Check("setup", worker, Grade.UNKNOWN, said, way_out)
