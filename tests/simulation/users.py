"""Users on both sides. Every write carries a value that nobody else ever writes, and remembers what it
overwrote: that is how a lost edit is told from one that was superseded."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

from shared.sync.ports import Found
from shared.translation.side import Side
from tests.simulation import edits as edit
from tests.simulation.clouds import USER
from tests.simulation.facts import NO_LIMIT, OWN, RANGES, TARGETS, Cell, Cells, Document, cells_of

if TYPE_CHECKING:
    from tests.simulation.world import World

FIRST_LIMIT = 10_000
MINUTES = range(1, 61)
"""Windows that the route allows: enough that no two users choose the same."""


@dataclass(frozen=True, slots=True)
class Edit:
    """``sets``: cells with their new, unique values. ``clears``: cells that are gone. ``overwrote``: cells as
    the user saw them that this edit changed. ``gone``/``born``: the policy as a whole. ``name`` is spelt as
    that cloud shows it."""

    number: int
    at: float
    side: Side
    name: str
    what: str
    sets: Cells = field(default_factory=dict)
    clears: frozenset[Cell] = frozenset()
    overwrote: Cells = field(default_factory=dict)
    gone: bool = False
    born: bool = False


class Users:
    def __init__(self, world: World) -> None:
        self.world = world
        self.edits: list[Edit] = []
        self._unique = 0

    def unique(self) -> int:
        self._unique += 1
        return self._unique

    def schedule(self, count: int, hour: float) -> None:
        rng, faults = self.world.rng, self.world.profile
        while count > 0:
            when, name = rng.uniform(0.0, hour), rng.choice(self.world.names)
            self.world.clock.after(when, partial(self.act, name, rng.choice(list(Side))))
            count -= 1
            if count and rng.random() < faults.bursts:
                other = when + rng.uniform(0.0, 4.0)
                self.world.clock.after(other, partial(self.act, name, rng.choice(list(Side))))
                count -= 1

    def act(self, name: str, side: Side) -> None:
        """One write of one user, on what that user sees at this moment."""
        rng, profile = self.world.rng, self.world.profile
        there = self.world.clouds[side].there(name)
        if there is None:
            self.create(name, side)
        elif rng.random() < profile.deletes:
            self.delete(name, side)
        elif rng.random() < profile.recase:
            self.delete(name, side)
            self.create(name.swapcase(), side)
        else:
            self._edit(name, side, there)

    def create(self, name: str, side: Side) -> None:
        number = self.unique()
        document = edit.fresh(side, name, number, self._limit(side, number))
        if side is Side.AZURE and self.world.azure.habits.hides:
            del document["properties"]["allowlistRules"]  # nobody can tell whether it changed
        self.write(name, side, document, "creates it", born=True)

    def _limit(self, side: Side, number: int) -> int:
        """Nobody on Azure asks for more than it takes, where it clamps: what they see is what they wrote."""
        return (
            FIRST_LIMIT
            if side is Side.AWS or not self.world.azure.habits.clamp < NO_LIMIT
            else FIRST_LIMIT // 2
        ) + number

    def delete(self, name: str, side: Side) -> None:
        self.write(name, side, None, "deletes it", gone=True)

    def _edit(self, name: str, side: Side, there: Found) -> None:
        """A kind of edit that can be made here, chosen by chance."""
        rng = self.world.rng
        cells = cells_of(side, there.document)
        kinds = list(self._kinds(side, cells))
        what, change = rng.choices([kind[1:] for kind in kinds], [kind[0] for kind in kinds])[0]
        self.write(name, side, change(there.document), what)

    def _kinds(self, side: Side, cells: Cells) -> list[tuple[int, str, Callable[[Document], Document]]]:
        rng = self.world.rng
        number = self._unique + 1
        rule = rng.choice(RANGES)
        kinds: list[tuple[int, str, Callable[[Document], Document]]] = []
        limit, low = self._limit(side, number), number
        if (rule.name, "on") in cells:
            kinds += [
                (30, f"sets hi of {rule.name} to {limit}", partial(edit.limit, side, rule, "hi", limit)),
                (15, f"sets lo of {rule.name} to {low}", partial(edit.limit, side, rule, "lo", low)),
                (8, f"disables {rule.name}", partial(edit.off, side, rule)),
                (3, f"muddles {rule.name} at {limit}", partial(edit.muddle, side, rule, limit)),
            ]
            if rule.windowed and number < len(MINUTES):
                window = 60 * MINUTES[number]
                kinds.append(
                    (12, f"sets window of {rule.name} to {window}", partial(edit.window, side, rule, window))
                )
        else:
            kinds.append((25, f"enables {rule.name} at {limit}", partial(edit.on, side, rule, limit)))
        values = sorted(cell[1] for cell in cells if cell[0] == TARGETS.name and cell[1] != "on")
        address = f"10.{number // 250}.{number % 250}.7/32"
        if side is Side.AWS or not self.world.azure.habits.hides:
            kinds.append((12, f"allows {address}", partial(edit.allow, side, address)))
            if len(values) > 1:
                gone = rng.choice(values)
                kinds.append((6, f"disallows {gone}", partial(edit.disallow, side, gone)))
        kinds.append((6, f"sets its own to {number}", partial(edit.own, side, number)))
        return kinds

    def write(
        self, name: str, side: Side, after: Document | None, what: str, gone: bool = False, born: bool = False
    ) -> None:
        world = self.world
        was = world.clouds[side].there(name)
        self.unique()
        world.write_as_user(side, name, after)
        is_now = world.clouds[side].there(name)
        before, now = (cells_of(side, each.document if each else None) for each in (was, is_now))
        sets = {cell: value for cell, value in now.items() if before.get(cell) != value}
        lost = {cell: value for cell, value in before.items() if now.get(cell) != value}
        made = Edit(
            number=len(self.edits),
            at=world.clock.now,
            side=side,
            name=next(each.name for each in (is_now, was) if each),
            what=what,
            sets=sets,
            clears=frozenset() if gone else frozenset(cell for cell in lost if cell not in now),
            overwrote=lost,
            gone=gone,
            born=born,
        )
        self.edits.append(made)
        world.tell(f"{USER} {made.number} on {side} {name}: {what}")


def unique_cells(made: Edit) -> Mapping[Cell, Any]:
    """The cells of an edit whose values no other edit ever writes."""
    copied = ("on", "window") if made.born or made.what.startswith("enables") else ("on",)
    return {
        (signal, what): value
        for (signal, what), value in made.sets.items()
        if signal == OWN or what not in copied
    }
