"""Ledgers to look at: one link in every condition, three links, or thousands."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from random import Random

from msgspec import structs

from shared.ledger.sqlite import SqliteLedger
from shared.operations.page.frame import Frame
from shared.operations.page.html import el
from shared.operations.standing import Condition, Standing, standing
from shared.policy.atom import RangeAtom
from shared.sync.link import Finding, Link, LinkKey, Scope, Shadow, State
from shared.translation.side import Side
from tests.page.reading import Element, read
from tests.unit.operations.test_standing import CASES, NOW, ROUTES, SWEPT

SHADOWS = {side: Shadow({"mqtt-messages-from-device": RangeAtom(0, 100, 300)}) for side in Side}
KINDS = ("pump", "valve", "meter", "gateway", "chiller", "sensor")
PLACES = ("north", "south", "east", "west")


def named(condition: Condition, name: str) -> Link:
    return structs.replace(CASES[condition], key=LinkKey("fleet", name), shadows=SHADOWS)


def every_condition() -> list[Link]:
    return [named(condition, f"{condition}-pump") for condition in CASES]


def many(count: int, seed: int = 7) -> list[Link]:
    """Nearly all in step, as an estate is; about one in a hundred is not."""
    random = Random(seed)
    trouble = [condition for condition in CASES if condition is not Condition.IN_STEP]
    links = []
    for number in range(count):
        name = f"{random.choice(KINDS)}-{random.choice(PLACES)}-{number:05}"
        condition = random.choice(trouble) if random.random() < 0.01 else Condition.IN_STEP
        link = structs.replace(named(condition, name), updated_at=NOW - random.random() * 1e6)
        held = link.findings if random.random() < 0.2 or condition is not Condition.IN_STEP else ()
        links.append(structs.replace(link, findings=held))
    return links


def ledger_of(links: Iterable[Link], scope: Scope = SWEPT) -> SqliteLedger:
    ledger = SqliteLedger(":memory:")
    if scope.rev:
        ledger.save_scope(scope)
    for link in links:
        ledger.save(link)
    return ledger


def standing_of(links: Iterable[Link], scope: Scope = SWEPT) -> Standing:
    with ledger_of(links, scope) as ledger:
        return standing(ledger, ROUTES, NOW)


def shown(*parts: object) -> Element:
    """As a reader has it."""
    return read(el("main", *parts))  # type: ignore[arg-type]


def frame(**changes: object) -> Frame:
    return replace(Frame(NOW), **changes)  # type: ignore[arg-type]


__all__ = ["CASES", "NOW", "ROUTES", "SWEPT", "Finding", "State"]
