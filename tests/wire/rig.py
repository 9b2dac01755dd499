"""The scene with a proxy before each cloud: both functions go through them with the clients that ship."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import ExitStack
from functools import cache, partial
from pathlib import Path

import boto3

from functions.local.in_process import InProcess
from functions.local.sandbox.clients import StaticCredential, arm_client, iot_client
from functions.local.stage import Stage
from shared.clouds import aws_iot, azure_arm, azure_groups
from shared.routes.route import Route
from shared.sync.job import Worker
from shared.sync.ports import Cloud
from shared.translation.side import Side
from tests.scenarios.scene import ROUTE, Clock, Lines, Scene, sent, window_rule
from tests.wire.proxy import Answer, Proxy

NAME = "pumps"
WRITES: dict[Side, tuple[str, ...]] = {Side.AWS: ("POST", "PATCH", "DELETE"), Side.AZURE: ("PUT", "DELETE")}
UPDATE = {Side.AWS: "PATCH", Side.AZURE: "PUT"}
CREATE = {Side.AWS: "POST", Side.AZURE: "PUT"}
GROUP, PROFILE = f"deviceSecurityGroups/{NAME}", f"security-profiles/{NAME}"
PATHS = {Side.AWS: PROFILE, Side.AZURE: GROUP}


def throttled_by_azure(seconds: int) -> Answer:
    body = {"error": {"code": "TooManyRequests", "message": "The request is being throttled."}}
    return Answer(429, json.dumps(body).encode(), (("Retry-After", str(seconds)),))


def throttled_by_aws(seconds: int | None = None) -> Answer:
    headers = [("x-amzn-errortype", "ThrottlingException")]
    headers += [] if seconds is None else [("Retry-After", str(seconds))]
    return Answer(400, b'{"message": "Rate exceeded"}', tuple(headers))


class Rig(Scene):
    """``answer_within``: the time limit of both functions' clients, in seconds. A user's go straight to the
    clouds, whatever befalls the functions."""

    def __init__(self, folder: Path, *, answer_within: float = 5.0, **settings: str) -> None:
        self._answer_within = answer_within
        self.lines, self.clock = Lines(), Clock()
        with ExitStack() as stack:
            self.proxies = {side: stack.enter_context(Proxy()) for side in Side}
            self.stage = stack.enter_context(
                Stage(
                    self.lines.tell,
                    partial(
                        InProcess,
                        ledger=folder / "ledger.db",
                        clock=self.clock,
                        skip=self.clock.skip,
                        ports=self._ports,
                    ),
                    routes=ROUTE + "".join(f"    {key}: {value}\n" for key, value in settings.items()),
                    clock=self.clock,
                )
            )
            self._open = stack.pop_all()
        self.clouds = self.stage.clouds
        self.proxies[Side.AWS].upstream = self.clouds.aws.endpoint
        self.proxies[Side.AZURE].upstream = self.clouds.azure.endpoint
        self.iot = iot_client(self.clouds)
        self.arm = arm_client(self.clouds)
        self.groups = self.arm.device_security_groups

    def __exit__(self, *_: object) -> None:
        self.iot.close()
        self.arm.close()
        self._open.close()

    def in_step(self, most: int = 100) -> None:
        """One policy on both sides, and the counts start here."""
        self.create_profile(NAME, sent(most))
        self.rest()
        assert self.limits() == (most, most)
        self.forget()

    def forget(self) -> None:
        self.lines.forget()
        for proxy in self.proxies.values():
            proxy.sent.clear()

    def edit(self, side: Side, most: int) -> None:
        """A user's edit of the one limit there is."""
        if side is Side.AWS:
            self.iot.update_security_profile(securityProfileName=NAME, behaviors=[sent(most)])
        else:
            self.put_group(NAME, window_rule(0, most))

    def limits(self) -> tuple[int, int]:
        """Most messages on AWS and on Azure."""
        (limits,) = self.rules(NAME).values()
        return self.profile(NAME)["behaviors"][0]["criteria"]["value"]["count"], limits[1]

    def written(self, side: Side) -> int:
        """Writes that left a function for that cloud, whatever became of them."""
        return self.proxies[side].count(*WRITES[side])

    def applied(self) -> int:
        """Updates that AWS counted since the profile was created."""
        return self.version(NAME) - 1

    def is_quiet(self) -> None:
        """Nothing is left to do, nothing became a dead letter, and no look at it writes again."""
        assert self.clouds.aws_bus.dead_letters == self.clouds.azure_bus.dead_letters == []
        assert self.lines("error") == self.lines("refused") == self.lines(code="refused") == []
        before = [self.written(side) for side in Side]
        self.clouds.aws_bus.replay(5)
        self.clouds.azure_bus.replay(5)
        self.rest()
        for _ in range(2):
            self.clock.skip(3600.0)
            self.sweep()
        assert [self.written(side) for side in Side] == before

    def _ports(self, worker: Worker, route: Route) -> Mapping[Side, Cloud]:
        """As the functions have them. boto3 finds the proxy by AWS_ENDPOINT_URL_IOT."""
        credential = StaticCredential(f"user.{worker.name}")
        iot = aws_iot.iot_client(route.aws.region, role_session=_session(), read_timeout=self._answer_within)
        arm = azure_arm.arm_client(
            credential, base_url=self.proxies[Side.AZURE].url, read_timeout=self._answer_within
        )
        assert iot.meta.endpoint_url == self.proxies[Side.AWS].url
        return {
            Side.AWS: aws_iot.AwsIot(iot, route.aws.account, route.aws.region),
            Side.AZURE: azure_groups.AzureGroups(arm, route.azure.hub),
        }


@cache
def _session() -> boto3.Session:
    """Shared by all tests: a session reads botocore's service model, which takes longer than a test."""
    return boto3.Session(aws_access_key_id="ASIAMIRROR", aws_secret_access_key="sandbox")
