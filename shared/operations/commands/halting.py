"""Commands that stop writing, and let it go on."""

from __future__ import annotations

from dataclasses import replace

from shared.operations.commands.registry import Answer
from shared.operations.commands.schema.halting import Release
from shared.operations.mirror import Mirror


def release(mirror: Mirror, asked: Release) -> Answer:
    scope = mirror.ledger.scope(mirror.route(asked.route).id)
    released = replace(scope, rev=scope.rev + 1, frozen=None, frozen_at=None, deletes={}, updates={})
    mirror.ledger.save_scope(released)
    return {"route": asked.route, "was_frozen": scope.frozen}
