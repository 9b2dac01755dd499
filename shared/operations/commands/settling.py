"""Commands that mirror now, or settle what waits for a person: by the same look as every event's."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from shared.errors import BadInput
from shared.operations.commands import looking
from shared.operations.commands.links import amend, key_of
from shared.operations.commands.registry import Answer
from shared.operations.commands.schema.fields import Exit, OneLink
from shared.operations.commands.schema.looking import Plan
from shared.operations.commands.schema.settling import Approve, Resolve, Sweep, Sync
from shared.operations.mirror import Mirror
from shared.operations.requests import Ignored, Reconcile
from shared.operations.requests import Sweep as SweepRequest
from shared.operations.summary import line
from shared.sync.job import Kind, Outcome

_EXITS = {
    Kind.ERROR: Exit.FAILED,
    Kind.HELD: Exit.WAITS,
    Kind.CONFLICT: Exit.WAITS,
    Kind.PENDING: Exit.UNFINISHED,
    Kind.BUSY: Exit.UNFINISHED,
}
_WORST = (Exit.FAILED, Exit.UNFINISHED, Exit.WAITS, Exit.DONE)


def sync(mirror: Mirror, asked: Sync) -> Answer:
    return _looked(mirror, asked)


def sweep(mirror: Mirror, asked: Sweep) -> Answer:
    return _answer(mirror.perform(SweepRequest(asked.route)))


def resolve(mirror: Mirror, asked: Resolve) -> Answer:
    take = asked.take if asked.take == "strictest" else f"prefer-{asked.take}"
    amend(mirror, asked.route, asked.name, lambda link: replace(link, resolution=take))
    return _looked(mirror, asked)


def approve(mirror: Mirror, asked: Approve) -> Answer:
    planned = looking.plan(mirror.reader(), Plan(route=asked.route, name=asked.name))
    if planned["plan"] != asked.plan:
        raise BadInput(f"link {asked.route}/{asked.name}: the plan is now {planned['plan']}: review that one")
    amend(mirror, asked.route, asked.name, lambda link: replace(link, approved=asked.plan))
    return _looked(mirror, asked)


def _looked(mirror: Mirror, asked: OneLink) -> Answer:
    return _answer(mirror.perform(Reconcile(*key_of(mirror, asked.route, asked.name))))


def _answer(outcomes: Iterable[Outcome | Ignored]) -> Answer:
    seen = [outcome for outcome in outcomes if isinstance(outcome, Outcome)]
    ends = {_EXITS.get(outcome.kind, Exit.DONE) for outcome in seen} | {Exit.DONE}
    return {
        "exit_code": int(next(end for end in _WORST if end in ends)),
        "outcomes": [line(outcome) for outcome in seen],
    }
