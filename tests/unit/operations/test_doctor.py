"""The check-up: what is wrong, how bad it is, and what to do; and a probe only with consent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest
from msgspec.structs import replace

from shared.clouds.aws_setup import EventRule
from shared.clouds.azure_setup import WRITE, EventSubscription
from shared.errors import BadInput, Denied, MirrorError, Unreachable
from shared.operations.commands import run_command
from shared.operations.doctor import ledger
from shared.operations.doctor.azure import ACTIONS
from shared.operations.doctor.setups import Here, Setups
from shared.operations.mirror import Mirror
from shared.operations.quotas import DESCRIBES, SHARE
from shared.operations.requests import Cause, Command, Sweep
from shared.sync import effects as do
from shared.sync.link import LinkKey
from tests.unit.sync.documents import at_most, group, profile
from tests.unit.sync.world import FUNCTION, LAMBDA, World, raising, world

Told = dict[str, tuple[str, str]]


@dataclass
class Aws:
    """An account where all is well, unless a test says otherwise."""

    account: str = "123456789012"
    denied: tuple[str, ...] = ()
    trails: Sequence[str] = ("trail",)
    rules: Sequence[EventRule] = (EventRule("rule", True, 1),)
    error: MirrorError | None = None

    def identity(self) -> tuple[str, str]:
        return self.account, f"arn:aws:iam::{self.account}:user/somebody"

    def allowed(self, principal: str, actions: Mapping[str, str]) -> Mapping[str, bool]:
        return {action: action not in self.denied for action in actions}

    def logging_trails(self) -> Sequence[str]:
        if self.error is not None:
            raise self.error
        return self.trails

    def profile_rules(self) -> Sequence[EventRule]:
        return self.rules


@dataclass
class Azure:
    state: str = "Registered"
    solution: bool = True
    denied: tuple[str, ...] = ()
    subscriptions: Sequence[EventSubscription] = field(
        default_factory=lambda: (EventSubscription("topic", "events", "Succeeded", (WRITE,)),)
    )

    def provider_state(self, namespace: str) -> str:
        return self.state

    def allowed(self, actions: tuple[str, ...]) -> Mapping[str, bool]:
        return {action: action not in self.denied for action in actions}

    def in_security_solution(self) -> bool:
        return self.solution

    def event_subscriptions(self) -> Sequence[EventSubscription]:
        return self.subscriptions


def healthy(**settings: str) -> World:
    """Both functions have swept, and one pair is in step."""
    w = world(**settings)
    w.in_step("pumps", profile(sent=at_most(100)), group(sent=at_most(100)))
    for worker in (LAMBDA, FUNCTION):
        list(w.mirror(worker).perform(Sweep()))
    w.writes.clear()
    return w


def examined(w: World, aws: Aws | None = None, azure: Azure | None = None, **asked: Any) -> dict[str, Any]:
    mirror = w.mirror()
    mirror.setups = lambda _: Setups(aws or Aws(), azure or Azure())
    return run_command(mirror, Command("doctor", asked))


def grades(answer: Mapping[str, Any]) -> Told:
    """Those that are not good: grade and what was said, by what was looked at."""
    return {
        each["check"]: (each["grade"], each["said"]) for each in answer["checks"] if each["grade"] != "good"
    }


def test_a_healthy_deployment_is_good_and_nothing_was_written() -> None:
    w = healthy()
    answer = examined(w)
    assert (answer["exit_code"], answer["grade"], grades(answer)) == (0, "good", {})
    assert w.writes == []
    looked = {each["check"] for each in answer["checks"]}
    assert looked >= {"ledger", "sweep", "routes-digest", "quota", "journal", "aws-rights", "cloudtrail"}
    assert looked >= {"eventbridge-rule", "provider", "security-solution", "azure-rights"}
    assert looked >= {"event-subscription", "aws-credentials"}


@pytest.mark.parametrize(
    ("aws", "azure", "check", "grade", "said"),
    [
        (Aws(trails=()), None, "cloudtrail", "bad", "no trail logs"),
        (Aws(rules=()), None, "eventbridge-rule", "doubt", "no rule of the default bus"),
        (Aws(rules=(EventRule("r", False, 1),)), None, "eventbridge-rule", "bad", "rule r is off"),
        (Aws(rules=(EventRule("r", True, 0),)), None, "eventbridge-rule", "bad", "no target"),
        (Aws(account="9" * 12), None, "aws-credentials", "bad", "of another account"),
        (Aws(denied=("iot:UpdateSecurityProfile",)), None, "aws-rights", "bad", "iot:UpdateSecurityProfile"),
        (None, Azure(state="NotRegistered"), "provider", "bad", "NotRegistered"),
        (None, Azure(solution=False), "security-solution", "bad", "it can have no groups"),
        (None, Azure(subscriptions=()), "event-subscription", "doubt", "no event subscription"),
        (
            None,
            Azure(subscriptions=(EventSubscription("t", "e", "Failed", ()),)),
            "event-subscription",
            "bad",
            "e is Failed",
        ),
    ],
)
def test_what_is_wrong_is_told_with_a_way_out(
    aws: Aws | None, azure: Azure | None, check: str, grade: str, said: str
) -> None:
    answer = examined(healthy(), aws, azure)
    found = grades(answer)
    assert found.keys() == {check}
    assert found[check][0] == grade
    assert said in found[check][1]
    wrong = [each for each in answer["checks"] if each["grade"] != "good"]
    assert all(each["way_out"] for each in wrong)
    assert answer["exit_code"] == (4 if grade == "bad" else 0)


def test_rights_that_whoever_asks_lacks_on_azure_are_doubted_and_named() -> None:
    grade, said = grades(examined(healthy(), None, Azure(denied=(ACTIONS[1],))))["azure-rights"]
    assert (grade, said) == ("doubt", f"whoever asks is not allowed: {ACTIONS[1]}")


@pytest.mark.parametrize(
    ("skew", "grade"), [(0.0, None), (29.0, None), (-30.0, "doubt"), (299.0, "doubt"), (-300.0, "bad")]
)
def test_clocks_that_are_apart_are_told_by_how_far(skew: float, grade: str | None) -> None:
    w = healthy()
    read: Any = w.aws.read

    def told(name: str, **how: Any) -> Any:
        return replace(read(name, **how), told_at=w.now - skew)

    w.aws.read = told  # type: ignore[method-assign]
    found = grades(examined(w))
    assert found.get("clock") == (
        None if grade is None else (grade, f"this clock and that of AWS are {abs(skew):.0f} s apart")
    )


def test_a_profile_is_read_for_real_not_just_listed() -> None:
    w = healthy()
    fail = raising(Unreachable("AWS IoT", "no answer"))
    w.aws.read = lambda *_, **__: fail()  # type: ignore[method-assign]
    assert grades(examined(w))["aws-profiles"] == ("bad", "AWS IoT: no answer")


def test_what_may_not_be_looked_at_is_unknown_and_the_rest_is_checked_all_the_same() -> None:
    answer = examined(healthy(), Aws(error=Denied("CloudTrail", "cloudtrail:DescribeTrails is denied")))
    assert grades(answer) == {"cloudtrail": ("unknown", "CloudTrail: cloudtrail:DescribeTrails is denied")}
    assert answer["exit_code"] == 0


def inside(w: World, **changes: Any) -> dict[str, Any]:
    """The check-up as a function makes it of itself."""
    mirror = w.mirror(LAMBDA)
    mirror.setups = lambda _: pytest.fail("no function may look there")
    told: dict[str, Any] = {
        "identity": lambda _: ("123456789012", "arn:aws:sts::123456789012:assumed-role/mirror/live")
    }
    told |= {"waiting": lambda: {"keys": 3, "sweep-keys": 0}} | changes
    mirror.here = Here("dynamodb:ledger@eu-central-1", "SSM parameter /routes:4", **told)
    return run_command(mirror, Command("doctor", {}))


def test_a_function_tells_what_it_knows_of_itself_and_the_command_that_tells_the_rest() -> None:
    answer = inside(healthy())
    said = {each["check"]: each["said"] for each in answer["checks"]}
    assert said["routes"].startswith("1 of SSM parameter /routes:4, digest ")
    assert said["queues"] == "messages that wait: 3 in keys, 0 in sweep-keys"
    assert said["aws-credentials"] == "signed in as arn:aws:sts::123456789012:assumed-role/mirror/live"
    assert said.keys() >= {"ledger", "sweep", "journal", "aws-profiles", "azure-groups"}
    assert grades(answer).keys() == {"setup"}
    (setup,) = [each for each in answer["checks"] if each["grade"] == "unknown"]
    assert setup["way_out"].endswith("policy-mirror doctor --ledger dynamodb:ledger@eu-central-1")


def test_a_queue_that_a_binding_hides_is_not_told_and_one_that_is_not_set_is() -> None:
    assert "queues" not in {each["check"] for each in inside(healthy(), waiting=None)["checks"]}
    assert grades(inside(healthy(), waiting=dict))["queues"][0] == "doubt"


def test_a_function_that_may_not_read_the_policies_themselves_is_bad_and_a_person_only_does_not_know() -> (
    None
):
    w = healthy()
    w.aws.census = raising(Denied("AWS IoT", "iot:ListSecurityProfiles is denied"))  # type: ignore[assignment]
    assert grades(inside(w))["aws-profiles"][0] == "bad"
    assert grades(examined(w))["aws-profiles"][0] == "unknown"


@pytest.mark.parametrize(
    ("settings", "doubted"),
    [({"delete": "mirror"}, True), ({"delete": "mirror", "canary": "canary"}, False), ({}, False)],
)
def test_so_few_policies_that_an_empty_listing_is_believed_want_a_canary(
    settings: dict[str, str], doubted: bool
) -> None:
    found = grades(examined(healthy(**settings)))
    assert ("canary" in found) is doubted
    if doubted:
        assert found["canary"][1].startswith("1 of 3 policies are known")


def test_how_long_a_sweep_takes_is_told_by_the_share_that_sweeps_keep_to() -> None:
    (quota,) = [each for each in examined(healthy())["checks"] if each["check"] == "quota"]
    assert quota["said"] == "links: 1; a sweep takes 0 s at 40% of AWS's 25 reads a second"


def test_more_links_than_a_sweep_has_time_for_are_doubted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ledger, "SWEEP_EVERY", 1 / (DESCRIBES * SHARE) - 0.01)
    assert grades(examined(healthy()))["quota"][0] == "doubt"


def test_with_many_policies_no_canary_is_wanted() -> None:
    w = healthy(delete="mirror")
    for name in ("valves", "boilers"):
        w.in_step(name, profile(sent=at_most(100)), group(sent=at_most(100)))
    assert "canary" not in grades(examined(w))


def test_a_function_that_never_swept_and_one_that_is_late_are_told() -> None:
    w = world()
    list(w.mirror(LAMBDA).perform(Sweep()))
    w.now += 4 * 3600
    said = [each["said"] for each in examined(w)["checks"] if each["check"] == "sweep"]
    assert said == [
        "the last whole sweep of aws-lambda is 4.0 h old",
        "azure-function has never swept this route",
    ]


def test_functions_that_have_not_told_their_routes_are_named() -> None:
    w = healthy()
    scope = w.scope()
    w.ledger.save_scope(replace(scope, rev=scope.rev + 1, digests={}))
    told = grades(examined(w))["routes-digest"]
    assert told == ("doubt", "aws-lambda and azure-function have not told their routes yet")


def test_a_route_that_a_person_paused_is_told_with_the_command_that_resumes_it() -> None:
    w = healthy()
    scope = w.scope()
    w.ledger.save_scope(replace(scope, rev=scope.rev + 1, paused=True))
    (paused,) = [each for each in examined(w)["checks"] if each["check"] == "paused"]
    assert (paused["grade"], paused["way_out"]) == ("doubt", "policy-mirror resume fleet")


def test_another_routes_yaml_in_a_function_is_told() -> None:
    w = healthy()
    scope = w.scope()
    w.ledger.save_scope(replace(scope, rev=scope.rev + 1, digests={**scope.digests, "aws-lambda": "other"}))
    assert grades(examined(w))["routes-digest"][0] == "bad"


def test_a_sweep_that_may_not_read_the_activity_log_is_told() -> None:
    w = healthy()
    scope = w.scope()
    w.ledger.save_scope(replace(scope, rev=scope.rev + 1, unaudited="denied"))
    assert grades(examined(w))["activity-log"] == ("doubt", "the sweep could not read it: denied")


def test_a_frozen_route_and_a_cloud_that_does_not_answer_are_bad() -> None:
    w = healthy()
    w.freeze("more than 2 deletions in an hour")
    mirror = w.mirror()
    w.aws.census = raising(Unreachable("AWS IoT", "no answer"))  # type: ignore[assignment]
    found = grades(run_command(mirror, Command("doctor", {})))
    assert found["frozen"][0] == found["aws-profiles"][0] == "bad"


def test_a_journal_that_somebody_changed_ends_with_an_exit_code_of_its_own() -> None:
    w = world()
    w.aws.put("pumps", profile(sent=at_most(100)))
    w.look()
    link = w.link()
    w.ledger.save(replace(link, rev=link.rev + 1, head="0" * 64))
    answer = examined(w)
    assert answer["exit_code"] == 6
    assert grades(answer)["journal"][0] == "bad"


@dataclass
class Prober:
    cloud: str
    names: list[str] = field(default_factory=list)

    def answers(self, name: str) -> Any:
        self.names.append(name)
        yield "etag", "is there an ETag?", "no"


def probing(w: World, prober: Prober) -> Mirror:
    mirror = w.mirror()
    mirror.setups = lambda _: Setups(Aws(), Azure())
    mirror.probes = lambda _: (prober,)
    mirror.new_trace = lambda: "0123456789abcdef" * 2
    return mirror


def test_a_probe_without_consent_asks_nothing() -> None:
    prober = Prober("aws")
    with pytest.raises(BadInput, match=r"creates and deletes policy-mirror-probe-\* on both clouds; consent"):
        run_command(probing(healthy(), prober), Command("doctor", {"probe": True}))
    assert prober.names == []


def test_a_probe_answers_with_date_place_and_slugs() -> None:
    prober = Prober("aws")
    answer = run_command(
        probing(healthy(), prober), Command("doctor", {"probe": True, "consent": True, "route": "fleet"})
    )
    (report,) = answer["probes"]
    assert (report["date"], report["route"], report["aws"]) == (
        "2027-01-15",
        "fleet",
        "123456789012/eu-central-1",
    )
    assert prober.names == [report["object"]] == ["policy-mirror-probe-01234567"]
    assert report["answers"][0] == {
        "cloud": "aws",
        "slug": "etag",
        "question": "is there an ETag?",
        "answer": "no",
    }
    assert report["answers"][-1]["slug"] == "event-latency"


def test_no_route_ever_takes_in_what_a_probe_makes() -> None:
    w = world()
    assert not w.route.names.covers("policy-mirror-probe-01234567")
    assert not w.route.names.covers("Policy-Mirror-Probe-01234567")


def test_the_latency_is_that_of_edits_that_events_brought() -> None:
    w = healthy()
    w.aws.put("pumps", profile(sent=at_most(50)))
    mirror = probing(w, Prober("aws"))
    mirror.reconcile(LinkKey("fleet", "pumps"), cause=Cause(at=w.now - 12.0))
    answer = run_command(mirror, Command("doctor", {"probe": True, "consent": True}))
    assert answer["probes"][0]["answers"][-1]["answer"] == "12.0 s in the middle, 12.0 s at most, of 1 edits"
    assert [effect for effect in w.effects if isinstance(effect, do.Update)]
