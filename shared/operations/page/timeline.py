"""What happened, the newest first: who decided or mirrored what, where, and which rules it changed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from markupsafe import Markup

from shared.operations.page import words
from shared.operations.page.changes import Change
from shared.operations.page.frame import Frame
from shared.operations.page.html import Child, el
from shared.operations.page.parts import mark, policy, took
from shared.policy.atom import Atom
from shared.sync.link import Entry, LinkKey
from shared.translation.pairing import Pairing
from shared.translation.side import Side
from shared.translation.translators import TRANSLATORS, reading_of
from shared.translation.words import normal

GetPairing = Callable[[LinkKey], Pairing | None]
"""What a link's route shares; None for a route that is no longer in routes.yaml."""

RULES = 12
"""Rules told of one change."""
ARROWS = {
    (Side.AZURE,): "AWS → Azure",
    (Side.AWS,): "Azure → AWS",
    (Side.AWS, Side.AZURE): "AWS ↔ Azure",
}
_DONE = {"create": "Created on {where}", "delete": "Deleted on {where}"}
_DECISIONS = {
    "adopt": "Adopted",
    "approve": "Approved a plan",
    "committed": "Mirrored",
    "freeze": "Frozen",
    "pause": "Paused",
    "race": "Somebody else wrote in the same moment",
    "release": "Released",
    "resolve": "Settled a conflict",
    "restore": "Restored an earlier state",
    "resume": "Resumed",
    "take-back": "Took back a settlement: the plan had changed",
    "unlink": "Taken apart",
}


def timeline(frame: Frame, changes: Iterable[Change], pairing: GetPairing, *, named: bool = True) -> Markup:
    """``named``: with the policy of each change."""
    items = (_item(frame, change, pairing(change.key), named=named) for change in changes)
    return el("ol", items, class_="timeline")


def _item(frame: Frame, change: Change, pairing: Pairing | None, *, named: bool) -> Markup:
    last = change.last
    about = (
        el("span", "route ", el("bdi", change.key.route))
        if change.key.name == "*"
        else policy(frame, change.key)
    )
    head = el(
        "p",
        el("strong", _what(change)),
        [" ", about] if named else None,
        el("span", " by ", el("bdi", last.actor), class_="soft"),
        el("span", f", {took(change.took)} after the edit", class_="soft")
        if change.took is not None
        else None,
    )
    every = (rule for entry in change.intents if pairing for rule in rules_changed(entry, pairing))
    told = list(dict.fromkeys(every))  # what became the same on both sides is told once
    more = len(told) - RULES
    return el(
        "li",
        el("time", words.moment(change.at), datetime=words.iso(change.at), class_="soft"),
        el(
            "div",
            head,
            el("ul", told[:RULES], class_="rules") if told else None,
            el("p", f"and {more} more rules", class_="soft") if more > 0 else None,
            _remarks(change),
        ),
        class_="mirrored" if change.mirrored else "decided" if change.end else "open",
    )


def _what(change: Change) -> str:
    last = change.last
    if not change.intents:
        return _DECISIONS.get(last.decision, last.decision)
    where = " and ".join(side.cloud for side in change.wrote)
    if change.end is None:
        return f"Was about to write {where}"
    action = str(change.intents[0].detail.get("action"))
    done = _DONE.get(action)
    return done.format(where=where) if done else f"Mirrored {ARROWS.get(change.wrote, where)}"


def _remarks(change: Change) -> Iterator[Child]:
    if change.intents and change.end is None:
        yield el("p", "No end was journalled: it was planned anew, or is under way.", class_="soft")
    detail: Mapping[str, Any] = change.last.detail
    for reason in _texts(detail.get("races")):
        yield el("p", reason, class_="flag")
    for settled in _texts(change.intents[0].detail.get("settled") if change.intents else None):
        yield el("p", f"Settled: {settled}", class_="soft")
    for name in ("reason", "take", "why"):
        if isinstance(detail.get(name), str):
            yield el("p", f"{name}: {detail[name]}", class_="soft")


def _texts(value: Any) -> list[str]:
    return [text for text in value if isinstance(text, str)] if isinstance(value, list | tuple) else []


def rules_changed(entry: Entry, pairing: Pairing) -> Iterator[Markup]:
    """Each shared rule that the write changed: what it was, and what it became."""
    if entry.side is None:
        return
    before, after = (_view(entry.side, image, pairing) for image in (entry.before, entry.after))
    for signal in sorted(before.keys() | after.keys()):
        was, became = before.get(signal), after.get(signal)
        if was != became:
            yield el(
                "li",
                el("span", signal, class_="signal", translate="no"),
                " ",
                _image("del", "was ", was),
                mark(" → "),
                _image("ins", " became ", became),
            )


def _image(tag: str, lead: str, atom: Atom | None) -> Markup:
    """A rule before or after; that there is none is neither red nor green."""
    shown = el("span", lead, class_="unseen")
    return el("span", shown, "no rule", class_="soft") if atom is None else el(tag, shown, normal(atom))


def _view(side: Side, document: dict[str, Any] | None, pairing: Pairing) -> Mapping[str, Atom]:
    return reading_of(side, document or TRANSLATORS[side].blank(""), pairing).atoms
