"""Members of an object in a native document: what is understood, and apart from it what is not.

Documents are read at every look, and as a rule all of it is understood: one call that is written in C says so
for a whole list. Only where it does not is each member asked for itself. What it makes cannot hold itself (it
is made of JSON), so the garbage collector need not visit it (``gc=False``).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache, partial
from typing import Annotated, Any

from msgspec import Meta, Struct, ValidationError, convert
from msgspec.structs import fields

from shared.translation.values import whole

Reader = Callable[[Any], Any]
"""What a member says, or None where nobody here understands it."""

Unknown = Mapping[str, Any]
"""Members that nobody here understands: their paths in the rule, and their values."""

NOTHING_UNKNOWN: Unknown = {}

Text = Annotated[str, Meta(min_length=1)]


def understood(value: Any, kind: Any) -> Any:
    """``value`` as a ``kind``, or None where anything in it is not understood. Never raises."""
    try:
        return convert(value, kind)
    except (ValidationError, UnicodeEncodeError):
        return None


def apart(
    members: Mapping[str, Any], kind: type[Struct], prefix: str = ""
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Fields of a ``kind`` that are understood; and members of an unknown name, or of a known one with
    another value. Null is the same as not there."""
    known, unknown, readers = {}, {}, _readers(kind)
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


@cache
def _readers(kind: type[Struct]) -> Mapping[str, tuple[str, Reader]]:
    """By the member's name its field, and what it says."""
    return {
        field.encode_name: (field.name, _PLAIN.get(field.type) or partial(understood, kind=field.type))
        for field in fields(kind)
    }


_PLAIN: Mapping[Any, Reader] = {
    Any: lambda value: value,
    Text: lambda value: value if isinstance(value, str) and value else None,
    str | None: lambda value: value if isinstance(value, str) else None,
    bool | None: lambda value: value if isinstance(value, bool) else None,
    int | None: whole,  # 300.0 seconds are 300, which convert() would not take
}
"""What convert() would say, but it remembers structs only: of any other type it asks anew what it means."""
