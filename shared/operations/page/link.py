"""One policy in full: what it wants, what differs, both documents, what is held, what happened."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from shared.operations.page.attention import button, reasons, remedy
from shared.operations.page.changes import Change
from shared.operations.page.confirm import loss_cells
from shared.operations.page.documents import side_by_side
from shared.operations.page.foresight import foreseen_writes
from shared.operations.page.frame import Frame
from shared.operations.page.holdings import effect_of
from shared.operations.page.html import Child, el
from shared.operations.page.parts import badge, part, table, when
from shared.operations.page.timeline import GetPairing, timeline
from shared.operations.rehearsal import Foreseen
from shared.operations.remedies import Step
from shared.operations.standing import Condition, LinkStanding
from shared.policy.atom import Atom, RangeAtom
from shared.policy.merge import WHOLE, Conflict
from shared.sync.findings import said
from shared.sync.link import Finding
from shared.translation.pairing import Pairing

FIELDS = {"lo": "at least", "hi": "at most", "window": "window in seconds", WHOLE: "the whole rule"}


@dataclass(frozen=True, slots=True)
class Subject:
    """``foreseen``: what both clouds show now; None where ``unseen`` says why they could not be read.
    ``history``: the newest first; ``older``: entries of the journal that were not read."""

    standing: LinkStanding
    foreseen: Foreseen | None
    unseen: str
    history: Sequence[Change]
    older: int
    pairing: GetPairing


def link_page(frame: Frame, subject: Subject) -> Iterator[Child]:
    standing, foreseen = subject.standing, subject.foreseen
    yield _head(frame, subject)
    if standing.todo:
        cards = (remedy(frame, each, reasons(standing, each)) for each in standing.todo)
        yield part(frame, "todo", "What to do", el("div", cards, class_=f"card {standing.level}"))
    if foreseen is not None:
        yield conflicts(frame, foreseen)
        yield _outlook(frame, foreseen, subject.pairing(foreseen.key))
        yield part(frame, "documents", "Both documents", side_by_side(foreseen.seen), lead=_LEAD)
    yield from findings(frame, standing.link.findings, foreseen)
    yield _history(frame, subject)


_LEAD = "As both clouds told them just now. One row is one rule that both can state."


def _head(frame: Frame, subject: Subject) -> Markup:
    link = subject.standing.link
    told = "Both clouds were read just now."
    if subject.foreseen is None:
        told = f"From the ledger only: {subject.unseen}"
    above = el("p", el("a", "Overview", href=frame.url("")), " / ", el("bdi", link.key.route), class_="soft")
    title = "h2" if frame.within else "h1"
    return el(
        "header",
        None if frame.within else above,
        el(title, el("bdi", link.key.name), " ", badge(subject.standing.condition)),
        el("p", told, " Last change ", when(link.updated_at, frame.now), ".", class_="lead"),
        el("p", _buttons(subject, frame), class_="buttons") if frame.person else None,
        class_="subject",
    )


def _buttons(subject: Subject, frame: Frame) -> Iterator[Markup]:
    standing = subject.standing
    where = {"route": standing.key.route, "name": standing.key.name}
    if standing.condition not in (Condition.GONE, Condition.UNLINKED) and not standing.link.paused:
        yield button(frame, Step("Pause", "pause", where), "button quiet")


def conflicts(frame: Frame, foreseen: Foreseen) -> Markup | None:
    """Every field that both sides changed, with what each says and what both said when last in step."""
    lines = [
        _conflict(signal, conflict, foreseen.seen.before(signal).left)
        for signal, merge in foreseen.plan.merges.items()
        for conflict in merge.conflicts
        if not conflict.resolved
    ]
    if not lines:
        return None
    head = ("Rule", "What", "When last in step", "AWS says", "Azure says")
    lead = "Changed on both sides since they were last in step. Only this waits; the rest goes on."
    return part(frame, "conflicts", "In conflict", table("Fields in conflict", head, lines), lead=lead)


def _conflict(signal: str, conflict: Conflict, before: Atom | None) -> Sequence[Child]:
    was = before
    if conflict.field != WHOLE:
        was = getattr(before, conflict.field) if isinstance(before, RangeAtom) else None
    return (
        el("span", signal, class_="signal"),
        FIELDS.get(conflict.field, conflict.field),
        said(was),
        el("strong", said(conflict.left), class_="aws"),
        el("strong", said(conflict.right), class_="azure"),
    )


def _outlook(frame: Frame, foreseen: Foreseen, pairing: Pairing | None) -> Markup:
    """What a look would do now."""
    outcome = foreseen.outcome
    if not foreseen.writes or pairing is None:
        why = f"{outcome.reason}." if outcome.reason else "Nothing differs that may be written."
        return part(frame, "outlook", "A look now would write nothing", el("p", why))
    go = None
    if frame.person is not None:
        where = {"route": foreseen.key.route, "name": foreseen.key.name, "plan": foreseen.plan.digest}
        go = el("p", button(frame, Step("Mirror it now", "sync", where)), class_="buttons")
    return part(frame, "outlook", "A look now would write", foreseen_writes(foreseen, pairing), go)


def findings(frame: Frame, known: Iterable[Finding], foreseen: Foreseen | None) -> Iterator[Markup]:
    """As both clouds show them now, or else as the ledger knows them."""
    told = known if foreseen is None else foreseen.plan.findings
    held = [_held(finding) for finding in told if finding.kind == "hold"]
    if held:
        head = ("Rule or member", "Only on", "Why", "The mirror detects", "Code")
        yield part(
            frame, "held", "Held", table("What is held", head, held), lead="It stays with its own cloud."
        )
    losses = () if foreseen is None else foreseen.plan.losses
    if losses:
        head = ("Member", "Before", "After", "Why", "The mirror detects")
        yield part(frame, "losses", "Lost on the way", table("What is lost", head, map(loss_cells, losses)))


def _held(finding: Finding) -> Sequence[Child]:
    return (
        el("code", finding.path, translate="no"),
        finding.side.cloud if finding.side else "both",
        finding.reason,
        effect_of(finding.code),
        el("code", finding.code, translate="no"),
    )


def _history(frame: Frame, subject: Subject) -> Markup:
    if not subject.history:
        return part(frame, "history", "History", el("p", "Nothing was ever written.", class_="empty"))
    where = {"route": subject.standing.key.route, "name": subject.standing.key.name}
    typed = el("code", Step("", "history", where).typed(), translate="no")
    return part(
        frame,
        "history",
        "History",
        timeline(frame, subject.history, subject.pairing, named=False),
        el("p", f"{subject.older:,} older entries: ", typed) if subject.older > 0 else None,
    )
