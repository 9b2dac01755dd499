"""Who typed a command: a label for the journal, made of what somebody said. It never opens anything."""

from __future__ import annotations

MOST = 100
"""Characters of a name."""


def actor_label(door: str, said: str | None = None) -> str:
    """``door``: how the command came, ``said``: who is said to have sent it. One short, printable line."""
    name = _plain(said or "")
    return f"{name} via {_plain(door)}" if name else _plain(door)


def _plain(text: str) -> str:
    shown = "".join(c if c.isprintable() else " " for c in text[: 4 * MOST])
    return " ".join(shown.split())[:MOST]
