"""What Azure delivers, read down to a key.

Event Grid's resource events come in two schemas and loose shapes: one event or a list, nested members as JSON
text, empty text or an empty list (its documentation and SDK fixtures, read 2026-09). No captured event of a
device security group was found; for other extension resources the id may be the parent's. So the name is
looked for wherever it may stand, and an event that names only a hub asks for a look at all of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from shared.errors import BadEvent
from shared.operations.payload import (
    MAX_ID,
    instant,
    json_of,
    object_of,
    optional_text,
    plain_request,
    text,
)
from shared.operations.requests import Command, Ignored, Look, Request
from shared.routes.resource_ids import WRITES, GroupId, group_id, path_of
from shared.telemetry import trace_of
from shared.translation.side import Side

MAX_EVENTS = 5000
"""Of one delivery (Event Grid's own limit, 2026)."""

_EVENT = re.compile(r"microsoft\.resources\.resource(?:write|delete|action)(success|failure|cancel)", re.I)
_SHORT = re.compile(r"[!-~]{1,128}")
_GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.I)


def requests_of(payload: Any) -> list[Request]:
    """``payload``: one event or a list of them, or the body of one queue message. Raises BadEvent."""
    events = json_of(payload, "the message") if isinstance(payload, str | bytes) else payload
    if not isinstance(events, list):
        return [_request(object_of(events, "the event"))]
    if len(events) > MAX_EVENTS:
        raise BadEvent(f"the delivery: {len(events)} events; at most {MAX_EVENTS} are read")
    return [_request(object_of(event, f"event {number}")) for number, event in enumerate(events, start=1)]


def command_of(body: str | bytes) -> Command:
    """The command that an HTTP request carries. Raises BadEvent."""
    request = plain_request(object_of(json_of(body, "the body"), "the body"))
    if not isinstance(request, Command):
        raise BadEvent('the body: {"command": NAME, ...} is wanted')
    return request


def _request(event: Mapping[str, Any]) -> Request:
    plain = plain_request(event)
    if plain is not None:
        return plain
    kind = optional_text(event.get("eventType"), "eventType") or optional_text(event.get("type"), "type")
    if kind is None:
        raise BadEvent("the event: it has neither eventType, type, command, sweep, nor route and name")
    known = _EVENT.fullmatch(kind)
    if known is None:
        return Ignored("other-service")
    if known[1].lower() != "success":
        return Ignored("failed-call")
    return _change(event, _object(event.get("data"), "data"))


def _change(event: Mapping[str, Any], data: Mapping[str, Any]) -> Request:
    rights = _hint(data.get("authorization"))
    operation = optional_text(data.get("operationName"), "data.operationName")
    operation = operation or optional_text(rights.get("action"), "data.authorization.action")
    if operation is None or not WRITES.fullmatch(operation):
        return Ignored("not-a-policy")
    ids = [
        ("data.resourceUri", data.get("resourceUri")),
        ("subject", event.get("subject")),
        ("data.authorization.scope", rights.get("scope")),
        ("data.httpRequest.url", path_of(_hint(data.get("httpRequest")).get("url"))),
    ]
    if not any(value for _, value in ids):
        raise BadEvent("data.resourceUri: a resource id is wanted, not nothing")
    place = _best(ids)
    if place is None:
        return Ignored("outside-routes")
    time = event.get("eventTime") or event.get("time")
    return Look(
        Side.AZURE,
        place.hub,
        place.name,
        trace_of(
            _fitting(_GUID, data.get("correlationId")),
            optional_text(event.get("id"), "id"),
        ),
        instant(optional_text(time, "eventTime")),
        _fitting(_SHORT, _hint(data.get("httpRequest")).get("clientRequestId")),
        _fitting(_GUID, _hint(data.get("claims")).get("appid")),
    )


def _fitting(pattern: re.Pattern[str], value: Any) -> str | None:
    """A member that may help, if it is what an id looks like."""
    return value if isinstance(value, str) and pattern.fullmatch(value) else None


def _best(ids: Iterable[tuple[str, Any]]) -> GroupId | None:
    """The first id that leads to a hub decides on the hub; another one may only add a group's name on it."""
    best: GroupId | None = None
    for path, value in ids:
        resource_id = optional_text(value, path, MAX_ID)
        place = _place(resource_id, path) if resource_id else None
        if place is None or (best is not None and best.hub != place.hub):
            continue
        if place.name is not None:
            return place
        best = best or place
    return best


def _place(resource_id: str, path: str) -> GroupId | None:
    try:
        place = group_id(resource_id)
    except ValueError:
        raise BadEvent(f"{path}: its percent-encoding is not UTF-8") from None
    if place is not None:
        text(place.hub, path, MAX_ID)
        optional_text(place.name, f"{path}, the group's name")
    return place


def _object(value: Any, path: str) -> Mapping[str, Any]:
    """An object, or the JSON text of one."""
    return object_of(json_of(value, path) if isinstance(value, str) else value, path)


def _hint(value: Any) -> Mapping[str, Any]:
    """A member that may help: an object or its JSON text; whatever else stands there helps nobody."""
    try:
        return _object(value, "")
    except BadEvent:
        return {}
