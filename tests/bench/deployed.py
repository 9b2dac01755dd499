"""Rows about both artefacts on the platforms' own runtimes, on this machine.

Ours answers a first event about a policy in step: federation, ledger and both clouds are asked, over
loopback, and what those servers take is in our figure. The floors load the SDKs and build clients; they ask
nobody. The naive bundle is ours without byte code, and with all that it may ever need loaded at import.
"""

from __future__ import annotations

import json
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import boto3

from functions.local.reach import Line
from functions.local.runtimes.functions_worker import FunctionsWorker
from functions.local.runtimes.lambda_runtime import LambdaRuntime, LambdaSettings
from functions.local.runtimes.real import RealRuntimes
from functions.local.stage import Stage
from tests.bench.fresh import FLOORS, tools
from tests.bench.measure import Pairs, Sample, side_by_side
from tests.bench.places import REGION, batch, call
from tests.bench.row import Row

NAME = "pumps"
EVENT = batch(call(NAME))


class Scene:
    """One policy in step between two clouds, and the settings of both functions that keep it so."""

    def __init__(self, stack: ExitStack) -> None:
        self.looks: list[str] = []
        rig = partial(RealRuntimes, tools=tools(), redeliver=5)
        stage = stack.enter_context(Stage(self._tell, rig))
        self.runtimes: RealRuntimes = stage.functions  # type: ignore[assignment]  # the rig's
        iot = boto3.client(
            "iot",
            REGION,
            endpoint_url=stage.clouds.aws.endpoint,
            aws_access_key_id="a",
            aws_secret_access_key="b",
        )
        criteria: Any = {
            "comparisonOperator": "less-than",
            "value": {"count": 100},
            "durationSeconds": 300,
        }
        behavior = {"name": "sent", "metric": "aws:num-messages-sent", "criteria": criteria}
        iot.create_security_profile(securityProfileName=NAME, behaviors=[behavior])  # type: ignore[list-item]
        assert stage.settle(60.0), "the policy did not come to rest"
        group = f"{stage.clouds.azure.hub}/providers/Microsoft.Security/deviceSecurityGroups/{NAME}"
        self.group_event = {
            "id": "1",
            "topic": f"/subscriptions/{stage.clouds.azure.subscription}",
            "subject": group,
            "eventType": "Microsoft.Resources.ResourceWriteSuccess",
            "eventTime": "2026-11-27T12:00:00Z",
            "dataVersion": "1",
            "data": {"resourceUri": group, "operationName": "Microsoft.Security/deviceSecurityGroups/write"},
        }

    def _tell(self, line: Line) -> None:
        if line["event"] == "looked" or "code" in line:
            self.looks.append(str(line.get("code", line["event"])))


@contextmanager
def scene() -> Iterator[tuple[Scene, ExitStack, Path]]:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="policy-mirror-bench-")))
        at = Scene(stack)
        at.looks.clear()
        yield at, stack, folder
        assert set(at.looks) == {"in-step"}, at.looks


def _lambda_beside(stack: ExitStack, program: Path, packages: Path, folder: Path) -> LambdaRuntime:
    """``program`` is the handler's module; nothing is compiled that was not before."""
    shutil.copy(program, folder)
    path = f"{tools().lambda_runtime}:{packages}:{folder}"
    settings = LambdaSettings({"PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1"})
    return stack.enter_context(
        LambdaRuntime(
            replace(tools(), aws=packages), settings, heard=lambda _: None, handler=f"{program.stem}.handler"
        )
    )


def _first(runtime: LambdaRuntime) -> Sample:
    """Seconds of INIT and the first event, as the emulator has measured them."""

    def sample() -> float:
        runtime.kill()
        answer = runtime.invoke(EVENT)
        assert answer == {"batchItemFailures": []}, answer
        runtime.kill()  # the report is written after the answer
        return runtime.durations[-1] / 1000

    return sample


def _held(runtime: LambdaRuntime) -> Sample:
    def sample() -> float:
        runtime.kill()
        for _ in range(5):
            runtime.invoke(EVENT)
        return runtime.peak_memory() / 1024

    return sample


def _lambda(take: Callable[[LambdaRuntime], Sample], rounds: int) -> Pairs:
    with scene() as (at, stack, folder):
        floor = _lambda_beside(stack, FLOORS / "bare_lambda.py", tools().aws, folder)
        return side_by_side(take(at.runtimes.lambda_function), take(floor), rounds)


def _naive(rounds: int) -> Pairs:
    with scene() as (at, stack, folder):
        bundle = folder / "bundle"
        shutil.copytree(tools().aws, bundle, ignore=shutil.ignore_patterns("__pycache__", "*.pyc"))
        shutil.copy(FLOORS / "naive_lambda.py", bundle)
        ours = at.runtimes.lambda_function
        careful = ours.settings
        variables = {**careful.variables, "PYTHONDONTWRITEBYTECODE": "1"}
        naive = stack.enter_context(
            LambdaRuntime(
                replace(tools(), aws=bundle),
                replace(careful, variables=variables),
                heard=lambda _: None,
                handler="naive_lambda.handler",
            )
        )
        return side_by_side(_first(ours), _first(naive), rounds)


def _bare_function(stack: ExitStack, folder: Path) -> FunctionsWorker:
    shutil.copy(FLOORS / "bare_function.py", folder / "function_app.py")
    shutil.copy(tools().azure / "host.json", folder)
    (folder / ".python_packages").symlink_to(tools().azure / ".python_packages")
    variables = {"AWS_DEFAULT_REGION": REGION}
    return stack.enter_context(
        FunctionsWorker(replace(tools(), azure=folder), variables, heard=lambda _: None)
    )


def _ask(worker: FunctionsWorker, event: Any) -> None:
    (name,) = [
        each["name"] for each in worker.functions["on_policy_event"] if each["type"] == "eventGridTrigger"
    ]
    worker.invoke("on_policy_event", {name: {"json": json.dumps(event)}})


def _loaded(worker: FunctionsWorker, event: Any) -> Sample:
    """Seconds from the worker's start to the end of its first invocation."""

    def sample() -> float:
        worker.kill()
        began = time.perf_counter()
        _ask(worker, event)
        return time.perf_counter() - began

    return sample


def _worker_held(worker: FunctionsWorker, event: Any) -> Sample:
    def sample() -> float:
        worker.kill()
        for _ in range(5):
            _ask(worker, event)
        return worker.peak_memory() / 1024

    return sample


def _worker(take: Callable[[FunctionsWorker, Any], Sample], rounds: int) -> Pairs:
    with scene() as (at, stack, folder):
        floor, event = _bare_function(stack, folder), at.group_event
        return side_by_side(take(at.runtimes.function_app, event), take(floor, event), rounds)


SDKS = "the same runtime; the SDKs imported and clients built, with byte code; nobody is asked"
ROWS = (
    Row(
        "lambda-first",
        "Lambda under RIE: INIT and a first event that changes nothing, its calls over loopback",
        SDKS,
        "bare_lambda",
        1.15,
        partial(_lambda, _first),
        rounds=9,
    ),
    Row(
        "lambda-naive",
        "the same, against the same bundle built naively",
        "the same runtime and settings; no byte code, all imports at the start",
        "naive_lambda",
        0.5,
        _naive,
        rounds=9,
    ),
    Row(
        "worker-first",
        "Azure worker: load and a first event that changes nothing, its calls over loopback",
        SDKS,
        "bare_function",
        1.15,
        partial(_worker, _loaded),
        rounds=9,
    ),
    Row(
        "lambda-memory",
        "Lambda under RIE, warm: most memory held",
        SDKS,
        "bare_lambda",
        1.15,
        partial(_lambda, _held),
        unit="MB",
        scale=1.0,
        rounds=3,
    ),
    Row(
        "worker-memory",
        "Azure worker, warm: most memory held",
        SDKS,
        "bare_function",
        1.15,
        partial(_worker, _worker_held),
        unit="MB",
        scale=1.0,
        rounds=3,
    ),
)
