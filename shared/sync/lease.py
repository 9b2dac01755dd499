"""The lease of a link: what is done under it, and that it is given back.

Only its holder moves what the protocol writes; a person's command may move the record all the same (a pause,
a settled conflict), so whoever goes on under a lease begins with the record as it is now.
"""

from __future__ import annotations

from msgspec.structs import replace

from shared.errors import LedgerConflict, LedgerError
from shared.sync import effects as do
from shared.sync.attempts import without
from shared.sync.effects import Program
from shared.sync.link import Link
from shared.translation.side import Side

BOTH = frozenset(Side)


def ours(link: Link) -> Program[Link]:
    """The record as it is, if it has the lease of ``link`` still. Raises LedgerConflict if it has not."""
    current: Link | None = yield do.LoadLink(link.key)
    if current is None or current.lease != link.lease:
        raise LedgerConflict(f"link {link.key}: the lease went to another worker")
    return current


def release(link: Link, unsent: frozenset[Side] = BOTH) -> Program[None]:
    """Best effort: a lease that is not given back expires by itself. What was declared for ``unsent`` will
    never land, and must not be expected: a user's deletion would pass for a late one of ours."""
    try:
        current = yield from ours(link)
        attempts = without(current, unsent)
        yield do.SaveLink(replace(current, rev=current.rev + 1, lease=None, attempts=attempts))
    except LedgerError:
        return
