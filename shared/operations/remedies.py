"""What a person can do about each thing that waits: one table, for the page, the terminal and the notices.

A step is a command as :func:`shared.operations.commands.run_command` takes it, so what is told can be done as
it stands: typed in a terminal, sent to a console as JSON, or behind a button.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from msgspec import Struct

from shared.sync.link import Finding, LinkKey

_DIGEST = re.compile(r"\b[0-9a-f]{64}\b")


class Step(Struct, frozen=True):
    """One command. ``label`` says in a word or two what taking it means, as a button would."""

    label: str
    command: str
    arguments: Mapping[str, str]

    def typed(self) -> str:
        """As a terminal takes it; names are quoted."""
        from shared.operations.commands.spelling import typed  # the schema: no event needs it

        return typed(self.command, self.arguments)

    def to_json(self) -> dict[str, Any]:
        """``send`` is what a console takes."""
        return {
            "label": self.label,
            "typed": self.typed(),
            "send": {"command": self.command, **self.arguments},
        }


class Remedy(Struct, frozen=True):
    """``what`` waits, as a sentence without its end; ``steps``: the ways out, the safest first, none where it
    passes by itself or has to be mended in a cloud's console."""

    code: str
    what: str
    steps: tuple[Step, ...] = ()

    def to_json(self) -> dict[str, Any]:
        return {"code": self.code, "what": self.what, "steps": [step.to_json() for step in self.steps]}


_WHAT: dict[str, str] = {
    "edited-on-both": "Edited on both sides: choose which one holds",
    "approval-wanted": "It loosens a rule: review the plan, then approve it",
    "import-conflict": "Both clouds had it before, with different rules: choose which one holds",
    "deletion-held": "Deleted on one side and held: restore it there, or delete it on the other side too",
    "deleted-there-edited-here": "Deleted on one side, edited on the other: restore it, or delete the rest",
    "not-restorable": "A deletion could not be undone: delete it by hand if it is meant",
    "one-way": "Edited where the route never writes: undo it there, or make the same edit at the source",
    "refused": "The cloud refused this change: its history has the message",
    "canary": "The canary of the route: put it back where it is missing, then release the route",
    "write-budget": "Too many writes in ten minutes: something rewrites it; look at its history",
    "late-creation": "A late write of ours may have created it: another look will tell",
    "possible-overwrite": "Somebody wrote in the same moment as we did: check that no edit is missing",
    "paused": "Paused by a person: it is not looked at",
    "unlinked": "Taken apart by a person: neither side is mirrored",
}
_UNKNOWN = "A change is kept back, for the reason given"

_STEPS: dict[str, tuple[tuple[str, str, Mapping[str, str]], ...]] = {
    "edited-on-both": (
        ("Take the stricter", "resolve", {"take": "strictest"}),
        ("Take AWS", "resolve", {"take": "aws"}),
        ("Take Azure", "resolve", {"take": "azure"}),
    ),
    "deletion-held": (("Take the pair apart", "unlink", {}), ("See its history", "history", {})),
    "refused": (("See its history", "history", {}),),
    "write-budget": (("Pause it", "pause", {}), ("See its history", "history", {})),
    "late-creation": (("Look again", "sync", {}),),
    "possible-overwrite": (("See its history", "history", {}),),
    "paused": (("Resume", "resume", {}),),
    "unlinked": (("Mirror it again", "adopt", {}),),
}
_STEPS["deleted-there-edited-here"] = _STEPS["deletion-held"]
_STEPS["import-conflict"] = _STEPS["edited-on-both"]


def link_remedy(key: LinkKey, code: str, finding: Finding | None = None) -> Remedy:
    """``code`` of a conflict, a gate or a note, or ``paused``."""
    where = {"route": key.route, "name": key.name}
    steps = [Step(label, command, {**where, **more}) for label, command, more in _STEPS.get(code, ())]
    if code == "approval-wanted":
        steps.append(Step("Review the plan", "plan", where))
        if finding is not None and (digest := _DIGEST.search(finding.reason)):
            steps.append(Step("Approve", "approve", where | {"plan": digest[0]}))
    return Remedy(code, _WHAT.get(code, _UNKNOWN), tuple(steps))


def frozen(route: str, why: str) -> Remedy:
    return Remedy(
        "frozen", f"Frozen, nothing is written: {why}", (Step("Release", "release", {"route": route}),)
    )


def route_paused(route: str) -> Remedy:
    return Remedy("paused", "Paused by a person", (Step("Resume", "resume", {"route": route}),))


def routes_differ(stale: list[str]) -> Remedy:
    """``stale``: workers whose routes.yaml is not this one."""
    what = f"Another routes.yaml runs in {', '.join(stale)}: deploy the same one to both functions"
    return Remedy("routes-differ", what)


def never_swept(route: str) -> Remedy:
    return Remedy("never-swept", "No sweep has ended yet", (_sweep(route),))


def sweep_late(route: str, worker: str) -> Remedy:
    """``worker``: whose last whole sweep is too long ago."""
    what = f"The sweep of {worker} is late: see its log, and whether its schedule runs"
    return Remedy("sweep-late", what, (_sweep(route),))


def _sweep(route: str) -> Step:
    return Step("Sweep now", "sweep", {"route": route})
