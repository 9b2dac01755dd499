"""Runtimes that die in the middle of a write: in the end the user's edit is on both sides.

One stage for all, since each death keeps its lease for a minute and a half of everybody's time.
"""

from __future__ import annotations

import io
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import partial
from typing import Any

import pytest

from functions.local.runtimes.real import RealRuntimes
from functions.local.runtimes.tools import Tools
from functions.local.sandbox.clients import arm_client, iot_client
from functions.local.stage import Stage
from functions.local.tour import Lines
from shared.translation.side import Side
from tests.scenarios.scene import HUB, sent
from tests.wire.proxy import Proxy, Trouble

LAMBDA_KILLED, LAMBDA_OUT_OF_TIME, FUNCTION_KILLED = "lambda-killed", "lambda-out-of-time", "function-killed"
POLICIES = (LAMBDA_KILLED, LAMBDA_OUT_OF_TIME, FUNCTION_KILLED)
TIMEOUT = 20
"""Seconds. No write is begun with less than ten left, and a cold start takes some."""

RECOVERED_WITHIN = 180.0
"""Seconds: a lease, some redeliveries, and a slow machine."""


class Rig:
    """Both functions on real runtimes, a proxy before each cloud, and a policy for each death."""

    def __init__(self, tools: Tools) -> None:
        self.lines = Lines()
        with ExitStack() as stack:
            self.proxies = {side: stack.enter_context(Proxy()) for side in Side}
            ways = {side: proxy.url for side, proxy in self.proxies.items()}
            start = partial(RealRuntimes, tools=tools, timeout=TIMEOUT, redeliver=TIMEOUT + 2, ways=ways)
            self.stage = stack.enter_context(Stage(self.lines.tell, start))
            self.real: Any = self.stage.functions
            self.proxies[Side.AWS].upstream = self.stage.clouds.aws.endpoint
            self.proxies[Side.AZURE].upstream = self.stage.clouds.azure.endpoint
            self.iot: Any = iot_client(self.stage.clouds)
            self.groups: Any = arm_client(self.stage.clouds).device_security_groups
            self._open = stack.pop_all()

    def close(self) -> None:
        self._open.close()

    def limits(self, name: str) -> tuple[int, int]:
        """Most messages on AWS and on Azure."""
        profile = self.iot.describe_security_profile(securityProfileName=name)
        (rule,) = [rule for rule in self._rules(name) if rule["isEnabled"]]
        return profile["behaviors"][0]["criteria"]["value"]["count"], rule["maxThreshold"]

    def edit_aws(self, name: str, most: int) -> None:
        self.iot.update_security_profile(securityProfileName=name, behaviors=[sent(most)])

    def edit_azure(self, name: str, most: int) -> None:
        rules = self._rules(name)
        next(rule for rule in rules if rule["isEnabled"])["maxThreshold"] = most
        body = json.dumps({"properties": {"timeWindowRules": rules}}).encode()
        self.groups.create_or_update(HUB, name, io.BytesIO(body))

    def _rules(self, name: str) -> list[dict[str, Any]]:
        told = self.groups.get(HUB, name, cls=lambda answer, *_: json.loads(answer.http_response.text()))
        rules: list[dict[str, Any]] = told["properties"]["timeWindowRules"]
        return rules


@pytest.fixture(scope="module")
def rig(tools: Tools) -> Iterator[Rig]:
    """After all three deaths, each met by a write that was under way, and after the recovery."""
    rig = Rig(tools)
    try:
        for name in POLICIES:
            rig.iot.create_security_profile(securityProfileName=name, behaviors=[sent(100)])
        assert rig.stage.settle(60.0)
        assert [rig.limits(name) for name in POLICIES] == [(100, 100)] * 3

        killed = threading.Event()

        def kill(runtime: Any) -> Callable[[], object]:
            def now() -> None:
                runtime.kill()
                killed.set()

            return now

        azure, aws = rig.proxies[Side.AZURE], rig.proxies[Side.AWS]
        azure.next("PUT", kill(rig.real.lambda_function), part=LAMBDA_KILLED)
        rig.edit_aws(LAMBDA_KILLED, 60)
        assert killed.wait(60.0)
        killed.clear()
        aws.next("PATCH", kill(rig.real.function_app), part=FUNCTION_KILLED)
        rig.edit_azure(FUNCTION_KILLED, 60)
        assert killed.wait(60.0)
        azure.next("PUT", Trouble.DRIP, part=LAMBDA_OUT_OF_TIME)
        rig.edit_aws(LAMBDA_OUT_OF_TIME, 60)
        _recover(rig)
        yield rig
    finally:
        rig.close()


def _recover(rig: Rig) -> None:
    """Sweeps, as the schedules do, until every link was looked at and has nothing left to do."""
    pause, wanted = threading.Event(), {f"sandbox/{name}" for name in POLICIES}
    for _ in range(int(RECOVERED_WITHIN / 10)):
        before = len(rig.lines.all())
        rig.stage.sweep()
        pause.wait(10.0)
        last = {
            line["link"]: line["event"] for line in rig.lines.all()[before:] if line.get("link") in wanted
        }
        if last.keys() == wanted and set(last.values()) == {"no-op"}:
            return
    raise AssertionError([(line["event"], line.get("link"), line.get("code")) for line in rig.lines.all()])


@pytest.mark.parametrize("name", POLICIES)
def test_the_edit_is_on_both_sides(rig: Rig, name: str) -> None:
    assert rig.limits(name) == (60, 60)


@pytest.mark.parametrize("name", POLICIES)
def test_it_was_written_once(rig: Rig, name: str) -> None:
    """What was applied before the runtime died is found there, and not sent again."""
    version = rig.iot.describe_security_profile(securityProfileName=name)["version"]
    assert version == 2  # one edit, by the user or by us


def test_time_that_is_up_is_told_as_such(rig: Rig) -> None:
    assert "Runtime.TimedOut" in {line.get("code") for line in rig.lines.all()}


def test_each_runtime_was_started_anew(rig: Rig) -> None:
    assert len(rig.real.lambda_function.inits) == 3
    assert len(rig.real.function_app.inits) == 2


def test_nothing_is_left_for_anybody_to_look_into(rig: Rig) -> None:
    assert rig.stage.clouds.aws_bus.dead_letters == []
    assert rig.real.host.poison == []
