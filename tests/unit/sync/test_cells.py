"""The protocol's section 5 with edits, cell by cell, through whole looks of the engine, against a reference
that knows only the table and how one number is merged."""

from __future__ import annotations

from itertools import product
from typing import NamedTuple

import pytest

from tests.unit.sync.documents import at_most, group, profile
from tests.unit.sync.world import World, world

BASE = 100
NO_RULE = 0
LOOKS = (None, NO_RULE, BASE, 60, 80)
"""What a side shows: no policy, a policy without the rule, or the rule with this limit."""

Limit = int | None


class End(NamedTuple):
    """What both sides show in the end, and the code of the look that left it so."""

    aws: Limit
    azure: Limit
    code: str


def reference(known: bool, aws: Limit, azure: Limit, delete: str) -> End:
    """``known``: both sides showed BASE when they were last in step."""
    if aws is None and azure is None:
        return End(None, None, "in-step")
    if not known:
        return _first_contact(aws, azure)
    if aws is None or azure is None:
        return _one_is_gone(aws, azure, delete)
    if aws == azure:
        return End(aws, azure, "in-step")
    if BASE not in (aws, azure):
        return End(aws, azure, "edited-on-both")
    edited = azure if aws == BASE else aws
    return End(edited, edited, "written")


def _first_contact(aws: Limit, azure: Limit) -> End:
    if aws is None or azure is None:
        there = aws if azure is None else azure
        return End(there, there, "written")
    return End(aws, azure, "adopted" if aws == azure else "import-conflict")


def _one_is_gone(aws: Limit, azure: Limit, delete: str) -> End:
    if (aws if azure is None else azure) != BASE:
        return End(aws, azure, "deleted-there-edited-here")
    return End(None, None, "deleted") if delete == "mirror" else End(aws, azure, "deletion-held")


def arranged(known: bool, aws: Limit, azure: Limit, delete: str) -> World:
    w = world(delete=delete)
    if known:
        w.in_step("pumps", profile(sent=at_most(BASE)), group(sent=at_most(BASE)))
    for cloud, limit, made in ((w.aws, aws, profile), (w.azure, azure, group)):
        if limit is None:
            cloud.stored.pop("pumps", None)
        elif not (known and limit == BASE):
            cloud.put("pumps", made(sent=at_most(limit)) if limit else made())
    return w


def shown(w: World) -> tuple[Limit, Limit]:
    said = (cloud.said() if cloud.has() else None for cloud in (w.aws, w.azure))
    aws, azure = (one if one is None else one.get("sent", (0, NO_RULE, 0))[1] for one in said)
    return aws, azure


@pytest.mark.parametrize("delete", ["mirror", "hold"])
@pytest.mark.parametrize("azure", LOOKS)
@pytest.mark.parametrize("aws", LOOKS)
@pytest.mark.parametrize("known", [False, True])
def test_every_cell_ends_as_the_table_says(known: bool, aws: Limit, azure: Limit, delete: str) -> None:
    w = arranged(known, aws, azure, delete)
    outcome = w.look()
    if outcome.code == "look-again":
        outcome = w.later()
    assert End(*shown(w), outcome.code) == reference(known, aws, azure, delete)


def test_and_the_look_after_it_writes_nothing() -> None:
    for known, aws, azure, delete in product((False, True), LOOKS, LOOKS, ("mirror", "hold")):
        w = arranged(known, aws, azure, delete)
        w.look()
        w.later()
        ended = shown(w)
        w.took()
        w.later(400.0)
        assert (shown(w), w.took()) == (ended, []), (known, aws, azure, delete)
