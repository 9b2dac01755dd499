"""Findings: what a person should know about a link, in stable words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from shared.policy.loss import Hold
from shared.policy.merge import WHOLE, Conflict
from shared.sync.link import Finding
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


def said(value: object) -> str:
    return "nothing" if value is None else str(value)[:120]
