"""Values that a cloud hides or changes, members that only one cloud has, and custom metrics."""

from __future__ import annotations

import copy

from shared.errors import Refused
from shared.sync import effects as do
from shared.sync.job import Kind
from shared.sync.link import State
from shared.translation.side import Side
from tests.unit.sync.clouds import Write
from tests.unit.sync.documents import (
    LEARNED,
    Document,
    allow_rule,
    at_most,
    behavior,
    group,
    profile,
    window_rule,
)
from tests.unit.sync.world import FUNCTION, LAMBDA, World, raising, world

AWS, AZURE = Side.AWS, Side.AZURE


# Hidden


def with_hidden_peers() -> World:
    """The group was written from here, and Azure does not tell its list back."""
    w = world()
    w.azure.hides = True
    w.aws.put("pumps", profile(sent=at_most(100), peers=["10.0.0.0/8"]))
    assert w.look().wrote == (AZURE,)
    w.took()
    return w


def test_hidden_values_are_marked_opaque_and_never_cause_a_write() -> None:
    w = with_hidden_peers()
    assert w.link().shadows[AZURE].opaque == {"outbound-destinations"}
    assert [w.look().code, w.later().code, w.later(100_000.0).code] == ["in-step"] * 3
    assert w.took() == []


def test_an_edit_of_a_list_reaches_a_group_that_hides_it() -> None:
    w = with_hidden_peers()
    w.aws.put("pumps", profile(sent=at_most(100), peers=["10.0.0.0/8", "192.168.0.0/16"]))
    w.look()
    assert w.azure.said()["peers"] == ["10.0.0.0/8", "192.168.0.0/16"]
    assert w.look().code == "in-step"


def test_an_edit_of_another_rule_sends_the_hidden_list_along() -> None:
    w = with_hidden_peers()
    w.aws.put("pumps", profile(sent=at_most(60), peers=["10.0.0.0/8"]))
    w.look()
    assert w.azure.said() == {"sent": at_most(60), "peers": ["10.0.0.0/8"]}


def test_an_edit_on_azure_reaches_aws_without_the_hidden_list() -> None:
    w = with_hidden_peers()
    w.azure.put("pumps", group(sent=at_most(60), peers=["10.0.0.0/8"]))
    assert w.look().wrote == (AWS,)
    assert w.aws.said() == {"sent": at_most(60), "peers": ["10.0.0.0/8"]}


def test_a_list_that_was_never_written_from_here_is_unknown_and_not_empty() -> None:
    w = world()
    w.azure.hides = True
    w.azure.put("pumps", group(sent=at_most(100), peers=["10.0.0.0/8"]))
    outcome = w.look()
    assert outcome.wrote == (AWS,)
    assert w.aws.said() == {"sent": at_most(100)}
    assert ("hold", "values-hidden") in w.codes()


def test_a_write_beside_an_unknown_list_would_empty_it_and_is_held() -> None:
    w = world()
    w.azure.hides = True
    w.azure.put("pumps", group(sent=at_most(100), peers=["10.0.0.0/8"]))
    w.look()
    w.took()
    w.aws.put("pumps", profile(sent=at_most(60)))
    for outcome in (w.look(), w.later()):
        assert (outcome.kind, outcome.code) == (Kind.HELD, "values-hidden-beside")
    assert w.took() == []
    assert w.azure.said()["peers"] == ["10.0.0.0/8"]


def test_what_a_deleted_group_once_listed_is_not_taken_for_a_new_ones() -> None:
    w = with_hidden_peers()
    w.aws.remove("pumps")
    w.azure.remove("pumps")
    w.look()
    w.later()
    assert w.link().state is State.TOMBSTONE
    w.azure.put("pumps", group(sent=at_most(100), peers=["172.16.0.0/12"]))
    w.later(400.0)
    assert w.aws.said() == {"sent": at_most(100)}
    assert ("hold", "values-hidden") in w.codes()


# Changed


def clamped() -> World:
    w = world()
    w.azure.clamp = 1000
    w.in_step("pumps", profile(sent=at_most(100)), group(sent=at_most(100)))
    w.aws.put("pumps", profile(sent=at_most(5000)))
    assert w.look().wrote == (AZURE,)
    assert w.took() == [(AZURE, "update")]
    return w


def test_a_value_that_azure_clamps_is_marked_lossy_and_aws_is_not_rewritten() -> None:
    w = clamped()
    assert w.link().shadows[AWS].lossy == {"mqtt-messages-from-device"}
    assert [w.look().code, w.later().code] == ["in-step"] * 2
    assert (w.aws.said(), w.azure.said()) == ({"sent": at_most(5000)}, {"sent": at_most(1000)})
    assert w.took() == []


def test_nor_is_it_where_the_group_was_deleted_just_before() -> None:
    """The answer to a PUT is what it made, also where it had to make the group anew."""
    w = world()
    w.azure.clamp = 1000
    w.in_step("pumps", profile(sent=at_most(100)), group(sent=at_most(100)))
    w.aws.put("pumps", profile(sent=at_most(5000)))
    w.before(do.Update, lambda: w.azure.remove("pumps"))
    assert w.look().wrote == (AZURE,)
    w.later()
    assert w.aws.said() == {"sent": at_most(5000)}


def test_a_clamped_value_is_told_for_as_long_as_it_stands() -> None:
    w = clamped()
    (note,) = w.link().findings
    assert (note.kind, note.code) == ("note", "changed-by-cloud")
    assert note.reason.startswith("0 to 5000 in 300 s on AWS is 0 to 1000 in 300 s on Azure")
    w.aws.put("pumps", profile(sent=at_most(900)))
    w.look()
    assert w.link().findings == ()
    assert w.link().shadows[AWS].lossy == frozenset()


def test_an_edit_of_a_clamped_value_on_azure_is_an_edit() -> None:
    w = clamped()
    w.azure.put("pumps", group(sent=at_most(800)))
    assert w.look().wrote == (AWS,)
    assert w.aws.said() == {"sent": at_most(800)}


def test_another_field_of_a_clamped_rule_goes_over_alone() -> None:
    w = clamped()
    w.azure.put("pumps", group(sent=(5, 1000, 300)))
    w.look()
    assert w.aws.said() == {"sent": (5, 5000, 300)}


# Each cloud's own


def test_what_only_aws_can_say_stays_byte_for_byte() -> None:
    w = world()
    own = {"securityProfileDescription": "näh", "alertTargets": {"SNS": {"alertTargetArn": "a"}}}
    before = profile(LEARNED, sent=at_most(100), own={**own, "tags": [{"Key": "team", "Value": "water"}]})
    w.aws.put("pumps", before)
    w.look()
    w.azure.put("pumps", group(sent=at_most(60)))
    w.look()
    want = copy.deepcopy(before)
    want["behaviors"][0]["criteria"]["value"]["count"] = 60
    assert w.aws.document() == want


def test_what_only_azure_can_say_is_sent_back_with_every_write() -> None:
    w = world()
    parked = {**window_rule("QueuePurgesNotInAllowedRange", 1, 2), "isEnabled": False}
    odd = window_rule("TeleportsNotInAllowedRange", 0, 3)
    w.in_step("pumps", profile(sent=at_most(100)), group(parked, odd, sent=at_most(100)))
    w.aws.put("pumps", profile(sent=at_most(60)))
    w.look()
    assert w.azure.document()["properties"]["timeWindowRules"][1:] == [parked, odd]


def test_a_hold_that_is_new_is_told_once() -> None:
    w = world()
    w.in_step("pumps", profile(sent=at_most(100)), group(sent=at_most(100)))
    w.aws.put("pumps", profile(LEARNED, sent=at_most(100)))
    first, second = w.look(), w.look()
    assert (first.kind, first.code) == (Kind.HELD, "learned")
    assert second.kind is Kind.NO_OP
    assert ("hold", "learned") in w.codes()


def test_tags_that_only_a_whole_read_shows_do_not_keep_a_link_from_rest() -> None:
    w = world()
    tagged = profile(sent=at_most(100), own={"tags": [{"Key": "team", "Value": "water"}]})
    w.in_step("pumps", tagged, group(sent=at_most(100)))
    rev = w.link().rev
    assert w.look().code == "in-step"
    assert w.link().rev == rev


def test_a_held_signal_is_neither_written_nor_inferred_from() -> None:
    """AWS has two upper bounds: whatever Azure says about this signal stays where it is."""
    w = world()
    w.in_step("pumps", profile(sent=at_most(100)), group(sent=at_most(100)))
    second = behavior("another", "aws:num-messages-sent", "less-than-equals", 70)
    w.aws.put("pumps", profile(second, sent=at_most(100)))
    w.azure.put("pumps", group(sent=at_most(60)))
    w.look()
    assert w.took() == []
    w.aws.put("pumps", profile(sent=at_most(100)))  # the hold ends, and the edit goes over
    w.look()
    assert w.aws.said() == {"sent": at_most(60)}


# Custom metrics

LOGINS = window_rule("FailedLocalLoginsNotInAllowedRange", 0, 3)
PROVISION = "{mode: provision, metrics: {FailedLocalLogins: failed-local-logins, Process: processes}}"


def rules() -> Document:
    document = group(LOGINS, sent=at_most(100))
    document["properties"]["allowlistRules"] = [allow_rule("ProcessNotAllowed", "sshd", "chronyd")]
    return document


def metrics(w: World) -> list[str]:
    return [write.name for write in w.writes if write.kind == "metric"]


def test_rules_without_a_metric_on_aws_are_held_unless_the_route_says_otherwise() -> None:
    w = world()
    w.azure.put("pumps", rules())
    w.look()
    assert metrics(w) == []
    assert w.codes().count(("hold", "custom-metric-off")) == 2


def test_a_provisioning_route_creates_the_metrics_before_the_profile() -> None:
    w = world(custom_metrics=PROVISION)
    w.azure.put("pumps", rules())
    w.look()
    assert [(write.kind, write.name) for write in w.writes] == [
        ("metric", "failed-local-logins:number"),
        ("metric", "processes:string-list"),
        ("create", "pumps"),
    ]
    names = {each["metric"] for each in w.aws.document()["behaviors"]}
    assert names == {"aws:num-messages-sent", "failed-local-logins", "processes"}


def test_a_metric_is_ensured_when_its_rule_is_born_and_not_with_every_edit() -> None:
    w = world(custom_metrics=PROVISION)
    w.azure.put("pumps", rules())
    w.look()
    w.took()
    edited = rules()
    edited["properties"]["timeWindowRules"][1]["maxThreshold"] = 2
    w.azure.put("pumps", edited)
    w.look()
    assert w.took() == [(AWS, "update")]


def test_a_using_route_creates_none() -> None:
    w = world(custom_metrics=PROVISION.replace("provision", "use"))
    w.azure.put("pumps", rules())
    assert w.look().wrote == (AWS,)
    assert w.took() == [(AWS, "create")]


def test_a_metric_that_is_there_with_another_type_holds_the_policy() -> None:
    w = world(custom_metrics=PROVISION)
    w.azure.put("pumps", rules())
    w.before(do.EnsureMetric, raising(Refused("aws", "it has the type string-list, wanted number")))
    outcome = w.look()
    assert (outcome.kind, outcome.code) == (Kind.HELD, "refused")
    assert not w.aws.has()


def test_a_route_that_gives_up_a_metric_forgets_what_it_shared() -> None:
    w = world(custom_metrics=PROVISION)
    w.azure.put("pumps", rules())
    w.look()
    w.route = world(custom_metrics=PROVISION.replace(", Process: processes", "")).route
    w.aws.put("pumps", profile(sent=at_most(60)))
    w.look()
    assert "processes" not in w.link().shadows[AWS].view
    assert Write(AWS, "metric", "processes:string-list") in w.writes
    assert w.azure.said()["sent"] == at_most(60)


def test_a_value_that_went_over_may_be_taken_back_while_another_waits_for_its_worker() -> None:
    """AWS allowed one address, Azure another; only the first is on both sides when AWS removes it again."""
    w = world()
    w.in_step("pumps", profile(peers=["10.0.0.0/8"]), group(peers=["10.0.0.0/8"]))
    w.aws.put("pumps", profile(peers=["10.0.0.0/8", "10.1.1.1/32"]))
    w.azure.put("pumps", group(peers=["10.0.0.0/8", "10.2.2.2/32"]))
    w.look(worker=LAMBDA)
    w.aws.put("pumps", profile(peers=["10.0.0.0/8"]))
    for worker in (FUNCTION, LAMBDA):
        w.later(worker=worker)
    assert w.aws.said() == w.azure.said() == {"peers": ["10.0.0.0/8", "10.2.2.2/32"]}
