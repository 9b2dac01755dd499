"""Foreign values in our messages. A module of its own: what reads events needs no table of codes."""

from __future__ import annotations

from typing import Any


def clipped(value: Any, limit: int = 80) -> str:
    """A value as it may stand in a message: short, and without control characters."""
    text = str(value)
    if not text.isprintable():
        text = "".join(c if c.isprintable() else "?" for c in text)
    return text if len(text) <= limit else text[: limit - 1] + "…"
