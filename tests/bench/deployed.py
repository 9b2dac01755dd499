"""Rows about both artefacts on the platforms' own runtimes, on this machine.

Ours answers a first event about a policy in step: federation, ledger and both clouds are asked, over
loopback, and what those servers take is in our figure. The strict floors load the SDKs, build clients and ask
nobody; those that make the same calls show what is ours beyond what anybody has to do.
"""

from __future__ import annotations

import json
import platform
import shutil
import subprocess
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from functions.local.runtimes.functions_worker import FunctionsWorker
from functions.local.runtimes.lambda_runtime import LambdaRuntime
from functions.local.runtimes.tools import ROOT
from infra.bundle.artefacts import AWS, Architecture
from infra.bundle.build import copy, install
from tests.bench.fresh import FLOORS, tools
from tests.bench.measure import Pairs, Sample, side_by_side
from tests.bench.places import REGION
from tests.bench.row import Row
from tests.bench.scene import EVENT, Scene, scene


def _program(name: str, folder: Path, as_name: str | None = None) -> None:
    """Into ``folder``, with what it needs of the floors, and byte code: ours has it too."""
    shutil.copy(FLOORS / f"{name}.py", folder / f"{as_name or name}.py")
    shutil.copy(FLOORS / "same_calls.py", folder)
    subprocess.run([tools().python, "-m", "compileall", "-q", folder], check=True)


def _bare_lambda(program: str, at: Scene, stack: ExitStack, folder: Path) -> LambdaRuntime:
    """Its packages are ours; ``program`` has the handler."""
    _program(program, folder)
    path = f"{tools().lambda_runtime}:{tools().aws}:{folder}"
    variables = {**at.settings.variables, "PYTHONPATH": path, "FLOOR_CALLS": json.dumps(at.calls)}
    return at.start_lambda(stack, variables, handler=f"{program}.handler")


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


def _lambda(program: str, take: Callable[[LambdaRuntime], Sample], rounds: int) -> Pairs:
    with scene() as (at, stack, folder):
        floor = _bare_lambda(program, at, stack, folder)
        return side_by_side(take(at.start_lambda(stack)), take(floor), rounds)


def _naive(rounds: int) -> Pairs:
    with scene() as (at, stack, folder):
        bundle = _naive_bundle(folder)
        variables = {**at.settings.variables, "PYTHONDONTWRITEBYTECODE": "1"}
        naive = at.start_lambda(stack, variables, bundle, "naive_lambda.handler")
        pairs = side_by_side(_first(at.start_lambda(stack)), _first(naive), rounds)
        assert at.looks == ["in-step"] * 2 * (rounds + 1), at.looks
        return pairs


def _naive_bundle(folder: Path) -> Path:
    """The packages as an installer leaves them, our sources beside them: nothing trimmed or compiled."""
    bundle = folder / "bundle"
    machine: Architecture = "arm64" if platform.machine() in ("arm64", "aarch64") else "x86_64"
    install(AWS, machine, root=ROOT, uv=ROOT / ".tools/bin/uv", packages=bundle)
    for source in AWS.sources:
        copy(ROOT / source, bundle / source)
    shutil.copy(FLOORS / "naive_lambda.py", bundle)
    assert not list(bundle.rglob("*.pyc"))
    return bundle


def _bare_function(program: str, at: Scene, stack: ExitStack, folder: Path) -> FunctionsWorker:
    _program(program, folder, "function_app")
    shutil.copy(tools().azure / "host.json", folder)
    (folder / ".python_packages").symlink_to(tools().azure / ".python_packages")
    variables = {
        **at.runtimes.function_app.variables,
        "AWS_DEFAULT_REGION": REGION,
        "FLOOR_CALLS": json.dumps(at.calls),
    }
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


def _worker(program: str, take: Callable[[FunctionsWorker, Any], Sample], rounds: int) -> Pairs:
    with scene() as (at, stack, folder):
        floor, event = _bare_function(program, at, stack, folder), at.group_event
        return side_by_side(take(at.runtimes.function_app, event), take(floor, event), rounds)


LAMBDA = "Lambda under RIE: INIT and a first event that changes nothing, its calls over loopback"
WORKER = "Azure worker: load and a first event that changes nothing, its calls over loopback"
SDKS = "the same runtime; the SDKs imported and clients built, with byte code; nobody is asked"
CALLS = "the same runtime and the same calls of the SDKs: sign-ins, ledger, both clouds; no use made of them"
ROWS = (
    Row(
        "lambda-first",
        LAMBDA,
        SDKS,
        "bare_lambda",
        1.15,
        partial(_lambda, "bare_lambda", _first),
        rounds=9,
    ),
    Row(
        "lambda-first-calls",
        LAMBDA,
        CALLS,
        "lambda_calls",
        1.15,
        partial(_lambda, "lambda_calls", _first),
        rounds=9,
    ),
    Row(
        "lambda-naive",
        "the same, against the same function built naively",
        "the same runtime and settings; packages plainly installed, no byte code, all imports at the start",
        "naive_lambda",
        0.5,
        _naive,
        rounds=9,
    ),
    Row(
        "worker-first",
        WORKER,
        SDKS,
        "bare_function",
        1.15,
        partial(_worker, "bare_function", _loaded),
        rounds=9,
    ),
    Row(
        "worker-first-calls",
        WORKER,
        CALLS,
        "function_calls",
        1.15,
        partial(_worker, "function_calls", _loaded),
        rounds=9,
    ),
    Row(
        "lambda-memory",
        "Lambda under RIE, warm: most memory held",
        SDKS,
        "bare_lambda",
        1.15,
        partial(_lambda, "bare_lambda", _held),
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
        partial(_worker, "bare_function", _worker_held),
        unit="MB",
        scale=1.0,
        rounds=3,
    ),
)
