"""SnapStart, under AWS's own runtime client: what is in the snapshot, and what is fresh after a restore."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from functions.local.runtimes.lambda_runtime import HANDLER, LambdaSettings
from functions.local.runtimes.real import RealRuntimes
from functions.local.runtimes.tools import Tools
from functions.local.sandbox.clients import iot_client
from functions.local.stage import Stage
from functions.local.tour import Lines
from tests.bench.places import batch, call
from tests.runtimes.runtime_api import Restored
from tests.scenarios.scene import ROUTE, sent

PROBE = """
import random, sys
import snapshot_restore_py

snapshot_restore_py.register_before_snapshot(random.seed, 7)  # the last of them: they run backwards
from functions.aws_lambda.app import handler as ours

def handler(event, context):
    if event == "random":
        return random.random()
    before = set(sys.modules)
    return {"answer": ours(event, context), "loaded": sorted(set(sys.modules) - before)}
"""
LEDGER = "sqlite::memory:"
WITHOUT_CLOUDS = {"POLICY_MIRROR_LEDGER": LEDGER, "POLICY_MIRROR_ROUTES_YAML": ROUTE}
Start = Callable[..., Restored]


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


@pytest.fixture
def container(tools: Tools, tmp_path: Path) -> Iterator[Callable[..., Restored]]:
    """Makes one, up to its snapshot."""
    (tmp_path / "probe.py").write_text(PROBE, encoding="utf-8")
    with ExitStack() as stack:

        def started(handler: str = HANDLER, parameter: str = "", **variables: str) -> Restored:
            environment = LambdaSettings(variables).environment()
            made = stack.enter_context(Restored(tools, environment, handler, tmp_path, parameter))
            made.snapshot()
            return made

        yield started


def test_two_containers_of_one_snapshot_draw_different_numbers(container: Start) -> None:
    drawn = set()
    for _ in range(2):
        restored = container("probe.handler", **WITHOUT_CLOUDS)
        restored.restore()
        drawn.add(restored.invoke("random"))
    assert random.Random(7).random() not in drawn
    assert len(drawn) == 2


STATUS = {"command": "status"}


def routes_of(told: Any) -> list[str]:
    return [route["route"] for route in told["routes"]]


def test_routes_that_may_change_are_read_anew_after_a_restore(container: Start) -> None:
    restored = container(parameter=ROUTE, POLICY_MIRROR_LEDGER=LEDGER, POLICY_MIRROR_ROUTES="ssm:/routes")
    restored.parameter = ROUTE.replace("id: sandbox", "id: renamed")
    restored.restore()
    assert routes_of(restored.invoke(STATUS)) == ["renamed"]


def test_routes_of_a_fixed_version_are_in_the_snapshot(container: Start) -> None:
    restored = container(parameter=ROUTE, POLICY_MIRROR_LEDGER=LEDGER, POLICY_MIRROR_ROUTES="ssm:/routes:2")
    restored.restore()
    assert routes_of(restored.invoke(STATUS)) == ["sandbox"]
    assert ("/ssm", True) not in restored.asked
    assert ("/ssm", False) in restored.asked


def test_a_deployment_that_is_not_ready_is_published_and_says_so_to_its_first_event(container: Start) -> None:
    restored = container(POLICY_MIRROR_LEDGER=LEDGER)
    restored.restore()
    assert restored.invoke(STATUS)["error"]["code"] == "not-ready"


@pytest.fixture(scope="module")
def in_step(tools: Tools) -> Iterator[LambdaSettings]:
    """Of a Lambda that has mirrored one policy; both clouds and the ledger are there."""
    lines = Lines()
    with Stage(lines.tell, partial(RealRuntimes, tools=tools, redeliver=5)) as stage:
        iot: Any = iot_client(stage.clouds)
        iot.create_security_profile(securityProfileName="pumps", behaviors=[sent(100)])
        assert stage.settle(60.0)
        real: Any = stage.functions
        yield real.lambda_function.settings


def looked(restored: Restored) -> tuple[str, list[str]]:
    """The outcome's code of a look at the policy, as it is logged; and the modules that it loaded."""
    told = restored.invoke(batch(call("pumps")))
    assert told["answer"] == {"batchItemFailures": []}, restored.said
    (line,) = [json.loads(said) for said in restored.said if '"looked"' in said]
    return line["outcome"]["code"], told["loaded"]


def test_the_first_event_after_a_restore_signs_in_anew_and_finds_all_in_step(
    container: Start, in_step: LambdaSettings
) -> None:
    restored = container("probe.handler", **in_step.variables)
    restored.restore()
    code, _ = looked(restored)
    assert code == "in-step"


def test_a_snapshot_holds_neither_credentials_nor_connections(
    container: Start, in_step: LambdaSettings
) -> None:
    restored = container("probe.handler", **in_step.variables)
    assert (restored.sockets(), restored.asked) == (0, [])
    restored.restore()
    looked(restored)
    assert restored.asked == [("/credentials", True)]


def test_no_module_is_left_to_load_after_a_restore(container: Start, in_step: LambdaSettings) -> None:
    restored = container("probe.handler", **in_step.variables)
    restored.restore()
    _, loaded = looked(restored)
    assert loaded == []
