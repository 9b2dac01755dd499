"""What a policy may be called on each side."""

from __future__ import annotations

import re

from shared.translation.clip import clipped
from shared.translation.side import Side

_AWS = re.compile(r"[a-zA-Z0-9:_-]{1,128}")
"""SecurityProfileName, in botocore's model of AWS IoT (1.43.11)."""


def unspellable(side: Side, name: str) -> str | None:
    """Why ``side`` cannot have a policy of this name, or None if it can. A name is never mangled: it is held.

    Azure states no pattern and no length; case is kept but not compared.
    """
    if side is Side.AWS and not _AWS.fullmatch(name):
        return f"the name {clipped(name)!r} is not 1 to 128 of a-z A-Z 0-9 : _ -, as AWS needs"
    if side is Side.AZURE and (not name or any(not c.isprintable() for c in name)):
        return f"the name {clipped(name)!r} is empty or has control characters"
    return None
