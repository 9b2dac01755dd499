"""Which of the two documents there should be.

========  =====  =======  =============================================================
 known     AWS    Azure    action
========  =====  =======  =============================================================
 no        -      -        nothing
 no        x      -        create on Azure (not while a tombstone is fresh)
 no        -      x        create on AWS (likewise)
 no        x      x        adopt, when the shared views are equal: ledger only
 no        x      y        hold as an import conflict, or merge by the bootstrap policy
 yes       o      -        delete on AWS, guarded
 yes       -      o        delete on Azure, guarded
 yes       x      -        hold: deleted there, edited here (and mirrored)
 yes       o/x    o/y      merge
 yes       -      -        tombstone
========  =====  =======  =============================================================

"o" equals its shadow, "x" and "y" differ from it.
"""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct

from shared.translation.side import Side


class Action(StrEnum):
    NOTHING = "nothing"
    CREATE = "create"
    ADOPT = "adopt"
    IMPORT = "import"
    MERGE = "merge"
    DELETE = "delete"
    HOLD_DELETED = "hold-deleted"
    TOMBSTONE = "tombstone"


class Existence(Struct, frozen=True):
    """``side``: the one to create or delete on, or, for a held deletion, the one that is still there."""

    action: Action
    side: Side | None = None


def decide(known: bool, present: frozenset[Side], as_shadowed: frozenset[Side], equal: bool) -> Existence:
    """``as_shadowed``: sides that look as they did when last in step; ``equal``: both show the same rules."""
    if not present:
        return Existence(Action.TOMBSTONE if known else Action.NOTHING)
    if len(present) == 1:
        (there,) = present
        if not known:
            return Existence(Action.CREATE, there.other)
        return Existence(Action.DELETE if there in as_shadowed else Action.HOLD_DELETED, there)
    if known:
        return Existence(Action.MERGE)
    return Existence(Action.ADOPT if equal else Action.IMPORT)
