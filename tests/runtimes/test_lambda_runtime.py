"""The Lambda's artefact under AWS's runtime client and emulator, with nothing else on its path."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from functions.local.runtimes.lambda_runtime import LambdaFailed, LambdaRuntime, LambdaSettings
from functions.local.runtimes.process import runs
from functions.local.runtimes.tools import Tools
from tests.scenarios.scene import ROUTE

Start = Callable[..., LambdaRuntime]
OF_ANOTHER_SERVICE = {"source": "aws.s3", "detail-type": "Object Created"}
IGNORED = {"outcomes": [{"event": "ignored", "reason": "other-service"}]}


@pytest.fixture
def start(tools: Tools) -> Iterator[Start]:
    with ExitStack() as stack:

        def started(timeout: int = 30, handler: str | None = None, **variables: str) -> LambdaRuntime:
            settings = LambdaSettings({"POLICY_MIRROR_LEDGER": "sqlite::memory:", **variables}, timeout)
            chosen = {} if handler is None else {"handler": handler}
            return stack.enter_context(LambdaRuntime(tools, settings, heard=lambda _: None, **chosen))

        yield started


def test_it_answers_an_event_from_the_artefact_alone(start: Start) -> None:
    assert start().invoke(OF_ANOTHER_SERVICE) == IGNORED


def test_one_environment_starts_once_and_serves_many_events(start: Start) -> None:
    runtime = start()
    for _ in range(3):
        runtime.invoke(OF_ANOTHER_SERVICE)
    assert runtime.peak_memory() > 10_000
    runtime.close()  # a report is written after its answer
    assert (len(runtime.inits), len(runtime.durations)) == (1, 3)


def test_what_the_handler_raises_is_told_with_its_type(start: Start) -> None:
    with pytest.raises(LambdaFailed, match=r"NotReady: routes\.yaml: no such file"):
        start().invoke({"sweep": True})


def test_a_command_of_a_deployment_that_is_not_ready_is_answered(start: Start) -> None:
    told = start().invoke({"command": "status"})
    assert told["error"]["code"] == "not-ready"


def test_a_batch_names_the_messages_that_have_to_come_again(start: Start) -> None:
    bodies = {"good": '{"source": "aws.s3", "detail-type": "x"}', "early": '{"sweep": true}', "bad": "{"}
    records = [{"messageId": name, "body": body, "eventSource": "aws:sqs"} for name, body in bodies.items()]
    assert start().invoke({"Records": records}) == {"batchItemFailures": [{"itemIdentifier": "early"}]}


def test_a_batch_after_a_command_is_served_like_any(start: Start) -> None:
    """By then the command has loaded what a batch alone does without, and Powertools imports more."""
    runtime = start(POLICY_MIRROR_ROUTES_YAML=ROUTE)
    assert "routes" in runtime.invoke({"command": "status"})
    record = {"messageId": "1", "body": '{"source": "aws.s3", "detail-type": "x"}', "eventSource": "aws:sqs"}
    assert runtime.invoke({"Records": [record]}) == {"batchItemFailures": []}


def test_an_invocation_ends_when_its_time_is_up_and_the_next_one_starts_anew(
    start: Start, tools: Tools, tmp_path: Path
) -> None:
    module = "import time\n\ndef handler(seconds, context):\n    time.sleep(seconds)\n    return seconds\n"
    (tmp_path / "slow.py").write_text(module, encoding="utf-8")
    runtime = start(timeout=1, handler="slow.handler", PYTHONPATH=f"{tools.lambda_runtime}:{tmp_path}")
    with pytest.raises(LambdaFailed, match=r"Runtime\.TimedOut: after 1\.00 s"):
        runtime.invoke(60)
    assert runtime.invoke(0) == 0
    assert len(runtime.inits) == 2


def test_a_runtime_that_was_killed_leaves_nothing_behind_and_starts_anew(start: Start) -> None:
    runtime = start()
    runtime.invoke(OF_ANOTHER_SERVICE)
    before = runtime.processes()
    assert len(before) == 2  # the emulator, and what it supervises
    runtime.kill()
    assert not any(map(runs, before))
    assert runtime.invoke(OF_ANOTHER_SERVICE) == IGNORED
    assert len(runtime.inits) == 2
