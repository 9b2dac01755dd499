"""Short stories on one policy, for crashing whoever takes part in them at every single point."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

from shared.sync.reconcile import reconcile
from shared.translation.side import Side
from tests.simulation import edits
from tests.simulation.facts import CONNECTIONS, MESSAGES, Document
from tests.simulation.profiles import CALM
from tests.simulation.world import Engine, World

NAME = "Pump"
NEW = "valve-7"


@dataclass(frozen=True, slots=True)
class Script:
    """``both``: each function may write both sides, as the embedded one may."""

    name: str
    play: Callable[[World], None]
    both: bool = False


def _edit(side: Side, change: Callable[[Document], Document], what: str, delay: float, world: World) -> None:
    def act() -> None:
        there = world.clouds[side].document(NAME)
        assert there is not None
        world.users.write(NAME, side, change(there), what)

    world.clock.after(delay, act)


def _limit(side: Side, field: str, value: int, delay: float = 0.0) -> Callable[[World], None]:
    change = partial(edits.limit, side, MESSAGES, field, value)
    return partial(_edit, side, change, f"sets {field} to {value}", delay)


def _enable(world: World) -> None:
    change = partial(edits.on, Side.AWS, CONNECTIONS, 20_001)
    _edit(Side.AWS, change, "enables active-connections", 0.0, world)


def _two_edits(world: World) -> None:
    _limit(Side.AWS, "hi", 20_003)(world)
    _limit(Side.AZURE, "lo", 77, 0.6)(world)


def _disable(world: World) -> None:
    _edit(Side.AWS, partial(edits.off, Side.AWS, MESSAGES), "disables", 0.0, world)


def _delete(side: Side, world: World) -> None:
    world.users.delete(NAME, side)


def _create(side: Side, world: World) -> None:
    world.users.create(NEW, side)


SCRIPTS = (
    Script("edited on AWS", _limit(Side.AWS, "hi", 20_001)),
    Script("edited on Azure", _limit(Side.AZURE, "hi", 20_002)),
    Script("edited on both sides", _two_edits),
    Script("edited on both sides, one worker writes both", _two_edits, both=True),
    Script("enabled on AWS", _enable),
    Script("disabled on AWS", _disable),
    Script("deleted on AWS", partial(_delete, Side.AWS)),
    Script("deleted on Azure", partial(_delete, Side.AZURE)),
    Script("created on AWS", partial(_create, Side.AWS)),
    Script("created on Azure", partial(_create, Side.AZURE)),
)

FIXED = replace(CALM, name="script", latest=400.0, respelt=0.0)


def world_of(script: Script, crash_at: tuple[int, str] | None, engine: Engine = reconcile) -> World:
    """Not yet played. Seed 3 has ``conflict: hold``."""
    return World(FIXED, 3, engine, crash_at=crash_at, names=(NAME,), both=script.both)
