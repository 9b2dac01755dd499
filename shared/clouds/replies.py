"""What the answers of both clouds have in common: words that may be repeated, waits, and silence."""

from __future__ import annotations

import math
import unicodedata
from email.utils import parsedate_to_datetime

from shared.errors import CloudError, Unanswered, Unreachable

READ_SECONDS = 8.0
"""What a read may take in all, with its repetitions and the pauses between them."""

MAX_MESSAGE = 300
LONGEST_WAIT = 3600.0


def plain(text: object) -> str:
    """At most 300 characters on one line: a message comes from outside and goes into logs and consoles."""
    kept = (" " if unicodedata.category(sign)[0] in "CZ" else sign for sign in str(text)[: 4 * MAX_MESSAGE])
    line = " ".join("".join(kept).split())
    return line if len(line) <= MAX_MESSAGE else f"{line[: MAX_MESSAGE - 1]}…"


def quoted(name: str) -> str:
    """A name as a message quotes it."""
    return f"'{plain(name)}'"


def retry_after(header: str | None) -> float:
    """Seconds of a Retry-After header, 0 to 3600; 1 where it has no number (a date would need a clock)."""
    try:
        wait = float(header or "")
    except ValueError:
        return 1.0
    return min(max(wait, 0.0), LONGEST_WAIT) if math.isfinite(wait) else 1.0


def http_date(header: str | None) -> float | None:
    """When a cloud answered by its own clock, in whole seconds since the epoch; None if it does not say."""
    try:
        return parsedate_to_datetime(header or "").timestamp()
    except (OverflowError, TypeError, ValueError):
        return None


def lost(where: str, problem: str, *, write: bool) -> CloudError:
    """No usable answer: a read may simply be repeated, a write may have been applied."""
    return Unanswered(where, f"{problem}; it may have been applied") if write else Unreachable(where, problem)
