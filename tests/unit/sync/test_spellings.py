"""Two profiles whose names differ only in case would meet in one group: both are held, in linear time."""

from __future__ import annotations

from shared.sync import effects as do
from shared.sync.job import Kind
from shared.translation.side import Side
from tests.unit.sync.documents import at_most, group, profile
from tests.unit.sync.world import World, world

AWS, AZURE = Side.AWS, Side.AZURE


def listed(w: World, side: Side) -> int:
    """How often the cloud itself was asked for a listing."""
    return (w.aws if side is AWS else w.azure).listings


def test_two_profiles_that_appear_in_the_same_moment_are_both_held() -> None:
    w = world()
    for name in ("Pumps", "pumps"):
        w.aws.put(name, profile(sent=at_most(60)))
    for name, other in (("Pumps", "pumps"), ("pumps", "Pumps")):
        outcome = w.look(name)
        assert (outcome.kind, outcome.code) == (Kind.HELD, "name-case-differs")
        assert f"AWS has {other!r}" in outcome.reason
    assert w.took() == []


def test_the_later_one_of_two_is_seen_by_its_own_look() -> None:
    """The listing of before does not have it; that it is not in there asks for a new one."""
    w = world()
    mirror = w.mirror()
    w.aws.put("Pumps", profile(sent=at_most(60)))
    w.after(do.Census, lambda: w.aws.put("pumps", profile(sent=at_most(70))))
    assert mirror.reconcile(w.link_key("Pumps")).code == "written"
    w.azure.remove("Pumps")  # it is not yet seen there
    assert mirror.reconcile(w.link_key("pumps")).code == "name-case-differs"


def test_when_the_other_one_is_gone_the_first_is_mirrored() -> None:
    w = world()
    mirror = w.mirror()
    for name in ("Pumps", "pumps"):
        w.aws.put(name, profile(sent=at_most(60)))
    mirror.reconcile(w.link_key("pumps"))
    w.aws.remove("Pumps")
    assert mirror.reconcile(w.link_key("pumps")).code == "written"


def test_a_group_is_not_created_as_a_profile_beside_one_in_another_case() -> None:
    w = world()
    w.aws.put("Pumps", profile(sent=at_most(60)))
    w.azure.put("pumps", group(sent=at_most(60)))
    assert w.look("pumps").code == "name-case-differs"
    assert w.took() == []


def test_a_thousand_new_profiles_need_one_listing_of_aws_and_none_of_azure() -> None:
    w = world()
    mirror = w.mirror()
    names = [f"line-{number}" for number in range(1000)]
    for name in names:
        w.aws.put(name, profile(sent=at_most(60)))
    assert {mirror.reconcile(w.link_key(name)).code for name in names} == {"written"}
    assert (listed(w, AWS), listed(w, AZURE)) == (1, 0)


def test_a_thousand_new_groups_need_a_listing_of_aws_a_minute() -> None:
    w = world()
    mirror = w.mirror()
    names = [f"line-{number}" for number in range(1000)]
    for name in names:
        w.azure.put(name, group(sent=at_most(60)))
    for name in names:
        w.now += 0.25
        assert mirror.reconcile(w.link_key(name)).code == "written"
    assert (listed(w, AWS), listed(w, AZURE)) == (5, 0)


def test_a_deletion_is_believed_by_a_listing_of_now() -> None:
    w = world(delete="mirror")
    mirror = w.mirror()
    w.in_step("pumps", profile(sent=at_most(60)), group(sent=at_most(60)))
    w.azure.remove("pumps")
    for _ in range(2):
        mirror.reconcile(w.link_key())
        w.now += 60.0
    assert listed(w, AZURE) == 2
    assert w.took() == [(AWS, "delete")]
