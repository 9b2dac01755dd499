"""A version conflict of our own making is told apart from a foreign write, and neither loses an edit."""

from __future__ import annotations

from shared.translation.side import Side
from tests.scenarios.scene import MESSAGES, sent, window_rule
from tests.wire.proxy import Trouble
from tests.wire.rig import NAME, Rig

AWS, AZURE = Side.AWS, Side.AZURE


def test_an_update_that_something_on_the_way_repeats_is_no_conflict(rig: Rig) -> None:
    """The second of the two is refused for its version, and that is all we hear."""
    rig.in_step()
    rig.proxies[AWS].next("PATCH", Trouble.TWICE)
    rig.edit(AZURE, 60)
    rig.rest()
    assert rig.limits() == (60, 60)
    assert (rig.written(AWS), rig.applied()) == (1, 1)
    assert rig.lines("conflict") == []
    assert [line["conflicts"] for line in rig.lines() if line.get("conflicts")] == []
    rig.is_quiet()


def test_a_put_that_something_on_the_way_repeats_changes_nothing(rig: Rig) -> None:
    rig.in_step()
    rig.proxies[AZURE].next("PUT", Trouble.TWICE)
    rig.edit(AWS, 60)
    rig.rest()
    assert rig.limits() == (60, 60)
    assert rig.lines("conflict") == []
    rig.is_quiet()


def test_a_foreign_write_of_the_same_limit_between_our_read_and_our_write_is_a_conflict(rig: Rig) -> None:
    rig.in_step()
    rig.proxies[AWS].next("PATCH", lambda: rig.edit(AWS, 50))
    rig.edit(AZURE, 60)
    rig.rest()
    assert rig.limits() == (50, 60)
    assert (rig.written(AWS), rig.applied()) == (1, 1)
    (conflict,) = rig.lines("conflict")[-1]["conflicts"]
    assert "50 on AWS, 60 on Azure" in conflict["reason"]
    rig.is_quiet()


def test_a_foreign_write_of_another_limit_between_our_read_and_our_write_is_merged(rig: Rig) -> None:
    rig.create_profile(NAME, sent(100), sent(4, "greater-than-equals", "alive"))
    rig.rest()
    rig.forget()

    def somebody_lowers() -> None:
        behaviors = [sent(100), sent(2, "greater-than-equals", "alive")]
        rig.iot.update_security_profile(securityProfileName=NAME, behaviors=behaviors)

    rig.proxies[AWS].next("PATCH", somebody_lowers)
    rig.put_group(NAME, window_rule(4, 60))
    rig.rest()
    counts = [each["criteria"]["value"]["count"] for each in rig.profile(NAME)["behaviors"]]
    assert counts == [60, 2]
    assert rig.rules(NAME) == {MESSAGES: (2, 60, "PT5M")}
    assert rig.lines("conflict") == []
    rig.is_quiet()


def test_a_foreign_write_just_before_the_last_look_at_azure_is_seen(rig: Rig) -> None:
    """Azure has no conditional write: only what comes between that look and the PUT can be lost."""
    rig.create_profile(NAME, sent(100), sent(4, "greater-than-equals", "alive"))
    rig.rest()
    rig.forget()
    rig.clouds.azure_bus.pause()
    looks = iter(range(9))

    def somebody_edits_at_the_third() -> None:
        if next(looks) == 2:
            rig.put_group(NAME, window_rule(2, 100))

    rig.proxies[AZURE].next("GET", somebody_edits_at_the_third, part=NAME, times=9)
    rig.edit_profile(NAME, lambda behaviors: behaviors[0]["criteria"]["value"].update(count=60))
    rig.clouds.aws_bus.drain()
    rig.clouds.azure_bus.resume()
    rig.rest()
    assert rig.rules(NAME) == {MESSAGES: (2, 60, "PT5M")}
    counts = [each["criteria"]["value"]["count"] for each in rig.profile(NAME)["behaviors"]]
    assert counts == [60, 2]
    rig.is_quiet()
