"""The guided tour behind ``policy-mirror demo``: real clients, real functions, every statement checked.

Each step is a method that says what happens and checks it. Nothing is printed as true before it was seen.
"""

from __future__ import annotations

import copy
import io
import json
import threading
from collections.abc import Callable, Iterator
from typing import Any

from functions.local.sandbox.clients import arm_client, iot_client
from functions.local.stage import Stage
from functions.local.tour_profile import NAME, PROFILE, rule, rules_in_force

Say = Callable[[str], None]
PATIENCE = 60.0
"""Seconds. Real runtimes start slowly, and a link that is busy comes again after seconds."""


class TourFailed(Exception):
    """A statement of the tour did not hold."""


class Tour:
    def __init__(self, stage: Stage, lines: Lines, say: Say) -> None:
        self.stage = stage
        self.lines = lines
        self.say = say
        self.iot = iot_client(stage.clouds)
        self.arm = arm_client(stage.clouds)
        self.hub = stage.clouds.azure.hub

    def steps(self) -> Iterator[tuple[str, Callable[[], None]]]:
        yield "A profile is created on AWS", self.create
        yield "The group is edited on Azure", self.edit_azure
        yield "Echoes of both writes", self.echoes
        yield "Both sides edit the same limit", self.conflict
        yield "A person settles it: strictest", self.resolve
        yield "A hundred duplicated and shuffled events", self.storm
        yield "An event is lost", self.lost_event
        yield "The group is deleted on Azure", self.delete

    def create(self) -> None:
        self.iot.create_security_profile(**PROFILE)
        self._settle()
        want = {
            "MqttD2CMessagesNotInAllowedRange": (5, 99, "PT5M"),
            "UnauthorizedOperationsNotInAllowedRange": (0, 10, "PT15M"),
            "ConnectionToIpNotAllowed": ("10.0.0.0/8", "192.168.7.0/24"),
        }
        self._check(
            "the group on the hub has exactly the three rules that both clouds can state",
            self._shown() == want,
        )
        held = self._held(self.lines.last("mirrored"))
        self._check("held with reasons: " + ", ".join(f"{p} ({c})" for p, c in sorted(held)), held == HELD)

    def edit_azure(self) -> None:
        before = self._profile()
        self._edit_rule("MqttD2CMessagesNotInAllowedRange", maxThreshold=60)
        self._settle()
        want = copy.deepcopy(before)
        want["behaviors"][0]["criteria"]["value"]["count"] = 61
        self._check(
            'the profile says "less-than 61", not "less-than 100", and every other byte is as it was',
            self._profile() == want,
        )

    def echoes(self) -> None:
        self._check(
            "each mirrored write came back as an event, and none was written again", self._writes() == 2
        )

    def conflict(self) -> None:
        self.stage.clouds.aws_bus.pause()
        self.stage.clouds.azure_bus.pause()
        profile = self._profile()
        profile["behaviors"][0]["criteria"]["value"]["count"] = 41
        profile["behaviors"][1]["criteria"]["value"]["count"] = 3
        self.iot.update_security_profile(securityProfileName=NAME, behaviors=profile["behaviors"])
        self._edit_rule("MqttD2CMessagesNotInAllowedRange", maxThreshold=80)
        self.stage.clouds.aws_bus.resume()
        self.stage.clouds.azure_bus.resume()
        self._settle()
        self._check(
            "the upper limit is in conflict and stays: 40 on AWS, 80 on Azure", self._limits() == (41, 80)
        )
        told = self.lines.last("conflict")["conflicts"][0]["reason"]
        self._check(f"it is told: {told}", "40 on AWS, 80 on Azure" in told)
        way_out = f"policy-mirror resolve sandbox/{NAME} --take strictest"
        told_of = [each["text"] for each in self.stage.clouds.inbox.all()]
        self._check(f"a notice brings the command: {way_out}", any(way_out in text for text in told_of))
        self._check("the lower limit that only AWS changed went over: 4", self._shown()[_MESSAGES][0] == 4)

    def resolve(self) -> None:
        command = {"command": "resolve", "route": "sandbox", "name": NAME, "take": "strictest"}
        self.stage.functions.to_lambda(command)
        self._settle()
        self._check("both sides now say at most 40", self._limits() == (41, 40))

    def storm(self) -> None:
        before, versions = self._writes(), self._versions()
        self.stage.clouds.aws_bus.replay(100, shuffle=True)
        self.stage.clouds.azure_bus.replay(100, shuffle=True)
        self._settle()
        self._check("two hundred deliveries later, nothing was written", self._writes() == before)
        self._check("and neither document has changed", self._versions() == versions)

    def lost_event(self) -> None:
        self.stage.clouds.azure_bus.lose_next(1)
        self._edit_rule("UnauthorizedOperationsNotInAllowedRange", maxThreshold=7)
        self._settle()
        self._check("nobody has noticed yet: AWS still says 10", self._unauthorized() == 10)
        self.stage.sweep()
        self._settle()
        self._check("the sweep repairs it: AWS says 7", self._unauthorized() == 7)

    def delete(self) -> None:
        self.arm.device_security_groups.delete(self.hub, NAME)
        self._settle()
        held = self.lines.last("held")
        self._check(f"held: {held['reason']}", held["code"] == "deletion-held")
        self._check("the profile on AWS is still there", bool(self._profile()["behaviors"]))

    def _check(self, statement: str, holds: bool) -> None:
        if not holds:
            raise TourFailed(statement)
        self.say(statement)

    def _settle(self) -> None:
        if not self.stage.settle(PATIENCE):
            raise TourFailed(f"the sandbox came to rest within {PATIENCE:g} s")

    def _profile(self) -> dict[str, Any]:
        told = self.iot.describe_security_profile(securityProfileName=NAME)
        apart = {"ResponseMetadata", "version", "creationDate", "lastModifiedDate"}
        return {key: value for key, value in told.items() if key not in apart}

    def _group(self) -> dict[str, Any]:
        group: dict[str, Any] = self.arm.device_security_groups.get(
            self.hub, NAME, cls=lambda response, _, __: json.loads(response.http_response.text())
        )
        return group

    def _shown(self) -> dict[str, Any]:
        return rules_in_force(self._group())

    def _edit_rule(self, rule_type: str, **changes: Any) -> None:
        group = self._group()
        rule(group, rule_type).update(changes)
        body = json.dumps({"properties": group["properties"]}).encode()
        self.arm.device_security_groups.create_or_update(self.hub, NAME, io.BytesIO(body))

    def _limits(self) -> tuple[int, int]:
        return self._profile()["behaviors"][0]["criteria"]["value"]["count"], self._shown()[_MESSAGES][1]

    def _unauthorized(self) -> int:
        count: int = self._profile()["behaviors"][2]["criteria"]["value"]["count"]
        return count

    def _versions(self) -> tuple[int, str]:
        version = self.iot.describe_security_profile(securityProfileName=NAME)["version"]
        return version, json.dumps(self._group()["properties"], sort_keys=True)

    def _writes(self) -> int:
        return sum(line.get("writes", 0) for line in self.lines.all())

    def _held(self, line: dict[str, Any]) -> set[tuple[str, str]]:
        return {(held["path"], held["code"]) for held in line["held"]}


_MESSAGES = "MqttD2CMessagesNotInAllowedRange"
HELD = {
    ("alertTargets", "own-member"),
    ("tags", "own-member"),
    ("behaviors[open-ports]", "no-counterpart"),
    ("behaviors[learned-disconnects]", "learned"),
    ("behaviors[fleet-p99]", "percentile"),
    ("behaviors[telemetry-topics]", "topic-scope"),
}


class Lines:
    """What the sandbox told, from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._lines: list[dict[str, Any]] = []

    def tell(self, line: dict[str, Any]) -> None:
        with self._lock:
            self._lines.append(line)

    def all(self) -> list[dict[str, Any]]:
        with self._lock:
            return list(self._lines)

    def last(self, event: str) -> dict[str, Any]:
        """Raises TourFailed if no such line was told."""
        told = [line for line in self.all() if line["event"] == event]
        if not told:
            raise TourFailed(f"the sandbox told a line {event!r}")
        return told[-1]
