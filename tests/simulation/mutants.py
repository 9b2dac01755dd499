"""Weakened engines. A simulator that does not catch each of them proves nothing about the real one.

The first five are other designs (:mod:`tests.simulation.designs`); the others are the real engine with one of
its precautions taken away. ``breaks`` names the invariants of the protocol's section 8 that a mutant must be
seen to break: together, all of them.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass
from typing import Any

from msgspec.structs import replace

from shared.errors import CloudError, RevisionConflict
from shared.sync import effects as do
from shared.sync.effects import Effect, Program
from shared.sync.job import Job, Kind, Outcome
from shared.sync.link import Entry, Link, Shadow
from shared.sync.ports import Found
from shared.sync.reconcile import reconcile
from shared.translation.side import Side
from shared.translation.translators import reading_of
from tests.simulation import designs
from tests.simulation.buses import OUTSIDE
from tests.simulation.facts import RANGES, Document, statement
from tests.simulation.tampering import Request, tampered
from tests.simulation.world import Engine


@dataclass(frozen=True, slots=True)
class Mutant:
    """``profile``: where it shows soonest. ``engine`` makes one with its own memory, for each run."""

    name: str
    profile: str
    engine: Callable[[], Engine]
    breaks: tuple[int, ...]


def _telling(change: Callable[[Link], Link]) -> Callable[[], Engine]:
    """The real engine, told another record than the ledger holds."""

    def perform(effect: Effect) -> Generator[Request, Any, Any]:
        answer = yield effect
        return change(answer) if isinstance(effect, do.LoadLink) and answer is not None else answer

    return lambda: lambda job: tampered(reconcile(job), perform)


def _shown(side: Side, change: Callable[[Document], Document]) -> Callable[[], Engine]:
    """The real engine, shown other documents than ``side`` has."""

    def perform(effect: Effect) -> Generator[Request, Any, Any]:
        answer: Found | None = yield effect
        if isinstance(effect, do.Read) and effect.side is side and answer is not None:
            return replace(answer, document=change(answer.document))
        return answer

    return lambda: lambda job: tampered(reconcile(job), perform)


def _ending(change: Callable[[Job, Outcome], Outcome]) -> Callable[[], Engine]:
    """The real engine, with another outcome told."""

    def look(job: Job) -> Program[Outcome]:
        return change(job, (yield from reconcile(job)))

    return lambda: look


def _one_base(link: Link) -> Link:
    base = link.shadows.get(Side.AWS)
    return link if base is None else replace(link, shadows={Side.AWS: base, Side.AZURE: base})


def _seen_before(link: Link) -> Link:
    return replace(link, missing=dict.fromkeys(Side, 0.0))


def no_lease() -> Engine:
    """Nobody waits for anybody: leases are not seen, and records move whoever moved them before."""

    def perform(effect: Effect) -> Generator[Request, Any, Any]:
        if isinstance(effect, do.SaveLink):
            current = yield do.LoadLink(effect.link.key)
            rev, lease = (current.rev if current else 0) + 1, current.lease if current else None
            entries = current.entries if current else 0
            moved = tuple(replace(e, seq=entries + 1 + i) for i, e in enumerate(effect.entries))
            link = replace(effect.link, rev=rev, entries=entries + len(moved), lease=lease)
            yield do.SaveLink(replace(link, lease=None), moved)
            return None
        answer = yield effect
        if isinstance(effect, do.LoadLink) and answer is not None:
            return replace(answer, lease=None)
        return answer

    return lambda job: tampered(reconcile(job), perform)


def journal_after_write() -> Engine:
    """The intent is kept in mind, and written with the commit."""

    def look(job: Job) -> Program[Outcome]:
        kept: list[Entry] = []
        behind = 0

        def perform(effect: Effect) -> Generator[Request, Any, Any]:
            nonlocal behind
            if isinstance(effect, do.SaveLink) and effect.link.intent is not None and effect.entries:
                kept.extend(effect.entries)
                behind += 1
                return None
            if isinstance(effect, do.SaveLink):
                saved = do.SaveLink(
                    replace(effect.link, rev=effect.link.rev - behind), (*kept, *effect.entries)
                )
                kept.clear()
                return (yield saved)
            return (yield effect)

        return (yield from tampered(reconcile(job), perform))

    return look


def no_second_look() -> Engine:
    """Azure is written without being read once more."""

    def look(job: Job) -> Program[Outcome]:
        last: list[Any] = []
        declared = False

        def perform(effect: Effect) -> Generator[Request, Any, Any]:
            nonlocal declared
            reads = isinstance(effect, do.Read) and effect.side is Side.AZURE
            if reads and declared:
                return last[-1]
            declared = declared or (isinstance(effect, do.SaveLink) and bool(effect.entries))
            answer = yield effect
            if reads:
                last.append(answer)
            return answer

        return (yield from tampered(reconcile(job), perform))

    return look


def _in_force(document: Mapping[str, Any]) -> Document:
    """What Azure fills in by itself, as a rule in force."""
    rules = [{**rule, "isEnabled": True} for rule in document["properties"]["timeWindowRules"]]
    return {**document, "properties": {**document["properties"], "timeWindowRules": rules}}


def _first_limits(document: Document) -> Document:
    """Of two limits that a profile states, the first."""
    seen: set[tuple[str, str]] = set()
    kept: list[Document] = []
    stated = [b for signal in RANGES for b in statement(Side.AWS, document, signal)]
    for behavior in document.get("behaviors") or ():
        operator = behavior["criteria"].get("comparisonOperator", "")
        limit = (behavior["metric"], operator.partition("-")[0])
        if behavior not in stated or limit not in seen:
            kept.append(behavior)
        seen.add(limit)
    return {**document, "behaviors": kept}


def shared_rules_only() -> Engine:
    """A PUT of nothing but the rules that both clouds know."""

    def perform(effect: Effect) -> Generator[Request, Any, Any]:
        if isinstance(effect, do.Update) and effect.side is Side.AZURE:
            known = {signal.rule_type for signal in RANGES}
            rules = [r for r in effect.document["properties"]["timeWindowRules"] if r["ruleType"] in known]
            properties = {**effect.document["properties"], "timeWindowRules": rules}
            return (yield replace(effect, document={**effect.document, "properties": properties}))
        return (yield effect)

    return lambda job: tampered(reconcile(job), perform)


def aws_wins() -> Engine:
    """Conflicts are settled in silence, whatever the route says."""

    def settled(job: Job) -> Job:
        return replace(job, route=replace(job.route, conflict="prefer-aws"))

    return lambda job: reconcile(settled(job))


def deletes_what_was_edited() -> Engine:
    """A policy that is gone on one side is deleted on the other, edited or not."""

    def look(job: Job) -> Program[Outcome]:
        kept: dict[Side, Shadow] = {}

        def perform(effect: Effect) -> Generator[Request, Any, Any]:
            if isinstance(effect, do.SaveLink) and effect.link.lease is not None and kept:
                return (yield replace(effect, link=replace(effect.link, shadows=dict(kept))))
            if not isinstance(effect, do.LoadLink):
                return (yield effect)
            found: dict[Side, Found | None] = {}
            for side in Side:
                found[side] = yield do.Read(side, job.key.name)
            link: Link | None = yield effect
            there = {side: each for side, each in found.items() if each is not None}
            if link is None or len(there) != 1:
                return link
            kept.update(link.shadows)
            shown = {side: Shadow(dict(_atoms(job, side, each))) for side, each in there.items()}
            return replace(link, shadows={**link.shadows, **shown})

        return (yield from tampered(reconcile(job), perform))

    return look


def _atoms(job: Job, side: Side, found: Found) -> Mapping[str, Any]:
    return reading_of(side, found.document, job.pairing).atoms


def no_buckets() -> Engine:
    """Deletions are not counted."""

    def perform(effect: Effect) -> Generator[Request, Any, Any]:
        return None if isinstance(effect, do.SaveScope) else (yield effect)

    return lambda job: tampered(reconcile(job), perform)


def believes_any_silence() -> Engine:
    """Whoever gives no document has none, and nobody asks how many there should be."""

    def perform(effect: Effect) -> Generator[Request, Any, Any]:
        try:
            answer = yield effect
        except RevisionConflict:
            raise
        except CloudError:
            if isinstance(effect, do.Read):
                return None
            if isinstance(effect, do.Census):
                return {}
            raise
        return 0 if isinstance(effect, do.CountLinks) else answer

    return lambda job: tampered(reconcile(job), perform)


def ignores_the_canary() -> Engine:
    """Whether the canary sings is not asked."""
    return lambda job: reconcile(replace(job, route=replace(job.route, canary=None)))


def beyond_the_route() -> Engine:
    """Whatever there is, is mirrored."""

    def look(job: Job) -> Program[Outcome]:
        if Side.AZURE in job.worker.may_write:
            yield do.Create(Side.AZURE, OUTSIDE, {"properties": {}})
        return (yield from reconcile(job))

    return lambda job: tampered(look(job), _as_it_is)


def _as_it_is(effect: Effect) -> Generator[Request, Any, Any]:
    return (yield effect)


def tells_documents() -> Engine:
    def look(job: Job) -> Program[Outcome]:
        found = yield from do.read(Side.AWS, job.key.name)
        outcome = yield from reconcile(job)
        return outcome if found is None else replace(outcome, reason=str(found.document))

    return look


def _failed(job: Job, outcome: Outcome) -> Outcome:
    return replace(outcome, kind=Kind.ERROR) if outcome.kind is Kind.BUSY else outcome


MUTANTS = (
    Mutant("naive copy", "calm", designs.naive_copy, (1, 3, 4)),
    Mutant("drop own-principal events", "races", designs.drop_own_events, (1,)),
    Mutant("equality check", "races", designs.equality_check, (1,)),
    Mutant("time window", "races", designs.time_window, (1, 2)),
    Mutant("last-written hash", "races", designs.last_written_hash, (1,)),
    Mutant("single common base", "servers", _telling(_one_base), (1,)),
    Mutant("no lease", "clocks", no_lease, (9,)),
    Mutant("journal after write", "calm", journal_after_write, (10,)),
    Mutant("no second look before a PUT", "races", no_second_look, ()),
    Mutant("absence after one look", "outages", _telling(_seen_before), (7,)),
    Mutant("defaults in the shared view", "calm", _shown(Side.AZURE, _in_force), (5,)),
    Mutant("forgets unanswered writes", "everything", _telling(lambda link: replace(link, attempts=())), ()),
    Mutant("first of two limits", "events", _shown(Side.AWS, _first_limits), (6,)),
    Mutant("PUT of shared rules only", "calm", shared_rules_only, (5,)),
    Mutant("AWS wins in silence", "races", aws_wins, (6, 11)),
    Mutant("deletes what was edited", "outages", deletes_what_was_edited, (1,)),
    Mutant("deletes without counting", "calm", no_buckets, (7,)),
    Mutant("believes any silence", "outages", believes_any_silence, (7, 14)),
    Mutant("ignores the canary", "canary", ignores_the_canary, (7, 14)),
    Mutant("beyond the route", "calm", beyond_the_route, (8,)),
    Mutant("tells documents", "calm", tells_documents, (12,)),
    Mutant("busy is a failure", "races", _ending(_failed), (13,)),
)
