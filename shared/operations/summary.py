"""One outcome as one line: what may go into a log, a console answer or the sandbox's output.

Names, codes and reasons only; never a document, a claim or a token.
"""

from __future__ import annotations

from typing import Any

from shared.sync.job import Outcome
from shared.sync.link import Finding
from shared.translation.side import Side

_DIRECTIONS = {
    (Side.AZURE,): "aws-to-azure",
    (Side.AWS,): "azure-to-aws",
    (Side.AWS, Side.AZURE): "both",
}
MOST = 200
"""Findings told in one line; the count is always told."""


def line(outcome: Outcome) -> dict[str, Any]:
    return {
        "event": _event(outcome),
        "link": str(outcome.key),
        "direction": _DIRECTIONS.get(tuple(sorted(outcome.wrote))),
        "writes": len(outcome.wrote),
        "code": outcome.code,
        "reason": outcome.reason,
        "held": [told(f) for f in outcome.findings if f.kind in ("hold", "gate")][:MOST],
        "conflicts": [told(f) for f in outcome.findings if f.kind == "conflict"][:MOST],
        "notes": [told(f) for f in outcome.findings if f.kind == "note"][:MOST],
        "losses": [loss.to_json() for loss in outcome.losses][:MOST],
        "plan": outcome.plan,
        "retry_after": outcome.retry_after,
        "trace": outcome.trace,
    }


def _event(outcome: Outcome) -> str:
    return str(outcome.kind)


def told(finding: Finding) -> dict[str, Any]:
    side = None if finding.side is None else str(finding.side)
    return {"side": side, "path": finding.path, "code": finding.code, "reason": finding.reason}
