"""``plan``: the engine itself on ports that only read, and what it would have done."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

from shared.errors import MirrorError
from shared.operations.commands.listing import SECONDS_SPARED, Page, error_of, rehearsed
from shared.operations.commands.registry import Answer
from shared.operations.commands.schema.fields import Exit
from shared.operations.commands.schema.looking import Plan
from shared.operations.commands.values import shown
from shared.operations.reader import Reader
from shared.operations.rehearsal import Foreseen, Rehearsal
from shared.operations.summary import line, told
from shared.policy.strictness import classify
from shared.sync.job import Kind
from shared.sync.link import LinkKey
from shared.translation.side import Side

_EXITS = {
    Kind.MIRRORED: Exit.DIFFERS,
    Kind.PENDING: Exit.DIFFERS,
    Kind.HELD: Exit.WAITS,
    Kind.CONFLICT: Exit.WAITS,
    Kind.BUSY: Exit.UNFINISHED,
    Kind.ERROR: Exit.FAILED,
}
_WORST = (Exit.FAILED, Exit.DIFFERS, Exit.WAITS, Exit.UNFINISHED, Exit.DONE)


def plan(reader: Reader, asked: Plan) -> Answer:
    if asked.name is not None:
        ((rehearsal, key),) = rehearsed(reader, asked.route, asked.name, None)
        foreseen = rehearsal.look(key)
        return {"exit_code": int(exit_of(foreseen)), **_whole(foreseen)}
    return route_plan(reader, asked.route, asked.after, asked.limit)


def route_plan(reader: Reader, route: str, after: str | None, limit: int) -> Answer:
    """Of as many links as ``limit``; ``plan`` is the digest of exactly these, ``links`` those at which there
    is something to do."""
    page, ends, counts = Page(), [Exit.DONE], Counter[str]()
    digests: list[tuple[str, str]] = []
    for rehearsal, key in rehearsed(reader, route, None, after):
        if page.looked == limit or (page.looked and reader.time_left() < SECONDS_SPARED):
            page.next = digests[-1][0]
            break
        page.looked += 1
        found, digest, end, event = _one(rehearsal, key)
        digests.append((str(key), digest))
        ends.append(end)
        counts[event] += 1
        if found is not None:
            page.links.append(found)
    return {
        "exit_code": int(next(end for end in _WORST if end in ends)),
        "route": route,
        "plan": digest_of(digests),
        "counts": dict(sorted(counts.items())),
        **page.to_json(),
    }


def digest_of(digests: Iterable[tuple[str, str]]) -> str:
    """Of the plans of several links: equal when each of them is."""
    text = "\n".join(f"{key} {digest}" for key, digest in digests)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def exit_of(foreseen: Foreseen) -> Exit:
    if foreseen.writes or foreseen.plan.writes:
        return Exit.DIFFERS
    return _EXITS.get(foreseen.outcome.kind, Exit.DONE)


def _one(rehearsal: Rehearsal, key: LinkKey) -> tuple[dict[str, Any] | None, str, Exit, str]:
    try:
        foreseen = rehearsal.look(key)
    except MirrorError as error:
        told = {"link": str(key), "error": error_of(error)}
        return told, error.code, Exit.FAILED, str(Kind.ERROR)
    end = exit_of(foreseen)
    short = None if end is Exit.DONE else _short(foreseen)
    return short, foreseen.plan.digest, end, str(foreseen.outcome.kind)


def _short(foreseen: Foreseen) -> dict[str, Any]:
    return {
        "link": str(foreseen.key),
        "action": str(foreseen.plan.existence.action),
        "plan": foreseen.plan.digest,
        "writes": [f"{write.kind} {write.side}" for write in foreseen.writes],
        "outcome": _outcome(foreseen),
    }


def _outcome(foreseen: Foreseen) -> dict[str, Any]:
    """What a look would come to: why nothing would be written, if nothing would."""
    summary = line(foreseen.outcome)
    return {name: summary[name] for name in ("event", "code", "reason", "retry_after")}


def _whole(foreseen: Foreseen) -> dict[str, Any]:
    plan = foreseen.plan
    return {
        "link": str(foreseen.key),
        "action": str(plan.existence.action),
        "plan": plan.digest,
        "writes": {str(side): edit.document for side, edit in plan.edits.items()},
        "deletes": None if plan.deletes is None else str(plan.deletes),
        "changes": list(changes(foreseen)),
        "outcome": _outcome(foreseen),
        "findings": [{"kind": finding.kind, **told(finding)} for finding in plan.findings],
        "losses": [loss.to_json() for loss in plan.losses],
    }


def changes(foreseen: Foreseen) -> Iterator[dict[str, Any]]:
    """What each side shows now and is to show, rule by rule."""
    for signal, merge in foreseen.plan.merges.items():
        for side, before, after in zip(Side, foreseen.seen.now(signal), merge.want, strict=True):
            if before != after:
                yield {
                    "signal": signal,
                    "cloud": str(side),
                    "before": shown(before),
                    "after": shown(after),
                    "change": str(classify(before, after)),
                }
