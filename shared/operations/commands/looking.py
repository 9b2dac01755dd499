"""``status``: where every route and link stands, from the ledger alone."""

from __future__ import annotations

from shared.operations.commands.listing import key_behind, routes_from
from shared.operations.commands.registry import Answer
from shared.operations.commands.schema.looking import Status
from shared.operations.reader import Reader
from shared.operations.standing import standing


def status(reader: Reader, asked: Status) -> Answer:
    """Each route is told whole but for its links, which are told page by page."""
    behind = key_behind(asked.after)
    open_ = {route.id for route in routes_from(reader, asked.route, behind)}
    told = standing(reader.ledger, reader.routes, reader.clock(), asked.route).to_json()
    room, last, next_ = asked.limit, None, None
    for route in told["routes"]:
        after = behind.name if behind is not None and behind.route == route["route"] else ""
        links = [link for link in route["links"] if link["name"] > after and route["route"] in open_]
        route["links"] = links[:room]
        room -= len(route["links"])
        last = f"{route['route']}/{route['links'][-1]['name']}" if route["links"] else last
        next_ = next_ or (last if len(links) > len(route["links"]) else None)
    return {**told, "next": next_}
