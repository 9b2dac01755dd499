"""Reads that show the past.

A replica that lags may show a profile as it was before our own last write. Compared with the shadows that
were taken since, that looks like an edit back, and would be carried to Azure. AWS counts versions: an older
one than the ledger has seen is never believed. Azure counts none, so it is read once more before anything is
written, or told to be in conflict.
"""

from __future__ import annotations

from shared.sync.link import Latest, Link
from shared.sync.ports import Found


def outdated(link: Link, found: Found | None) -> bool:
    """Whether ``found``, of AWS, is older than what the ledger knows."""
    shown = latest(found)
    if link.latest is None or shown is None:
        return False
    if shown.incarnation == link.latest.incarnation:
        return shown.version < link.latest.version
    return _created(shown) < _created(link.latest)


def latest(found: Found | None) -> Latest | None:
    if found is None or found.incarnation is None or found.version is None:
        return None
    return Latest(found.incarnation, found.version)


def _created(profile: Latest) -> float:
    """Seconds since the epoch; the same for any text that is none, so that neither looks older."""
    try:
        return float(profile.incarnation)
    except ValueError:
        return 0.0
