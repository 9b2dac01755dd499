"""A policy that is never deleted has to be there before another one is believed to be missing."""

from __future__ import annotations

import pytest

from shared.errors import Unreachable
from shared.operations.commands import run_command
from shared.operations.requests import Command
from shared.sync import effects as do
from shared.sync.job import Kind
from shared.translation.side import Side
from tests.unit.sync.documents import at_most, group, profile
from tests.unit.sync.world import World, raising, world

AWS, AZURE = Side.AWS, Side.AZURE


def watched(**settings: str) -> World:
    """``pumps`` and the canary are in step."""
    w = world(**({"delete": "mirror", "canary": "canary"} | settings))
    for name in ("pumps", "canary"):
        w.in_step(name, profile(sent=at_most(100)), group(sent=at_most(100)))
    return w


def removed(w: World, side: Side, *names: str) -> None:
    for name in names:
        (w.aws if side is AWS else w.azure).remove(name)


@pytest.mark.parametrize("side", Side)
def test_while_the_canary_is_there_a_deletion_is_mirrored_as_ever(side: Side) -> None:
    w = watched()
    removed(w, side, "pumps")
    assert [w.look().code, w.later().code] == ["look-again", "deleted"]
    assert w.took() == [(side.other, "delete")]


@pytest.mark.parametrize("side", Side)
def test_a_cloud_without_the_canary_is_not_believed_and_the_route_freezes(side: Side) -> None:
    w = watched()
    removed(w, side, "pumps", "canary")
    outcome = w.look()
    assert (outcome.kind, outcome.code) == (Kind.HELD, "canary-missing")
    assert f"{side.cloud} does not show the canary 'canary'" in outcome.reason
    assert w.scope().frozen == outcome.reason
    assert w.link().lease is None
    assert w.link().missing == {}
    assert w.took() == []


def test_there_is_one_alarm_and_everything_is_frozen_then() -> None:
    w = watched()
    w.in_step("valves", profile(sent=at_most(100)), group(sent=at_most(100)))
    removed(w, AZURE, "pumps", "valves", "canary")
    codes = [w.look("pumps").code, w.look("valves").code, w.look("pumps").code]
    assert codes == ["canary-missing", "frozen", "frozen"]
    assert w.took() == []


def test_a_new_policy_is_not_created_where_the_canary_is_not_seen() -> None:
    """It may be there, on a hub that says that nothing is."""
    w = watched()
    removed(w, AZURE, "canary")
    w.aws.put("valves", profile(sent=at_most(60)))
    assert w.look("valves").code == "canary-missing"
    assert w.took() == []


def test_released_and_still_missing_it_freezes_again() -> None:
    w = watched()
    removed(w, AZURE, "pumps", "canary")
    w.look()
    run_command(w.mirror(), Command("release", {"route": "fleet"}))
    assert w.look().code == "canary-missing"
    run_command(w.mirror(), Command("release", {"route": "fleet"}))
    w.azure.put("canary", group(sent=at_most(100)))
    assert [w.look().code, w.later().code] == ["look-again", "deleted"]


def test_what_both_sides_have_needs_no_canary() -> None:
    w = watched()
    removed(w, AZURE, "canary")
    w.aws.put("pumps", profile(sent=at_most(60)))
    w.effects.clear()
    assert w.look().wrote == (AZURE,)
    assert not [effect for effect in w.effects if isinstance(effect, do.Read) and effect.name == "canary"]


def test_an_error_is_neither_there_nor_missing() -> None:
    w = watched()
    removed(w, AZURE, "pumps")
    w.look()
    w.before(do.Read, raising(Unreachable("azure", "503")), 5)  # two reads, two under the lease, the canary
    assert w.later().code == "unreachable"
    assert w.scope().frozen is None
    assert w.took() == []


def test_what_is_back_when_the_canary_was_seen_was_never_gone() -> None:
    """A cloud that showed nothing for a moment, and the canary after it."""
    w = watched()
    kept = w.azure.document()
    removed(w, AZURE, "pumps")
    w.look()
    w.after(do.Read, lambda: w.azure.put("pumps", kept), 5)
    outcome = w.later()
    assert (outcome.kind, outcome.code) == (Kind.BUSY, "inconsistent")
    assert w.took() == []
    assert w.look().code == "in-step"


def test_the_canary_itself_is_mirrored_but_never_deleted() -> None:
    w = watched()
    w.aws.put("canary", profile(sent=at_most(60)))
    assert w.look("canary").wrote == (AZURE,)
    w.took()
    removed(w, AWS, "canary")
    for _ in range(2):
        assert w.later(61.0, "canary").code == "canary-missing"
        run_command(w.mirror(), Command("release", {"route": "fleet"}))
    assert w.took() == []
    assert w.azure.has("canary")
