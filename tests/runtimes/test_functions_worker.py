"""The function app's artefact under Microsoft's worker: what it indexes, and each kind of trigger."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from functions.local.later import Later
from functions.local.runtimes.functions_host import FunctionsHost, QueueLimits
from functions.local.runtimes.functions_worker import FunctionFailed, FunctionsWorker, Log
from functions.local.runtimes.tools import Tools

QUEUE = {"queueName": "policy-mirror-keys", "connection": "AzureWebJobsStorage"}
OF_ANOTHER_SERVICE = {
    "id": "1",
    "topic": "/subscriptions/x",
    "subject": "/subscriptions/x/resourceGroups/y",
    "eventType": "Microsoft.Storage.BlobCreated",
    "eventTime": "2026-11-27T12:00:00Z",
    "dataVersion": "1",
    "data": {},
}
GROUP = (
    "/subscriptions/11111111-2222-4333-8444-555555555555/resourceGroups/r/providers/Microsoft.Devices"
    "/IotHubs/h/providers/Microsoft.Security/deviceSecurityGroups/pumps"
)
OF_A_GROUP = {
    "eventType": "Microsoft.Resources.ResourceWriteSuccess",
    "subject": GROUP,
    "data": {"resourceUri": GROUP, "operationName": "Microsoft.Security/deviceSecurityGroups/write"},
}


class Heard:
    """What the worker logged, and which invocations failed."""

    def __init__(self) -> None:
        self.logs: list[Log] = []
        self.failures: list[FunctionFailed] = []

    def told(self) -> list[str]:
        return [log.message for log in self.logs if log.category == "policy_mirror.azure"]


@pytest.fixture(scope="module")
def heard() -> Heard:
    return Heard()


@pytest.fixture(scope="module")
def worker(tools: Tools, heard: Heard) -> Iterator[FunctionsWorker]:
    settings = {"POLICY_MIRROR_LEDGER": "sqlite::memory:", "POLICY_MIRROR_SWEEP_SCHEDULE": "0 0 * * * *"}
    with FunctionsWorker(tools, settings, heard=heard.logs.append) as started:
        yield started


@pytest.fixture
def host(worker: FunctionsWorker, heard: Heard) -> Iterator[FunctionsHost]:
    heard.logs.clear()
    heard.failures.clear()
    with Later() as later:
        yield FunctionsHost(worker, QueueLimits(0.01, 5), later, failed=heard.failures.append)
        assert later.idle(60.0)


def bindings(worker: FunctionsWorker, name: str) -> list[dict[str, Any]]:
    return [{key: value for key, value in each.items() if key != "name"} for each in worker.functions[name]]


def test_it_indexes_every_trigger_that_the_host_needs_to_know(worker: FunctionsWorker) -> None:
    assert set(worker.functions) == {"on_policy_event", "on_key", "sweep", "command", "page"}
    assert {"direction": "IN", "type": "eventGridTrigger"} in bindings(worker, "on_policy_event")
    assert {"direction": "OUT", "type": "queue", **QUEUE} in bindings(worker, "on_policy_event")
    assert {"direction": "IN", "type": "queueTrigger", **QUEUE} in bindings(worker, "on_key")
    assert {"direction": "OUT", "type": "queue", **QUEUE} in bindings(worker, "on_key")
    assert {"direction": "OUT", "type": "queue", **QUEUE} in bindings(worker, "sweep")
    (timer,) = (each for each in bindings(worker, "sweep") if each["type"] == "timerTrigger")
    assert timer["schedule"] == "%POLICY_MIRROR_SWEEP_SCHEDULE%"
    (http,) = (each for each in bindings(worker, "command") if each["type"] == "httpTrigger")
    assert (http["route"], http["methods"], http["authLevel"]) == ("api/command", ["POST"], "FUNCTION")


def test_event_grid_brings_an_event(host: FunctionsHost, heard: Heard) -> None:
    host.event(OF_ANOTHER_SERVICE)
    (counted,) = heard.told()
    assert json.loads(counted)["ignored-other-service"] == 1


def test_an_event_of_ours_fails_while_there_are_no_routes(host: FunctionsHost) -> None:
    """So Event Grid brings it again."""
    with pytest.raises(FunctionFailed, match=r"NotReady: routes\.yaml: no such file"):
        host.event({**OF_ANOTHER_SERVICE, **OF_A_GROUP})


def test_the_queue_drops_nonsense(host: FunctionsHost, heard: Heard) -> None:
    host.enqueue("{")
    assert host.settle(60.0)
    assert heard.told()[0].startswith("refused bad-event")
    assert (heard.failures, host.poison) == ([], [])


def test_a_key_that_fails_five_times_is_poison(host: FunctionsHost, heard: Heard) -> None:
    key = '{"route": "sandbox", "name": "pumps"}'
    host.enqueue(key)
    assert host.settle(60.0)
    assert (len(heard.failures), host.poison) == (5, [key])


def test_a_sweep_that_cannot_start_fails_and_is_told(host: FunctionsHost, heard: Heard) -> None:
    host.timer()
    (failure,) = heard.failures
    assert "NotReady" in str(failure)


def test_http_answers_a_command(host: FunctionsHost) -> None:
    status, body = host.http("POST", "api/command", b'{"command": "status"}')
    assert (status, json.loads(body)["error"]["code"]) == (502, "not-ready")


def test_a_worker_that_was_killed_starts_anew(
    worker: FunctionsWorker, host: FunctionsHost, heard: Heard
) -> None:
    worker.kill()
    host.event(OF_ANOTHER_SERVICE)
    (counted,) = heard.told()
    assert json.loads(counted)["ignored-other-service"] == 1
    assert len(worker.inits) == 2
