"""Commands that people type in a console or a terminal: one schema, one implementation for all three.

Each takes JSON and gives JSON. ``plan`` writes nothing: it runs the pure planner on what it has read.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from shared.errors import BadInput
from shared.operations.mirror import Mirror
from shared.operations.requests import Command, Ignored, Reconcile, Sweep
from shared.operations.summary import line, told
from shared.routes.route import Route
from shared.sync.job import Job, Outcome
from shared.sync.link import Link, LinkKey, State
from shared.sync.observation import observation
from shared.sync.plan import make_plan
from shared.translation.side import Side

RouteId = Annotated[str, Field(min_length=1, max_length=64)]
Name = Annotated[str, Field(min_length=1, max_length=256)]


class _Arguments(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Status(_Arguments):
    """Where every route and its links stand."""

    command: Literal["status"]
    route: RouteId | None = None


class Plan(_Arguments):
    """What a look at one link would do; nothing is written anywhere."""

    command: Literal["plan"]
    route: RouteId
    name: Name


class Sync(_Arguments):
    """Look at one link now."""

    command: Literal["sync"]
    route: RouteId
    name: Name


class SweepNow(_Arguments):
    """Look at every link of one route, or of all."""

    command: Literal["sweep"]
    route: RouteId | None = None


class Resolve(_Arguments):
    """Settle the open conflicts of one link."""

    command: Literal["resolve"]
    route: RouteId
    name: Name
    take: Literal["aws", "azure", "strictest"]


class Approve(_Arguments):
    """Let exactly one reviewed plan loosen rules; a plan that changed since is refused."""

    command: Literal["approve"]
    route: RouteId
    name: Name
    plan: Annotated[str, Field(pattern="^[0-9a-f]{64}$")]


class Release(_Arguments):
    """Let a frozen route write again."""

    command: Literal["release"]
    route: RouteId


AnyCommand = Annotated[
    Status | Plan | Sync | SweepNow | Resolve | Approve | Release, Field(discriminator="command")
]
Answer = dict[str, Any]


def run_command(mirror: Mirror, command: Command) -> Answer:
    """Raises BadInput for an unknown command or argument, naming what there is."""
    arguments = _validated(command)
    return _RUN[arguments.command](mirror, arguments)


@cache
def _schema() -> TypeAdapter[Any]:
    return TypeAdapter(AnyCommand)


def _validated(command: Command) -> Any:
    try:
        return _schema().validate_python({"command": command.name, **command.arguments})
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"] if part != command.name)
        raise BadInput(f"command {command.name[:40]!r}: {where}: {first['msg']}"[:400]) from None


def _status(mirror: Mirror, asked: Status) -> Answer:
    routes = mirror.routes.routes if asked.route is None else [mirror.route(asked.route)]
    return {"routes": [_route_status(mirror, route) for route in routes]}


def _route_status(mirror: Mirror, route: Route) -> Answer:
    scope = mirror.ledger.scope(route.id)
    return {
        "route": route.id,
        "mode": route.mode,
        "frozen": scope.frozen,
        "swept_at": scope.swept_at,
        "routes_agree": len(set(scope.digests.values()) | {mirror.routes.digest()}) == 1,
        "links": [_link_status(link) for link in mirror.ledger.route_links(route.id)],
    }


def _link_status(link: Link) -> Answer:
    return {
        "name": link.key.name,
        "state": str(link.state),
        "pending": sorted(link.pending),
        "findings": [{"kind": finding.kind, **told(finding)} for finding in link.findings],
        "updated_at": link.updated_at,
    }


def _plan(mirror: Mirror, asked: Plan) -> Answer:
    route, key = mirror.route(asked.route), _key(mirror, asked.route, asked.name)
    clouds = mirror.clouds(route)
    job = Job(key, route, mirror.worker)
    found = {side: clouds[side].read(key.name) for side in Side}
    seen = observation(job, mirror.ledger.link(key), found)
    plan = make_plan(job, seen)
    return {
        "link": str(key),
        "action": str(plan.existence.action),
        "plan": plan.digest,
        "writes": {str(side): edit.document for side, edit in plan.edits.items()},
        "findings": [{"kind": finding.kind, **told(finding)} for finding in plan.findings],
        "losses": [loss.to_json() for loss in plan.losses],
    }


def _sync(mirror: Mirror, asked: Sync) -> Answer:
    return _answers(mirror, Reconcile(asked.route, asked.name))


def _sweep(mirror: Mirror, asked: SweepNow) -> Answer:
    return _answers(mirror, Sweep(asked.route))


def _answers(mirror: Mirror, request: Reconcile | Sweep) -> Answer:
    outcomes: list[Outcome | Ignored] = list(mirror.perform(request))
    return {"outcomes": [line(outcome) for outcome in outcomes if isinstance(outcome, Outcome)]}


def _resolve(mirror: Mirror, asked: Resolve) -> Answer:
    take = asked.take if asked.take == "strictest" else f"prefer-{asked.take}"
    _amend(mirror, asked.route, asked.name, lambda link: replace(link, resolution=take))
    return _sync(mirror, Sync(command="sync", route=asked.route, name=asked.name))


def _approve(mirror: Mirror, asked: Approve) -> Answer:
    planned = _plan(mirror, Plan(command="plan", route=asked.route, name=asked.name))
    if planned["plan"] != asked.plan:
        raise BadInput(f"link {asked.route}/{asked.name}: the plan is now {planned['plan']}: review that one")
    _amend(mirror, asked.route, asked.name, lambda link: replace(link, approved=asked.plan))
    return _sync(mirror, Sync(command="sync", route=asked.route, name=asked.name))


def _key(mirror: Mirror, route: str, name: str) -> LinkKey:
    """A route's clouds are never asked for a name that it does not cover, whoever types it."""
    if not mirror.route(route).names.covers(name):
        raise BadInput(f"route {route} does not cover this name; see names in routes.yaml")
    return LinkKey(route, name)


def _amend(mirror: Mirror, route: str, name: str, change: Callable[[Link], Link]) -> None:
    key = _key(mirror, route, name)
    link = mirror.ledger.link(key)
    if link is None or link.state is State.TOMBSTONE:
        raise BadInput(f"link {key}: the ledger does not know it; see the command status")
    mirror.ledger.save(replace(change(link), rev=link.rev + 1))


def _release(mirror: Mirror, asked: Release) -> Answer:
    scope = mirror.ledger.scope(mirror.route(asked.route).id)
    released = replace(scope, rev=scope.rev + 1, frozen=None, frozen_at=None, deletes={}, updates={})
    mirror.ledger.save_scope(released)
    return {"route": asked.route, "was_frozen": scope.frozen}


_RUN: Mapping[str, Callable[[Mirror, Any], Answer]] = {
    "status": _status,
    "plan": _plan,
    "sync": _sync,
    "sweep": _sweep,
    "resolve": _resolve,
    "approve": _approve,
    "release": _release,
}
