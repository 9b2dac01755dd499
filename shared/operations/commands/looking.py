"""Commands that look: they are given ports that cannot write."""

from __future__ import annotations

from shared.operations.commands.links import key_of
from shared.operations.commands.registry import Answer
from shared.operations.commands.schema.looking import Plan, Status
from shared.operations.reader import Reader
from shared.operations.summary import told
from shared.routes.route import Route
from shared.sync.job import Job
from shared.sync.link import Link
from shared.sync.observation import observation
from shared.sync.plan import make_plan
from shared.translation.side import Side


def status(reader: Reader, asked: Status) -> Answer:
    routes = reader.routes.routes if asked.route is None else [reader.route(asked.route)]
    return {"routes": [_route_status(reader, route) for route in routes]}


def _route_status(reader: Reader, route: Route) -> Answer:
    scope = reader.ledger.scope(route.id)
    return {
        "route": route.id,
        "mode": route.mode,
        "frozen": scope.frozen,
        "swept_at": scope.swept_at,
        "routes_agree": len(set(scope.digests.values()) | {reader.routes.digest()}) == 1,
        "links": [_link_status(link) for link in reader.ledger.route_links(route.id)],
    }


def _link_status(link: Link) -> Answer:
    return {
        "name": link.key.name,
        "state": str(link.state),
        "pending": sorted(link.pending),
        "findings": [{"kind": finding.kind, **told(finding)} for finding in link.findings],
        "updated_at": link.updated_at,
    }


def plan(reader: Reader, asked: Plan) -> Answer:
    route, key = reader.route(asked.route), key_of(reader, asked.route, asked.name)
    clouds = reader.clouds(route)
    job = Job(key, route, reader.worker)
    found = {side: clouds[side].read(key.name) for side in Side}
    seen = observation(job, reader.ledger.link(key), found)
    made = make_plan(job, seen)
    return {
        "link": str(key),
        "action": str(made.existence.action),
        "plan": made.digest,
        "writes": {str(side): edit.document for side, edit in made.edits.items()},
        "findings": [{"kind": finding.kind, **told(finding)} for finding in made.findings],
        "losses": [loss.to_json() for loss in made.losses],
    }
