"""What the page calls things."""

from __future__ import annotations

from datetime import UTC, datetime

from shared.operations.standing import Condition, Level

CONDITIONS: dict[Condition, str] = {
    Condition.CONFLICT: "Conflict",
    Condition.APPROVAL: "Wants approval",
    Condition.BLOCKED: "Kept back",
    Condition.CHECK: "Check it",
    Condition.PAUSED: "Paused",
    Condition.UNLINKED: "Taken apart",
    Condition.PENDING: "Under way",
    Condition.NEW: "New",
    Condition.IN_STEP: "In step",
    Condition.GONE: "Gone",
}
LEVELS: dict[Level, str] = {Level.ACT: "Needs you", Level.WAIT: "Under way", Level.GOOD: "In step"}
MODES = {
    "two-way": "both ways",
    "aws-to-azure": "AWS to Azure only",
    "azure-to-aws": "Azure to AWS only",
    "observe": "observes, writes nothing",
}


def count(number: int, one: str, many: str | None = None) -> str:
    """``2,000 policies``."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def moment(at: float) -> str:
    """``2026-11-27 22:14 UTC``; a time that no calendar has is told as it is."""
    try:
        return f"{datetime.fromtimestamp(at, UTC):%Y-%m-%d %H:%M} UTC"
    except (OverflowError, OSError, ValueError):
        return f"{at:.0f} s"


def iso(at: float) -> str | None:
    try:
        return f"{datetime.fromtimestamp(at, UTC):%Y-%m-%dT%H:%M:%SZ}"
    except (OverflowError, OSError, ValueError):
        return None


def ago(at: float, now: float) -> str:
    """``3 min ago``: as exact as anybody wants it."""
    seconds = now - at
    if seconds < -60:
        return f"in {lasting(-seconds)}"
    return "just now" if seconds < 10 else f"{lasting(seconds)} ago"


def lasting(seconds: float) -> str:
    for size, unit in ((86_400, "d"), (3_600, "h"), (60, "min")):
        if seconds >= size:
            return f"{int(seconds // size)} {unit}"
    return f"{seconds:.0f} s"
