"""Commands that stop writing, and let it go on."""

from __future__ import annotations

from msgspec.structs import replace

from shared.operations.commands.links import amend, amend_route, key_of
from shared.operations.commands.registry import Answer
from shared.operations.commands.schema.halting import Freeze, Halting, Pause, Release, Resume
from shared.operations.mirror import Mirror
from shared.sync import guards
from shared.sync.link import Link, LinkKey


def pause(mirror: Mirror, asked: Pause) -> Answer:
    return _set(mirror, asked, paused=True, reason=asked.reason)


def resume(mirror: Mirror, asked: Resume) -> Answer:
    return _set(mirror, asked, paused=False, reason=None)


def _set(mirror: Mirror, asked: Halting, *, paused: bool, reason: str | None) -> Answer:
    decision = "pause" if paused else "resume"
    if asked.route is not None and asked.name is not None:
        key = key_of(mirror, asked.route, asked.name)
        amend(mirror, key, decision, lambda link: _paused(key, link, paused), barge_in=paused, reason=reason)
        return {"link": str(key), "paused": paused}
    routes = [asked.route] if asked.route is not None else [route.id for route in mirror.routes.routes]
    for route in routes:
        amend_route(mirror, route, decision, lambda scope: replace(scope, paused=paused), reason=reason)
    return {"routes": routes, "paused": paused}


def _paused(key: LinkKey, link: Link | None, paused: bool) -> Link:
    """A link that the ledger does not know yet is paused before anybody looks at it."""
    return replace(link or Link(key), paused=paused)


def freeze(mirror: Mirror, asked: Freeze) -> Answer:
    why = f"{asked.reason} ({mirror.actor})"
    was = amend_route(
        mirror,
        asked.route,
        "freeze",
        lambda scope: guards.freeze(scope, why, mirror.clock()),
        reason=asked.reason,
    )
    return {"route": asked.route, "frozen": why, "was_frozen": was.frozen}


def release(mirror: Mirror, asked: Release) -> Answer:
    was = amend_route(
        mirror,
        asked.route,
        "release",
        lambda scope: replace(scope, frozen=None, frozen_at=None, deletes={}, updates={}),
    )
    return {"route": asked.route, "was_frozen": was.frozen}
