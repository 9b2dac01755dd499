"""What the clouds really send and hold, with markers where secrets, claims and document bodies stand."""

from __future__ import annotations

import json
from random import Random
from typing import Any

from tests.hostile.canary import BODY, CLAIM, TOKEN

Document = dict[str, Any]

ACCOUNT, REGION = "123456789012", "eu-central-1"
HUB = (
    "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/Plant"
    "/providers/Microsoft.Devices/IotHubs/Pumps-Hub"
)
GROUPS = f"{HUB}/providers/Microsoft.Security/deviceSecurityGroups"
WRITE = "Microsoft.Security/deviceSecurityGroups/write"
NAMES = ("prod-pumps", "prod-valves", "prod-secret-1", "Prod-Secret-2", "default", "test-pumps", "prod-lamps")
"""The route takes in ``prod-*`` but ``prod-secret-*``, in any case."""


def behavior(name: str, metric: str, operator: str, value: Document, **criteria: Any) -> Document:
    return {
        "name": name,
        "metric": metric,
        "criteria": {"comparisonOperator": operator, "value": value, **criteria},
    }


PROFILE: Document = {
    "securityProfileName": "prod-pumps",
    "securityProfileArn": f"arn:aws:iot:{REGION}:{ACCOUNT}:securityprofile/prod-pumps",
    "securityProfileDescription": BODY,
    "behaviors": [
        behavior("chatty", "aws:num-messages-sent", "less-than", {"count": 100}, durationSeconds=300),
        behavior("alive", "aws:num-messages-sent", "greater-than", {"count": 4}, durationSeconds=300),
        behavior(
            "denied", "aws:num-authorization-failures", "less-than-equals", {"count": 10}, durationSeconds=900
        ),
        behavior(
            "peers",
            "aws:destination-ip-addresses",
            "in-cidr-set",
            {"cidrs": ["10.0.0.0/8", "192.168.7.0/24"]},
        ),
        behavior("ports", "aws:listening-tcp-ports", "in-port-set", {"ports": [443, 8883]}),
        behavior(
            "logins", "failed-local-logins", "less-than", {"number": 5.0}, consecutiveDatapointsToAlarm=2
        ),
        behavior("processes", "processes", "in-set", {"strings": ["sshd", "agent"]}),
        {
            "name": "learned",
            "metric": "aws:num-disconnects",
            "criteria": {"mlDetectionConfig": {"confidenceLevel": "HIGH"}},
            "suppressAlerts": True,
        },
        behavior("topics", "aws:num-messages-sent", "less-than", {"count": 50}, durationSeconds=300)
        | {"metricDimension": {"dimensionName": "telemetry", "operator": "NOT_IN"}, "exportMetric": True},
    ],
    "alertTargets": {
        "SNS": {"alertTargetArn": f"arn:aws:sns:::{BODY}", "roleArn": f"arn:aws:iam:::role/{BODY}"}
    },
    "additionalMetricsToRetainV2": [{"metric": "aws:all-bytes-out", "future": BODY}],
    "tags": [{"Key": "team", "Value": BODY}],
    "version": 3,
    "creationDate": 1_700_000_000.5,
    "lastModifiedDate": 1_700_000_000.5,
    "memberOfTomorrow": {"inside": BODY},
}


def window_rule(kind: str, low: Any, high: Any, window: Any = "PT5M", enabled: Any = True) -> Document:
    limits = {"minThreshold": low, "maxThreshold": high, "timeWindowSize": window}
    return {"ruleType": kind, "isEnabled": enabled, "displayName": BODY, "description": BODY, **limits}


GROUP: Document = {
    "id": f"{GROUPS}/prod-pumps",
    "name": "prod-pumps",
    "type": "Microsoft.Security/deviceSecurityGroups",
    "properties": {
        "timeWindowRules": [
            window_rule("MqttD2CMessagesNotInAllowedRange", 5, 99),
            window_rule("UnauthorizedOperationsNotInAllowedRange", 0, 10, "PT15M"),
            window_rule("FailedLocalLoginsNotInAllowedRange", 0, 4, "PT30M"),
            window_rule("ActiveConnectionsNotInAllowedRange", 3, 30, "PT05M", enabled=False),
            window_rule("RuleOfTomorrowNotInAllowedRange", 1, 2) | {"severity": BODY},
        ],
        "allowlistRules": [
            {
                "ruleType": "ConnectionToIpNotAllowed",
                "isEnabled": True,
                "valueType": "IpCidr",
                "allowlistValues": ["10.0.0.0/8", "192.168.7.0/24"],
            },
            {"ruleType": "ProcessNotAllowed", "isEnabled": True, "allowlistValues": ["sshd", "agent"]},
            {"ruleType": "LocalUserNotAllowed", "isEnabled": False, "allowlistValues": []},
        ],
        "thresholdRules": [],
        "denylistRules": [{"ruleType": "SomeIpDenied", "isEnabled": True, "denylistValues": [BODY]}],
        "listOfTomorrow": [{"inside": BODY}],
    },
    "etag": BODY,
}


SMALL_PROFILE: Document = {**PROFILE, "behaviors": [PROFILE["behaviors"][at] for at in (0, 8)]}
SMALL_GROUP: Document = {
    **GROUP,
    "properties": {
        "timeWindowRules": [window_rule("MqttD2CMessagesNotInAllowedRange", 0, 99)],
        "listOfTomorrow": GROUP["properties"]["listOfTomorrow"],
    },
}
"""The same rule on both sides, and one that is held: for tests in which only the key matters."""


def some_profile(rng: Random) -> Document:
    """The profile with up to five of its behaviors: what is damaged is hit sooner, and looked at quicker."""
    return {**PROFILE, "behaviors": rng.sample(PROFILE["behaviors"], rng.randint(0, 5))}


def some_group(rng: Random) -> Document:
    """The group with up to five rules of two of its lists."""
    lists: Document = GROUP["properties"]
    kept = rng.sample(list(lists), 2)
    return {
        **GROUP,
        "properties": {
            kind: rng.sample(lists[kind], min(len(lists[kind]), rng.randint(0, 3))) for kind in kept
        },
    }


def aws_record(name: str, verb: str = "Update", **detail: Any) -> Document:
    """A CloudTrail record as EventBridge delivers it."""
    return {
        "version": "0",
        "id": "7bf73129-1428-4cd3-a780-95db273d1602",
        "detail-type": "AWS API Call via CloudTrail",
        "source": "aws.iot",
        "account": ACCOUNT,
        "time": "2026-09-01T10:00:05Z",
        "region": REGION,
        "resources": [],
        "detail": {
            "eventVersion": "1.10",
            "userIdentity": {
                "type": "AssumedRole",
                "arn": f"arn:aws:sts::{ACCOUNT}:assumed-role/admin/{CLAIM}",
                "accessKeyId": TOKEN,
                "sessionContext": {"webIdFederationData": {"attributes": {"sub": CLAIM}}},
            },
            "eventTime": "2026-09-01T10:00:00Z",
            "eventSource": "iot.amazonaws.com",
            "eventName": f"{verb}SecurityProfile",
            "awsRegion": REGION,
            "sourceIPAddress": CLAIM,
            "userAgent": CLAIM,
            "requestParameters": {
                "securityProfileName": name,
                "securityProfileDescription": BODY,
                "behaviors": [BODY],
            },
            "responseElements": {
                "securityProfileArn": f"arn:aws:iot:::{BODY}",
                "behaviors": [{"name": BODY}],
            },
            "requestID": "89dd6179",
            "eventID": "b9b8b4a5-2e5a-4b2c-9a2a-9f2e5f4f0a11",
            "readOnly": False,
            "recipientAccountId": ACCOUNT,
            "additionalEventData": {"secret": TOKEN},
        }
        | detail,
    }


def tag_record(name: str) -> Document:
    arn = f"arn:aws:iot:{REGION}:{ACCOUNT}:securityprofile/{name}"
    tags = {"resourceArn": arn, "tags": [{"key": "team", "value": BODY}]}
    return aws_record(name, eventName="TagResource", requestParameters=tags)


def azure_event(name: str, verb: str = "Write", *, nested: bool = False) -> Document:
    """A resource event in Event Grid's own schema; ``nested``: its inner objects as JSON text."""
    resource = f"{GROUPS}/{name}"
    inner: Document = {
        "authorization": {"scope": resource, "action": WRITE, "evidence": {"role": CLAIM}},
        "claims": {"appid": CLAIM, "upn": CLAIM, "aio": TOKEN},
        "httpRequest": {
            "clientIpAddress": CLAIM,
            "method": "PUT",
            "url": f"https://management.azure.com{resource}?api-version=2019-08-01",
            "headers": {"Authorization": f"Bearer {TOKEN}"},
        },
    }
    return {
        "id": "4a7ed9ab-9a3b-4c1a-8a8b-3f5f4d7c1e11",
        "subject": resource,
        "topic": "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/Plant",
        "eventType": f"Microsoft.Resources.Resource{verb}Success",
        "eventTime": "2026-09-01T10:00:00.1234567Z",
        "dataVersion": "2",
        "metadataVersion": "1",
        "data": {
            **({key: json.dumps(value) for key, value in inner.items()} if nested else inner),
            "correlationId": "c",
            "resourceProvider": "Microsoft.Security",
            "resourceUri": resource,
            "operationName": WRITE,
            "status": "Succeeded",
            "subscriptionId": "s",
            "tenantId": CLAIM,
            "responseBody": json.dumps(GROUP),
        },
    }


def cloud_event(name: str) -> Document:
    """The same in the CloudEvents schema."""
    told = azure_event(name)
    members = {
        "specversion": "1.0",
        "source": told["topic"],
        "type": told["eventType"],
        "time": told["eventTime"],
    }
    return {"id": told["id"], "subject": told["subject"], "data": told["data"], **members}


PLAIN: list[Document] = [
    {"sweep": True},
    {"sweep": "plant"},
    {"sweep": "plant", "after": "prod-pumps", "tries": 3, "asked": 1_800_000_000.0},
    {"sweep": "nowhere", "after": ""},
    *({"route": route, "name": name} for route in ("plant", "office", "nowhere") for name in NAMES),
]
AWS_EVENTS: list[Document] = [
    *(aws_record(name) for name in NAMES),
    *(aws_record(name, verb) for name in NAMES[:2] for verb in ("Create", "Delete", "Attach")),
    *(tag_record(name) for name in NAMES[:3]),
    aws_record("prod-pumps", requestParameters=None, responseElements=None),
    aws_record("prod-pumps", recipientAccountId="999999999999"),
    {"source": "aws.scheduler", "detail": {"secret": TOKEN}},
]
AZURE_EVENTS: list[Document] = [
    *(azure_event(name) for name in NAMES),
    *(azure_event(name, "Delete", nested=True) for name in NAMES[:3]),
    *(cloud_event(name) for name in NAMES[:3]),
]
_LINKS = [{"route": "plant", "name": name} for name in NAMES[:3]]
_RULE = {"lo": 0, "hi": 50, "window": "PT5M"}
COMMANDS: list[Document] = [
    {"command": "status"},
    {"command": "status", "route": "plant", "limit": 2},
    {"command": "sweep"},
    {"command": "release", "route": "plant"},
    {"command": "plan", "route": "plant", "limit": 2, "after": "plant/prod-lamps"},
    {"command": "drift", "limit": 3},
    {"command": "conflicts", "route": "plant"},
    {"command": "sync", "route": "plant", "plan": "0" * 64},
    {"command": "pause", "route": "office", "reason": "audit", "identity": "alice"},
    {"command": "resume", "all": True},
    {"command": "history", "route": "plant", "verify": True},
    *({"command": do, "route": "plant", "name": name} for do in ("plan", "sync") for name in NAMES),
    *({"command": do, **link} for do in ("drift", "history", "adopt", "unlink", "resume") for link in _LINKS),
    *({"command": "history", **link, "since": 1, "limit": 5, "actor": "x"} for link in _LINKS),
    *({"command": do, **link, "rev": 1} for do in ("show", "restore") for link in _LINKS),
    *(
        {"command": "resolve", **link, "take": take}
        for link in _LINKS
        for take in ("aws", "azure", "strictest", _RULE, ["10.0.0.0/8", "::1"])
    ),
    *({"command": "resolve", **link, "take": "aws", "signal": "processes"} for link in _LINKS),
    *({"command": "approve", **link, "plan": "0" * 64} for link in _LINKS),
]
