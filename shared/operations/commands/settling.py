"""Commands that mirror now, or settle what waits for a person: by the same look as every event's."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from msgspec.structs import replace

from shared.errors import BadInput
from shared.operations.commands.links import amend, key_of, known
from shared.operations.commands.planning import route_plan
from shared.operations.commands.registry import Answer
from shared.operations.commands.schema.fields import Exit
from shared.operations.commands.schema.settling import Adopt, Approve, Resolve, Sweep, Sync, Unlink
from shared.operations.commands.values import Value, meant
from shared.operations.mirror import Mirror
from shared.operations.rehearsal import Rehearsal
from shared.operations.requests import NO_CAUSE, Cause, Ignored, Reconcile
from shared.operations.requests import Sweep as SweepRequest
from shared.operations.summary import line
from shared.policy.atom import Atom
from shared.sync.job import Job, Kind, Outcome
from shared.sync.link import Link, LinkKey, State

_EXITS = {
    Kind.ERROR: Exit.FAILED,
    Kind.HELD: Exit.WAITS,
    Kind.CONFLICT: Exit.WAITS,
    Kind.PENDING: Exit.UNFINISHED,
    Kind.BUSY: Exit.UNFINISHED,
}
_WORST = (Exit.FAILED, Exit.UNFINISHED, Exit.WAITS, Exit.DONE)
_WORDS = {"aws": "prefer-aws", "azure": "prefer-azure", "strictest": "strictest"}


def sync(mirror: Mirror, asked: Sync) -> Answer:
    if asked.name is not None:
        return looked(mirror, key_of(mirror, asked.route, asked.name), asked.plan)
    if asked.plan is None:
        raise BadInput(
            f"sync: route {asked.route}: name a link, or the plan that was reviewed; sweep looks at all"
        )
    planned = route_plan(mirror.reader(), asked.route, asked.after, asked.limit)
    if planned["plan"] != asked.plan:
        raise BadInput(f"route {asked.route}: its plan is now {planned['plan']}: review that one")
    reviewed = [(link["link"], link["plan"]) for link in planned["links"] if link.get("writes")]
    keys = [LinkKey(asked.route, link.partition("/")[2]) for link, _ in reviewed]
    plans = [digest for _, digest in reviewed]
    outcomes = [mirror.reconcile(key, reviewed=plan) for key, plan in zip(keys, plans, strict=True)]
    return {**answer_of(outcomes), "next": planned["next"]}


def sweep(mirror: Mirror, asked: Sweep) -> Answer:
    """``queued``: how many links to look at, and sweeps to go on with, went to the platform's queue."""
    later, queued = mirror.enqueue, 0

    def enqueue(asked: Sequence[LinkKey | SweepRequest], delay: float, cause: Cause = NO_CAUSE) -> None:
        nonlocal queued
        assert later is not None
        later(asked, delay, cause)
        queued += len(asked)

    swept = answer_of(mirror.perform(SweepRequest(asked.route), None if later is None else enqueue))
    return swept | {"queued": queued}


def resolve(mirror: Mirror, asked: Resolve) -> Answer:
    key = key_of(mirror, asked.route, asked.name)
    known(mirror.ledger.link(key), key)
    take = asked.take
    if isinstance(take, str) and asked.signal is None:
        word = _WORDS[take]
        amend(mirror, key, "resolve", lambda link: replace(known(link, key), resolution=word), take=take)
        return _settled(mirror, key, asked.plan)
    signal = _signal(mirror, key, asked.signal)
    settled = _WORDS[take] if isinstance(take, str) else _rule(mirror, key, signal, take)
    amend(
        mirror,
        key,
        "resolve",
        lambda link: _settling(known(link, key), signal, settled),
        take=take,
        signal=signal,
    )
    return _settled(mirror, key, asked.plan)


def _settled(mirror: Mirror, key: LinkKey, plan: str | None) -> Answer:
    """Looks at the link; a settlement that was reviewed for another plan is taken back."""
    answer = looked(mirror, key, plan)
    if any(outcome["code"] == "plan-changed" for outcome in answer["outcomes"]):
        amend(
            mirror,
            key,
            "take-back",
            lambda link: replace(known(link, key), resolution=None, settled={}),
            plan=plan,
        )
    return answer


def _settling(link: Link, signal: str, settled: str | Atom) -> Link:
    return replace(link, settled={**link.settled, signal: settled})


def _signal(mirror: Mirror, key: LinkKey, asked: str | None) -> str:
    """The rule that is meant: the named one, or the only one in conflict."""
    _, plan = Rehearsal(mirror.reader(), mirror.route(key.route)).see(key)
    open_ = [signal for signal, merge in plan.merges.items() if merge.open_fields]
    if asked is None and len(open_) == 1:
        return open_[0]
    if asked in open_ and asked is not None:
        return asked
    there = ", ".join(open_[:20]) or "none"
    raise BadInput(f"link {key}: say which rule with signal; in conflict now: {there}")


def _rule(mirror: Mirror, key: LinkKey, signal: str, value: Value) -> Atom:
    pairing = Job(key, mirror.route(key.route), mirror.worker).pairing
    return meant(value, pairing.pairs[signal], pairing)


def approve(mirror: Mirror, asked: Approve) -> Answer:
    key = key_of(mirror, asked.route, asked.name)
    _, plan = Rehearsal(mirror.reader(), mirror.route(key.route)).see(key)
    if plan.digest != asked.plan:
        raise BadInput(f"link {key}: the plan is now {plan.digest}: review that one")
    amend(
        mirror, key, "approve", lambda link: replace(known(link, key), approved=asked.plan), plan=asked.plan
    )
    return looked(mirror, key)


def adopt(mirror: Mirror, asked: Adopt) -> Answer:
    route, key = mirror.route(asked.route), key_of(mirror, asked.route, asked.name)
    if route.mode == "observe":
        raise BadInput(f"route {route.id} has mode: observe and writes nothing; give it another mode first")
    word = None if asked.take is None else _WORDS[asked.take]

    def adopted(link: Link | None) -> Link:
        link = link or Link(key)
        if link.state is State.BOUND:
            raise BadInput(f"link {key}: it is mirrored already")
        state = State.NEW if link.state is State.UNLINKED else link.state
        return replace(link, state=state, adopted=True, resolution=word, findings=())

    amend(mirror, key, "adopt", adopted, take=asked.take)
    return looked(mirror, key)


def unlink(mirror: Mirror, asked: Unlink) -> Answer:
    key = key_of(mirror, asked.route, asked.name)

    def apart(link: Link | None) -> Link:
        """What is kept: the journal, the guards' counts, and what a late write of ours may still do."""
        link = link or Link(key)
        return Link(
            key,
            rev=link.rev,
            state=State.UNLINKED,
            token=link.token,
            attempts=link.attempts,
            writes=link.writes,
            entries=link.entries,
            head=link.head,
            lapsing=link.entries if link.state is State.TOMBSTONE else link.lapsing,
            updated_at=mirror.clock(),
        )

    amend(mirror, key, "unlink", apart)
    return {"link": str(key), "state": str(State.UNLINKED)}


def looked(mirror: Mirror, key: LinkKey, reviewed: str | None = None) -> Answer:
    if reviewed is not None:
        return answer_of([mirror.reconcile(key, reviewed=reviewed)])
    return answer_of(mirror.perform(Reconcile(*key)))


def answer_of(outcomes: Iterable[Outcome | Ignored]) -> Answer:
    seen = [outcome for outcome in outcomes if isinstance(outcome, Outcome)]
    ends = {_EXITS.get(outcome.kind, Exit.DONE) for outcome in seen} | {Exit.DONE}
    return {
        "exit_code": int(next(end for end in _WORST if end in ends)),
        "outcomes": [line(outcome) for outcome in seen],
    }
