"""Azure resource ids of device security groups, in the spellings that events and records use."""

from __future__ import annotations

import re
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

WRITES = re.compile(r"microsoft\.security/devicesecuritygroups/(?:write|delete)", re.I)
"""The operations that change a group."""

_GROUPS = re.compile(r"/providers/microsoft\.security/devicesecuritygroups(?=/|$)", re.I)
_HUB = re.compile(
    r"subscriptions/[^/]+/resourcegroups/[^/]+/providers/microsoft\.devices/iothubs/[^/]+", re.I
)


class GroupId(NamedTuple):
    """``hub``: the hub's id in lower case, without a trailing slash. ``name`` None: only the hub is named."""

    hub: str
    name: str | None


def group_id(resource_id: str) -> GroupId | None:
    """None for an id that leads to no IoT hub. ``//subscriptions`` and ``%2Fsubscriptions`` start one too.
    Nothing lies below a group, so that a slash behind its type belongs to the name.

    Raises ValueError where its percent-encoding is not UTF-8.
    """
    head, *rest = _GROUPS.split(resource_id, maxsplit=1)
    hub = unquote(head, errors="strict").strip("/")
    name = unquote(rest[0].strip("/"), errors="strict") if rest else ""
    return GroupId(f"/{hub.lower()}", name or None) if _HUB.fullmatch(hub) else None


def path_of(url: object) -> object:
    """The path of a URL; whatever is none stays as it is."""
    try:
        return urlsplit(url).path if isinstance(url, str) else url
    except ValueError:
        return None
