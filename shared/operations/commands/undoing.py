"""``restore``: a document of before, put back by the engine itself."""

from __future__ import annotations

from msgspec.structs import replace

from shared.errors import BadInput
from shared.operations.commands.journal import entry_at
from shared.operations.commands.links import amend, key_of
from shared.operations.commands.registry import Answer
from shared.operations.commands.schema.undoing import Restore as Asked
from shared.operations.commands.settling import looked
from shared.operations.mirror import Mirror
from shared.routes.route import Route
from shared.sync.job import Job
from shared.sync.link import Entry, Link, LinkKey, Restore, State
from shared.sync.ports import Document, Found
from shared.sync.restoring import fingerprint, restored
from shared.translation.azure_put import put_body
from shared.translation.side import Side
from shared.translation.translators import reading_of


def restore(mirror: Mirror, asked: Asked) -> Answer:
    """Noted in the ledger first; then a look carries it out, here or by the function that may write there."""
    route, key = mirror.route(asked.route), key_of(mirror, asked.route, asked.name)
    entry = entry_at(mirror, key, asked.rev)
    side, document = _before(entry)
    _require_writable(route, side)
    found = mirror.clouds(route)[side].read(key.name)
    wanted = Restore(side, document, entry.seq, fingerprint(side, found))
    _require_whole(Job(key, route, mirror.worker), wanted)
    _require_change(wanted, found, key)

    def wanting(link: Link | None) -> Link:
        if link is None or link.state is State.UNLINKED:
            raise BadInput(f"link {key}: it is not mirrored; adopt it first")
        return replace(link, restore=wanted, pending=link.pending | {side})

    amend(mirror, key, "restore", wanting, rev=entry.seq, side=str(side))
    return {"link": str(key), "side": str(side), **looked(mirror, key)}


def _before(entry: Entry) -> tuple[Side, Document]:
    if entry.side is None or entry.before is None:
        raise BadInput(
            f"link {entry.key}: entry {entry.seq} has no document of before; history marks those that are"
            " restorable"
        )
    return entry.side, entry.before


def _require_writable(route: Route, side: Side) -> None:
    if side not in route.targets:
        why = f"has mode: {route.mode} and never writes {side.cloud}"
        raise BadInput(f"route {route.id} {why}; change it there")


def _require_change(wanted: Restore, found: Found | None, key: LinkKey) -> None:
    if found is None:
        return
    now, then = found.document, restored(wanted, found)
    same = put_body(now) == put_body(then) if wanted.side is Side.AZURE else now == then
    if same:
        raise BadInput(f"link {key}: {wanted.side.cloud} looks just as it did before entry {wanted.entry}")


def _require_whole(job: Job, wanted: Restore) -> None:
    """A PUT replaces all: a list whose values Azure did not tell would be emptied."""
    hidden = [
        hold.path
        for hold in reading_of(wanted.side, wanted.document, job.pairing).holds
        if hold.code.startswith("values-hidden")
    ]
    if hidden:
        raise BadInput(
            f"link {job.key}: Azure did not tell the values of {hidden[0][:100]}: they cannot be put back"
        )
