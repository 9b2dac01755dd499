"""Findings: what a person should know about a link, in stable words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from shared.policy.atom import AllowAtom, RangeAtom
from shared.policy.loss import Hold
from shared.policy.merge import WHOLE, Conflict
from shared.sync.link import Finding, Shadow
from shared.translation.side import Side
from shared.translation.view import Reading


def gate(side: Side | None, code: str, reason: str, signal: str | None = None) -> Finding:
    """Something that may not be done, or not yet."""
    return Finding("gate", side, signal or "", code, reason, signal)


def hold_findings(readings: Mapping[Side, Reading]) -> Iterator[Finding]:
    for side, reading in readings.items():
        for hold in reading.holds:
            yield hold_finding(side, hold)


def hold_finding(side: Side, hold: Hold) -> Finding:
    return Finding("hold", side, hold.path, hold.code, hold.reason, hold.signal)


def conflict_finding(signal: str, conflict: Conflict) -> Finding:
    what = "the rule" if conflict.field == WHOLE else conflict.field
    reason = (
        f"{what} was changed on both sides: {said(conflict.left)} on AWS, {said(conflict.right)} on Azure"
    )
    return Finding("conflict", None, f"{signal}.{conflict.field}", "edited-on-both", reason, signal)


def lossy_findings(left: Shadow, right: Shadow) -> Iterator[Finding]:
    """Values that a cloud changed when they were written: remembered as they are, and no edit."""
    for signal in sorted(left.lossy):
        what = f"{said(left.view.get(signal))} on AWS is {said(right.view.get(signal))} on Azure"
        reason = f"{what}: a cloud kept another value than was written"
        yield Finding("note", None, signal, "changed-by-cloud", reason, signal)


def said(value: object) -> str:
    if isinstance(value, RangeAtom):
        limits = f"at least {value.lo}" if value.hi is None else f"{value.lo} to {value.hi}"
        return limits if value.window is None else f"{limits} in {value.window} s"
    if isinstance(value, AllowAtom):
        value = ", ".join(sorted(value.values))
    return "nothing" if value is None else str(value)[:120]
