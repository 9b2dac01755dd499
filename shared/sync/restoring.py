"""A document of before, put back: an edit that a person makes through us, on one side.

The look takes the old document for what that side shows, as if the person had typed it there; so it is merged
and mirrored like any edit, behind the same guards. It is written under an intent like any write, by the
worker that may write that side, and only over the very document that the person saw: an edit in between drops
it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping

from shared.sync.link import Link, Restore, State
from shared.sync.ports import Document, Found
from shared.translation.aws_parse import APART, READ_ONLY
from shared.translation.azure_put import put_body
from shared.translation.side import Side

_AWS_OWN = APART | READ_ONLY
"""Members that no update of a profile carries."""


def fingerprint(side: Side, found: Found | None) -> str:
    """Equal as long as nobody wrote the document."""
    if found is None:
        return "absent"
    document = put_body(found.document) if side is Side.AZURE else _without(found.document, _AWS_OWN)
    text = json.dumps([found.incarnation, found.version, document], sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def in_force(link: Link, found: Mapping[Side, Found | None]) -> Restore | None:
    """The link's restore, unless somebody wrote that side since it was asked for."""
    restore = link.restore
    if restore is None or link.state is State.UNLINKED:
        return None
    return restore if fingerprint(restore.side, found[restore.side]) == restore.over else None


def restored(restore: Restore, found: Found | None) -> Document:
    """The old document as it can be written now: what no write carries stays as it is."""
    if restore.side is Side.AZURE:
        current = {} if found is None else found.document
        return {**current, "properties": put_body(restore.document)["properties"]}
    if found is None:
        return _without(restore.document, READ_ONLY)
    own = {name: found.document[name] for name in sorted(_AWS_OWN) if name in found.document}
    return _without(restore.document, _AWS_OWN) | own


def digest_of(restore: Restore) -> str:
    """For what a person reviews: this document on that side."""
    text = json.dumps([restore.side, restore.over, restore.document], sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def _without(document: Document, members: frozenset[str]) -> Document:
    return {name: value for name, value in document.items() if name not in members}
