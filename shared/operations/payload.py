"""Reading what a trigger delivers. Nobody vouches for it: every member is checked where it is read.

Errors name the member, its size and its limit, and never repeat what it says.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from shared.errors import BadDocument, BadEvent
from shared.operations.requests import NO_CAUSE, Cause, Command, Reconcile, Sweep
from shared.telemetry import trace_of
from shared.translation.json_text import loads

if TYPE_CHECKING:  # the engine loads with the first event that concerns it
    from shared.sync.link import LinkKey
    from shared.sync.ports import Touch

MAX_TEXT = 256
MAX_ID = 2048
"""Characters of an Azure resource id or URL."""

MAX_TRIES = 1000
"""A larger count is none of ours."""

_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")  # Unicode's Cc, Zl, Zp and Cs


def json_of(data: str | bytes, path: str) -> Any:
    try:
        return loads(data)
    except BadDocument as error:
        raise BadEvent(f"{path}: {error}") from None


def text(value: Any, path: str, limit: int = MAX_TEXT) -> str:
    """A text of at least one character, none of which is a control character or half a character."""
    if not isinstance(value, str) or not value:
        raise BadEvent(f"{path}: a text is wanted, not {kind_of(value)}")
    if len(value) > limit:
        raise BadEvent(f"{path}: {len(value)} characters; at most {limit} are read")
    if _CONTROL.search(value):
        raise BadEvent(f"{path}: it has a control character")
    return value


def optional_text(value: Any, path: str, limit: int = MAX_TEXT) -> str | None:
    return None if value is None or value == "" else text(value, path, limit)


def object_of(value: Any, path: str) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise BadEvent(f"{path}: an object is wanted, not {kind_of(value)}")
    return value


def optional_object(value: Any, path: str) -> Mapping[str, Any]:
    return {} if value is None else object_of(value, path)


def instant(value: str | None) -> str | None:
    """ISO 8601 in UTC to the millisecond. None for what is no time: it only serves the log."""
    try:
        time = datetime.fromisoformat(value or "")
        utc = time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)
    except (OverflowError, ValueError):
        return None
    return f"{utc.replace(tzinfo=None).isoformat(timespec='milliseconds')}Z"


def seconds(instant: str | None) -> float | None:
    """Since the epoch, of what :func:`instant` gave."""
    return None if instant is None else datetime.fromisoformat(instant).timestamp()


def plain_request(payload: Mapping[str, Any]) -> Command | Sweep | Reconcile | None:
    """What is asked for in our own words, whichever cloud carries them; None where it is an event of a cloud.

    ``{"command": NAME, ...arguments}``, ``{"sweep": true | ROUTE}``, ``{"route": ROUTE, "name": NAME}``; the
    last two also with what :func:`message` adds to them.
    """
    if "command" in payload:
        return _command(payload)
    if "sweep" in payload:
        return _sweep(payload)
    if "route" in payload and "name" in payload:
        name = text(payload["name"], "name")
        return Reconcile(text(payload["route"], "route"), name, _cause(name, payload.get("cause")))
    return None


def message(asked: LinkKey | Sweep, cause: Cause = NO_CAUSE) -> str:
    """The queue's message that asks for one link, or for a sweep of one route."""
    if isinstance(asked, Sweep):
        rest = {"after": asked.after, "tries": asked.tries or None, "asked": asked.asked}
        return json.dumps({"sweep": asked.route, **_said(rest)})
    foreign = cause.foreign
    told = _said(
        {
            "trace": cause.trace or None,
            "at": cause.at,
            "foreign": foreign and {"at": foreign.at, "request": foreign.request},
            "swept": cause.swept or None,
        }
    )
    return json.dumps({"route": asked.route, "name": asked.name, **({"cause": told} if told else {})})


def _said(members: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in members.items() if value is not None}


def _sweep(payload: Mapping[str, Any]) -> Sweep:
    """What else it says than a route only tells from where to go on, and has to agree with the ledger."""
    route, after, tries = payload["sweep"], payload.get("after"), payload.get("tries")
    if route is True:
        return Sweep()
    return Sweep(
        text(route, "sweep"),
        after if after is None or after == "" else text(after, "after"),
        tries if type(tries) is int and 0 <= tries < MAX_TRIES else 0,
        _moment(payload.get("asked")),
    )


def _cause(name: str, value: Any) -> Cause:
    """It serves log, journal and race detector only: what is no time there is none."""
    told = optional_object(value, "cause")
    foreign = optional_object(told.get("foreign"), "cause.foreign")
    at, touched = _moment(told.get("at")), _moment(foreign.get("at"))
    request = optional_text(foreign.get("request"), "cause.foreign.request")
    return Cause(
        trace_of(optional_text(told.get("trace"), "cause.trace")),
        at,
        None if touched is None else _touch(name, touched, request),
        told.get("swept") is True,
    )


def _touch(name: str, at: float, request: str | None) -> Touch:
    from shared.sync.ports import Touch

    return Touch(name, at, request)


LAST_SECOND = 253_402_300_799
"""Of the year 9999: nothing later has a date."""


def _moment(value: Any) -> float | None:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return float(value) if number and 0 <= value <= LAST_SECOND else None


def _command(payload: Mapping[str, Any]) -> Command:
    """Text arguments are checked like any text; what each command takes is checked where it runs.
    ``identity``: who sends it, in their own words."""
    arguments = {
        text(name, "an argument's name"): optional_text(value, name) or ""
        if isinstance(value, str)
        else value
        for name, value in payload.items()
        if name not in {"command", "identity"}
    }
    identity = optional_text(payload.get("identity"), "identity") or ""
    return Command(text(payload["command"], "command"), arguments, identity)


def kind_of(value: Any) -> str:
    """How a message speaks of a value that it does not repeat."""
    match value:
        case None | "":
            return "nothing"
        case bool():
            return "true or false"
        case int() | float():
            return "a number"
        case str():
            return "a text"
        case dict():
            return "an object"
        case list():
            return "a list"
        case _:
            return "something that is no JSON"
