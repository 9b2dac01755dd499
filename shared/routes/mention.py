"""Whether the routes document so much as names a scope: found in its text, without reading it.

YAML and the engine are most of the CPU of a cold event that the routes say is nobody's. The text alone can
say so, because :mod:`yaml_tree` takes every scalar as it stands and refuses anchors, aliases and tags: a
value without blanks, quotes and escapes stands in the document in one piece, whichever way it is quoted or
folded. What the text cannot decide is left to the routes themselves.

Nor does the text tell whether the document can be read: to find out takes half as much again as the rest of
a cold start. Where it cannot, an event of a scope that it names comes again until it can (NotReady); one that
it does not name is ignored, and if that scope was meant, the first sweep after the document is mended finds
the edit. So the document is checked before it is deployed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path

from shared.errors import BadInput
from shared.routes.source import routes_source
from shared.translation.side import Side

Unmentioned = Callable[[Side, str], bool]


def unmentioned(document: str, side: Side, scope: str) -> bool:
    """True: no route of ``document`` has this ``scope``, spelt as in a Look. False: some may have it.

    Nothing is decided of a document with escapes (a double quote may then say or join anything), of one that
    can hold no routes (whoever reads it has to complain), and of a scope whose case is not ASCII's.
    """
    if "\\" in document or "routes" not in document or not scope.isascii():
        return False
    if side is Side.AZURE:
        return scope.rstrip("/").lower() not in document.lower()
    return not all(part in document for part in scope.split("/"))


def unmentioned_in(environ: Mapping[str, str]) -> Unmentioned:
    """:func:`unmentioned`, of the deployment's own document: read once, when first asked. False for any scope
    where reading it takes a call (a parameter) or fails."""

    @cache
    def document() -> str:
        try:
            source = routes_source(environ)
            if source.document is not None:
                return source.document
            return "" if source.parameter else Path(source.path).read_text("utf-8")
        except (BadInput, OSError, ValueError):
            return ""  # the mirror reads it again, and says what is wrong

    return lambda side, scope: unmentioned(document(), side, scope)


def undecided(side: Side, scope: str) -> bool:
    """The :data:`Unmentioned` of who has no document at hand."""
    del side, scope
    return False
