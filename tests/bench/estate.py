"""One policy in step between both clouds, and the Lambda's handler that keeps it so."""

from __future__ import annotations

import json
import logging
import subprocess
import sys
import time
import urllib.request
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from io import StringIO
from typing import Any, Self

import boto3
from aws_lambda_powertools import Logger
from azure.core.pipeline.transport import RequestsTransport

from functions.aws_lambda.app import create_handler
from functions.local.sandbox.clients import StaticCredential, cloud_ports
from functions.local.sandbox.clouds import DEFAULT_SUBSCRIPTION
from shared.bootstrap.workers import AWS_WORKER
from shared.clouds.azure_arm import arm_client
from shared.ledger.sqlite import SqliteLedger
from shared.operations.mirror import Mirror
from shared.routes.load import load_routes
from shared.sync.link import Entry, Link, LinkKey, Scope
from tests.bench.floors.bare_calls import BareCalls
from tests.bench.fresh import HERE, PROGRAMS
from tests.bench.places import HUB, REGION, ROUTE, batch, call

NAME = "pumps"
GROUPS = f"{HUB}/providers/Microsoft.Security/deviceSecurityGroups"
API = "api-version=2019-08-01"


class SlowLedger:
    """A :class:`shared.sync.ports.Ledger` on SQLite, each call of which takes ``seconds`` more."""

    def __init__(self) -> None:
        self._ledger = SqliteLedger(":memory:")
        self.seconds = 0.0
        self.calls = 0

    def link(self, key: LinkKey) -> Link | None:
        self._wait()
        return self._ledger.link(key)

    def links(self, keys: Iterable[LinkKey]) -> Mapping[LinkKey, Link]:
        self._wait()
        return self._ledger.links(keys)

    def route_links(self, route: str, after: str | None = None, most: int | None = None) -> Iterator[Link]:
        self._wait()
        return self._ledger.route_links(route, after, most)

    def scope(self, route: str) -> Scope:
        self._wait()
        return self._ledger.scope(route)

    def journal(self, key: LinkKey, after: int = -1) -> Iterator[Entry]:
        self._wait()
        return self._ledger.journal(key, after)

    def save(self, link: Link, entries: Sequence[Entry] = ()) -> None:
        self._wait()
        self._ledger.save(link, entries)

    def save_scope(self, scope: Scope, entries: Sequence[Entry] = ()) -> None:
        self._wait()
        self._ledger.save_scope(scope, entries)

    def _wait(self) -> None:
        self.calls += 1
        time.sleep(self.seconds)


class Uncounted:
    """Metrics that are written nowhere."""

    def add_metric(self, name: str, unit: Any, value: float) -> None:
        del name, unit, value

    def flush_metrics(self, raise_on_empty_metrics: bool = False) -> None:
        del raise_on_empty_metrics


class Context:
    """What the handler reads of a Lambda context."""

    aws_request_id = "bench"

    def get_remaining_time_in_millis(self) -> int:
        return 30_000


class Estate:
    """``latency``: seconds added to every call of either cloud and of the ledger."""

    def __init__(self, latency: float = 0.0) -> None:
        command = [sys.executable, str(PROGRAMS / "clouds.py"), DEFAULT_SUBSCRIPTION]
        self._clouds = subprocess.Popen(
            command, cwd=HERE.parents[1], env={"PYTHONPATH": "."}, text=True, stdin=-1, stdout=-1
        )
        assert self._clouds.stdout is not None
        at = json.loads(self._clouds.stdout.readline())
        self._endpoints = (at["aws"], at["azure"])
        self._ledger = SlowLedger()
        self._pool = ThreadPoolExecutor(8)
        self._now = 1_800_000_000.0
        routes = load_routes(ROUTE, "routes")
        ports = cloud_ports(at["aws"], at["azure"], routes.routes[0], user="bench")
        self._mirror = Mirror(
            routes=routes,
            worker=AWS_WORKER,
            ledger=self._ledger,
            clouds=lambda _: ports,
            clock=lambda: self._now,
            time_left=lambda: 30.0,
            pool=self._pool,
            new_trace=lambda: uuid.uuid4().hex,
        )
        logger = Logger(service="bench", stream=StringIO(), level=logging.INFO)
        self._handler = create_handler(lambda: self._mirror, logger, Uncounted())
        self._iot = boto3.client(
            "iot", REGION, endpoint_url=at["aws"], aws_access_key_id="a", aws_secret_access_key="b"
        )
        plain = RequestsTransport()  # as the SDK has it
        arm = arm_client(StaticCredential("user.floor"), base_url=at["azure"], transport=plain)
        group, other = (f"{GROUPS}/{name}?{API}" for name in (NAME, "of-the-floor"))
        self.bare = BareCalls(self._iot, arm, group, other, NAME, self._pool, lambda: self._ledger.seconds)
        self._most = 100
        self._iot.create_security_profile(securityProfileName=NAME, behaviors=[self._behavior()])
        self.event()
        for endpoint in self._endpoints:
            set_latency(endpoint, latency)
        self._ledger.seconds = latency

    def event(self) -> None:
        """One event about the policy. The clock goes on by an hour: no guard is in the way."""
        self._now += 3600.0
        told = self._handler(batch(call(NAME)), Context())
        assert told == {"batchItemFailures": []}, told

    def edit(self) -> None:
        """As a user makes it, on AWS."""
        self._most += 1
        self._iot.update_security_profile(securityProfileName=NAME, behaviors=[self._behavior()])

    @property
    def mirrored(self) -> bool:
        """Whether Azure shows the latest edit."""
        rules = self.bare.get_group()["properties"]["timeWindowRules"]
        most = [rule["maxThreshold"] for rule in rules if rule["ruleType"].startswith("MqttD2CMessages")]
        return most == [self._most - 1]

    def _behavior(self) -> Any:
        criteria = {"comparisonOperator": "less-than", "value": {"count": self._most}, "durationSeconds": 300}
        return {"name": "sent", "metric": "aws:num-messages-sent", "criteria": criteria}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.shutdown()
        self._clouds.communicate()


def set_latency(endpoint: str, seconds: float) -> None:
    """Added to each answer of a cloud of the sandbox."""
    _put(f"{endpoint}/_sandbox/faults", {"latency_ms": round(seconds * 1000)})


def _put(url: str, body: Any) -> None:
    request = urllib.request.Request(url, json.dumps(body).encode(), method="PUT")
    with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request):
        pass
