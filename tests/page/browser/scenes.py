"""What is looked at: nothing, three policies, every state, two thousand."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from msgspec.structs import replace

from shared.sync.link import Link, Scope
from tests.page.estate import every_condition, many
from tests.unit.operations.asking import ask
from tests.unit.sync.documents import LEARNED, group, profile
from tests.unit.sync.world import World, world

ALERTS = {"SNS": {"alertTargetArn": "arn:aws:sns:eu-central-1:123456789012:alerts"}}
OWN = {"securityProfileDescription": "Water pumps", "alertTargets": ALERTS}
PEERS = ["10.0.0.0/8"]


def empty() -> World:
    return world()


def three() -> World:
    """One in step, one in conflict, one that waits for an approval; and what happened to them."""
    w = world(loosening="approve")
    for name in ("gateways", "pumps", "valves"):
        w.in_step(
            name,
            profile(LEARNED, sent=(5, 100, 300), peers=PEERS, own=OWN),
            group(sent=(5, 100, 300), peers=PEERS),
        )
    for hi in (90, 70, 55):
        w.now += 3000
        w.aws.put("gateways", profile(LEARNED, sent=(5, hi, 300), peers=PEERS, own=OWN))
        w.look("gateways")
        ask(w, "sweep")
    w.aws.put("pumps", profile(LEARNED, sent=(5, 60, 300), peers=PEERS, own=OWN))
    w.azure.put("pumps", group(sent=(5, 80, 300), peers=PEERS))
    w.aws.put("valves", profile(LEARNED, sent=(5, 500, 900), peers=PEERS, own=OWN))
    w.now += 60
    ask(w, "sweep")
    w.now += 240
    return w


def filled(w: World, links: Iterable[Link], scope: Scope | None = None) -> World:
    for link in links:
        w.ledger.save(link)
    swept = {"aws-lambda": w.now, "azure-function": w.now - 600}
    w.ledger.save_scope(scope or Scope("fleet", rev=1, swept_at=swept))
    return w


def states() -> World:
    return filled(world(), every_condition())


def frozen() -> World:
    scope = Scope(
        "fleet",
        rev=1,
        frozen="more than 2 deletions in an hour: nothing is written until somebody releases route fleet",
        digests={"aws-lambda": "other"},
        swept_at={"aws-lambda": 1_799_900_000.0},
    )
    return filled(world(), every_condition(), scope)


def thousands(count: int = 2000) -> World:
    return filled(world(), many(count))


def calm() -> World:
    w = world()
    links = [link for link in many(40) if not link.paused and not link.pending and link.rev]
    return filled(w, [replace(link, findings=()) for link in links if str(link.state) == "bound"])


SCENES: dict[str, Callable[[], World]] = {
    "empty": empty,
    "three": three,
    "states": states,
    "frozen": frozen,
    "calm": calm,
    "thousands": thousands,
}
