"""What settles a link: sync of one plan, resolve, approve, adopt, unlink."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from shared.errors import LedgerConflict
from shared.operations.commands.schema.fields import Exit
from shared.policy.atom import AllowAtom, RangeAtom
from shared.sync import effects as do
from shared.sync.link import Lease, State
from tests.unit.operations.asking import LINK, ROUTE, ask, bound, conflicting, outcome, refused
from tests.unit.sync.documents import at_most, group, profile
from tests.unit.sync.world import FUNCTION, LAMBDA, World, world

SIGNAL = "mqtt-messages-from-device"


def entries(w: World, decision: str, name: str = "pumps") -> list[Any]:
    return [entry for entry in w.journal(name) if entry.decision == decision]


# sync


def test_sync_carries_out_exactly_the_plan_that_was_reviewed() -> None:
    w = bound()
    w.aws.put("pumps", profile(sent=at_most(60)))
    digest = ask(w, "plan", **LINK)["plan"]
    assert outcome(ask(w, "sync", **LINK, plan=digest)) == ("mirrored", "written")


def test_sync_of_a_plan_that_has_changed_writes_nothing_and_tells_the_new_one() -> None:
    w = bound()
    w.aws.put("pumps", profile(sent=at_most(60)))
    digest = ask(w, "plan", **LINK)["plan"]
    w.aws.put("pumps", profile(sent=at_most(50)))
    answer = ask(w, "sync", **LINK, plan=digest)
    assert (outcome(answer), answer["exit_code"]) == (("held", "plan-changed"), Exit.WAITS)
    assert ask(w, "plan", **LINK)["plan"] in answer["outcomes"][0]["reason"]
    assert w.took() == []


def test_a_plan_that_changes_under_the_lease_is_noticed_and_the_lease_given_back() -> None:
    w = bound()
    w.aws.put("pumps", profile(sent=at_most(60)))
    digest = ask(w, "plan", **LINK)["plan"]
    w.after(do.SaveLink, lambda: w.aws.put("pumps", profile(sent=at_most(50))))
    assert outcome(ask(w, "sync", **LINK, plan=digest)) == ("held", "plan-changed")
    assert w.link().lease is None
    assert w.took() == []


def test_what_a_person_has_written_bears_their_name_in_the_journal() -> None:
    w = bound()
    w.aws.put("pumps", profile(sent=at_most(60)))
    ask(w, "sync", **LINK, by="alice via terminal")
    assert {entry.actor for entry in w.journal()} == {"local for alice via terminal"}


# resolve


@pytest.mark.parametrize(("take", "hi"), [("aws", 60), ("azure", 80), ("strictest", 60)])
def test_a_conflict_is_settled_by_a_word(take: str, hi: int) -> None:
    w = conflicting()
    assert outcome(ask(w, "resolve", **LINK, take=take)) == ("mirrored", "written")
    assert w.aws.said() == w.azure.said() == {"sent": at_most(hi)}


def test_a_settlement_that_was_reviewed_is_carried_out_by_that_plan_or_taken_back() -> None:
    w = conflicting()
    answer = ask(w, "resolve", **LINK, take="aws", plan="0" * 64)
    assert outcome(answer) == ("held", "plan-changed")
    assert (w.link().resolution, w.took()) == (None, [])
    assert [entry.decision for entry in w.journal()][-2:] == ["resolve", "take-back"]


def test_a_conflict_is_settled_by_a_rule_of_ones_own() -> None:
    w = conflicting()
    answer = ask(w, "resolve", **LINK, take={"lo": 5, "hi": 70, "window": "PT15M"}, by="alice")
    assert outcome(answer) == ("mirrored", "written")
    assert w.aws.said() == w.azure.said() == {"sent": (5, 70, 900)}
    assert w.link().settled == {}
    (entry,) = entries(w, "resolve")
    assert (entry.actor, entry.detail["signal"]) == ("alice", SIGNAL)


def test_a_rule_of_ones_own_needs_both_functions_and_gets_them() -> None:
    w = conflicting()
    answer = ask(w, "resolve", worker=LAMBDA, **LINK, take={"hi": 70, "window": "PT5M"})
    assert (outcome(answer)[0], answer["exit_code"]) == ("mirrored", Exit.DONE)
    assert w.azure.said() == {"sent": at_most(70)}
    w.look(worker=FUNCTION)
    assert w.aws.said() == {"sent": at_most(70)}
    assert (w.link().settled, w.link().pending) == ({}, frozenset())


def test_one_rule_is_settled_and_the_others_wait() -> None:
    w = world()
    w.in_step(
        "pumps",
        profile(sent=at_most(100), denied=at_most(9)),
        group(sent=at_most(100), denied=at_most(9)),
    )
    w.aws.put("pumps", profile(sent=at_most(60), denied=at_most(5)))
    w.azure.put("pumps", group(sent=at_most(80), denied=at_most(7)))
    w.look()
    assert refused(w, "resolve", **LINK, take=["10.0.0.0/8"]) == (
        "link fleet/pumps: say which rule with signal; in conflict now: "
        "mqtt-messages-from-device, unauthorized-operations"
    )
    answer = ask(w, "resolve", **LINK, signal=SIGNAL, take="azure")
    assert outcome(answer)[0] == "conflict"
    assert w.aws.said() == {"sent": at_most(80), "denied": at_most(5)}
    assert w.azure.said() == {"sent": at_most(80), "denied": at_most(7)}


def test_what_settled_one_conflict_does_not_settle_the_next() -> None:
    w = conflicting()
    ask(w, "resolve", **LINK, signal=SIGNAL, take="azure")
    w.aws.put("pumps", profile(sent=at_most(10)))
    w.azure.put("pumps", group(sent=at_most(20)))
    assert w.later().kind == "conflict"


@pytest.mark.parametrize(
    ("take", "said"),
    [
        (["10.0.0.0/8"], 'a rule of mqtt-messages-from-device is {"lo": 0, "hi": 50, "window": "PT5M"}'),
        ({"hi": 50}, "window: one that the route allows is wanted: PT5M, PT15M, PT30M"),
        ({"hi": 50, "window": "PT7M"}, "window: one that the route allows is wanted"),
        ({"hi": 50, "window": 300}, "window: one that the route allows is wanted"),
        ({"hi": -1, "window": "PT5M"}, "hi: a whole number of 0 to 2147483647 is wanted"),
        ({"hi": 2**31, "window": "PT5M"}, "hi: a whole number"),
        ({"hi": True, "window": "PT5M"}, "hi: a whole number"),
        ({"lo": 1.5, "window": "PT5M"}, "lo: a whole number"),
        ({"lo": 9, "hi": 5, "window": "PT5M"}, "it bounds nothing, or nothing is normal"),
        ({"window": "PT5M"}, "it bounds nothing"),
        (
            {"hi": 5, "window": "PT5M", "secret-member": 1},
            "1 members are unknown; a rule has lo",
        ),
    ],
)
def test_a_rule_that_no_cloud_could_state_is_refused(take: Any, said: str) -> None:
    w = conflicting()
    problem = refused(w, "resolve", **LINK, take=take)
    assert said in problem
    assert "secret" not in problem
    assert w.took() == []
    assert w.link().settled == {}


def test_a_list_of_ones_own_is_spelt_as_both_clouds_compare_it() -> None:
    w = world()
    w.aws.put("pumps", profile(peers=["10.0.0.0/8"]))
    w.azure.put("pumps", group(peers=["192.168.0.0/16"]))
    w.look()
    ask(w, "adopt", **LINK, take="aws")
    w.aws.put("pumps", profile())
    w.azure.put("pumps", group(peers=["192.168.0.0/24"]))
    w.look()
    assert "value 2 is not an address or CIDR" in refused(w, "resolve", **LINK, take=["::1", "here"])
    ask(w, "resolve", **LINK, take=["10.1.2.3", "10.0.0.1/8"])
    assert w.azure.said() == {"peers": ["10.0.0.0/8", "10.1.2.3/32"]}


def test_a_rule_without_a_conflict_is_not_touched() -> None:
    w = bound()
    problem = refused(w, "resolve", **LINK, signal=SIGNAL, take="aws")
    assert problem.endswith("say which rule with signal; in conflict now: none")


# approve


def loosened() -> World:
    w = bound(loosening="approve")
    w.aws.put("pumps", profile(sent=at_most(500)))
    w.look()
    return w


def test_an_approved_plan_is_carried_out_and_the_journal_says_who_did() -> None:
    w = loosened()
    assert w.took() == []
    digest = ask(w, "plan", **LINK)["plan"]
    assert outcome(ask(w, "approve", **LINK, plan=digest, by="alice")) == ("mirrored", "written")
    (entry,) = entries(w, "approve")
    assert (entry.actor, entry.plan) == ("alice", digest)
    assert {each.plan for each in entries(w, "intent")} == {digest}


def test_a_plan_that_changed_since_it_was_reviewed_is_refused() -> None:
    w = loosened()
    digest = ask(w, "plan", **LINK)["plan"]
    w.aws.put("pumps", profile(sent=at_most(900)))
    assert refused(w, "approve", **LINK, plan=digest).endswith(": review that one")
    assert w.took() == []


# adopt


def test_a_pair_that_the_route_only_observes_is_adopted() -> None:
    w = world(first_contact="observe")
    w.aws.put("pumps", profile(sent=at_most(60)))
    assert w.look().kind == "observed"
    assert outcome(ask(w, "adopt", **LINK, by="alice")) == ("mirrored", "written")
    assert w.azure.said() == {"sent": at_most(60)}
    w.aws.put("valves", profile(sent=at_most(60)))
    assert w.look("valves").kind == "observed"


def test_adopting_two_that_differ_needs_a_word_about_who_wins() -> None:
    w = world(first_contact="observe")
    w.aws.put("pumps", profile(sent=at_most(60)))
    w.azure.put("pumps", group(sent=at_most(80)))
    assert outcome(ask(w, "adopt", **LINK)) == ("held", "import-conflict")
    assert w.took() == []
    assert outcome(ask(w, "adopt", **LINK, take="azure")) == ("mirrored", "written")
    assert w.aws.said() == w.azure.said() == {"sent": at_most(80)}


def test_what_is_mirrored_cannot_be_adopted_and_what_is_only_observed_neither() -> None:
    assert refused(bound(), "adopt", **LINK) == "link fleet/pumps: it is mirrored already"
    assert "mode: observe" in refused(world(mode="observe"), "adopt", **LINK)


# unlink


def test_a_pair_that_was_taken_apart_is_left_alone_by_events_and_sweeps() -> None:
    w = bound()
    assert ask(w, "unlink", **LINK, by="alice")["state"] == "unlinked"
    w.aws.put("pumps", profile(sent=at_most(60)))
    assert (w.look().kind, w.look().code) == ("held", "unlinked")
    assert ask(w, "sweep")["outcomes"] == []
    assert w.took() == []
    (link,) = ask(w, "status")["routes"][0]["links"]
    assert link["condition"] == "unlinked"
    assert link["todo"][0]["steps"][0]["send"] == {"command": "adopt", **LINK}


def test_a_deletion_of_one_half_of_a_pair_taken_apart_is_nobodys_business() -> None:
    w = bound(delete="mirror")
    ask(w, "unlink", **LINK)
    w.azure.remove("pumps")
    for _ in range(3):
        w.later()
        ask(w, "sweep")
    assert w.aws.has()


def test_a_pair_taken_apart_comes_together_again_as_two_strangers() -> None:
    w = bound()
    ask(w, "unlink", **LINK)
    w.aws.put("pumps", profile(sent=at_most(60)))
    assert outcome(ask(w, "adopt", **LINK)) == ("held", "import-conflict")
    assert outcome(ask(w, "adopt", **LINK, take="strictest")) == ("mirrored", "written")
    assert w.azure.said() == {"sent": at_most(60)}
    assert w.link().state is State.BOUND
    assert [entry.decision for entry in w.journal()][:2] == ["unlink", "adopt"]


def test_a_name_may_be_kept_out_before_the_ledger_knows_it() -> None:
    w = world()
    ask(w, "unlink", **LINK)
    w.aws.put("pumps", profile(sent=at_most(60)))
    assert w.look().code == "unlinked"


# A worker at the link


def test_a_link_is_not_amended_while_a_worker_is_at_it() -> None:
    w = conflicting()
    link = w.link()
    leased = replace(link, rev=link.rev + 1, lease=Lease("aws-lambda", 9, w.now + 50))
    w.ledger.save(leased)
    with pytest.raises(LedgerConflict, match="aws-lambda is at it, for 50 s at most: try again"):
        ask(w, "resolve", **LINK, take="aws")
    assert w.link() == leased
    w.now += 60
    assert outcome(ask(w, "resolve", **LINK, take="aws")) == ("mirrored", "written")


def test_an_atom_that_settles_is_stored_and_read_back() -> None:
    w = bound()
    link = w.link()
    settled: dict[str, str | RangeAtom | AllowAtom] = {
        SIGNAL: RangeAtom(0, 50, 300),
        "processes": "strictest",
    }
    w.ledger.save(replace(link, rev=link.rev + 1, settled=settled))
    assert w.link().settled == settled


def test_sync_of_a_whole_route_needs_a_reviewed_plan() -> None:
    assert "sweep looks at all" in refused(bound(), "sync", **ROUTE)


def test_a_pair_that_still_says_the_same_is_adopted_without_a_write() -> None:
    w = bound()
    ask(w, "unlink", **LINK)
    assert outcome(ask(w, "adopt", **LINK)) == ("no-op", "adopted")
    assert w.link().state is State.BOUND
    assert w.took() == []
