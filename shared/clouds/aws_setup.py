"""How an account is set up in AWS, for a check-up: nothing here is asked while policies are mirrored."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from shared.clouds.aws_errors import asking

if TYPE_CHECKING:
    import boto3

_ASSUMED = re.compile(r"arn:([^:]+):sts::([0-9]{12}):assumed-role/([^/]+)/.+")


class EventRule(Struct, frozen=True):
    """Of the default bus. ``targets``: how many it has."""

    name: str
    enabled: bool
    targets: int


class AwsSetup:
    """Of one account and region. Every method raises only CloudError."""

    def __init__(self, session: Callable[[], boto3.Session], region: str) -> None:
        self._build = session
        self._region = region

    @cached_property
    def _session(self) -> boto3.Session:
        return self._build()

    def _client(self, service: Any) -> Any:
        from botocore.config import Config

        limits = Config(connect_timeout=3, read_timeout=5, retries={"total_max_attempts": 2})
        return self._session.client(service, region_name=self._region, config=limits)

    def identity(self) -> tuple[str, str]:
        """Account and ARN of whoever asks."""
        with asking("AWS credentials", "sts:GetCallerIdentity"):
            told = self._client("sts").get_caller_identity()
        return told["Account"], told["Arn"]

    def allowed(self, principal: str, actions: Mapping[str, str]) -> Mapping[str, bool]:
        """What IAM's simulator says of a role or user: ``actions`` by the resource that each is for. It knows
        identity policies and boundaries, not the policies of an organisation (IAM API reference, 2026)."""
        allowed: dict[str, bool] = {}
        with asking(f"AWS principal {principal}", "iam:SimulatePrincipalPolicy"):
            iam = self._client("iam")
            for resource in sorted(set(actions.values())):
                names = [name for name, wanted in actions.items() if wanted == resource]
                told = iam.simulate_principal_policy(
                    PolicySourceArn=_role(principal), ActionNames=names, ResourceArns=[resource]
                )
                for result in told["EvaluationResults"]:
                    allowed[result["EvalActionName"]] = result["EvalDecision"] == "allowed"
        return allowed

    def logging_trails(self) -> list[str]:
        """Trails that log management writes of this region now: EventBridge gets no API call without one."""
        where = f"CloudTrail of {self._region}"
        with asking(where, "cloudtrail:DescribeTrails"):
            client = self._client("cloudtrail")
            trails = client.describe_trails(includeShadowTrails=True)["trailList"]
        logging = []
        for trail in trails:
            with asking(where, "cloudtrail:GetTrailStatus"):
                if client.get_trail_status(Name=trail["TrailARN"])["IsLogging"]:
                    logging.append(trail["Name"])
        return logging

    def profile_rules(self) -> list[EventRule]:
        """Rules of the default bus that let changes of security profiles through."""
        with asking(f"EventBridge of {self._region}", "events:ListRules"):
            client = self._client("events")
            rules = [rule for rule in self._rules(client) if _hears_profiles(rule.get("EventPattern"))]
        found = []
        for rule in rules:
            with asking(f"EventBridge rule {rule['Name']}", "events:ListTargetsByRule"):
                targets = client.list_targets_by_rule(Rule=rule["Name"])["Targets"]
            found.append(EventRule(rule["Name"], rule["State"].startswith("ENABLED"), len(targets)))
        return found

    def _rules(self, client: Any) -> Iterator[Mapping[str, Any]]:
        for page in client.get_paginator("list_rules").paginate():
            yield from page["Rules"]


def _role(principal: str) -> str:
    """The role behind a session: the simulator takes no session. A role's path is not in a session's ARN."""
    session = _ASSUMED.fullmatch(principal)
    return f"arn:{session[1]}:iam::{session[2]}:role/{session[3]}" if session else principal


def _hears_profiles(pattern: str | None) -> bool:
    try:
        told = json.loads(pattern or "null")
    except ValueError:
        return False
    detail = told.get("detail", {}) if isinstance(told, dict) else {}
    names = detail.get("eventName") if isinstance(detail, dict) else None
    sources = detail.get("eventSource") if isinstance(detail, dict) else None
    hears_iot = isinstance(sources, list) and "iot.amazonaws.com" in sources
    return hears_iot and (names is None or "UpdateSecurityProfile" in json.dumps(names))
