"""A request and its answer, whichever server carries them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl

LARGEST_FORM = 16 * 1024
"""Bytes. Our own forms have a few hundred."""
MOST_FIELDS = 20


@dataclass(frozen=True, slots=True)
class Ask:
    """``path`` without its slash; names of ``headers`` in lower case."""

    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    def form(self) -> dict[str, str]:
        """The fields of an ordinary form; none of a body that is no such thing."""
        if len(self.body) > LARGEST_FORM:
            return {}
        return fields(self.body.decode("utf-8", "replace"))

    def cookie(self, name: str) -> str | None:
        for part in self.headers.get("cookie", "").split(";"):
            key, _, value = part.strip().partition("=")
            if key == name and value:
                return value
        return None

    @property
    def same_origin(self) -> bool:
        """Whether a page of ours sent this. Every browser since 2023 says so, and no page can forge it; what
        does not say so is refused. (``Origin`` would not do: under ``no-referrer`` it is ``null``.)"""
        return self.headers.get("sec-fetch-site") == "same-origin"


def fields(encoded: str) -> dict[str, str]:
    """Of a query or a form; the first of each name counts."""
    found: dict[str, str] = {}
    try:
        pairs = parse_qsl(encoded, keep_blank_values=True, errors="replace", max_num_fields=MOST_FIELDS)
    except ValueError:
        return {}
    for name, value in pairs:
        found.setdefault(name, value)
    return found


@dataclass(frozen=True, slots=True)
class Reply:
    status: int
    body: str
    headers: Mapping[str, str]
