"""A scene: both clouds over real HTTP, both functions, ordinary SDK clients, and a clock nobody waits for."""

from __future__ import annotations

import io
import json
import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, Self

from functions.local.in_process import GetPorts, InProcess
from functions.local.sandbox import arm_client, iot_client
from functions.local.sandbox.azure_ids import HubId
from functions.local.sandbox.clouds import DEFAULT_SUBSCRIPTION
from functions.local.stage import Stage
from shared.operations.requests import LookAgain

Document = dict[str, Any]

HUB = str(HubId(DEFAULT_SUBSCRIPTION, "sandbox", "sandbox-hub"))
ROUTE = f"""\
version: 1
routes:
  - id: sandbox
    aws: {{account: "123456789012", region: eu-central-1}}
    azure: {{hub: {HUB}}}
    first_contact: sync
"""
MESSAGES = "MqttD2CMessagesNotInAllowedRange"
APART = ("ResponseMetadata", "version", "creationDate", "lastModifiedDate")


class Clock:
    """It stands still until somebody moves it. ``meanwhile`` happens when somebody next does, before."""

    def __init__(self) -> None:
        self.meanwhile: Callable[[], object] | None = None
        self._lock = threading.Lock()
        self._now = 1_800_000_000.0

    def __call__(self) -> float:
        with self._lock:
            return self._now

    def skip(self, seconds: float) -> None:
        meanwhile, self.meanwhile = self.meanwhile, None
        if meanwhile is not None:
            meanwhile()
        with self._lock:
            self._now += seconds


class Lines:
    """What was told, from several threads."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._lines: list[Document] = []

    def tell(self, line: Document) -> None:
        with self._changed:
            self._lines.append(line)
            self._changed.notify_all()

    def __call__(self, event: str | None = None, code: str | None = None) -> list[Document]:
        with self._changed:
            return [line for line in self._lines if _is(line, event, code)]

    def wait(self, event: str, code: str) -> None:
        """Until such a line was told."""
        with self._changed:
            told = self._changed.wait_for(lambda: any(_is(line, event, code) for line in self._lines), 20.0)
        assert told, f"nobody told {event}, {code}: {self()}"

    def forget(self) -> None:
        with self._changed:
            self._lines.clear()


def _is(line: Document, event: str | None, code: str | None) -> bool:
    said = line.get("code") or line.get("reason")
    return event in {None, line["event"]} and code in {None, said}


class Scene:
    """Runs until the end of its ``with`` block. ``ports``: as :class:`InProcess` takes it."""

    def __init__(self, folder: Path, routes: str | None = None, ports: GetPorts | None = None) -> None:
        self.lines, self.clock = Lines(), Clock()
        self.ledger = folder / "ledger.db"
        functions = partial(
            InProcess, ledger=self.ledger, clock=self.clock, skip=self.clock.skip, ports=ports
        )
        self.stage = Stage(self.lines.tell, functions, routes=routes, clock=self.clock)
        self.clouds = self.stage.clouds
        self.iot: Any = iot_client(self.clouds)
        self.arm: Any = arm_client(self.clouds)
        self.groups = self.arm.device_security_groups

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stage.close()
        self.iot.close()
        self.arm.close()

    def rest(self) -> None:
        """Everything that is under way comes to its end, and what is due later comes at once."""
        assert self.stage.settle(), self.lines()

    def sweep(self) -> None:
        self.stage.sweep()
        self.rest()

    def create_profile(self, name: str, *behaviors: Document, **members: Any) -> None:
        self.iot.create_security_profile(securityProfileName=name, behaviors=list(behaviors), **members)

    def edit_profile(self, name: str, change: Callable[[list[Document]], None]) -> None:
        behaviors = self.profile(name)["behaviors"]
        change(behaviors)
        self.iot.update_security_profile(securityProfileName=name, behaviors=behaviors)

    def profile(self, name: str) -> Document:
        """As it is described, less what AWS itself counts."""
        told = self.iot.describe_security_profile(securityProfileName=name)
        return {key: value for key, value in told.items() if key not in APART}

    def version(self, name: str) -> int:
        version: int = self.iot.describe_security_profile(securityProfileName=name)["version"]
        return version

    def profiles(self) -> list[str]:
        return [each["name"] for each in self.iot.list_security_profiles()["securityProfileIdentifiers"]]

    def put_group(self, name: str, *rules: Document, **lists: Any) -> None:
        """The group has these time window rules, and nothing else."""
        self._put(name, {"timeWindowRules": list(rules), **lists})

    def edit_group(self, name: str, rule_type: str, **changes: Any) -> None:
        """One rule of the group says something else."""
        properties = self.group(name)["properties"]
        rules = [rule for kind in properties.values() for rule in kind]
        (rule,) = [rule for rule in rules if rule["ruleType"] == rule_type]
        rule.update(changes)
        self._put(name, properties)

    def _put(self, name: str, properties: Document) -> None:
        body = json.dumps({"properties": properties}).encode()
        self.groups.create_or_update(HUB, name, io.BytesIO(body))

    def group(self, name: str) -> Document:
        group: Document = self.groups.get(HUB, name, cls=_raw)
        return group

    def group_names(self) -> list[str]:
        collection = self.clouds.azure_state.hubs[HUB.casefold()]
        return [group.name for group in collection.sorted()]

    def rules(self, name: str) -> Document:
        """Rule type -> what the enabled rules of the group say."""
        properties = self.group(name)["properties"]
        said: Document = {}
        for rule in properties["timeWindowRules"]:
            if rule["isEnabled"] and "maxThreshold" in rule:
                limits = (rule["minThreshold"], rule["maxThreshold"], rule["timeWindowSize"])
                said[rule["ruleType"]] = limits
        for rule in properties["allowlistRules"]:
            if rule["isEnabled"]:
                said[rule["ruleType"]] = rule.get("allowlistValues")
        return said

    def writes(self) -> int:
        """Cloud writes that both functions told."""
        return sum(line.get("writes", 0) for line in self.lines())

    def deliver(self, event: Any, *, to: str = "lambda") -> list[Document]:
        """Hands an event to a function as the platform would; an error is a delivery to be repeated."""
        functions = self.stage.functions
        receive = functions.to_lambda if to == "lambda" else functions.to_function
        try:
            return receive(event)
        except LookAgain as again:
            return again.told


def _raw(response: Any, *_: Any) -> Any:
    return json.loads(response.http_response.text())


def sent(
    count: int, operator: str = "less-than-equals", name: str = "chatty", seconds: int = 300
) -> Document:
    """A limit for messages that a device sends."""
    criteria = {"comparisonOperator": operator, "value": {"count": count}, "durationSeconds": seconds}
    return {"name": name, "metric": "aws:num-messages-sent", "criteria": criteria}


def window_rule(lo: int, hi: int, rule_type: str = MESSAGES, window: str = "PT5M") -> Document:
    return {
        "ruleType": rule_type,
        "isEnabled": True,
        "minThreshold": lo,
        "maxThreshold": hi,
        "timeWindowSize": window,
    }


def allow_rule(rule_type: str, *values: str) -> Document:
    return {"ruleType": rule_type, "isEnabled": True, "allowlistValues": list(values)}
