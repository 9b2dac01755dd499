"""Weakened engines. A simulator that does not catch each of them proves nothing about the real one.

The first five are other designs, as such mirrors are commonly built; the others are the real engine with one
of its precautions taken away, by tampering with what it asks and what it is told.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from shared.errors import MirrorError
from shared.policy.canon import digest
from shared.sync import effects as do
from shared.sync.effects import Effect, Program
from shared.sync.job import Job, Kind, Outcome
from shared.sync.link import Entry, Link
from shared.sync.reconcile import reconcile
from shared.translation.native import Memory
from shared.translation.side import Side
from shared.translation.translators import TRANSLATORS, reading_of
from tests.simulation.facts import Document
from tests.simulation.world import Engine

Request = Effect | tuple[Effect, ...]


@dataclass(frozen=True, slots=True)
class Mutant:
    """``profile``: where it shows soonest. ``engine`` makes one with its own memory, for each run."""

    name: str
    profile: str
    engine: Callable[[], Engine]


def _copy(job: Job, skip: Callable[[Job, Document], bool], always: bool = False) -> Program[Outcome]:
    """Whatever the side of the event shows is put over the other side."""
    quiet = Outcome(job.key, Kind.NO_OP)
    (target,) = job.worker.may_write
    aws, azure = yield (do.Read(Side.AWS, job.key.name), do.Read(Side.AZURE, job.key.name))
    found = {Side.AWS: aws, Side.AZURE: azure}
    source, there = found[target.other], found[target]
    if (source is not None and skip(job, source.document)) or (source is None and there is None):
        return quiet
    if source is None:
        yield do.Delete(target, job.key.name, there)
        return quiet
    onto = TRANSLATORS[target].blank(job.key.name) if there is None else there.document
    want = reading_of(target.other, source.document, job.pairing).atoms
    edit = TRANSLATORS[target].put(want, onto, job.pairing, Memory(), {})
    if there is None:
        yield do.Create(target, job.key.name, edit.document)
    elif always or edit.document is not onto:
        yield do.Update(target, job.key.name, edit.document, there)
    return quiet


def _caught(program: Program[Outcome], job: Job) -> Program[Outcome]:
    try:
        return (yield from program)
    except MirrorError:
        return Outcome(job.key, Kind.BUSY, retry_after=5.0)


def naive_copy() -> Engine:
    return lambda job: _caught(_copy(job, lambda j, d: False, always=True), job)


def drop_own_events() -> Engine:
    return lambda job: _caught(_copy(job, lambda j, d: j.foreign is None), job)


def equality_check() -> Engine:
    return lambda job: _caught(_copy(job, lambda j, d: False), job)


def time_window() -> Engine:
    """Events within half a minute of an own write are taken for its echo."""
    wrote: dict[str, float] = {}

    def look(job: Job) -> Program[Outcome]:
        time = yield from do.now()
        if time - wrote.get(job.key.name, 0.0) < 30.0:
            return Outcome(job.key, Kind.NO_OP)
        wrote[job.key.name] = time
        return (yield from _caught(_copy(job, lambda j, d: False), job))

    return look


def last_written_hash() -> Engine:
    """What equals the last thing written there is an echo; anything else is copied."""
    last: dict[tuple[Side, str], str] = {}

    def skip(job: Job, document: Document) -> bool:
        (target,) = job.worker.may_write
        shown = digest(reading_of(target.other, document, job.pairing).atoms)
        echo = last.get((target.other, job.key.name)) == shown
        last[target, job.key.name] = shown
        return echo

    return lambda job: _caught(_copy(job, skip), job)


Ask = Callable[[Effect], Generator[Request, Any, Any]]


def _all(effects: tuple[Effect, ...], perform: Ask) -> Generator[Request, Any, list[Any]]:
    if not effects:
        return []
    first = yield from perform(effects[0])
    return [first, *(yield from _all(effects[1:], perform))]


def _tampered(program: Program[Outcome], perform: Ask) -> Program[Outcome]:
    """The program with each of its effects performed by ``perform``, one after the other."""
    try:
        request = next(program)
        while True:
            try:
                effects = request if isinstance(request, tuple) else (request,)
                answers = yield from _all(effects, perform)
            except MirrorError as error:
                request = program.throw(error)
            else:
                request = program.send(tuple(answers) if isinstance(request, tuple) else answers[0])
    except StopIteration as stop:
        outcome: Outcome = stop.value
        return outcome


def _telling(change: Callable[[Link], Link]) -> Callable[[], Engine]:
    """The real engine, told another record than the ledger holds."""

    def perform(effect: Effect) -> Generator[Request, Any, Any]:
        answer = yield effect
        return change(answer) if isinstance(effect, do.LoadLink) and answer is not None else answer

    return lambda: lambda job: _tampered(reconcile(job), perform)


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

    return lambda job: _tampered(reconcile(job), perform)


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

        return (yield from _tampered(reconcile(job), perform))

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

        return (yield from _tampered(reconcile(job), perform))

    return look


def defaults_in_force() -> Engine:
    """What Azure fills in by itself is read as a rule in force."""

    def perform(effect: Effect) -> Generator[Request, Any, Any]:
        answer = yield effect
        if isinstance(effect, do.Read) and effect.side is Side.AZURE and answer is not None:
            return replace(answer, document=_in_force(answer.document))
        return answer

    return lambda job: _tampered(reconcile(job), perform)


def _in_force(document: Mapping[str, Any]) -> Document:
    rules = [{**rule, "isEnabled": True} for rule in document["properties"]["timeWindowRules"]]
    return {**document, "properties": {**document["properties"], "timeWindowRules": rules}}


def forgets_late_writes() -> Engine:
    """A write that was never answered is not expected any more."""
    return _telling(lambda link: replace(link, attempts=()))()


MUTANTS = (
    Mutant("naive copy", "calm", naive_copy),
    Mutant("drop own-principal events", "races", drop_own_events),
    Mutant("equality check", "races", equality_check),
    Mutant("time window", "races", time_window),
    Mutant("last-written hash", "races", last_written_hash),
    Mutant("single common base", "servers", _telling(_one_base)),
    Mutant("no lease", "clocks", no_lease),
    Mutant("journal after write", "calm", journal_after_write),
    Mutant("no second look before a PUT", "races", no_second_look),
    Mutant("absence after one look", "outages", _telling(_seen_before)),
    Mutant("defaults in the shared view", "calm", defaults_in_force),
    Mutant("forgets unanswered writes", "everything", forgets_late_writes),
)
