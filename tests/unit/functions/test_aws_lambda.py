"""The Lambda handler: one entry for events, batches, the schedule and whoever types a command."""

from __future__ import annotations

import json
import logging
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from io import StringIO
from typing import Any
from uuid import uuid4

import pytest
from aws_lambda_powertools import Logger
from msgspec import structs
from msgspec.structs import replace

from functions.aws_lambda.app import Handler, create_handler
from shared.errors import BadInput, Denied, Throttled
from shared.operations.mirror import Mirror
from shared.operations.requests import LookAgain, NotReady
from shared.routes.mention import Unmentioned, undecided
from shared.sync import effects as do
from shared.translation.side import Side
from tests.unit.functions.deliveries import Event, Queue, aws_event, sqs
from tests.unit.sync.documents import at_most, profile
from tests.unit.sync.world import LAMBDA, World, raising, world

AZURE = Side.AZURE


class Counts(Counter[str]):
    flushed = 0

    def add_metric(self, name: str, unit: Any, value: float) -> None:
        self[name] += int(value)

    def flush_metrics(self, raise_on_empty_metrics: bool = False) -> None:
        self.flushed += 1

    @property
    def came(self) -> dict[str, int]:
        """What came of the deliveries, without what each of them costs."""
        costs = {"cold-start", "aws-calls", "azure-calls", "ledger-calls"}
        return {name: value for name, value in self.items() if name not in costs}


class Context:
    """What a Lambda context says about the time that is left."""

    aws_request_id = "req-1"

    def __init__(self, milliseconds: int = 30_000) -> None:
        self._milliseconds = milliseconds

    def get_remaining_time_in_millis(self) -> int:
        return self._milliseconds


@dataclass
class Function:
    """The handler in the small world, where both clouds have ``pumps`` on AWS only."""

    w: World = field(default_factory=world)
    queue: Queue | None = field(default_factory=Queue)
    metrics: Counts = field(default_factory=Counts)
    built: int = 0
    unmentioned: Unmentioned = undecided

    def __post_init__(self) -> None:
        self.w.aws.put("pumps", profile(sent=at_most(100)))
        self.log = StringIO()
        # Loggers of one service share their stream for as long as the process lives, and id() comes again.
        logger = Logger(service=f"test-{uuid4()}", stream=self.log, level=logging.INFO)
        self.mirror: Callable[[], Mirror] = lambda: replace(self.w.mirror(LAMBDA), enqueue=self.queue)
        self.handler: Handler = create_handler(self._build, logger, self.metrics, self.unmentioned)

    def _build(self) -> Mirror:
        self.built += 1
        return self.mirror()

    def __call__(self, event: Any, context: Context | None = None) -> Any:
        answer = self.handler(event, context or Context())
        assert json.loads(json.dumps(answer)) == answer
        return answer

    def logged(self) -> list[Event]:
        return [json.loads(line) for line in self.log.getvalue().splitlines()]


def events(answer: Any) -> list[tuple[str, str]]:
    return [(line["event"], line.get("code") or line.get("reason")) for line in answer["outcomes"]]


# Events


def test_an_event_mirrors_the_policy_that_it_names() -> None:
    function = Function()
    answer = function(aws_event())
    assert events(answer) == [("mirrored", "written")]
    assert function.w.azure.said() == {"sent": at_most(100)}
    assert function.metrics.came == {"mirrored": 1}
    assert function.metrics.flushed == 1


def test_it_is_told_once_in_the_log_without_any_document() -> None:
    function = Function()
    function.w.aws.put("pumps", profile(sent=at_most(100), own={"securityProfileDescription": "s3cret"}))
    function(aws_event())
    (entry,) = [line for line in function.logged() if line["message"] == "looked"]
    assert (entry["outcome"]["link"], entry["outcome"]["direction"]) == ("fleet/pumps", "aws-to-azure")
    assert "s3cret" not in function.log.getvalue()


@pytest.mark.parametrize(
    ("event", "reason"),
    [
        (aws_event(errorCode="AccessDenied"), "failed-call"),
        (aws_event(operation="DescribeSecurityProfile", readOnly=True), "not-a-write"),
        (aws_event(operation="CreateThing"), "not-a-policy"),
        (aws_event(eventSource="s3.amazonaws.com"), "other-service"),
        ({"detail-type": "EC2 Instance State-change Notification", "source": "aws.ec2"}, "other-service"),
    ],
)
def test_what_concerns_nobody_is_counted_and_loads_nothing(event: Event, reason: str) -> None:
    function = Function()
    assert function(event) == {"outcomes": [{"event": "ignored", "reason": reason}]}
    assert function.metrics.came == {f"ignored-{reason}": 1}
    assert function.built == 0


def test_an_event_outside_the_routes_changes_nothing() -> None:
    function = Function()
    answer = function(aws_event(recipientAccountId="999999999999"))
    assert events(answer) == [("ignored", "outside-routes")]
    assert function.w.writes == []


def test_a_scope_that_the_routes_do_not_mention_is_told_and_counted_and_loads_nothing() -> None:
    asked: list[tuple[Side, str]] = []

    def unmentioned(side: Side, scope: str) -> bool:
        asked.append((side, scope))
        return True

    function = Function(unmentioned=unmentioned)
    assert function(aws_event()) == {"outcomes": [{"event": "ignored", "reason": "outside-routes"}]}
    assert function.metrics.came == {"ignored-outside-routes": 1}
    assert (function.built, asked) == (0, [(Side.AWS, "123456789012/eu-central-1")])


def test_the_mirror_is_built_once_for_all_requests() -> None:
    function = Function()
    for _ in range(3):
        function(aws_event())
    assert function.built == 1
    assert function.metrics.flushed == 3


@pytest.mark.parametrize(
    "nonsense",
    [{}, [], "", "text", None, 5, {"detail-type": 5}, {"command": ""}, {"sweep": False}, "[" * 9999],
)
def test_nonsense_is_refused_in_one_line_and_counted(nonsense: Any) -> None:
    function = Function()
    answer = function(nonsense)
    assert set(answer) == {"error"}
    assert answer["error"]["code"] == "bad-event"
    assert "\n" not in answer["error"]["message"]
    assert function.metrics.came == {"bad-event": 1}
    assert function.built == 0


def test_a_busy_link_goes_back_to_the_queue_and_is_a_success() -> None:
    function = Function()
    function.w.before(do.Read, raising(Throttled("azure", "slow down", retry_after=17.0)))
    assert events(function(aws_event())) == [("busy", "throttled")]
    assert function.queue is not None
    assert function.queue.sent == [("fleet/pumps", 17.0)]


def test_without_a_queue_a_busy_link_makes_the_platform_deliver_again() -> None:
    function = Function(queue=None)
    function.w.before(do.Read, raising(Throttled("azure", "slow down")))
    with pytest.raises(LookAgain, match="1 links to look at again, the first is fleet/pumps") as again:
        function(aws_event())
    assert not again.value.failed
    assert events(function(aws_event())) == [("mirrored", "written")]


def test_an_error_makes_the_platform_deliver_again() -> None:
    function = Function()
    function.w.before(do.Read, raising(Denied("azure", "no")))
    with pytest.raises(LookAgain) as again:
        function(aws_event())
    assert again.value.failed
    assert [line["code"] for line in again.value.told] == ["denied"]
    assert function.metrics.flushed == 1


def test_no_write_is_begun_when_the_function_is_about_to_end() -> None:
    function = Function()
    answer = function(aws_event(), Context(milliseconds=9_000))
    assert events(answer) == [("busy", "out-of-time")]
    assert function.w.writes == []
    assert events(function(aws_event())) == [("mirrored", "written")]


# Batches


def test_of_a_batch_only_the_messages_that_failed_are_repeated() -> None:
    function = Function()
    function.w.aws.put("valves", profile(sent=at_most(5)))
    function.w.before(do.Read, raising(Denied("aws", "no")))
    answer = function(sqs(aws_event("pumps"), aws_event("valves")))
    assert answer == {"batchItemFailures": [{"itemIdentifier": "m1"}]}
    assert function.w.azure.said("valves") == {"sent": at_most(5)}


def test_a_message_of_nonsense_is_dropped_and_does_not_disturb_the_others() -> None:
    function = Function()
    answer = function(sqs("{not JSON", aws_event("pumps"), "[]", {"hello": "world"}))
    assert answer == {"batchItemFailures": []}
    assert function.metrics.came == {"bad-event": 3, "mirrored": 1}
    assert [line["level"] for line in function.logged()].count("WARNING") == 3


def test_what_fails_in_a_batch_is_logged_with_its_reason() -> None:
    function = Function()
    function.mirror = _unconfigured
    function(sqs(json.dumps(aws_event())))
    (entry,) = [line for line in function.logged() if line["message"] == "failed"]
    assert (entry["level"], entry["code"]) == ("ERROR", "not-ready")
    assert "POLICY_MIRROR_LEDGER is not set" in entry["exception"]


def test_a_fault_of_ours_in_a_batch_is_logged_with_its_trace() -> None:
    function = Function()
    function.mirror = _broken
    assert function(sqs(json.dumps(aws_event())))["batchItemFailures"]
    (entry,) = [line for line in function.logged() if line["message"] == "failed"]
    assert (entry["level"], entry["code"], entry["exception_name"]) == ("ERROR", "fault", "ZeroDivisionError")


def _broken() -> Mirror:
    raise ZeroDivisionError


def test_a_whole_batch_may_fail() -> None:
    function = Function()
    for nth in range(1, 9):
        function.w.before(do.Read, raising(Denied("aws", "no")), nth)
    answer = function(sqs(aws_event("pumps"), aws_event("valves")))
    assert [failure["itemIdentifier"] for failure in answer["batchItemFailures"]] == ["m1", "m2"]


@pytest.mark.parametrize("records", [[], [5], [{}], [{"eventSource": "aws:s3", "s3": {}}]])
def test_records_that_are_no_messages_of_a_queue_are_refused(records: Any) -> None:
    assert Function()({"Records": records})["error"]["code"] == "bad-event"


def test_a_key_that_a_sweep_enqueued_is_looked_at() -> None:
    function = Function()
    assert function(sqs({"route": "fleet", "name": "pumps"})) == {"batchItemFailures": []}
    assert function.w.azure.has("pumps")


def test_a_key_of_a_route_that_is_gone_is_dropped() -> None:
    function = Function()
    assert function(sqs({"route": "gone", "name": "pumps"})) == {"batchItemFailures": []}
    assert function.metrics.came == {"bad-event": 1}


def test_a_command_is_never_taken_from_the_queue() -> None:
    function = Function()
    function.w.freeze("too much at once")
    assert function(sqs({"command": "release", "route": "fleet"})) == {"batchItemFailures": []}
    assert function.w.scope().frozen == "too much at once"
    assert function.metrics.came == {"bad-event": 1}


# Schedule and console


@pytest.mark.parametrize(
    "schedule",
    [
        {"source": "aws.events", "detail-type": "Scheduled Event", "detail": {}},
        {"source": "aws.scheduler"},
        {"sweep": True},
        {"sweep": "fleet"},
    ],
)
def test_the_schedule_enqueues_every_key(schedule: Event) -> None:
    function = Function()
    assert function(schedule) == {"outcomes": []}
    assert function.queue is not None
    assert function.queue.sent == [("fleet/pumps", 0.0)]
    assert function.w.scope().swept_at == {"aws-lambda": function.w.now}


def test_a_sweep_of_every_route_is_counted_with_how_the_routes_stand() -> None:
    function = Function()
    function({"sweep": True})
    want = {"swept": 1, "sweep-complete": 1, "links": 0, "frozen": 0, "routes-differ": 0}
    assert function.metrics.came == want


def test_a_sweep_that_fails_is_not_complete() -> None:
    function = Function()
    function.w.before(do.FirstNames, raising(Denied("azure", "no")))
    with pytest.raises(LookAgain):
        function({"sweep": True})
    assert (function.metrics["swept"], function.metrics["sweep-complete"]) == (0, 0)


def test_a_sweep_of_one_route_says_nothing_about_all() -> None:
    function = Function()
    function({"sweep": "fleet"})
    assert (function.metrics["swept"], "sweep-complete" in function.metrics) == (1, False)


def test_a_frozen_route_is_counted_by_looks_and_by_sweeps() -> None:
    function = Function()
    function.w.freeze("too much at once")
    function(aws_event())
    assert function.metrics["frozen"] == 1
    function({"sweep": True})
    assert function.metrics["frozen"] == 2


def test_other_routes_of_the_other_function_are_counted() -> None:
    function = Function()
    scope = function.w.scope()
    other = {"azure-function": "another digest"}
    function.w.ledger.save_scope(structs.replace(scope, rev=scope.rev + 1, digests=other))
    function({"sweep": True})
    assert function.metrics["routes-differ"] == 1


def test_without_a_queue_the_schedule_looks_at_once() -> None:
    function = Function(queue=None)
    assert events(function({"sweep": True})) == [("mirrored", "written")]


def test_a_command_is_answered() -> None:
    function = Function()
    assert function({"command": "status"})["routes"][0]["route"] == "fleet"
    answer = function({"command": "sync", "route": "fleet", "name": "pumps"})
    assert answer["outcomes"][0]["event"] == "mirrored"


def test_a_sweep_that_somebody_types_goes_to_the_queue() -> None:
    function = Function()
    assert function({"command": "sweep"})["queued"] == 1


def test_the_journal_names_the_invocation_and_who_says_to_have_made_it() -> None:
    function = Function()
    function({"command": "pause", "route": "fleet", "name": "pumps", "identity": "alice"})
    function({"command": "resume", "route": "fleet", "name": "pumps"})
    actors = [entry.actor for entry in function.w.journal()]
    assert actors == ["alice via lambda req-1", "lambda req-1"]


def test_a_command_counts_nothing_and_so_writes_no_metrics() -> None:
    function = Function()
    function(aws_event(operation="CreateThing"))
    before = function.metrics.copy(), function.metrics.flushed
    function({"command": "status"})
    assert (function.metrics, function.metrics.flushed) == before


def test_only_the_first_invocation_of_a_container_is_a_cold_start() -> None:
    function = Function()
    function(aws_event())
    function(aws_event())
    assert function.metrics["cold-start"] == 1


def test_what_each_cloud_was_asked_is_counted() -> None:
    function = Function()
    function(aws_event())
    counted = function.metrics
    assert min(counted["aws-calls"], counted["azure-calls"], counted["ledger-calls"]) > 1


def test_the_lag_of_a_mirrored_edit_is_counted_from_the_time_of_its_event() -> None:
    function = Function()
    function.w.now = 1_800_000_007.0
    function(aws_event(eventTime="2027-01-15T08:00:00Z"))
    assert function.metrics["lag"] == 7


def test_what_a_sweep_had_to_write_is_counted_as_repaired() -> None:
    function = Function()
    function({"route": "fleet", "name": "pumps", "cause": {"swept": True}})
    assert function.metrics["repaired"] == 1


def test_a_trace_leads_from_the_event_to_log_journal_and_write() -> None:
    function, trace = Function(), "0123456789abcdef" * 2
    function(aws_event(userAgent=f"Boto3/1 policy-mirror trace/{trace}"))
    (entry,) = [line for line in function.logged() if line["message"] == "looked"]
    assert entry["outcome"]["trace"] == trace
    assert function.w.journal()[0].detail["trace"] == trace


def test_a_command_with_bad_arguments_is_answered_with_what_there_is() -> None:
    answer = Function()({"command": "plan", "route": "nowhere", "name": "pumps"})
    assert answer["error"]["code"] == "bad-input"
    assert "it has: fleet" in answer["error"]["message"]


def test_a_command_that_meets_a_failing_cloud_is_answered_and_not_raised() -> None:
    function = Function()
    function.mirror = lambda: replace(function.w.mirror(LAMBDA), clouds=_denied)
    answer = function({"command": "plan", "route": "fleet", "name": "pumps"})
    assert answer == {"error": {"code": "denied", "message": "azure: no"}}


def _denied(_: Any) -> Any:
    raise Denied("azure", "no")


# A deployment that is wrong


def _unconfigured() -> Mirror:
    raise BadInput("POLICY_MIRROR_LEDGER is not set")


def test_a_deployment_without_settings_loses_no_delivery() -> None:
    function = Function()
    good, function.mirror = function.mirror, _unconfigured
    with pytest.raises(NotReady, match="POLICY_MIRROR_LEDGER is not set"):
        function(aws_event())
    assert function(sqs(aws_event())) == {"batchItemFailures": [{"itemIdentifier": "m1"}]}
    function.mirror = good
    assert events(function(aws_event())) == [("mirrored", "written")]


def test_a_person_is_told_what_the_deployment_lacks() -> None:
    function = Function()
    function.mirror = _unconfigured
    assert function({"command": "status"}) == {
        "error": {"code": "not-ready", "message": "POLICY_MIRROR_LEDGER is not set"}
    }
