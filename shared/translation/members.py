"""Members of an object in a native document: what is understood, and apart from it what is not.

Documents are read at every look, and as a rule all of it is understood: one call that is written in C says so
for a whole list. Only where it does not is each member asked for itself. What it makes cannot hold itself (it
is made of JSON), so the garbage collector need not visit it (``gc=False``).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

Reader = Callable[[Any], Any]
"""What a member says, or None where nobody here understands it."""

Unknown = Mapping[str, Any]
"""Members that nobody here understands: their paths in the rule, and their values."""

NOTHING_UNKNOWN: Unknown = {}


def apart(
    members: Mapping[str, Any], readers: Mapping[str, tuple[str, Reader]], prefix: str = ""
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Fields of what is understood; and members of an unknown name, or of a known one with another value.
    ``readers``: by the member's name its field, and what it says. Null is the same as not there."""
    known, unknown = {}, {}
    for key, value in members.items():
        if value is None:
            continue
        field, reader = readers.get(key, _UNHEARD_OF)
        read = reader(value)
        if read is None:
            unknown[prefix + key] = value
        else:
            known[field] = read
    return known, unknown


_UNHEARD_OF: tuple[str, Reader] = ("", lambda _: None)


def text(value: Any) -> str | None:
    return value if isinstance(value, str) else None


def as_it_is(value: Any) -> Any:
    return value
