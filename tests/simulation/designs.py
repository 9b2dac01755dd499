"""Other designs, as such mirrors are commonly built: what the engine is measured against."""

from __future__ import annotations

from collections.abc import Callable

from shared.errors import MirrorError
from shared.policy.canon import digest
from shared.sync import effects as do
from shared.sync.effects import Program
from shared.sync.job import Job, Kind, Outcome
from shared.translation.native import Memory
from shared.translation.side import Side
from shared.translation.translators import TRANSLATORS, reading_of
from tests.simulation.facts import Document
from tests.simulation.world import Engine


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
